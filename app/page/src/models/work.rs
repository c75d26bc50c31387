//! What goes on while a model is read, loaded or measured, and why it came to nothing.

use leptos::prelude::*;
use protocol::Problem;

use crate::language::progress::Work;
use crate::language::{units, use_language};
use crate::live::live;

/// What is going on, in a word that changes seldom: this is what is heard.
const fn stage(work: Work) -> &'static str {
    match work {
        Work::Starting { .. } => "The engine starts",
        Work::Inspecting => "Reading what it is",
        Work::Fetching { .. } => "The weights arrive",
        Work::Loading { .. } => "The weights go into memory",
        Work::Checking => "The device is compared with the processor",
        Work::Measuring { .. } => "Its speed is measured",
    }
}

/// The same in numbers: this is what is seen.
fn numbers(work: Work) -> String {
    match work {
        Work::Starting { bytes: 0 } | Work::Inspecting | Work::Checking => String::new(),
        Work::Starting { bytes } => format!("{} of its module so far", units::bytes(bytes as u64)),
        Work::Loading { parts, of } => format!("part {parts} of {of}"),
        Work::Measuring { round, of, tokens, all } => {
            format!("round {round} of {of}: {tokens} of {all} tokens")
        }
        Work::Fetching { bytes, of, resumed, rate } => {
            let mut text = units::bytes(bytes);
            if let Some(of) = of {
                text.push_str(&format!(" of {}", units::bytes(of)));
            }
            if let Some(rate) = rate {
                text.push_str(&format!(", {} a second", units::bytes(rate as u64)));
                if let Some(left) = of.map(|of| of.saturating_sub(bytes)).filter(|_| rate > 0.0) {
                    text.push_str(&format!(", {} left", units::time_left(left as f64 / rate)));
                }
            }
            if resumed > 0 {
                text.push_str(&format!("; {} were there already", units::bytes(resumed)));
            }
            text
        }
    }
}

/// How much of it is done, where that is known.
fn share(work: Work) -> Option<f64> {
    match work {
        Work::Loading { parts, of } => Some(parts as f64 / of.max(1) as f64),
        Work::Fetching { bytes, of: Some(of), .. } => Some(bytes as f64 / of.max(1) as f64),
        Work::Measuring { tokens, all, .. } => Some(tokens as f64 / all.max(1) as f64),
        _ => None,
    }
}

/// What is going on, with a bar and the way to stop it.
#[component]
pub fn WorkView() -> impl IntoView {
    let language = use_language();
    let work = move || language.source.work.get();
    let source = language.source;
    let loaded =
        || source.loaded.with_untracked(|loaded| loaded.as_ref().map(|loaded| loaded.card.name.clone()));
    let chosen = || source.chosen.with_untracked(|chosen| chosen.as_ref().map(|chosen| chosen.name.clone()));
    // A model is measured after it was loaded; everything else is done to the chosen one.
    let is_measured = matches!(source.work.get_untracked(), Some(Work::Measuring { .. }));
    let name = if is_measured { loaded() } else { chosen() };
    let stage = Memo::new(move |_| work().map(stage).unwrap_or_default());
    let bar = move || {
        let value = work().and_then(share).map(|share| share.to_string());
        view! { <progress aria-label="Progress" max="1" value=value></progress> }
    };
    view! {
        <div class="work" data-testid="work">
            <h3 class="model-name">{name}</h3>
            <p class="work-stage" role="status" data-testid="work-stage">{move || stage.get()}</p>
            {live(bar)}
            <p class="work-numbers mono" data-testid="work-numbers">{move || work().map(numbers)}</p>
            <button class="button" data-testid="load-cancel" on:click=move |_| language.cancel()>"Cancel"</button>
        </div>
    }
}

/// Why the last load came to nothing.
#[component]
pub fn Failure() -> impl IntoView {
    let language = use_language();
    let failure = move || {
        language.source.failure.get().map(|error| {
            // Stopping is what somebody wanted, and no fault.
            let wanted = error.problem == Problem::Cancelled;
            view! {
                <div class="problem" class:wanted=wanted role="alert" data-testid="load-failure">
                    <p class="problem-message">{error.message}</p>
                    <p>{error.remedy}</p>
                </div>
            }
        })
    };
    live(failure)
}
