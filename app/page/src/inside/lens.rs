//! The logit lens: what each layer's residual stream would say if it were the last, and how long that stream is.

use leptos::prelude::*;

use crate::export::{Cell, Drawing, Export, Sheet};
use crate::language::{Language, units, use_language};
use crate::live::{Listed, live};

/// The lens at the token, to be saved.
fn sheet(language: Language) -> Option<Sheet> {
    let look = language.inside.look.get()?;
    let places = look.lens.iter().map(Vec::len).max().unwrap_or(0);
    let mut columns = vec!["behind".to_owned(), "length".to_owned()];
    columns.extend((1..=places).flat_map(|place| [format!("token {place}"), format!("probability {place}")]));
    let rows = look.lens.iter().zip(&look.norms).enumerate().map(|(row, (tokens, norm))| {
        let said = tokens.first().map(|(token, _)| units::visible(token)).unwrap_or_default();
        let mut cells = vec![Cell::text(format!("{}: {said}", behind(row))), Cell::number(*norm)];
        cells.extend(tokens.iter().flat_map(|(token, share)| [Cell::text(token), Cell::number(*share)]));
        cells
    });
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Bars(vec![3]),
        ..Sheet::new(language.model_name(), "lens", "Logit lens")
            .at(look.request.position, None)
            .columns(&columns)
    })
}

/// What a row of a lens is of.
pub fn behind(row: usize) -> String {
    row.checked_sub(1).map_or_else(|| "embedding".to_owned(), |layer| format!("layer {layer}"))
}

/// Layers × likeliest tokens.
#[component]
pub fn Lens() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let rows = move || {
        let look = inside.look.get();
        let Some(look) = look else { return ().into_any() };
        let next = look.request.position + 1;
        let next = inside.tokens.with(|tokens| tokens.as_ref().and_then(|tokens| tokens.get(next).cloned()));
        let longest = look.norms.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let columns = look.lens.iter().map(Vec::len).max().unwrap_or(0);
        let rows = look.lens.iter().zip(&look.norms).enumerate().map(|(row, (tokens, norm))| {
            let name = match row.checked_sub(1) {
                None => view! { "embedding" }.into_any(),
                Some(layer) => view! {
                    <button
                        class="lens-layer"
                        aria-current=move || (inside.layer.get() == layer).then_some("true")
                        on:click=move |_| inside.layer.set(layer)
                    >
                        {format!("layer {layer}")}
                    </button>
                }
                .into_any(),
            };
            let cells = tokens.iter().map(|(token, probability)| {
                let is_next = next.as_ref() == Some(token);
                view! {
                    <td class:next=is_next style=format!("--share:{probability:.3}")>
                        <span class="mono">{units::visible(token)}</span>
                        <small>{units::percent(*probability)}</small>
                    </td>
                }
            });
            let cells = cells.listed();
            view! {
                <tr data-testid="lens-row">
                    <th scope="row">{name}</th>
                    {cells}
                    <td class="norm">
                        <small>{format!("{norm:.1}")}</small>
                        <span class="share-bar" style=format!("--share:{:.3}", norm / longest)></span>
                    </td>
                </tr>
            }
        });
        let rows = rows.listed();
        let heads = (1..=columns).map(|place| view! { <th scope="col">{place.to_string()}</th> }).listed();
        view! {
            <thead>
                <tr><th scope="col">"behind"</th>{heads}<th scope="col">"length"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        }
        .into_any()
    };
    view! {
        <section class="inside-part" aria-labelledby="lens-title">
            <h3 id="lens-title">"Layer by layer: the logit lens"</h3>
            <p class="inside-about">
                "The tokens that the residual stream would say if the model ended behind that layer, with their "
                "probabilities; the one that really came next is framed. Length is that of the stream, the root of "
                "the sum of its squares."
            </p>
            <div class="scroller" tabindex="0" role="group" aria-labelledby="lens-title">
                <table class="lens" data-testid="lens">{live(rows)}</table>
            </div>
            <Export of="the logit lens" testid="export-lens" sheet=Callback::new(move |()| sheet(language))/>
        </section>
    }
}
