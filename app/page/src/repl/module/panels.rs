//! The machine before the instruction that is next: frames with locals and stacks, globals, memory, output.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::machine::{FrameView, MEMORY_WINDOW, State, Variable};

use crate::live::{Listed, live};
use crate::repl::panels::Panel;
use crate::session::use_session;

/// All panels.
#[component]
pub fn Panels() -> impl IntoView {
    let full = use_session().full;
    let note = |text: fn(&State) -> String| {
        Signal::derive(move || {
            full.state.with(|state| state.as_ref().map(|state| text(state)).unwrap_or_default())
        })
    };
    let depth = note(|state| match state.depth {
        0 => String::new(),
        1 => "1 call".to_owned(),
        count => format!("{count} calls, the innermost first"),
    });
    let pages = note(|state| {
        let noun = if state.pages == 1 { "page" } else { "pages" };
        format!("{} {noun} of 64 KiB", state.pages)
    });
    let count =
        note(|state| if state.output_count == 0 { String::new() } else { state.output_count.to_string() });
    let shown = move |part: fn(&Arc<State>) -> AnyView| {
        live(move || full.state.with(|state| state.as_ref().map(part)))
    };
    view! {
        <div class="panels" data-testid="module-panels">
            <Panel title="Frames" testid="panel-frames" class="wide" note=depth>{shown(frames)}</Panel>
            <Panel title="Globals" testid="panel-globals">{shown(globals)}</Panel>
            <Panel title="Output" testid="panel-output" note=count>{shown(output)}</Panel>
            <Panel title="Memory" testid="panel-module-memory" class="wide" note=pages>
                {shown(memory)}
            </Panel>
        </div>
    }
}

fn variables(all: &[Variable]) -> AnyView {
    let one = |variable: &Variable| {
        view! {
            <div class="local" class:new=variable.is_new>
                <dt>{variable.name.clone()}</dt>
                <dd>{variable.value.to_string()}</dd>
            </div>
        }
    };
    let all = all.iter().map(one).listed();
    view! { <dl class="locals">{all}</dl> }.into_any()
}

fn frames(state: &Arc<State>) -> AnyView {
    if state.frames.is_empty() {
        let text = if state.next.is_empty() { "The run is over." } else { "No function is called yet." };
        return view! { <p class="nothing">{text}</p> }.into_any();
    }
    let frame = |frame: &FrameView| {
        let line = frame.span.map(|span| format!("line {}", span.line));
        let stack = frame.stack.iter().map(|value| {
            view! { <li class="value" class:new=value.is_new data-testid="module-stack-value">{value.value.to_string()}</li> }
        });
        let stack = stack.listed();
        let is_empty = frame.stack.is_empty();
        let more = frame.more_locals + frame.more_stack;
        view! {
            <li class="frame" data-testid="frame">
                <p class="frame-name"><b class="mono">{frame.function.clone()}</b> " " {line}</p>
                {variables(&frame.locals)}
                <ol class="values stack" aria-label="Stack, top first">
                    {stack}
                    {is_empty.then(|| view! { <li class="nothing">"nothing on the stack"</li> })}
                </ol>
                {(more > 0).then(|| view! { <p class="nothing">{format!("{more} more values")}</p> })}
            </li>
        }
    };
    let hidden = (state.depth as usize).saturating_sub(state.frames.len());
    let frames = state.frames.iter().map(frame).listed();
    view! {
        <ol class="frames">
            {frames}
            {(hidden > 0).then(|| view! { <li class="nothing">{format!("{hidden} more")}</li> })}
        </ol>
    }
    .into_any()
}

fn globals(state: &Arc<State>) -> AnyView {
    if state.globals.is_empty() {
        return view! { <p class="nothing">"The module has none."</p> }.into_any();
    }
    variables(&state.globals)
}

fn output(state: &Arc<State>) -> AnyView {
    if state.outputs.is_empty() {
        return view! { <p class="nothing">"none yet"</p> }.into_any();
    }
    if state.is_text {
        // What a module puts out is the text's bytes.
        let bytes: Vec<u8> = state.outputs.iter().map(|value| value.to_le_bytes()[0]).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        return view! { <pre class="module-text" data-testid="module-output">{text}</pre> }.into_any();
    }
    let values =
        state.outputs.iter().map(|value| view! { <li class="value">{value.to_string()}</li> }).listed();
    view! { <ol class="values" data-testid="module-output" aria-label="Output, oldest first">{values}</ol> }
        .into_any()
}

fn memory(state: &Arc<State>) -> AnyView {
    if state.pages == 0 {
        return view! { <p class="nothing">"The module has none, or it is not there yet."</p> }.into_any();
    }
    let full = use_session().full;
    let from = state.memory_from;
    let is_new = |address: u64| {
        state.written.is_some_and(|(start, count)| (start..start + u64::from(count)).contains(&address))
    };
    let rows = (from..).step_by(16).zip(state.memory.chunks(16)).map(|(start, bytes)| {
        let cells = (start..).zip(bytes).map(|(address, byte)| {
            view! { <span class:new=is_new(address) class:zero=*byte == 0>{format!("{byte:02x}")}</span> }
        });
        let cells = cells.listed();
        let text: String = bytes
            .iter()
            .map(|byte| char::from(*byte))
            .map(|letter| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '·' })
            .collect();
        view! {
            <li class="memory-row" data-testid="memory-row">
                <span class="memory-address">{format!("{start:06x}")}</span>
                <span class="memory-bytes">{cells}</span>
                <span class="memory-text">{text}</span>
            </li>
        }
    });
    let rows = rows.listed();
    let go = move |to: u64| full.memory.set(Some(to));
    let typed = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let digits = text.trim().trim_start_matches("0x");
        full.memory.set(u64::from_str_radix(digits, 16).ok());
    };
    view! {
        <div class="memory-bar">
            <button class="icon-button" aria-label="Lower addresses" on:click=move |_| go(from.saturating_sub(MEMORY_WINDOW))>"↑"</button>
            <button class="icon-button" aria-label="Higher addresses" on:click=move |_| go(from + MEMORY_WINDOW)>"↓"</button>
            <label>
                "from 0x"
                <input class="mono" size="8" data-testid="memory-at" prop:value=format!("{from:x}") on:change=typed/>
            </label>
            <button class="button" on:click=move |_| full.memory.set(None)>"Follow what is written"</button>
        </div>
        <ol class="hex mono">{rows}</ol>
    }
    .into_any()
}
