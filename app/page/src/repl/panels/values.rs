//! Stack, locals, outputs.

use leptos::prelude::*;

use super::{Panel, Shown};
use crate::live::{Listed, live};

/// Values shown of a long list, the newest.
const SHOWN: usize = 48;

/// The stack, its top first.
#[component]
pub fn Stack(
    /// What is shown.
    shown: Memo<Shown>,
) -> impl IntoView {
    let note = Signal::derive(move || shown.with(|shown| format!("{} deep", shown.now.stack.len())));
    let items = move || {
        shown.with(|shown| {
            let stack = &shown.now.stack;
            if stack.is_empty() {
                return view! { <li class="nothing">"empty"</li> }.into_any();
            }
            let same = stack.iter().zip(&shown.before.stack).take_while(|(a, b)| a == b).count();
            let items = stack.iter().enumerate().rev().take(SHOWN).map(|(depth, value)| {
                let is_new = depth >= same;
                view! { <li class="value" class:new=is_new data-testid="stack-value">{value.to_string()}</li> }
            });
            items.listed()
        })
    };
    view! {
        <Panel title="Stack" testid="panel-stack" note=note>
            <ol class="values stack" aria-label="Stack, top first">{live(items)}</ol>
        </Panel>
    }
}

/// The locals that were written.
#[component]
pub fn Locals(
    /// What is shown.
    shown: Memo<Shown>,
) -> impl IntoView {
    let items = move || {
        shown.with(|shown| {
            if shown.now.locals.is_empty() {
                return view! { <p class="nothing">"none set"</p> }.into_any();
            }
            let items = shown.now.locals.iter().map(|cell| {
                let (index, value) = *cell;
                let is_new = !shown.before.locals.contains(cell);
                view! {
                    <div class="local" class:new=is_new data-testid="local">
                        <dt>{index.to_string()}</dt>
                        <dd>{value.to_string()}</dd>
                    </div>
                }
            });
            let items = items.listed();
            view! { <dl class="locals">{items}</dl> }.into_any()
        })
    };
    view! { <Panel title="Locals" testid="panel-locals">{live(items)}</Panel> }
}

/// The bytes emitted.
#[component]
pub fn Outputs(
    /// What is shown.
    shown: Memo<Shown>,
) -> impl IntoView {
    let note = Signal::derive(move || {
        shown.with(|shown| {
            let outputs = &shown.now.outputs;
            let is_text = outputs.len() > 1 && outputs.iter().all(|byte| (32..127).contains(byte));
            if is_text {
                format!("“{}”", outputs.iter().copied().map(char::from).collect::<String>())
            } else {
                String::new()
            }
        })
    });
    let items = move || {
        shown.with(|shown| {
            let outputs = &shown.now.outputs;
            if outputs.is_empty() {
                return view! { <li class="nothing">"none yet"</li> }.into_any();
            }
            let old = shown.before.outputs.len();
            let hidden = outputs.len().saturating_sub(SHOWN);
            let items = outputs.iter().enumerate().skip(hidden).map(|(index, byte)| {
                let is_new = index >= old;
                view! { <li class="value" class:new=is_new data-testid="output">{byte.to_string()}</li> }
            });
            let items = items.listed();
            let more =
                (hidden > 0).then(|| view! { <li class="nothing">{format!("{hidden} earlier …")}</li> });
            view! { {more} {items} }.into_any()
        })
    };
    view! {
        <Panel title="Output" testid="panel-outputs" note=note>
            <ol class="values" aria-label="Output, oldest first">{live(items)}</ol>
        </Panel>
    }
}
