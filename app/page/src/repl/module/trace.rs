//! The instructions of the run, one a row: what the transformer wrote, and what that did. Only what is in view is in the page, and only
//! what is near it was asked of the worker: a run of a million instructions scrolls like one of ten.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{MachineRequest, MachineResponse, MachineRun, StepView};

use crate::live::{Listed, live};
use crate::session::use_session;

/// Height of a row in CSS pixels.
const ROW: f64 = 24.0;
/// The highest that the list's inside may be: browsers draw nothing beyond some 17 million pixels. A longer run scrolls faster.
const HIGHEST: f64 = 16_000_000.0;
/// Rows asked for before what is in view.
const BEFORE: u64 = 100;
/// Rows asked for at once.
const AT_ONCE: u32 = 400;
/// Characters of the source shown of an instruction.
const SHOWN: usize = 28;

/// The rows that are here.
#[derive(Clone, Default)]
struct Window {
    run: Option<Arc<MachineRun>>,
    steps: Arc<Vec<StepView>>,
}

impl Window {
    /// The number of the first row that is here, from 0, and of the first behind them.
    fn range(&self) -> (u64, u64) {
        let first = self.steps.first().map_or(0, |step| step.number - 1);
        (first, first + self.steps.len() as u64)
    }
}

/// The list.
#[component]
pub fn Trace() -> impl IntoView {
    let full = use_session().full;
    let list = NodeRef::<html::Div>::new();
    let scroll = RwSignal::new(0.0_f64);
    let height = RwSignal::new(320.0_f64);
    let window = RwSignal::new(Window::default());
    let asking = StoredValue::new(false);
    let count = Memo::new(move |_| full.instructions());
    // How high all rows are, and how high the list is that shows them.
    let heights = move || {
        let whole = count.get() as f64 * ROW;
        (whole, whole.min(HIGHEST))
    };
    // Pixels of the rows for one of the list.
    let scale = move || {
        let ((whole, inner), shown) = (heights(), height.get());
        if whole > inner { (whole - shown) / (inner - shown).max(1.0) } else { 1.0 }
    };
    let seen = Memo::new(move |_| {
        let first = (scroll.get() * scale() / ROW) as u64;
        (first, (first + (height.get() / ROW) as u64 + 2).min(count.get()))
    });
    let is_here = move |run: &Arc<MachineRun>, (first, last): (u64, u64)| {
        window.with_untracked(|window| {
            let (from, to) = window.range();
            window.run.as_ref().is_some_and(|of| Arc::ptr_eq(of, run)) && from <= first && last <= to
        })
    };
    let fetch = move || {
        if asking.get_value() {
            return;
        }
        asking.set_value(true);
        spawn_local(async move {
            while let (Some(run), range) = (full.run.get_untracked(), seen.get_untracked()) {
                if is_here(&run, range) {
                    break;
                }
                let behind = range.0.saturating_sub(BEFORE);
                match full.ask(MachineRequest::Steps { behind, count: AT_ONCE }).await {
                    Ok(MachineResponse::Steps(steps)) => {
                        let is_empty = steps.is_empty();
                        drop(window.try_set(Window { run: Some(run), steps: Arc::new(steps) }));
                        if is_empty {
                            break;
                        }
                    }
                    _ => break,
                }
            }
            asking.set_value(false);
        });
    };
    Effect::new(move |_| {
        full.run.track();
        seen.track();
        fetch();
    });
    // The next instruction is in view.
    Effect::new(move |_| {
        let at = full.at.get().min(count.get().saturating_sub(1));
        let Some(element) = list.get() else { return };
        full.run.track();
        // Once the list is as high as this run is long.
        request_animation_frame(move || {
            let Some(scale) = untrack(|| count.try_get().map(|_| scale())) else { return };
            let place = at as f64 * ROW;
            let shown = f64::from(element.client_height());
            let _ = height.try_set(shown);
            let top = f64::from(element.scroll_top()) * scale;
            if place < top || place + ROW > top + shown {
                element.set_scroll_top(((place - shown / 2.0).max(0.0) / scale) as i32);
            }
        });
    });
    let rows = move || {
        let (first, last) = seen.get();
        let text = full.ran.with(|ran| ran.text.clone());
        window.with(|window| {
            let shown = window.steps.iter().filter(|step| (first..last).contains(&(step.number - 1)));
            // Where rows are closer than they are high, they are drawn around what is in view.
            let scale = scale();
            let lift = if scale > 1.0 { scroll.get() * (scale - 1.0) } else { 0.0 };
            shown.map(|step| row(step, &text, lift, count.get())).listed()
        })
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let page = (height.get_untracked() / ROW) as i64;
        let by = match event.key().as_str() {
            "ArrowUp" => -1,
            "ArrowDown" => 1,
            "PageUp" => -page,
            "PageDown" => page,
            "Home" => i64::MIN,
            "End" => i64::MAX,
            _ => return,
        };
        event.prevent_default();
        full.step(by);
    };
    // Of rows that are not in the page, none is told.
    let active = move || {
        let number = (full.at.get() + 1).min(count.get());
        let (first, last) = seen.get();
        (first < number && number <= last).then(|| format!("trace-{number}"))
    };
    view! {
        <div
            class="trace"
            data-testid="trace"
            node_ref=list
            role="listbox"
            aria-label="Instructions of the run; the arrow keys step"
            aria-activedescendant=active
            tabindex="0"
            on:scroll=move |_| {
                if let Some(element) = list.get_untracked() {
                    scroll.set(f64::from(element.scroll_top()));
                    height.set(f64::from(element.client_height()));
                }
            }
            on:keydown=on_key
        >
            <div class="trace-inner" role="presentation" style=move || format!("height:{}px", heights().1)>
                {live(rows)}
            </div>
        </div>
    }
}

/// An instruction. A press makes it the next one.
fn row(step: &StepView, text: &str, lift: f64, count: u64) -> AnyView {
    let full = use_session().full;
    let number = step.number;
    let before = number - 1;
    let is_next = move || full.at.get() == before;
    let line = step.span.map_or_else(|| "begin".to_owned(), |span| span.line.to_string());
    let source =
        step.span.and_then(|span| text.get(span.start..span.end)).and_then(|source| source.lines().next());
    let source: String = source.unwrap_or(&step.name).chars().take(SHOWN).collect();
    // What the machine calls it, where the source says something else: an instruction can be several of the machine's.
    let is_copy = source.starts_with("local.") && step.name == "get";
    let name = (!is_copy && !source.starts_with(step.name.as_str())).then(|| step.name.clone());
    let indent = format!("top:{}px;--depth:{}", before as f64 * ROW - lift, step.depth.min(12));
    view! {
        <div
            id=format!("trace-{number}")
            class="trace-row"
            class:current=is_next
            role="option"
            aria-selected=move || is_next().to_string()
            aria-posinset=number.to_string()
            aria-setsize=count.to_string()
            data-testid=format!("trace-{number}")
            style=indent
            on:click=move |_| full.go_to(before)
        >
            <span class="trace-line">{line}</span>
            <code class="trace-source">{source} {name.map(|name| view! { <small>{name}</small> })}</code>
            <span class="trace-tokens mono">{step.tokens.clone()}</span>
            <span class="trace-change">{step.change.clone()}</span>
        </div>
    }
    .into_any()
}
