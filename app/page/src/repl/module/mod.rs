//! The REPL of the full machine: a module in an editor, its trace beside it, and the machine at the instruction looked at.
//!
//! ```text
//! call     which function is run, with what; how it ended
//! trace    the instructions of the run, of which only those in view are in the page
//! steps    forwards, backwards, to a line, to the next instruction that does something
//! panels   frames, globals, memory, output
//! futamura the program as weights
//! check    the run confirmed on the device in use, and the device's own rate
//! ```
//!
//! Test ids: `module-repl`, `module-function`, `module-arguments`, `module-run`, `module-undo`, `module-stop`, `module-state`, `module-outcome`,
//! `module-reference`, `module-failure`; `module-first`, `module-back`, `module-forward`, `module-last`, `module-slider`, `module-at`,
//! `module-search`, `module-search-back`, `module-search-on`, `module-news`, `module-xray`; `trace` (its rows `trace-N`);
//! `panel-frames`, `frame`, `panel-globals`, `panel-module-memory`, `memory-row`, `memory-at`, `panel-output`; `module-check`,
//! `module-generate`, `module-checked`; `module-futamura`, `futamura-sizes`, `futamura-verdict`, `futamura-open`.

mod call;
mod check;
mod futamura;
mod panels;
mod steps;
mod trace;

use leptos::prelude::*;

use crate::editor::CodeEditor;
use crate::session::use_session;
use call::{CallBar, Outcome};
use check::OnDevice;
use futamura::Futamura;
use panels::Panels;
use steps::Steps;
use trace::Trace;

/// The work area.
#[component]
pub fn ModuleRepl() -> impl IntoView {
    let session = use_session();
    let full = session.full;
    full.prepare();
    // The X-ray may have gone elsewhere meanwhile.
    if let Some(position) = session.chosen.get_untracked()
        && full
            .state
            .with_untracked(|state| state.as_ref().is_some_and(|state| state.position as usize != position))
    {
        full.go_to_position(u32::try_from(position).unwrap_or(u32::MAX));
    }
    // And from here on it shows the instruction that is next here.
    Effect::new(move |_| {
        if let Some(position) = full.state.with(|state| state.as_ref().map(|state| state.position as usize)) {
            session.chosen.set(Some(position));
        }
    });
    let problems = move || full.problems.get();
    let on_run = move |line| match line {
        Some(line) => full.run_to(line),
        None => full.start(),
    };
    view! {
        <div class="module" data-testid="module-repl">
            <CallBar/>
            <div class="module-work">
                <div class="module-source">
                    <div class="module-editor">
                        <CodeEditor
                            text=full.text
                            problems=Box::new(problems)
                            current=Box::new(move || full.current())
                            marked=Box::new(move || full.marked.get())
                            on_run=Box::new(on_run)
                            label="Module, in WebAssembly's text format"
                        />
                    </div>
                    <Outcome/>
                    <OnDevice/>
                    <Futamura/>
                </div>
                <div class="module-run">
                    <Steps/>
                    <Trace/>
                    <Panels/>
                </div>
            </div>
        </div>
    }
}
