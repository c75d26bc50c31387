//! What a language model is: its card, and the state of the one that is loaded.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::Device;
use protocol::language::{LanguageCard, Loaded};

use super::grouped;
use crate::language::worlds::use_worlds;
use crate::language::{units, use_language};
use crate::live::Listed;

/// A name and its value.
pub fn fact(name: impl Into<String>, value: impl Into<String>) -> AnyView {
    view! { <div><dt>{name.into()}</dt><dd>{value.into()}</dd></div> }.into_any()
}

/// The facts of a model: architecture, tokenizer, licence, and its tensors by form.
#[component]
pub fn CardFacts(
    /// The model's card.
    card: Arc<LanguageCard>,
    /// Whether it is asked questions, and neither chats nor goes on with a text.
    #[prop(optional)]
    takes_questions: bool,
) -> impl IntoView {
    let own = [
        ("file", card.format.clone()),
        ("parameters", grouped(usize::try_from(card.parameters).unwrap_or(usize::MAX))),
        ("licence", card.licence.clone().unwrap_or_else(|| "not said in the file".to_owned())),
    ];
    let facts =
        own.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(card.facts.iter().cloned());
    let facts = facts.map(|(name, value)| fact(name, value)).listed();
    let forms = card.encodings.iter().map(|(form, count, bytes)| {
        view! {
            <tr>
                <th scope="row">{form.clone()}</th>
                <td>{count.to_string()}</td>
                <td>{units::bytes(*bytes)}</td>
            </tr>
        }
    });
    let forms = forms.listed();
    let chats = match (card.chats, card.thinks) {
        (false, _) => "It has no chat template: it goes on with a text, and a chat is only a text to it.",
        (true, false) => "It has a chat template.",
        (true, true) => "It has a chat template, and can be told not to think first.",
    };
    view! {
        <dl class="facts" data-testid="card-facts">{facts}</dl>
        <table class="forms" data-testid="card-forms">
            <caption class="visually-hidden">"Tensors by the form they are stored in"</caption>
            <thead>
                <tr><th scope="col">"stored as"</th><th scope="col">"tensors"</th><th scope="col">"bytes"</th></tr>
            </thead>
            <tbody>{forms}</tbody>
        </table>
        {(!takes_questions).then(|| view! { <p class="models-note">{chats}</p> })}
    }
}

/// How the device's comparison with the processor went.
fn self_test(loaded: &Loaded) -> String {
    match &loaded.self_test {
        None if loaded.device == Device::WebGpu => "not run".to_owned(),
        None => "the processor is what others are compared with".to_owned(),
        // Where one does not, nothing is loaded.
        Some(test) => {
            format!("{} operations agree with the processor, {}", test.programs, units::seconds(test.seconds))
        }
    }
}

/// The model that is loaded.
#[component]
pub fn LoadedCard() -> impl IntoView {
    let language = use_language();
    let worlds = use_worlds();
    let Some(loaded) = language.source.loaded.get_untracked() else { return ().into_any() };
    let quantized = language.source.quantized();
    let mut weights = units::bytes(loaded.card.weights(quantized));
    if let Some(bits) = quantized {
        weights.push_str(&format!(", floats in {bits} bits"));
    }
    let facts = [
        fact("computes on", loaded.device_name.clone()),
        fact("self-test", self_test(&loaded)),
        fact("context", format!("{} tokens", grouped(loaded.context))),
        fact("weights in memory", weights),
        fact("memory of its worker", units::bytes(loaded.memory)),
        fact("loaded in", units::seconds(loaded.seconds)),
    ];
    let sum = loaded.sha256.clone().map(|sum| {
        view! { <p class="models-note">"SHA-256 " <span class="mono sum">{sum}</span></p> }
    });
    let not_kept = loaded.not_kept.clone().map(|why| {
        view! { <p class="advice" data-testid="not-kept">{format!("It is not kept in this browser: {why}")}</p> }
    });
    let no_taps = loaded.no_taps.clone().map(|why| {
        view! { <p class="advice" data-testid="no-taps">{why}</p> }
    });
    // With taps, questions are what it is for; without, it can be told to write programs if it chats.
    let writes_programs = loaded.world.is_some();
    let name = loaded.card.name.clone();
    let ask = (writes_programs || loaded.card.chats).then(|| {
        let turn = move |_| {
            worlds.turn_to(Some(name.clone()));
        };
        view! {
            <a class="button" class:primary=writes_programs href="#/ask" data-testid="to-ask" on:click=turn>"Have it compute"</a>
        }
    });
    let card = Arc::new(loaded.card.clone());
    view! {
        <article class="language-card" data-testid="loaded">
            <h3 class="model-name">{loaded.card.name.clone()}" "<span class="loaded-mark">"loaded"</span></h3>
            <dl class="facts" data-testid="loaded-facts">{facts}</dl>
            {not_kept}
            {no_taps}
            <p class="card-actions">
                <a class="button" class:primary=!writes_programs href="#/chat" data-testid="to-chat">"Chat with it"</a>
                {ask}
                <button
                    class="button"
                    data-testid="unload"
                    disabled=move || language.talk.is_writing()
                    on:click=move |_| language.unload()
                >
                    "Unload"
                </button>
            </p>
            {sum}
            <CardFacts card takes_questions=writes_programs/>
        </article>
    }
    .into_any()
}
