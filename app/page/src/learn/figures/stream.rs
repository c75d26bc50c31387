//! The residual stream by name: what each layer makes of each dimension where an operation is executed.

use leptos::prelude::*;

use super::controls::{Choice, NumberField};
use super::neurons::{OPERATION, OPERATIONS, program};
use super::{Frame, looking, number};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::xray::changes::counts;
use crate::xray::extra::Extra;

/// What is shown of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Each dimension that a layer changes, with its value behind each layer.
    Dimensions,
    /// How many dimensions each layer changes.
    Counts,
}

/// The stream.
#[component]
pub fn Stream(
    /// The figure's name.
    name: &'static str,
    /// What of it.
    of: Of,
) -> impl IntoView {
    let (operation, a, b) = (RwSignal::new(0_usize), RwSignal::new(3_i64), RwSignal::new(5_i64));
    let looking = looking(move || {
        let name = OPERATIONS.get(operation.get()).copied().unwrap_or("i32.add");
        Want {
            program: Program::Classic(program(name, (a.get(), b.get()))),
            at: At::Pass(OPERATION),
            heads: Vec::new(),
        }
    });
    let texts = OPERATIONS.iter().map(|&name| name.to_owned()).collect();
    let controls = view! {
        <NumberField name="a" value=a/>
        <Choice name="Operation" texts value=operation/>
        <NumberField name="b" value=b/>
    }
    .into_any();
    let spot = move |seen: &Seen| {
        let position = seen.capture()?.position;
        Some(Spot { program: seen.want.program.clone(), position, layer: 4, extra: Extra::default() })
    };
    let content = move |seen: &Seen| match of {
        Of::Dimensions => dimensions(seen),
        Of::Counts => layers(seen),
    };
    view! { <Frame looking name controls content spot/> }
}

fn dimensions(seen: &Seen) -> AnyView {
    let Some(capture) = seen.capture() else { return ().into_any() };
    let value = |values: &[f32], dim: usize| values.get(dim).copied().unwrap_or_default();
    let changed = seen.card.dims.iter().enumerate().filter(|(dim, _)| {
        capture.layers.iter().any(|layer| value(&layer.resid_pre, *dim) != value(&layer.resid_post, *dim))
    });
    let rows = changed.map(|(dim, part)| {
        let cells = capture.layers.iter().map(|layer| {
            let (before, after) = (value(&layer.resid_pre, dim), value(&layer.resid_post, dim));
            view! { <td class="mono" class:changed=before != after>{(after != 0.0 || before != after).then(|| number(after))}</td> }
        });
        view! { <tr><th scope="row" class="mono">{part.label.clone()}</th>{cells.listed()}</tr> }
    });
    let rows = rows.listed();
    let heads = (0..capture.layers.len()).map(|layer| view! { <th scope="col">{layer}</th> }).listed();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Dimensions by layer">
            <table class="lesson-table lesson-map" data-testid="stream-table">
                <thead><tr><th scope="col">"behind layer"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn layers(seen: &Seen) -> AnyView {
    let Some(capture) = seen.capture() else { return ().into_any() };
    let rows = seen.card.layers.iter().enumerate().map(|(number, layer)| {
        let (attention, neurons) = counts(capture, number).unwrap_or_default();
        let bar = |count: usize| {
            view! { <td class="mono"><span class="lesson-bar" style=format!("--count:{count}")></span>{count}</td> }
        };
        view! { <tr><th scope="row">{number}" "{layer.title.clone()}</th>{bar(attention)}{bar(neurons)}</tr> }
    });
    let rows = rows.listed();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Layers">
            <table class="lesson-table" data-testid="counts-table">
                <caption>"Dimensions that change in this forward pass"</caption>
                <thead><tr><th scope="col">"Layer"</th><th scope="col">"by attention"</th><th scope="col">"by FFN"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
