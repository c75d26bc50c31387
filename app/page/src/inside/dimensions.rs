//! The dimensions of the residual stream that the layer changes most.

use engine::xray::{Site, Stage};
use leptos::prelude::*;

use super::by_number::ByNumber;
use crate::explain::{Number, use_explainer};
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::{Language, use_language};
use crate::live::{Listed, live};

/// The dimensions on screen, to be saved.
fn sheet(language: Language) -> Option<Sheet> {
    let look = language.inside.look.get()?;
    let (position, layer) = (look.request.position, look.request.layer);
    let rows = look.dimensions.iter().map(|&(dim, before, between, behind)| {
        let cell = |stage, value| Cell::at(value, Site::Resid { layer, stage, position, dim });
        vec![Cell::count(dim), cell(Stage::Pre, before), cell(Stage::Mid, between), cell(Stage::Post, behind)]
    });
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Bars(vec![1, 3]),
        ..Sheet::new(language.model_name(), "dimensions", "Dimensions that change most")
            .at(position, Some(layer))
            .columns(&["dimension", "before", "behind attention", "behind neurons"])
    })
}

/// Dimension by dimension: before the layer, behind attention, behind the neurons.
#[component]
pub fn Dimensions() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let rows = move || {
        let Some(look) = inside.look.get() else { return ().into_any() };
        let (position, layer) = (look.request.position, look.request.layer);
        let rows = look.dimensions.iter().map(|&(dim, before, between, behind)| {
            let cell = |stage, value: f32, when: &str| {
                let what = format!("dimension {dim} {when} layer {layer}");
                view! { <td class="xr-num"><Number site=Site::Resid { layer, stage, position, dim } value what/></td> }
            };
            view! {
                <tr>
                    <th scope="row">
                        <button
                            class="lens-layer"
                            data-testid="dimension-who"
                            aria-label=format!("Choose dimension {dim}: who wrote it")
                            aria-current=move || (inside.dim.get() == Some(dim)).then_some("true")
                            on:click=move |_| inside.dim.set(Some(dim))
                        >
                            {dim.to_string()}
                        </button>
                    </th>
                    {cell(Stage::Pre, before, "before")}
                    {cell(Stage::Mid, between, "within")}
                    {cell(Stage::Post, behind, "behind")}
                </tr>
            }
        });
        rows.listed()
    };
    let explainer = use_explainer();
    let count = move || language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |l| l.card.width));
    let open = move |dim| {
        let (layer, position) = (inside.layer.get_untracked(), inside.at.get_untracked());
        inside.dim.set(Some(dim));
        explainer.open(Site::Resid { layer, stage: Stage::Post, position, dim });
    };
    view! {
        <section class="inside-part" aria-labelledby="dimensions-title">
            <h3 id="dimensions-title">{move || format!("The stream in layer {}: what it changes most", inside.layer.get())}</h3>
            <div class="scroller" tabindex="0" role="group" aria-labelledby="dimensions-title">
                <table class="neuron-table" data-testid="dimensions">
                    <thead>
                        <tr>
                            <th scope="col">"dimension"</th>
                            <th scope="col">"before"</th>
                            <th scope="col">"behind attention"</th>
                            <th scope="col">"behind neurons"</th>
                        </tr>
                    </thead>
                    <tbody>{live(rows)}</tbody>
                </table>
            </div>
            <Export of="the dimensions" testid="export-dimensions" sheet=Callback::new(move |()| sheet(language))/>
            <ByNumber name="Dimension" testid="dimension" count=Signal::derive(count) open=Callback::new(open)/>
        </section>
    }
}
