//! Before there is a run: what is under way, what went wrong, and programs to look into.

use leptos::prelude::*;

use super::state::use_xray;
use crate::device::use_engine;
use crate::live::{Listed, live};
use crate::repl::examples::EXAMPLES;

/// The program that is run when there is none: the first example.
pub fn first() -> &'static str {
    EXAMPLES.first().map_or("", |example| example.text)
}

/// Example programs to choose from, and the way to the program's text.
#[component]
pub fn Programs() -> impl IntoView {
    let xray = use_xray();
    let known = move || {
        let program = xray.session.program.get();
        EXAMPLES.iter().position(|example| example.text.trim() == program.trim())
    };
    let options = EXAMPLES
        .iter()
        .enumerate()
        .map(|(index, example)| {
            view! { <option value=index.to_string() selected=move || known() == Some(index)>{example.title()}</option> }
        })
        .listed();
    view! {
        <div class="xr-programs">
            <label>
                <span>"Program"</span>
                <select
                    data-testid="xray-example"
                    on:change=move |event| {
                        let chosen: Option<usize> = event_target_value(&event).parse().ok();
                        if let Some(example) = chosen.and_then(|index| EXAMPLES.get(index)) {
                            xray.session.set_program(example.text.to_owned());
                        }
                    }
                >
                    <option value="" selected=move || known().is_none() disabled=true>"your own"</option>
                    {options}
                </select>
            </label>
            <a href="#/repl" data-testid="xray-edit">"Edit it in the REPL"</a>
        </div>
    }
}

/// How far the run is. Heard once: a number that changes many times a second is for the eye.
#[component]
pub fn Running() -> impl IntoView {
    let xray = use_xray();
    let tokens = move || xray.session.running.get().map(|tokens| format!(": {tokens} tokens so far"));
    view! { "Running"<span aria-hidden="true">{live(tokens)}</span>"." }
}

/// What is going on while there is nothing to look at.
#[component]
pub fn Waiting() -> impl IntoView {
    let xray = use_xray();
    let engine = use_engine();
    let is_running = Memo::new(move |_| xray.session.running.with(Option::is_some));
    let content = move || {
        if let Some(error) = xray.session.failure.get() {
            return view! {
                <p class="xr-problem" role="alert" data-testid="xray-failure">{error.message} ". " {error.remedy}</p>
            }
            .into_any();
        }
        match (xray.session.card.with(Option::is_some), is_running.get()) {
            (false, _) => engine.absence().into_any(),
            (true, true) => view! { <Running/> }.into_any(),
            (true, false) => "There is no run yet. Choose a program above.".into_any(),
        }
    };
    view! { <div class="xr-waiting" role="status" data-testid="xray-waiting">{live(content)}</div> }
}
