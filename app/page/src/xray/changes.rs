//! The map of changes: which layer changed which dimension at this position, and to what.

use engine::xray::{Capture, Site, Stage};
use leptos::prelude::*;

use super::format;
use super::state::{Scene, Xray, use_xray};
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Map, Sheet};
use crate::live::{Listed, live};

/// How many dimensions a layer changes: by its attention, by its FFN.
pub fn counts(capture: &Capture, layer: usize) -> Option<(usize, usize)> {
    let layer = capture.layers.get(layer)?;
    let differing = |before: &[f32], after: &[f32]| before.iter().zip(after).filter(|(b, a)| b != a).count();
    Some((differing(&layer.resid_pre, &layer.resid_mid), differing(&layer.resid_mid, &layer.resid_post)))
}

/// One change of one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    stage: Stage,
    before: f32,
    after: f32,
}

/// By dimension that changes anywhere: by layer, what attention and FFN did to it.
fn changes(capture: &Capture, dims: usize) -> Vec<(usize, Vec<[Option<Change>; 2]>)> {
    let at = |values: &[f32], dim: usize| values.get(dim).copied().unwrap_or_default();
    let change =
        |stage, before: f32, after: f32| (before != after).then_some(Change { stage, before, after });
    (0..dims)
        .map(|dim| {
            let row = capture.layers.iter().map(|layer| {
                let (pre, mid, post) =
                    (at(&layer.resid_pre, dim), at(&layer.resid_mid, dim), at(&layer.resid_post, dim));
                [change(Stage::Mid, pre, mid), change(Stage::Post, mid, post)]
            });
            (dim, row.collect::<Vec<_>>())
        })
        .filter(|(_, row)| row.iter().flatten().any(Option::is_some))
        .collect()
}

/// The values behind all changes, to be saved; drawn is by how much they changed.
fn sheet(xray: Xray) -> Option<Sheet> {
    let scene = xray.scene.get()?;
    let position = scene.capture.position;
    let changes = changes(&scene.capture, scene.card.dims.len());
    let layers = 0..scene.card.layers.len();
    let parts: Vec<String> =
        layers.flat_map(|layer| [format!("{layer} attention"), format!("{layer} FFN")]).collect();
    let name = |dim: usize| scene.card.dims.get(dim).map(|part| part.label.clone()).unwrap_or_default();
    let rows = changes.iter().map(|(dim, row)| {
        let cells = row.iter().enumerate().flat_map(|(layer, pair)| pair.map(|change| (layer, change)));
        let cells = cells.map(|(layer, change)| {
            change.map_or_else(Cell::none, |Change { stage, after, .. }| {
                Cell::at(after, Site::Resid { layer, stage, position, dim: *dim })
            })
        });
        std::iter::once(Cell::text(name(*dim))).chain(cells).collect()
    });
    // Changes differ by orders of magnitude: drawn is which way.
    let drawn = changes.iter().map(|(_, row)| {
        let way = |change: Change| (change.after - change.before).signum();
        row.iter().flatten().map(|change| change.map(way)).collect()
    });
    let map = Map {
        rows: (
            "dimension (blue grew, red fell)".to_owned(),
            changes.iter().map(|(dim, _)| name(*dim)).collect(),
        ),
        columns: ("layer and part".to_owned(), parts.clone()),
        values: drawn.collect(),
    };
    let columns: Vec<String> = std::iter::once("dimension".to_owned()).chain(parts).collect();
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Map(map),
        ..Sheet::new(&scene.card.name, "changes", "What changed where").at(position, None).columns(&columns)
    })
}

/// The map.
#[component]
pub fn ChangeMap() -> impl IntoView {
    let xray = use_xray();
    let table = move || xray.scene.get().map(|scene| view! { <Table scene/> });
    view! {
        <section class="xr-panel xr-changes" aria-labelledby="xr-changes-title" data-testid="xray-changes">
            <div class="xr-panel-head">
                <h2 id="xr-changes-title">"What changed where"</h2>
                <Export of="the map of changes" testid="export-changes" sheet=Callback::new(move |()| sheet(xray))/>
            </div>
            {live(table)}
        </section>
    }
}

#[component]
fn Table(scene: Scene) -> impl IntoView {
    let xray = use_xray();
    let position = scene.capture.position;
    let rows = changes(&scene.capture, scene.card.dims.len());
    let still = scene.card.dims.len() - rows.len();
    let layers = scene.card.layers.len();
    let heads = (0..layers)
        .map(|layer| {
            view! {
                <th scope="colgroup" colspan="2" class:here=move || xray.layer() == layer>
                    <button
                        type="button"
                        class="xr-plain"
                        aria-label=format!("Show layer {layer}")
                        on:click=move |_| xray.go_to_layer(layer)
                    >
                        {layer}
                    </button>
                </th>
            }
        })
        .listed();
    let parts = (0..layers)
        .map(
            |_| view! { <th scope="col"><abbr title="attention">"att"</abbr></th><th scope="col">"FFN"</th> },
        )
        .listed();
    let body = rows
        .into_iter()
        .map(|(dim, row)| {
            let name = scene.card.dims.get(dim).map(|part| part.label.clone()).unwrap_or_default();
            let cells = row
                .into_iter()
                .enumerate()
                .flat_map(|(layer, pair)| pair.map(|change| (layer, change)))
                .map(|(layer, change)| cell(dim, &name, layer, position, change))
                .listed();
            view! { <tr><th scope="row">{name}</th>{cells}</tr> }
        })
        .listed();
    view! {
        <div class="xr-scroll" tabindex="0" role="region" aria-label="Changes by dimension and layer">
            <table class="xr-map">
                <thead>
                    <tr><th scope="col" rowspan="2">"Layer"</th>{heads}</tr>
                    <tr>{parts}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <p class="xr-note">
            {format!("Each cell holds the value after the change. No layer changes the other {still} dimensions here.")}
        </p>
    }
}

fn cell(
    dim: usize,
    name: &str,
    layer: usize,
    position: usize,
    change: Option<Change>,
) -> impl IntoView + use<> {
    let content = change.map(|Change { stage, before, after }| {
        let site = Site::Resid { layer, stage, position, dim };
        let by = if stage == Stage::Mid { "attention" } else { "FFN" };
        let what = format!("{name} after the {by} of layer {layer}, was {}", format::number(before));
        view! { <Number site value=after what/> }
    });
    let class = match change {
        Some(change) if change.after > change.before => "up",
        Some(_) => "down",
        None => "",
    };
    view! { <td class=class>{content}</td> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::xray::LayerCapture;

    #[test]
    fn only_dimensions_that_change_are_listed() {
        let layer = |pre: &[f32], mid: &[f32], post: &[f32]| LayerCapture {
            resid_pre: pre.to_vec(),
            resid_mid: mid.to_vec(),
            resid_post: post.to_vec(),
            ..LayerCapture::default()
        };
        let capture = Capture {
            layers: vec![
                layer(&[1.0, 0.0], &[1.0, 5.0], &[1.0, 5.0]),
                layer(&[1.0, 5.0], &[1.0, 5.0], &[1.0, 2.0]),
            ],
            ..Capture::default()
        };
        let rows = changes(&capture, 2);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].0, 1);
        assert_eq!(rows[0].1[0][0], Some(Change { stage: Stage::Mid, before: 0.0, after: 5.0 }));
        assert_eq!(rows[0].1[1], [None, Some(Change { stage: Stage::Post, before: 5.0, after: 2.0 })]);
        assert_eq!(counts(&capture, 0), Some((1, 0)));
        assert_eq!(counts(&capture, 1), Some((0, 1)));
    }
}
