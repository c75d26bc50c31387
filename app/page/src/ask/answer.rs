//! The answer, its result, and what the same model says without tools.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::asking::Asked;
use protocol::language::TextOf;

use super::programs::candidate_name;
use crate::language::{units, use_language};
use crate::live::{Listed, live};
use crate::traces::{Of, RunFile};

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
    let reply =
        if asked.reply.is_empty() { "(The model wrote no answer.)".into_any() } else { parts(&asked) };
    let cut = (!asked.ended).then_some(" … (cut off)");
    let chosen = asked.chosen.and_then(|chosen| Some((chosen, asked.candidates.get(chosen)?)));
    let of = chosen.map(|(tap, one)| candidate_name(asked.way, tap, one.layer).to_lowercase());
    let took = units::seconds(asked.seconds);
    let is_marked = asked.reply.iter().any(|(_, computed)| *computed);
    let how = match (&asked.result, of) {
        (Some(Ok(_)), Some(of)) if is_marked => {
            format!(
                "The marked result was computed by the program of {of}; the other words are the model's own. {took}."
            )
        }
        (Some(Ok(result)), Some(of)) => {
            format!(
                "The program of {of} computed {result}; the answer does not repeat it, and its words are the model's own. {took}."
            )
        }
        (Some(Err(failure)), Some(of)) => format!("The program of {of} came to nothing: {failure}. {took}."),
        _ if !asked.candidates.is_empty() => {
            format!("None of the programs was chosen; every word is the model's own. {took}.")
        }
        _ => format!("The model saw nothing to compute and wrote no program; every word is its own. {took}."),
    };
    let question = asked.question.text.clone();
    let has_programs = !asked.candidates.is_empty();
    let alone = move || {
        if !has_programs {
            return None;
        }
        let Some(alone) = asking.alone.get() else {
            return Some(
                view! {
                    <button class="button" data-testid="ask-alone" disabled=move || asking.asks_alone.get() on:click=move |_| language.ask_alone()>
                        "What does it say without tools?"
                    </button>
                }
                .into_any(),
            );
        };
        let text = parts(&alone);
        Some(view! { <p class="alone" id="ask-alone" tabindex="-1" data-testid="alone"><b>"Without tools: "</b>{text}</p> }.into_any())
    };
    view! {
        <p class="asked-question">{question}</p>
        <p class="reply" data-testid="reply">{reply}{cut}</p>
        <p class="ask-note" data-testid="how">{how}</p>
        {live(alone)}
        <RunFile of=Of::Question(TextOf::Question)/>
    }
}

/// A reply, what repeats the result marked.
pub fn parts(asked: &Asked) -> AnyView {
    let parts = asked.reply.iter().map(|(text, computed)| {
        if *computed {
            view! { <mark class="computed" title="what a program computed">{text.clone()}</mark> }.into_any()
        } else {
            text.clone().into_any()
        }
    });
    parts.listed()
}
