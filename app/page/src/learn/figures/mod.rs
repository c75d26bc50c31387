//! The figures of the lessons. Each runs the real model in the lessons' own worker, has something to change, and says where in the X-ray
//! the same is to be seen.
//!
//! ```text
//! controls  numbers, texts and choices to change
//! strip     a program as the tokens that the model reads, and its answers
//! keys      a head that looks something up: its keys as a parabola
//! sum       a head that adds up: what each position brings
//! neurons   gate, value and product of the neurons that compute
//! stream    the residual stream by name, layer by layer
//! logits    the scores of the tokens
//! carries   a sum of 32 bits, byte by byte
//! host      what the host does beside the model
//! nano      a question, its programs and how one is chosen
//! rule      the published rule, with weights to change
//! ```

pub mod carries;
mod controls;
pub mod host;
pub mod keys;
pub mod logits;
pub mod nano;
pub mod neurons;
pub mod rule;
pub mod stream;
pub mod strip;
pub mod sum;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Problem};

use super::lab::{Seen, Want};
use super::spot::{Inspect, Spot};
use super::use_lessons;
use crate::live::live;

/// What a figure shows, as it comes from the engine.
#[derive(Clone, Copy)]
pub struct Looking {
    seen: RwSignal<Option<Arc<Seen>>>,
    failure: RwSignal<Option<AppError>>,
    is_busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

/// Looks at what is wanted, and again whenever that is something else. What is passed over while a look is under way is never asked for.
fn looking(want: impl Fn() -> Want + Send + Sync + 'static) -> Looking {
    let lab = use_lessons().lab;
    let want = Memo::new(move |_| want());
    let looking = Looking {
        seen: RwSignal::new(None),
        failure: RwSignal::new(None),
        is_busy: RwSignal::new(false),
        again: RwSignal::new(0),
    };
    Effect::new(move |_| {
        want.track();
        looking.again.track();
        if looking.is_busy.get_untracked() {
            return;
        }
        looking.is_busy.set(true);
        spawn_local(async move {
            // The figure may be gone by now.
            while let Some(wanted) = want.try_get_untracked() {
                let answer = lab.look(wanted.clone()).await;
                if want.try_get_untracked().is_none_or(|now| now != wanted) {
                    continue;
                }
                match answer {
                    Ok(seen) => {
                        looking.failure.try_set(None);
                        looking.seen.try_set(Some(Arc::new(seen)));
                    }
                    Err(error) => {
                        looking.failure.try_set(Some(error));
                    }
                }
                break;
            }
            looking.is_busy.try_set(false);
        });
    });
    looking
}

/// A figure's frame: what can be changed, what was computed, and where it is to be seen.
#[component]
fn Frame(
    /// What it shows.
    looking: Looking,
    /// Its name, for those who hear the page, and for tests.
    name: &'static str,
    /// What can be changed.
    controls: AnyView,
    /// What is to be seen of what was computed.
    content: impl Fn(&Seen) -> AnyView + Send + Sync + 'static,
    /// Where in the X-ray.
    spot: impl Fn(&Seen) -> Option<Spot> + Send + Sync + 'static,
) -> impl IntoView {
    let shown = move || match looking.seen.get() {
        Some(seen) => content(&seen),
        None if looking.failure.with(Option::is_some) => ().into_any(),
        None => view! { <p class="lesson-waits" role="status">"Not computed yet: the engine starts."</p> }
            .into_any(),
    };
    let failure = move || {
        looking.failure.get().map(|error| {
            // A program that is wrong is put right by typing.
            let again = (!matches!(error.problem, Problem::Source(_))).then(|| {
                let again = move |_| looking.again.update(|again| *again += 1);
                view! { " "<button type="button" class="quiet" on:click=again>"Try again"</button> }
            });
            view! { <p class="problem-text" role="alert" data-testid="figure-problem">{said(&error)}{again}</p> }
        })
    };
    let inspect = move || {
        let seen = looking.seen.get()?;
        Some(view! { <Inspect spot=spot(&seen)? card=Arc::clone(&seen.card)/> })
    };
    view! {
        <div
            class="lesson-figure"
            role="group"
            aria-label=format!("Figure: {name}")
            aria-busy=move || looking.is_busy.get().to_string()
            data-testid=format!("figure-{name}")
        >
            <div class="lesson-controls">{controls}</div>
            {live(failure)}
            <div class="lesson-content">{live(shown)}</div>
            {live(inspect)}
        </div>
    }
}

/// An error with its place and its remedy.
fn said(error: &AppError) -> String {
    if let Problem::Source(errors) = &error.problem
        && let Some(first) = errors.first()
    {
        return format!("Line {}: {}.", first.span.line, first.message);
    }
    format!("{}. {}", error.message, error.remedy)
}

/// The tokens of a program's answers and other numbers: `−5`, `3`.
fn number(value: f32) -> String {
    crate::xray::format::number(value)
}
