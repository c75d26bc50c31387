//! The residual stream by dimension name: before the layer, after its attention, after its FFN.

use engine::interpreter::Part;
use engine::xray::{LayerCapture, Site, Stage};
use leptos::prelude::*;
use protocol::language::Part as Replaceable;

use super::extra::Filter;
use super::format;
use super::replace::OffSwitch;
use super::state::{Scene, Xray, use_xray};
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::live::{Listed, live};

/// One dimension at one layer.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    dim: usize,
    part: Part,
    before: f32,
    between: f32,
    after: f32,
}

impl Row {
    fn is_shown(&self, filter: Filter) -> bool {
        match filter {
            Filter::All => true,
            Filter::Nonzero => [self.before, self.between, self.after].iter().any(|value| *value != 0.0),
            Filter::Changed => self.before != self.between || self.between != self.after,
        }
    }
}

fn rows(scene: &Scene, layer: &LayerCapture) -> Vec<Row> {
    let values = layer.resid_pre.iter().zip(&layer.resid_mid).zip(&layer.resid_post);
    let parts = scene.card.dims.iter().zip(values).enumerate();
    parts
        .map(|(dim, (part, ((before, between), after)))| Row {
            dim,
            part: part.clone(),
            before: *before,
            between: *between,
            after: *after,
        })
        .collect()
}

/// Who writes a dimension: the compiler ends each description with it ("…. Layer 4, attention.").
fn writer(part: &Part) -> &str {
    let about = part.about.trim_end_matches('.');
    about.rsplit_once(". ").map_or("", |(_, last)| last)
}

/// What the dimension means, without its writer.
fn meaning(part: &Part) -> &str {
    let about = part.about.trim_end_matches('.');
    about.rsplit_once(". ").map_or(about, |(first, _)| first)
}

/// The rows on screen, to be saved.
fn sheet(xray: Xray) -> Option<Sheet> {
    let (layer, filter) = (xray.layer(), xray.extra.get().filter);
    let scene = xray.scene.get()?;
    let position = scene.capture.position;
    let rows = rows(&scene, scene.capture.layers.get(layer)?);
    let lines = rows.into_iter().filter(|row| row.is_shown(filter)).map(|row| {
        let cell = |stage, value| Cell::at(value, Site::Resid { layer, stage, position, dim: row.dim });
        vec![
            Cell::text(&row.part.label),
            Cell::text(meaning(&row.part)),
            cell(Stage::Pre, row.before),
            cell(Stage::Mid, row.between),
            cell(Stage::Post, row.after),
        ]
    });
    let columns = ["dimension", "meaning", "before", "after attention", "after FFN"];
    Some(Sheet {
        rows: lines.collect(),
        drawing: Drawing::Bars(vec![2, 4]),
        ..Sheet::new(&scene.card.name, "residual", "Residual stream")
            .at(position, Some(layer))
            .columns(&columns)
    })
}

/// The table of dimensions.
#[component]
pub fn Residual() -> impl IntoView {
    let xray = use_xray();
    let filter = Memo::new(move |_| xray.extra.with(|extra| extra.filter));
    let table = move || {
        let layer = xray.layer();
        let scene = xray.scene.get()?;
        let values = scene.capture.layers.get(layer)?;
        let all = rows(&scene, values);
        let position = scene.capture.position;
        let filter = filter.get();
        let total = all.len();
        let shown: Vec<Row> = all.into_iter().filter(|row| row.is_shown(filter)).collect();
        let hidden = total - shown.len();
        Some(view! { <Table rows=shown hidden layer position/> })
    };
    view! {
        <section class="xr-panel xr-residual" aria-labelledby="xr-residual-title" data-testid="xray-residual">
            <div class="xr-panel-head">
                <h3 id="xr-residual-title">"Residual stream"</h3>
                <FilterChoice/>
                <Export of="the residual stream" testid="export-residual" sheet=Callback::new(move |()| sheet(xray))/>
            </div>
            {live(table)}
        </section>
    }
}

/// Changed, nonzero or all.
#[component]
fn FilterChoice() -> impl IntoView {
    let xray = use_xray();
    let choices = Filter::ALL.map(|filter| {
        let name = filter.name();
        view! {
            <label class="xr-choice">
                <input
                    type="radio"
                    name="xr-filter"
                    value=name
                    prop:checked=move || xray.extra.get().filter == filter
                    on:change=move |_| xray.change_extra(|extra| extra.filter = filter)
                />
                <span>{name}</span>
            </label>
        }
    });
    view! { <fieldset class="xr-choices"><legend class="visually-hidden">"Dimensions shown"</legend>{choices}</fieldset> }
}

#[component]
fn Table(rows: Vec<Row>, hidden: usize, layer: usize, position: usize) -> impl IntoView {
    let nothing = rows.is_empty();
    let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
    for row in rows {
        let name = writer(&row.part).to_owned();
        match groups.last_mut() {
            Some((last, rows)) if *last == name => rows.push(row),
            _ => groups.push((name, vec![row])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(name, rows)| {
            let rows = rows.into_iter().map(|row| view! { <Line row layer position/> }).listed();
            let title = if name.is_empty() { "other".to_owned() } else { name };
            view! {
                <tbody>
                    <tr class="xr-group"><th colspan="4" scope="rowgroup">{title}</th></tr>
                    {rows}
                </tbody>
            }
        })
        .listed();
    let rest = match (nothing, hidden) {
        (_, 0) => None,
        (true, hidden) => Some(format!("This layer changes none of the {hidden} dimensions here.")),
        (false, hidden) => Some(format!("{} not shown.", format::count(hidden, "more dimension"))),
    };
    let table = (!nothing).then(|| {
        view! {
            <table class="xr-table">
                <thead>
                    <tr>
                        <th scope="col">"Dimension"</th>
                        <th scope="col" class="xr-num">"before"</th>
                        <th scope="col" class="xr-num">"after attention"</th>
                        <th scope="col" class="xr-num">"after FFN"</th>
                    </tr>
                </thead>
                {groups}
            </table>
        }
    });
    view! {
        {table}
        {rest.map(|text| view! { <p class="xr-note" data-testid="xray-residual-rest">{text}</p> })}
    }
}

#[component]
fn Line(row: Row, layer: usize, position: usize) -> impl IntoView {
    let site = |stage| Site::Resid { layer, stage, position, dim: row.dim };
    let name = row.part.label.clone();
    let about = meaning(&row.part).to_owned();
    let delta = |before: f32, after: f32| {
        (before != after).then(|| view! { <span class="xr-delta">{format::change(after - before)}</span> })
    };
    view! {
        <tr
            data-testid=format!("dim-{}", row.dim)
            class:changed=row.before != row.between || row.between != row.after
        >
            <th scope="row"><span class="xr-name">{name.clone()}</span><span class="xr-about">{about} " " <OffSwitch layer part=Replaceable::Dimension(row.dim)/></span></th>
            <td class="xr-num">
                <Number site=site(Stage::Pre) value=row.before what=format!("{name} before layer {layer}")/>
            </td>
            <td class="xr-num" class:changed=row.before != row.between>
                {delta(row.before, row.between)}
                <Number
                    site=site(Stage::Mid)
                    value=row.between
                    what=format!("{name} after the attention of layer {layer}")
                />
            </td>
            <td class="xr-num" class:changed=row.between != row.after>
                {delta(row.between, row.after)}
                <Number site=site(Stage::Post) value=row.after what=format!("{name} after layer {layer}")/>
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sentence_names_the_writer() {
        let part = |about: &str| Part { label: "X".into(), about: about.into() };
        assert_eq!(writer(&part("The stack's top. Layer 4, attention.")), "Layer 4, attention");
        assert_eq!(meaning(&part("The stack's top. Layer 4, attention.")), "The stack's top");
        assert_eq!(writer(&part("One sentence.")), "");
        assert_eq!(meaning(&part("One sentence.")), "One sentence");
    }

    #[test]
    fn the_filter_tells_changed_from_nonzero() {
        let row = Row { dim: 0, part: Part::default(), before: 1.0, between: 1.0, after: 1.0 };
        assert!(row.is_shown(Filter::Nonzero) && row.is_shown(Filter::All) && !row.is_shown(Filter::Changed));
        assert!(Row { after: 2.0, ..row }.is_shown(Filter::Changed));
    }
}
