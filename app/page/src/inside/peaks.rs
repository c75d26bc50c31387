//! A layer's neurons that are strongest anywhere in the text, each at the token where it is.

use engine::xray::{NeuronPart, Peak, Site};
use leptos::prelude::*;
use protocol::language::{LanguageResponse, Opened};

use super::on_demand::OnDemand;
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::{Language, units, use_language};
use crate::live::{Listed, live};

/// Neurons of each layer that are told of.
const COUNT: usize = 10;

/// The strongest of the layer looked at.
#[component]
pub fn Peaks() -> impl IntoView {
    let shown = move |response: LanguageResponse| match response {
        LanguageResponse::Peaks(layers) => view! { <Table layers/> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <OnDemand
            title="Its strongest neurons in the whole text"
            testid="peaks"
            about="The neurons of the layer whose product is farthest from zero at any token, and where that is. Computed once for all layers."
            wanted=Callback::new(|()| Some(Opened::Peaks(COUNT)))
            shown=Callback::new(shown)
        />
    }
}

/// How a token is written.
fn word(language: Language, position: usize) -> String {
    language.inside.tokens.with(|tokens| {
        tokens
            .as_ref()
            .and_then(|tokens| tokens.get(position))
            .map(|token| units::visible(token))
            .unwrap_or_default()
    })
}

const fn site(layer: usize, peak: &Peak) -> Site {
    Site::Neuron { layer, part: NeuronPart::Post, position: peak.position, neuron: peak.neuron }
}

/// All layers' neurons, to be saved.
fn sheet(language: Language, layers: &[Vec<Peak>]) -> Sheet {
    let of_layer = |(layer, peaks): (usize, &Vec<Peak>)| -> Vec<Vec<Cell>> {
        let row = |peak: &Peak| {
            vec![
                Cell::count(layer),
                Cell::count(peak.neuron),
                Cell::count(peak.position),
                Cell::text(word(language, peak.position)),
                Cell::at(peak.product, site(layer, peak)),
            ]
        };
        peaks.iter().map(row).collect()
    };
    Sheet {
        rows: layers.iter().enumerate().flat_map(of_layer).collect(),
        drawing: Drawing::Bars(vec![4]),
        ..Sheet::new(language.model_name(), "peaks", "Strongest neurons in the text")
            .columns(&["layer", "neuron", "position", "token", "product"])
    }
}

#[component]
fn Table(layers: Vec<Vec<Peak>>) -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let layers = StoredValue::new(layers);
    let rows = move || {
        let layer = inside.layer.get();
        let peaks = layers.with_value(|layers| layers.get(layer).cloned().unwrap_or_default());
        let rows = peaks.into_iter().map(|peak| {
            let Peak { neuron, position, product } = peak;
            let go = move |_| inside.look_at(position);
            let token = word(language, position);
            view! {
                <tr>
                    <th scope="row">{neuron.to_string()}</th>
                    <td><Number site=site(layer, &peak) value=product what=format!("product of neuron {neuron}")/></td>
                    <td>
                        <button class="lens-layer mono" on:click=go aria-label=format!("Go to token {position}, {token}")>
                            {token.clone()}
                        </button>
                        " "<span class="models-note">{position.to_string()}</span>
                    </td>
                </tr>
            }
        });
        rows.listed()
    };
    let export = Callback::new(move |()| Some(layers.with_value(|layers| sheet(language, layers))));
    view! {
        <div class="scroller" tabindex="0" role="group" aria-label="Strongest neurons in the text">
            <table class="neuron-table" data-testid="peak-table">
                <thead>
                    <tr>
                        <th scope="col">"neuron"</th>
                        <th scope="col">"product"</th>
                        <th scope="col">"at token"</th>
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
        </div>
        <Export of="the strongest neurons" testid="export-peaks" sheet=export/>
    }
}
