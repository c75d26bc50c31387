//! The layer rail: the model from front to back, and what each layer changed at this position.

use leptos::html;
use leptos::prelude::*;

use super::changes;
use super::format;
use super::state::use_xray;
use crate::live::{Listed, live};

/// The list of layers.
#[component]
pub fn Rail() -> impl IntoView {
    let xray = use_xray();
    let layers = move || {
        let card = xray.session.shown_card();
        card.map(|card| {
            let titles = card.layers.iter().map(|layer| layer.title.clone()).enumerate();
            titles.map(|(layer, title)| view! { <Entry layer title/> }).listed()
        })
    };
    // Where the rail lies down, the current layer is in view.
    let rail = NodeRef::<html::Nav>::new();
    Effect::new(move |_| {
        let layer = xray.layer();
        let Some(rail) = rail.get() else { return };
        let Ok(Some(entry)) = rail.query_selector(&format!("li:nth-child({})", layer + 1)) else { return };
        let (frame, place) = (rail.get_bounding_client_rect(), entry.get_bounding_client_rect());
        if place.left() < frame.left() || place.right() > frame.right() {
            rail.set_scroll_left(rail.scroll_left() + (place.left() - frame.left()) as i32);
        }
    });
    view! {
        <nav class="xr-rail" aria-label="Layers" data-testid="xray-rail" node_ref=rail>
            <ol>
                {live(layers)}
            </ol>
        </nav>
    }
}

#[component]
fn Entry(layer: usize, title: String) -> impl IntoView {
    let xray = use_xray();
    let counts = Memo::new(move |_| {
        xray.scene.with(|scene| scene.as_ref().and_then(|scene| changes::counts(&scene.capture, layer)))
    });
    let summary = move || match counts.get() {
        None => "not loaded".to_owned(),
        Some((0, 0)) => "changes nothing here".to_owned(),
        Some((attention, 0)) => format!("attention changes {attention}"),
        Some((0, neurons)) => format!("FFN changes {neurons}"),
        Some((attention, neurons)) => format!("attention changes {attention}, FFN {neurons}"),
    };
    let is_here = move || xray.layer() == layer;
    view! {
        <li>
            <button
                type="button"
                class="xr-layer"
                class:quiet=move || counts.get().is_some_and(|counts| counts == (0, 0))
                data-testid=format!("layer-{layer}")
                aria-current=move || is_here().then_some("true")
                on:click=move |_| xray.go_to_layer(layer)
            >
                <span class="xr-layer-number" aria-hidden="true">{layer}</span>
                <span class="xr-layer-text">
                    <span class="xr-layer-title">
                        <span class="visually-hidden">{format!("Layer {layer}: ")}</span>
                        {title}
                    </span>
                    <span class="xr-layer-changes">{live(summary)}</span>
                </span>
            </button>
        </li>
    }
}

/// Title and explanation of the current layer.
#[component]
pub fn LayerHead() -> impl IntoView {
    let xray = use_xray();
    let card = move || {
        let layer = xray.layer();
        let card = xray.session.shown_card()?;
        let layer_card = card.layers.get(layer)?;
        let used = layer_card.neurons.iter().filter(|neuron| !neuron.label.is_empty()).count();
        let shape = format!(
            "{}, {} of {} neurons in use",
            format::count(layer_card.heads.len(), "head"),
            used,
            layer_card.neurons.len()
        );
        Some(view! {
            <h2 data-testid="xray-layer-title">{format!("Layer {layer}: {}", layer_card.title)}</h2>
            <p class="xr-layer-about">{layer_card.about.clone()} <span class="xr-shape">{shape}</span></p>
        })
    };
    view! { <div class="xr-layer-head">{live(card)}</div> }
}
