//! The dimensions of the residual stream that the layer changes most.

use engine::xray::{Site, Stage};
use leptos::prelude::*;

use crate::explain::Number;
use crate::language::use_language;
use crate::live::{Listed, live};

/// Dimension by dimension: before the layer, behind attention, behind the neurons.
#[component]
pub fn Dimensions() -> impl IntoView {
    let inside = use_language().inside;
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
                    <th scope="row">{dim.to_string()}</th>
                    {cell(Stage::Pre, before, "before")}
                    {cell(Stage::Mid, between, "within")}
                    {cell(Stage::Post, behind, "behind")}
                </tr>
            }
        });
        rows.listed()
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
        </section>
    }
}
