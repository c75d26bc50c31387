//! The interpreter transformer's card.

use leptos::prelude::*;

use crate::device::use_engine;
use crate::live::{Listed, live};
use crate::session::use_session;

/// What the interpreter is made of.
#[component]
pub fn Interpreter() -> impl IntoView {
    let session = use_session();
    let engine = use_engine();
    let card = move || {
        session.card.with(|card| {
            let Some(card) = card.as_ref() else {
                return view! { <p class="nothing">{engine.absence()}</p> }.into_any();
            };
            let facts = [
                ("parameters", grouped(card.parameters)),
                ("tensors", card.tensors.to_string()),
                ("layers", card.layers.len().to_string()),
                ("heads", card.layers.iter().map(|layer| layer.heads.len()).sum::<usize>().to_string()),
                ("residual dimensions", card.dims.len().to_string()),
                ("vocabulary", card.vocabulary.to_string()),
            ];
            let facts = facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
            let layers = card.layers.iter().enumerate().map(|(index, layer)| {
                view! {
                    <li>
                        <span class="layer-number mono">{index.to_string()}</span>
                        <span class="layer-title">{layer.title.clone()}</span>
                        <span class="layer-heads">{heads_in_words(layer.heads.len())}</span>
                    </li>
                }
            });
            let layers = layers.listed();
            view! {
                <h3 class="model-name">{card.name.clone()}</h3>
                <dl class="facts" data-testid="model-facts">{facts}</dl>
                <ol class="layer-list">{layers}</ol>
            }
            .into_any()
        })
    };
    view! {
        <section class="models-part" data-accent="interpreter" aria-labelledby="models-interpreter">
            <h2 id="models-interpreter">"The interpreter transformer"</h2>
            <p class="models-about">
                "Its weights are computed when the page opens; nothing is downloaded. Run it in the "
                <a href="#/repl">"REPL"</a>", look inside in the "<a href="#/xray">"X-ray"</a>
                ". What computes, and how its self-test went, stands under the device chip above."
            </p>
            <div class="model-card" data-testid="model-card">{live(card)}</div>
        </section>
    }
}

fn heads_in_words(heads: usize) -> String {
    match heads {
        0 => "no head".to_owned(),
        1 => "1 head".to_owned(),
        heads => format!("{heads} heads"),
    }
}

/// 316000 as "316,000".
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
