//! Before there is a run: what is under way, what went wrong, and programs to look into.

use leptos::prelude::*;
use protocol::Machine;
use protocol::machine::Example;

use super::models::Models;
use super::state::{Xray, use_xray};
use crate::device::use_engine;
use crate::full::{Call, Goal};
use crate::learn::tour::start::TourList;
use crate::live::{Listed, live};
use crate::repl::examples::EXAMPLES;
use crate::route::Router;
use crate::session::Session;
use crate::shell::share;
use crate::traces::{Of, RunFile};

/// Runs something where nothing has run, for there would be nothing to see: classic's first example where there is no program; the
/// full machine's module as it stands, or its first example. A text that waits in the editor is a program, and a link that is
/// still being read brings its own.
pub fn begin(xray: Xray, router: Router) {
    let Session { machine, program, editor, full, .. } = xray.session;
    if machine.get_untracked() == Machine::Full {
        full.prepare();
    }
    Effect::new(move |_| {
        if share::is_arriving(router) {
            return;
        }
        if machine.get() == Machine::Classic {
            let is_blank = program.with_untracked(|text| text.trim().is_empty());
            if is_blank && editor.with_untracked(Option::is_none) {
                open(xray, 0);
            }
            return;
        }
        let is_idle = full.run.with_untracked(Option::is_none)
            && !full.going.is_on_untracked()
            && full.failure.with_untracked(Option::is_none);
        if full.examples.with(Vec::is_empty) || !is_idle {
            return;
        }
        if full.text.with_untracked(|text| text.trim().is_empty()) {
            open(xray, 0);
        } else {
            full.start();
        }
    });
}

/// Opens an example of the machine that is shown, and runs it.
fn open(xray: Xray, index: usize) {
    let Session { machine, full, chosen, .. } = xray.session;
    if machine.get_untracked() == Machine::Classic {
        if let Some(example) = EXAMPLES.get(index) {
            xray.session.set_program(example.text.to_owned());
        }
        return;
    }
    let example = full.examples.with_untracked(|examples| examples.get(index).cloned());
    if let Some(Example { text, function, arguments, .. }) = example {
        chosen.set(None);
        xray.explainer.close();
        full.open(Call { text, function, arguments }, Goal::End);
    }
}

/// The machine, example programs to choose from, and the way to the program's text.
#[component]
pub fn Programs() -> impl IntoView {
    let xray = use_xray();
    let Session { machine, program, full, .. } = xray.session;
    let titles = move || match machine.get() {
        Machine::Classic => EXAMPLES.iter().map(|example| example.title().to_owned()).collect::<Vec<_>>(),
        Machine::Full => full.examples.get().into_iter().map(|example| example.title).collect(),
    };
    let known = Memo::new(move |_| match machine.get() {
        Machine::Classic => {
            let program = program.get();
            EXAMPLES.iter().position(|example| example.text.trim() == program.trim())
        }
        Machine::Full => {
            let text = full.text.get();
            full.examples.with(|examples| examples.iter().position(|example| example.text == text))
        }
    });
    let options = move || {
        let option = |(index, title): (usize, String)| {
            view! { <option value=index.to_string() prop:selected=move || known.get() == Some(index)>{title}</option> }
        };
        titles().into_iter().enumerate().map(option).listed()
    };
    view! {
        <div class="xr-programs">
            <Models/>
            <label>
                <span>"Program"</span>
                <select
                    data-testid="xray-example"
                    on:change=move |event| {
                        if let Ok(index) = event_target_value(&event).parse() {
                            open(xray, index);
                        }
                    }
                >
                    <option value="" prop:selected=move || known.get().is_none() disabled=true>"your own"</option>
                    {live(options)}
                </select>
            </label>
            <a href="#/repl" data-testid="xray-edit">"Edit it in the REPL"</a>
            <details class="tour-menu">
                <summary data-testid="xray-tours">"Guided tours"</summary>
                <TourList/>
            </details>
            <RunFile of=Of::Machine/>
        </div>
    }
}

/// How far the run is. Heard once: a number that changes many times a second is for the eye.
#[component]
pub fn Running() -> impl IntoView {
    let session = use_xray().session;
    let tokens = move || session.shown_going().tokens().map(|tokens| format!(": {tokens} tokens so far"));
    let stop = move || {
        let going = session.shown_going();
        going.is_long().then(|| {
            view! { " "<button type="button" class="xr-more" on:click=move |_| going.cancel()>"Stop"</button> }
        })
    };
    view! { "Running"<span aria-hidden="true">{live(tokens)}</span>"." {live(stop)} }
}

/// What is going on while there is nothing to look at.
#[component]
pub fn Waiting() -> impl IntoView {
    let xray = use_xray();
    let engine = use_engine();
    let is_running = Memo::new(move |_| xray.session.shown_going().is_on());
    let content = move || {
        if let Some(error) = xray.failure() {
            return view! {
                <p class="xr-problem" role="alert" data-testid="xray-failure">{error.message} ". " {error.remedy}</p>
            }
            .into_any();
        }
        if xray.session.card.with(Option::is_none) {
            engine.absence().into_any()
        } else if is_running.get() {
            view! { <Running/> }.into_any()
        } else if xray.tokens() > 0 {
            "The run is looked into.".into_any()
        } else {
            "There is no run yet. Choose a program above.".into_any()
        }
    };
    view! { <div class="xr-waiting" role="status" data-testid="xray-waiting">{live(content)}</div> }
}
