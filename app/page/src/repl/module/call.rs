//! Which function is run, with what, and how it ended.

use leptos::prelude::*;
use protocol::machine::Ended;

use crate::full::{Call, Goal};
use crate::live::{Listed, live};
use crate::models::grouped;
use crate::session::use_session;

/// Examples, function, arguments, and the button that runs it.
#[component]
pub fn CallBar() -> impl IntoView {
    let session = use_session();
    let full = session.full;
    let open = move |event: leptos::ev::Event| {
        let index = event_target_value(&event).parse::<usize>().ok();
        let example = full.examples.with_untracked(|examples| examples.get(index?).cloned());
        if let Some(example) = example {
            full.open(
                Call { text: example.text, function: example.function, arguments: example.arguments },
                Goal::End,
            );
        }
    };
    let options = move || {
        let text = full.text.get();
        full.examples.with(|examples| {
            let option = |(index, example): (usize, &protocol::machine::Example)| {
                let is_it = example.text == text;
                view! { <option value=index.to_string() selected=is_it>{example.title.clone()}</option> }
            };
            examples.iter().enumerate().map(option).listed()
        })
    };
    let chosen = move || {
        let function = full.function.get();
        if function.is_empty() { full.proposed.get().unwrap_or_default() } else { function }
    };
    let functions = move || {
        let chosen = chosen();
        full.functions.with(|functions| {
            let option = |function: &protocol::machine::FunctionView| {
                let name = function.name.clone();
                view! {
                    <option value=name.clone() selected=name == chosen>{format!("{name} {}", function.signature)}</option>
                }
            };
            functions.iter().map(option).listed()
        })
    };
    let hint = move || {
        let chosen = chosen();
        full.functions.with(|functions| {
            let function = functions.iter().find(|function| function.name == chosen);
            function.map_or_else(String::new, |function| function.params.join(" "))
        })
    };
    let run = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        full.start();
    };
    let can_stop = move || full.going.is_long();
    let state = move || match full.going.tokens() {
        Some(0) if session.going.is_on() => "waits for the other machine's run…".to_owned(),
        Some(tokens) => format!("{} tokens…", grouped(tokens)),
        None => full.run.with(|run| {
            run.as_ref().map_or_else(String::new, |run| {
                let written = u64::from(run.tokens - run.prompt_tokens.min(run.tokens));
                let rate = run.instructions as f64 / run.seconds.max(1e-9);
                format!(
                    "{} instructions, {} tokens, {:.2} s: {} instructions/s",
                    grouped(run.instructions as usize),
                    grouped(written as usize),
                    run.seconds,
                    grouped(rate as usize)
                )
            })
        }),
    };
    view! {
        <form class="toolbar module-call" on:submit=run aria-label="Run">
            <label class="examples">
                <span class="visually-hidden">"Example modules"</span>
                <select data-testid="module-examples" on:change=open>
                    <option value="">"Open an example…"</option>
                    {live(options)}
                </select>
            </label>
            <label class="module-field">
                <span>"Function"</span>
                <select data-testid="module-function" on:change=move |event| full.function.set(event_target_value(&event))>
                    {live(functions)}
                </select>
            </label>
            <label class="module-field">
                <span>"Arguments"</span>
                <input
                    class="mono"
                    data-testid="module-arguments"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=hint
                    prop:value=move || full.arguments.get()
                    on:input=move |event| full.arguments.set(event_target_value(&event))
                />
            </label>
            <button class="button primary" type="submit" data-testid="module-run" title="Ctrl+Enter in the editor">"Run"</button>
            <button class="button" type="button" data-testid="module-undo" disabled=move || full.earlier.with(Vec::is_empty)
                on:click=move |_| full.undo()>"Undo"</button>
            <button class="button" type="button" class:idle=move || !can_stop() disabled=move || !can_stop() data-testid="module-stop"
                on:click=move |_| full.going.cancel()>"Stop"</button>
            <span class="run-state" data-testid="module-state">{live(state)}</span>
        </form>
    }
}

/// What the run gave, and what `wasmi` says to it.
#[component]
pub fn Outcome() -> impl IntoView {
    let full = use_session().full;
    let list = |values: &[i32]| values.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
    let failure = move || {
        let error = full.failure.get()?;
        Some(view! {
            <div class="failure" role="alert" data-testid="module-failure">
                <p class="problem-text">{error.message}</p>
                <p>{error.remedy}</p>
            </div>
        })
    };
    let outcome = move || {
        let run = full.run.get()?;
        let call = format!("{}({})", run.function, list(&run.arguments));
        let (text, is_bad) = match &run.ended {
            Ended::Result(values) if values.is_empty() => ("ends, with no result".to_owned(), false),
            Ended::Result(values) => (format!("= {}", list(values)), false),
            Ended::Trap { message, span } => {
                let place = span.map_or_else(String::new, |span| format!(" in line {}", span.line));
                (format!("traps{place}: {message}"), true)
            }
            Ended::Stopped(why) => (format!("was {why}"), true),
        };
        let (reference, differs) = match &run.reference {
            Ok(reference) if reference.agrees => {
                let same = match &run.ended {
                    Ended::Trap { .. } => "wasmi traps for the same reason.",
                    Ended::Result(_) | Ended::Stopped(_) => "wasmi gives the same result and output.",
                };
                (same.to_owned(), false)
            }
            Ok(reference) => (format!("wasmi differs: {}.", reference.outcome), true),
            Err(why) => (format!("Not compared with wasmi: {why}."), false),
        };
        let old = if !full.is_current() {
            Some("The text was changed since.")
        } else {
            full.is_other_call().then_some("The call was changed since.")
        };
        Some(view! {
            <p class="module-outcome" role="status">
                <b class="mono" class:problem-text=is_bad data-testid="module-outcome">{call} " " {text}</b>
                " "
                <span class:problem-text=differs data-testid="module-reference">{reference}</span>
                " "
                {old}
            </p>
        })
    };
    view! { {live(failure)} {live(outcome)} }
}
