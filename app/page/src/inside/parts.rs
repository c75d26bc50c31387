//! The parts of a number that the model wrote into the stream: who wrote how much, the largest first.

use engine::xray::{NeuronPart, Site, Source};
use leptos::prelude::*;

use crate::explain::{Number, use_explainer};
use crate::export::Cell;
use crate::language::use_language;
use crate::live::Listed;

/// Parts that are named; the others are summed.
const NAMED: usize = 14;

/// What a part is called.
fn name(source: Source) -> String {
    match source {
        Source::Embedding => "embedding".to_owned(),
        Source::Head { layer, head } => format!("layer {layer}, head {head}"),
        Source::Neuron { layer, neuron } => format!("layer {layer}, neuron {neuron}"),
        Source::Mlp { layer } => format!("layer {layer}, neurons"),
        Source::Replaced { layer } => format!("layer {layer}, replaced"),
    }
}

fn largest_first(parts: &mut [(Source, f32)]) {
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
}

/// All parts, the largest first, to be saved.
pub fn cells(parts: &[(Source, f32)]) -> impl Iterator<Item = Vec<Cell>> {
    let mut parts = parts.to_vec();
    largest_first(&mut parts);
    parts.into_iter().map(|(source, amount)| vec![Cell::text(name(source)), Cell::number(amount)])
}

/// A number to three places with its sign.
pub fn signed(amount: f32) -> String {
    format!("{:+.3}", amount + 0.0).replace('-', "−")
}

/// The parts at a position as a table. `opened` says which number of the run an amount is, where it is one. A part's name goes to its
/// layer, unless the table is `of_layer`: then it would be another there.
pub fn table(
    mut parts: Vec<(Source, f32)>,
    position: usize,
    of_layer: bool,
    testid: &'static str,
    opened: impl Fn(Source) -> Option<Site>,
) -> AnyView {
    let inside = use_language().inside;
    let explainer = use_explainer();
    largest_first(&mut parts);
    let rest = parts.split_off(NAMED.min(parts.len()));
    let largest = parts.first().map_or(f32::MIN_POSITIVE, |(_, amount)| amount.abs().max(f32::MIN_POSITIVE));
    let rows = parts.into_iter().map(|(source, amount)| {
        let text = name(source);
        let what = text.clone();
        let site = opened(source);
        let goes = !of_layer || matches!(source, Source::Neuron { .. });
        let open = move |_| match source {
            Source::Head { layer, head } => {
                inside.layer.set(layer);
                inside.head.set(Some(head));
            }
            Source::Neuron { layer, neuron } => {
                if !of_layer {
                    inside.layer.set(layer);
                }
                explainer.open(Site::Neuron { layer, part: NeuronPart::Post, position, neuron });
            }
            Source::Mlp { layer } | Source::Replaced { layer } => inside.layer.set(layer),
            Source::Embedding => inside.layer.set(0),
        };
        let share = format!("--share:{:.3}", amount.abs() / largest);
        let amount_cell = match site {
            Some(site) => view! { <Number site value=amount what=format!("what {what} wrote")/> }.into_any(),
            None => signed(amount).into_any(),
        };
        let name_cell = if goes {
            view! { <button class="lens-layer" on:click=open>{text}</button> }.into_any()
        } else {
            text.into_any()
        };
        view! {
            <tr class:against=amount < 0.0>
                <th scope="row">{name_cell}</th>
                <td class="xr-num">{amount_cell}</td>
                <td class="share-cell"><span class="share-bar" style=share></span></td>
            </tr>
        }
    });
    let others: f32 = rest.iter().map(|(_, amount)| amount).sum();
    let others = (!rest.is_empty()).then(|| {
        view! { <tr><th scope="row">{format!("{} others together", rest.len())}</th><td class="xr-num">{signed(others)}</td><td></td></tr> }
    });
    view! {
        <table class="attribution" data-testid=testid>
            <caption class="visually-hidden">"The parts, the largest first"</caption>
            <thead><tr><th scope="col">"written by"</th><th scope="col" class="xr-num">"amount"</th><th scope="col"><span class="visually-hidden">"share"</span></th></tr></thead>
            <tbody>{rows.listed()}{others}</tbody>
        </table>
    }
    .into_any()
}
