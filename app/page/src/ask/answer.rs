//! The answer, its result, and what the same model says without tools.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::asking::Asked;

use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// The answer.
#[component]
pub fn Answer() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let is_coming = Memo::new(move |_| asking.is_new());
    let answer = move || {
        let asked = asking.asked.get().filter(|_| !is_coming.get())?;
        Some(view! { <Said asked/> })
    };
    let waits = move || is_coming.get().then(|| view! { <p class="ask-waits">"Answering …"</p> });
    view! { <section class="ask-answer" aria-label="The answer" data-testid="answer">{live(waits)}{live(answer)}</section> }
}

#[component]
fn Said(asked: Arc<Asked>) -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let reply = parts(&asked);
    let cut = (!asked.ended).then_some(" … (cut off)");
    let layer = asked.chosen.and_then(|chosen| asked.candidates.get(chosen)).map(|candidate| candidate.layer);
    let how = match (&asked.result, layer) {
        (Some(Ok(_)), Some(layer)) => format!(
            "The marked result was computed by the program of layer {layer}; the other words are the model's own. {}.",
            units::seconds(asked.seconds)
        ),
        (Some(Err(failure)), Some(layer)) => {
            format!(
                "The program of layer {layer} came to nothing: {failure}. {}.",
                units::seconds(asked.seconds)
            )
        }
        _ => format!(
            "The model saw nothing to compute and wrote no program; every word is its own. {}.",
            units::seconds(asked.seconds)
        ),
    };
    let has_programs = !asked.candidates.is_empty();
    let alone = move || {
        if !has_programs {
            return None;
        }
        let Some(alone) = asking.alone.get() else {
            return Some(
                view! {
                    <button class="button" data-testid="ask-alone" on:click=move |_| language.ask_alone()>
                        "What does it say without tools?"
                    </button>
                }
                .into_any(),
            );
        };
        let text = parts(&alone);
        Some(view! { <p class="alone" data-testid="alone"><b>"Without tools: "</b>{text}</p> }.into_any())
    };
    view! {
        <p class="reply" data-testid="reply">{reply}{cut}</p>
        <p class="ask-note" data-testid="how">{how}</p>
        {live(alone)}
    }
}

/// A reply, what repeats the result marked.
fn parts(asked: &Asked) -> AnyView {
    let parts = asked.reply.iter().map(|(text, computed)| {
        if *computed {
            view! { <mark class="computed" title="computed by a program">{text.clone()}</mark> }.into_any()
        } else {
            text.clone().into_any()
        }
    });
    parts.listed()
}
