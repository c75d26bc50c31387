//! The heads of the layer: what each asked for, where it found it, and what it wrote.

use std::sync::Arc;

use engine::interpreter::HeadCard;
use engine::interpreter::HeadKind;
use engine::xray::{HeadCapture, HeadPart, Site};
use leptos::prelude::*;
use protocol::language::Part as Replaceable;

use super::attention::AttentionView;
use super::format;
use super::places;
use super::replace::OffSwitch;
use super::state::{Scene, Xray, use_xray};
use crate::explain::{Number, Pair};
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::live::{Listed, live};

/// How a head attends, in a word and a sentence.
pub const fn kind(kind: HeadKind) -> (&'static str, &'static str) {
    match kind {
        HeadKind::HardMax => ("hard-max", "takes the value of the best key, the latest of equals"),
        HeadKind::Sum => ("sum", "adds up the values of all positions so far"),
        HeadKind::Cross { .. } => {
            ("cross", "hard-max over a store outside the sequence, which the host keeps")
        }
    }
}

/// Each component of each head's vectors, to be saved.
fn sheet(xray: Xray) -> Option<Sheet> {
    let layer = xray.layer();
    let scene = xray.scene.get()?;
    let position = scene.capture.position;
    let cards = &scene.card.layers.get(layer)?.heads;
    let captures = &scene.capture.layers.get(layer)?.heads;
    let mut rows = Vec::new();
    for (head, (card, values)) in cards.iter().zip(captures).enumerate() {
        let vectors = [
            (HeadPart::Q, "q", &values.q),
            (HeadPart::K, "k", &values.k),
            (HeadPart::V, "v", &values.v),
            (HeadPart::Z, "z", &values.z),
        ];
        for (part, name, vector) in vectors {
            for (component, value) in vector.iter().enumerate() {
                rows.push(vec![
                    Cell::text(format!("head {head}, {name} {component}")),
                    Cell::text(&card.part.label),
                    Cell::at(*value, Site::Head { layer, part, position, head, component }),
                ]);
            }
        }
        if let (Some(key), false) = (values.winner, card.kind == HeadKind::Sum) {
            rows.push(vec![
                Cell::text(format!("head {head}, score of key {key}")),
                Cell::text(&card.part.label),
                Cell::at(values.score, Site::Score { layer, head, query: position, key }),
            ]);
        }
    }
    Some(Sheet {
        rows,
        drawing: Drawing::Bars(vec![2]),
        ..Sheet::new(&scene.card.name, "heads", "Heads").at(position, Some(layer)).columns(&[
            "number",
            "head's label",
            "value",
        ])
    })
}

/// The heads of the current layer.
#[component]
pub fn Heads() -> impl IntoView {
    let xray = use_xray();
    let content = move || {
        let layer = xray.layer();
        let scene = xray.scene.get()?;
        let cards = &scene.card.layers.get(layer)?.heads;
        let captures = &scene.capture.layers.get(layer)?.heads;
        if cards.is_empty() {
            return Some(view! { <p class="xr-note">"This layer has no heads."</p> }.into_any());
        }
        let heads = cards
            .iter()
            .zip(captures)
            .enumerate()
            .map(|(head, (card, values))| {
                let (card, values, scene) = (card.clone(), values.clone(), scene.clone());
                view! { <li><Head layer head card values scene/></li> }
            })
            .listed();
        Some(view! { <ol class="xr-heads">{heads}</ol> }.into_any())
    };
    let count = move || {
        let heads = xray.session.shown_card()?.layers.get(xray.layer())?.heads.len();
        Some(format::count(heads, "head"))
    };
    view! {
        <section class="xr-panel" aria-labelledby="xr-heads-title" data-testid="xray-heads">
            <div class="xr-panel-head">
                <h3 id="xr-heads-title">"Attention"</h3>
                <span class="xr-count">{live(count)}</span>
                <Export of="the heads" testid="export-heads" sheet=Callback::new(move |()| sheet(xray))/>
            </div>
            {live(content)}
        </section>
    }
}

#[component]
fn Head(layer: usize, head: usize, card: HeadCard, values: HeadCapture, scene: Scene) -> impl IntoView {
    let xray = use_xray();
    let position = scene.capture.position;
    let is_open = Memo::new(move |_| xray.extra.get().head == Some(head));
    let (word, sentence) = kind(card.kind);
    let label = card.part.label.clone();
    let pair = |part, values: &[f32], name: &str| {
        let values = values.to_vec();
        view! { <Pair layer head part position values what=format!("{name} of head {head}")/> }
    };
    let winner = view! { <Winner layer head kind=card.kind values=values.clone() scene=scene.clone()/> };
    let returned = card.values.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    let silent = values.z.iter().all(|value| *value == 0.0);
    let card_kind = card.kind;
    // Only what takes part: a sum head asks nothing, and a cross head finds its keys in the store.
    let asks = card_kind != HeadKind::Sum;
    let answers = !matches!(card_kind, HeadKind::Cross { .. });
    view! {
        <article class="xr-head" class:open=move || is_open.get() class:silent=silent data-testid=format!("head-{head}")>
            <h4>
                <button
                    type="button"
                    class="xr-expand"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| xray.toggle_head(head)
                >
                    <span class="xr-index">{head}</span>
                    <span class="xr-label">{label}</span>
                </button>
                <span class="xr-kind" title=sentence>{word}</span>
            </h4>
            <p class="xr-about">{card.part.about.clone()}</p>
            <OffSwitch layer part=Replaceable::Head(head)/>
            <dl class="xr-facts">
                {asks.then(|| view! { <div><dt>"query"</dt><dd>{pair(HeadPart::Q, &values.q, "query")}</dd></div> })}
                <div><dt>{if asks { "finds" } else { "takes" }}</dt><dd>{winner}</dd></div>
                <div>
                    <dt>"returns z" {(!returned.is_empty()).then(|| format!(" ({returned})"))}</dt>
                    <dd>{pair(HeadPart::Z, &values.z, "result z")}</dd>
                </div>
                <div class="writes"><dt>"writes"</dt><dd><Written part=Part::Head(head) scene=scene.clone() layer/></dd></div>
                {(asks && answers).then(|| view! {
                    <div class="own"><dt>"own key"</dt><dd>{pair(HeadPart::K, &values.k, "own key")}</dd></div>
                })}
                {answers.then(|| view! {
                    <div class="own"><dt>"own value"</dt><dd>{pair(HeadPart::V, &values.v, "own value")}</dd></div>
                })}
            </dl>
            {move || is_open.get().then(|| view! { <AttentionView layer head kind=card_kind scene=scene.clone()/> })}
        </article>
    }
}

/// The position or the entry that won, and its score.
#[component]
fn Winner(layer: usize, head: usize, kind: HeadKind, values: HeadCapture, scene: Scene) -> impl IntoView {
    let xray = use_xray();
    let query = scene.capture.position;
    let Some(key) = values.winner else {
        let text = match kind {
            HeadKind::Sum => format!("all {} so far", format::count(query + 1, "position")),
            HeadKind::HardMax => "nothing".to_owned(),
            HeadKind::Cross { store } => format!("nothing: store {store} is empty"),
        };
        return view! { <span>{text}</span> }.into_any();
    };
    let site = Site::Score { layer, head, query, key };
    let score = view! {
        <span class="xr-score">"score " <Number site value=values.score what=format!("score of head {head} at its winner")/></span>
    };
    if let HeadKind::Cross { store } = kind {
        return view! { <span>{format!("entry {key} of store {store}")}</span> {score} }.into_any();
    }
    let text = scene
        .place(key)
        .map(|place| format!("{}: {}", places::name(scene.tape.machine, &scene.card, place), place.about));
    view! {
        <button
            type="button"
            class="xr-goto"
            data-testid=format!("winner-{head}")
            title="Go to this position"
            on:click=move |_| xray.go_to(key)
        >
            {format!("position {key}")}
        </button>
        <span class="xr-found">{text}</span>
        {score}
    }
    .into_any()
}

/// A part of a layer that writes to the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A head.
    Head(usize),
    /// A neuron.
    Neuron(usize),
}

/// What a head or a neuron added to which dimension.
#[component]
pub fn Written(part: Part, scene: Scene, layer: usize) -> impl IntoView {
    let xray = use_xray();
    let card = Arc::clone(&scene.card);
    let silent = scene.capture.layers.get(layer).is_none_or(|values| match part {
        Part::Head(head) => {
            values.heads.get(head).is_none_or(|head| head.z.iter().all(|value| *value == 0.0))
        }
        Part::Neuron(neuron) => values.post.get(neuron).is_none_or(|post| *post == 0.0),
    });
    if silent {
        return view! { <span class="xr-faint">"nothing"</span> }.into_any();
    }
    let list = move || {
        let writes = xray.writes.get();
        let list = match part {
            Part::Head(head) => writes.heads.get(&head),
            Part::Neuron(neuron) => writes.neurons.get(&neuron),
        };
        match list {
            Some(list) => list
                .iter()
                .map(|(dim, amount)| {
                    let name = card.dims.get(*dim).map(|part| part.label.clone()).unwrap_or_default();
                    view! {
                        <span class="xr-written">
                            <span class="xr-name">{name}</span>
                            <b>{format::change(*amount)}</b>
                        </span>
                    }
                })
                .listed()
                .into_any(),
            None if writes.complete => {
                view! { <span class="xr-faint">"nothing that stays"</span> }.into_any()
            }
            None => view! { <span class="xr-faint">"…"</span> }.into_any(),
        }
    };
    view! { <span class="xr-writes">{live(list)}</span> }.into_any()
}
