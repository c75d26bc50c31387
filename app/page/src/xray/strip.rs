//! The token strip: the program, five bytes an instruction, then the answers. Only what is in view is in the
//! page, so that a run of 20,000 tokens scrolls like one of ten.

use std::sync::Arc;

use engine::interpreter::classic::isa::INSTRUCTION_BYTES;
use leptos::html;
use leptos::prelude::*;
use protocol::RunView;

use super::places::{self, Place};
use super::state::use_xray;

/// Width of a token of the program, in CSS pixels.
const BYTE: f64 = 36.0;
/// Width of an answer: its instruction stands above it.
const ANSWER: f64 = 108.0;
/// What is drawn beyond the edges.
const MARGIN: f64 = 240.0;

/// Where a position starts.
fn left(prompt: usize, position: usize) -> f64 {
    let answers = position.saturating_sub(prompt);
    (position - answers) as f64 * BYTE + answers as f64 * ANSWER
}

/// The position at a place.
fn position_at(prompt: usize, x: f64) -> usize {
    let program = prompt as f64 * BYTE;
    if x < program { (x.max(0.0) / BYTE) as usize } else { prompt + ((x - program) / ANSWER) as usize }
}

/// The strip of tokens.
#[component]
pub fn Strip() -> impl IntoView {
    let xray = use_xray();
    let scroller = NodeRef::<html::Div>::new();
    let (scroll, set_scroll) = signal(0.0_f64);
    let (width, set_width) = signal(1200.0_f64);
    let measure = move || {
        if let Some(element) = scroller.get_untracked() {
            set_width.set(f64::from(element.client_width()));
        }
    };
    let listener = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || listener.remove());

    // The position looked at is in view.
    Effect::new(move |_| {
        let (Some(element), Some(position)) = (scroller.get(), xray.session.position()) else { return };
        measure();
        let Some(prompt) = xray.session.run.with(|run| run.as_ref().map(|run| run.report.prompt_tokens))
        else {
            return;
        };
        let (from, to) = (left(prompt, position), left(prompt, position + 1));
        let (low, width) = (f64::from(element.scroll_left()), f64::from(element.client_width()));
        if from < low + BYTE || to > low + width - BYTE {
            element.set_scroll_left(((from + to - width) / 2.0) as i32);
        }
    });

    let range = Memo::new(move |_| {
        let run = xray.session.run.get();
        let prompt = run.as_ref().map_or(0, |run| run.report.prompt_tokens);
        let first = position_at(prompt, scroll.get() - MARGIN);
        let last = position_at(prompt, scroll.get() + width.get() + MARGIN) + 1;
        (first, last.min(xray.tokens()))
    });
    let full = move || {
        let run = xray.session.run.get();
        let prompt = run.as_ref().map_or(0, |run| run.report.prompt_tokens);
        format!("width:{}px", left(prompt, xray.tokens()))
    };
    let active = move || {
        let (first, last) = range.get();
        let position = xray.session.position()?;
        (first..last).contains(&position).then(|| format!("xr-token-{position}"))
    };
    let cells = move || {
        let (first, last) = range.get();
        let run = xray.session.run.get();
        run.map(|run| (first..last).map(|position| (position, run.clone())).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    view! {
        <div
            class="xr-strip"
            data-testid="xray-strip"
            node_ref=scroller
            role="listbox"
            aria-label="Tokens of the run; the arrow keys step"
            aria-orientation="horizontal"
            aria-activedescendant=move || active()
            tabindex="0"
            on:scroll=move |_| {
                if let Some(element) = scroller.get_untracked() {
                    set_scroll.set(f64::from(element.scroll_left()));
                }
            }
        >
            <div class="xr-strip-inner" role="presentation" style=move || full()>
                <For
                    each=cells
                    key=|(position, run)| (*position, Arc::as_ptr(run) as usize)
                    children=|(position, run)| view! { <Cell position run/> }
                />
            </div>
        </div>
    }
}

/// One token, with its instruction above.
#[component]
fn Cell(position: usize, run: Arc<RunView>) -> impl IntoView {
    let xray = use_xray();
    let prompt = run.report.prompt_tokens;
    let place = places::place(&run.report, position);
    let token = run.tokens.get(position).copied().unwrap_or_default();
    let (kind, above) = match place {
        Place::Start => ("start", Some("start".to_owned())),
        Place::End => ("end", Some("end".to_owned())),
        Place::Byte { byte: 0, instruction, .. } => ("opcode", Some(instruction.to_string())),
        Place::Byte { .. } => ("operand", None),
        Place::Answer { step } => {
            ("answer", run.report.steps.get(step).map(|step| step.instruction.to_string()))
        }
    };
    let above = above.map(|text| {
        let width = if kind == "opcode" { BYTE * INSTRUCTION_BYTES as f64 } else { 0.0 };
        let style = if width > 0.0 { format!("width:{width}px") } else { String::new() };
        view! { <span class="xr-token-above" style=style aria-hidden="true">{text}</span> }
    });
    let label = xray
        .session
        .card
        .get_untracked()
        .map(|card| places::full(&card, &run.report, &run.tokens, position))
        .unwrap_or_default();
    let size = if kind == "answer" { ANSWER } else { BYTE };
    view! {
        <div
            id=format!("xr-token-{position}")
            class=format!("xr-token {kind}")
            role="option"
            aria-selected=move || (xray.session.position() == Some(position)).to_string()
            aria-label=label.clone()
            aria-posinset=(position + 1).to_string()
            aria-setsize=run.tokens.len().to_string()
            data-testid=format!("token-{position}")
            data-position=position.to_string()
            title=label
            style=format!("left:{}px;width:{size}px", left(prompt, position))
            on:click=move |_| xray.go_to(position)
        >
            {above}
            <span class="xr-token-value" aria-hidden="true">{token}</span>
            <span class="xr-token-position" aria-hidden="true">{position}</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_positions_are_inverse() {
        for position in [0, 1, 11, 12, 13, 20_000] {
            assert_eq!(position_at(12, left(12, position) + 1.0), position);
        }
        assert_eq!(position_at(12, -50.0), 0);
    }
}
