//! The REPL: WebAssembly, instruction by instruction, executed by the transformer.
//!
//! The page keeps the whole program as one text; each new line makes the worker run it from its start, which
//! is deterministic and costs milliseconds.
//!
//! ```text
//! typing      the line, history, undo; how text becomes the program
//! line        the input line            complete   completion of mnemonics
//! editor      the program as one text   highlight  text in colour
//! transcript  the executed steps        steps      forwards and backwards
//! module/     the full machine's half: an editor for modules, trace, frames, memory
//! panels/     the machine beside it     replay     states from answers
//! examples    programs to open          words      tokens, endings and traps in words
//! ```
//!
//! Test ids are listed in `app/page/README.md`.

mod complete;
mod editor;
pub mod examples;
mod highlight;
mod line;
mod module;
mod panels;
mod replay;
mod steps;
mod transcript;
mod typing;
mod words;

use leptos::prelude::*;
use protocol::{Machine, Problem};

use crate::device::use_engine;
use crate::live::{Listed, live};
use crate::session::use_session;
use editor::Editor;
use examples::EXAMPLES;
use line::InputLine;
use module::ModuleRepl;
use panels::Panels;
use steps::Steps;
use transcript::Transcript;
use typing::Typing;

pub use highlight::highlighted_program;

/// The route `#/repl`.
#[component]
pub fn ReplPage() -> impl IntoView {
    let session = use_session();
    let typing = Typing::new(session);
    let is_editing = Memo::new(move |_| session.editor.with(Option::is_some));
    let is_empty = Memo::new(move |_| session.program.with(|program| program.trim().is_empty()));
    let console = move || {
        if is_editing.get() {
            return view! { <Editor typing=typing/> }.into_any();
        }
        view! {
            <div class="console" data-testid="console">
                {move || if is_empty.get() { view! { <Welcome typing=typing/> }.into_any() } else {
                    view! { <Transcript/> }.into_any()
                }}
                <InputLine typing=typing/>
            </div>
        }
        .into_any()
    };
    let is_full = Memo::new(move |_| session.machine.get() == Machine::Full);
    let work = move || {
        if is_full.get() {
            return view! { <ModuleRepl/> }.into_any();
        }
        view! {
            <div class="repl-work">
                <div class="repl-left">{live(console)}<Failure/></div>
                <div class="repl-right">
                    <Steps/>
                    <Panels/>
                </div>
            </div>
        }
        .into_any()
    };
    let lead = move || {
        if is_full.get() {
            "Whole modules, exact in 32 bits: each instruction is three or four tokens that the transformer writes. The host appends them, and does nothing else."
        } else {
            "Each line is one forward pass of a transformer whose weights a compiler wrote. The host turns the pages, and says so where it does."
        }
    };
    let toolbar = move || (!is_full.get()).then(|| view! { <Toolbar typing=typing/> });
    view! {
        <div class="repl" data-testid="repl">
            <div class="repl-head">
                <h1>"REPL"</h1>
                <p class="repl-lead">{lead}</p>
                <Machines/>
            </div>
            {live(toolbar)}
            {live(work)}
        </div>
    }
}

/// Which of the two transformers runs what is typed.
#[component]
pub fn Machines() -> impl IntoView {
    let session = use_session();
    let choice = |machine: Machine, name: &'static str, title: &'static str, testid: &'static str| {
        let is_it = move || session.machine.get() == machine;
        view! {
            <button class="machine" data-testid=testid title=title aria-pressed=move || is_it().to_string()
                on:click=move |_| session.show_machine(machine)>{name}</button>
        }
    };
    view! {
        <div class="machines-choice" role="group" aria-label="Machine">
            {choice(Machine::Classic, "Bytes, line by line", "The classic machine", "machine-classic")}
            {choice(Machine::Full, "Modules, 32 bits", "The full machine", "machine-full")}
        </div>
    }
}

/// What one can do with the program as a whole.
#[component]
fn Toolbar(
    /// What is typed.
    typing: Typing,
) -> impl IntoView {
    let session = typing.session;
    let is_empty = Memo::new(move |_| session.program.with(|program| program.trim().is_empty()));
    let open = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event).parse::<usize>().ok().and_then(|i| EXAMPLES.get(i));
        if let Some(example) = chosen {
            session.set_program(example.text.to_owned());
        }
    };
    let known = move || session.program.with(|p| EXAMPLES.iter().position(|example| example.text == p));
    let options = EXAMPLES.iter().enumerate().map(|(index, example)| {
        view! {
            <option value=index.to_string() prop:selected=move || known() == Some(index)>{example.title()}</option>
        }
    });
    let options = options.listed();
    view! {
        <div class="toolbar" role="group" aria-label="Program">
            <label class="examples">
                <span class="visually-hidden">"Example programs"</span>
                <select data-testid="examples" on:change=open>
                    <option value="" prop:selected=move || known().is_none()>"Open an example…"</option>
                    {options}
                </select>
            </label>
            <button class="button" data-testid="repl-edit" disabled=move || is_empty.get()
                on:click=move |_| typing.edit()>
                "Edit as text"
            </button>
            <button class="button" data-testid="repl-undo" disabled=move || !typing.can_undo()
                on:click=move |_| session.undo()>"Undo"</button>
            <button class="button" data-testid="repl-clear" disabled=move || is_empty.get()
                on:click=move |_| { session.set_program(String::new()); line::focus_line(); }>
                "Clear"
            </button>
            <RunState/>
        </div>
    }
}

/// How the run goes: progress and a way to stop it, then what it took.
#[component]
fn RunState() -> impl IntoView {
    let session = use_session();
    let engine = use_engine();
    let text = move || match session.going.tokens() {
        Some(0) if session.device.with(Option::is_none) => "the engine starts…".to_owned(),
        Some(0) if session.full.is_working() => "waits for the module's run…".to_owned(),
        Some(tokens) => format!("{tokens} tokens…"),
        None => session.run.with(|run| match run {
            Some(run) => {
                let count = run.tokens.len();
                let noun = if count == 1 { "token" } else { "tokens" };
                format!("{count} {noun}, {:.1} ms", run.seconds * 1e3)
            }
            None if engine.down.with(Option::is_some) => "no engine".to_owned(),
            None => String::new(),
        }),
    };
    // Heard once when a run begins to take long and once when it has ended, not at each of its numbers.
    let spoken = Memo::new(move |_| match session.going.is_on() {
        true if session.going.is_long() => "running".to_owned(),
        true => String::new(),
        false => text(),
    });
    let can_stop = move || session.going.is_long();
    view! {
        <span class="run-state" data-testid="run-state">{live(text)}</span>
        <span class="visually-hidden" role="status" data-testid="run-news">{move || spoken.get()}</span>
        <button class="button" class:idle=move || !can_stop() disabled=move || !can_stop() data-testid="cancel"
            on:click=move |_| session.going.cancel()>"Stop"</button>
    }
}

/// Why the run did not take place, where the line's own errors do not say it.
#[component]
fn Failure() -> impl IntoView {
    let session = use_session();
    move || {
        let error = session.failure.get()?;
        let again = matches!(error.problem, Problem::Crashed | Problem::DeviceLost);
        Some(view! {
            <div class="failure" role="alert" data-testid="failure">
                <p class="problem-text">{format!("The program was not run: {}", error.message)}</p>
                <p>{error.remedy}</p>
                {again.then(|| view! {
                    <button class="button" data-testid="run-again" on:click=move |_| session.start_run()>
                        "Run it again"
                    </button>
                })}
            </div>
        })
    }
}

/// What stands where the transcript will be.
#[component]
fn Welcome(
    /// What is typed.
    typing: Typing,
) -> impl IntoView {
    let first = ["i32.const 3", "i32.const 5", "i32.add", "output"];
    let try_it = move |_| typing.session.set_program(first.map(|line| format!("{line}\n")).concat());
    view! {
        <div class="welcome" data-testid="welcome">
            <p>"Type an instruction and press Enter. For a start:"</p>
            <pre class="welcome-code"><code>{highlight::highlighted(&first.join("\n"), &[])}</code></pre>
            <button class="button" data-testid="try-it" on:click=try_it>"Run these four lines"</button>
            <dl class="welcome-keys">
                <dt><kbd>"Tab"</kbd></dt><dd>"completes a mnemonic"</dd>
                <dt><kbd>"↑"</kbd></dt><dd>"brings an earlier line back"</dd>
                <dt><kbd>"Ctrl"</kbd>" "<kbd>"Z"</kbd></dt><dd>"in an empty line, takes the last one out"</dd>
                <dt>"Paste"</dt><dd>"a whole program becomes lines"</dd>
            </dl>
        </div>
    }
}
