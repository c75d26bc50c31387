//! The strongest neurons of the chosen layer.

use engine::xray::{NeuronPart, Site};
use leptos::prelude::*;
use protocol::language::Part;

use super::by_number::ByNumber;
use super::heads::OffSwitch;
use crate::explain::{Number, use_explainer};
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::{Language, use_language};
use crate::live::{Listed, live};

/// The neurons on screen, to be saved.
fn sheet(language: Language) -> Option<Sheet> {
    let look = language.inside.look.get()?;
    let (position, layer) = (look.request.position, look.request.layer);
    let rows = look.neurons.iter().map(|&(neuron, gate, value, product)| {
        let cell = |part, value| Cell::at(value, Site::Neuron { layer, part, position, neuron });
        vec![
            Cell::count(neuron),
            cell(NeuronPart::Pre, gate),
            cell(NeuronPart::PreLinear, value),
            cell(NeuronPart::Post, product),
        ]
    });
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Bars(vec![3]),
        ..Sheet::new(language.model_name(), "neurons", "Strongest neurons")
            .at(position, Some(layer))
            .columns(&["neuron", "gate", "value", "product"])
    })
}

/// The neurons with the largest products, and the way to switch off any other.
#[component]
pub fn Neurons() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let rows = move || {
        let Some(look) = inside.look.get() else { return ().into_any() };
        let (position, layer) = (look.request.position, look.request.layer);
        let cell = |neuron, part, value, name: &str| {
            view! { <Number site=Site::Neuron { layer, part, position, neuron } value what=format!("{name} of neuron {neuron}")/> }
        };
        let rows = look.neurons.iter().map(|(neuron, gate, value, product)| {
            view! {
                <tr>
                    <th scope="row">{neuron.to_string()}</th>
                    <td>{cell(*neuron, NeuronPart::Pre, *gate, "gate")}</td>
                    <td>{cell(*neuron, NeuronPart::PreLinear, *value, "value")}</td>
                    <td><b>{cell(*neuron, NeuronPart::Post, *product, "product")}</b></td>
                    <td><OffSwitch layer part=Part::Neuron(*neuron) testid="neuron-off"/></td>
                </tr>
            }
        });
        rows.listed()
    };
    let explainer = use_explainer();
    let count = move || language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |l| l.card.neurons));
    let open = move |neuron| {
        let (layer, position) = (inside.layer.get_untracked(), inside.at.get_untracked());
        explainer.open(Site::Neuron { layer, part: NeuronPart::Post, position, neuron });
    };
    view! {
        <section class="inside-part" aria-labelledby="neurons-title">
            <h3 id="neurons-title">{move || format!("Strongest neurons of layer {}", inside.layer.get())}</h3>
            <p class="inside-about">
                "A neuron writes silu(gate) · value along its own direction of the stream. Any other one opens by its number."
            </p>
            <div class="scroller" tabindex="0" role="group" aria-labelledby="neurons-title">
            <table class="neuron-table" data-testid="neurons">
                <thead>
                    <tr>
                        <th scope="col">"neuron"</th>
                        <th scope="col">"gate"</th>
                        <th scope="col">"value"</th>
                        <th scope="col">"product"</th>
                        <th scope="col"><span class="visually-hidden">"switched off"</span></th>
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
            </div>
            <Export of="the neurons" testid="export-neurons" sheet=Callback::new(move |()| sheet(language))/>
            <ByNumber name="Neuron" testid="neuron" count=Signal::derive(count) open=Callback::new(open)/>
        </section>
    }
}
