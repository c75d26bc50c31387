//! The neurons that compute: gate, value and `max(0, gate) · value`, for an operation and two numbers to choose.

use leptos::prelude::*;

use super::controls::{Choice, NumberField};
use super::{Frame, looking, number};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::xray::extra::Extra;

/// Operations of two numbers.
pub const OPERATIONS: [&str; 11] = [
    "i32.add", "i32.sub", "i32.mul", "i32.and", "i32.or", "i32.eq", "i32.ne", "i32.lt_s", "i32.gt_s",
    "i32.le_s", "i32.ge_s",
];

/// Two numbers and an operation.
pub fn program(operation: &str, (a, b): (i64, i64)) -> String {
    format!("i32.const {a}\ni32.const {b}\n{operation}\noutput\n")
}

/// The pass that executes the operation.
pub const OPERATION: usize = 2;

/// The FFN of a layer where an operation is executed.
#[component]
pub fn Neurons(
    /// The figure's name.
    name: &'static str,
    /// The operation it begins with.
    operation: &'static str,
    /// The numbers.
    numbers: (i64, i64),
    /// The layer.
    #[prop(default = 4)]
    layer: usize,
    /// Whether neurons that give 0 are listed as well.
    #[prop(default = false)]
    closed: bool,
) -> impl IntoView {
    let place = OPERATIONS.iter().position(|one| *one == operation).unwrap_or_default();
    let (operation, a, b) = (RwSignal::new(place), RwSignal::new(numbers.0), RwSignal::new(numbers.1));
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
        let capture = seen.capture()?;
        let neuron = capture.layers.get(layer)?.post.iter().position(|post| *post != 0.0);
        let extra = Extra { neuron, ..Extra::default() };
        Some(Spot { program: seen.want.program.clone(), position: capture.position, layer, extra })
    };
    view! { <Frame looking name controls content=move |seen| table(seen, layer, closed) spot/> }
}

/// The neurons, those that speak first; then what they change.
fn table(seen: &Seen, layer: usize, closed: bool) -> AnyView {
    let (Some(card), Some(capture)) = (seen.card.layers.get(layer), seen.capture()) else {
        return ().into_any();
    };
    let Some(values) = capture.layers.get(layer) else { return ().into_any() };
    let used = card.neurons.iter().zip(&values.pre).zip(&values.pre_linear).zip(&values.post);
    let used: Vec<_> = used.filter(|(((part, _), _), _)| !part.label.is_empty()).collect();
    let all = used.len();
    let (open, shut): (Vec<_>, Vec<_>) = used.into_iter().partition(|(_, post)| **post != 0.0);
    let speaks = open.len();
    let shut = shut.into_iter().filter(|_| closed);
    let rows = open.into_iter().chain(shut).map(|(((part, gate), value), post)| {
        view! {
            <tr class:silent=*post == 0.0>
                <th scope="row">{part.label.clone()}{(*post != 0.0).then(|| view! { <span class="lesson-about">{part.about.clone()}</span> })}</th>
                <td class="mono">{number(*gate)}</td>
                <td class="mono">{number(*value)}</td>
                <td class="mono"><b>{number(*post)}</b></td>
            </tr>
        }
    });
    let rows = rows.listed();
    let changed = card_changes(seen, layer);
    let answer = number(f32::from(capture.argmax));
    let says = format!(
        "{speaks} of {all} neurons of layer {layer} give something other than 0. {changed} The model's answer is {answer}."
    );
    view! {
        <div class="scroll-x lesson-tall" tabindex="0" role="region" aria-label="Neurons">
            <table class="lesson-table lesson-neurons" data-testid="neurons-table">
                <thead>
                    <tr>
                        <th scope="col">"Neuron"</th><th scope="col">"gate"</th><th scope="col">"value"</th>
                        <th scope="col">"max(0, gate) · value"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="lesson-says" data-testid="neurons-says">{says}</p>
    }
    .into_any()
}

/// What the layer's FFN changes, in words.
fn card_changes(seen: &Seen, layer: usize) -> String {
    let Some(values) = seen.capture().and_then(|capture| capture.layers.get(layer)) else {
        return String::new();
    };
    let pairs = values.resid_mid.iter().zip(&values.resid_post).zip(&seen.card.dims);
    let changes: Vec<String> = pairs
        .filter(|((before, after), _)| before != after)
        .map(|((before, after), part)| {
            format!("{} from {} to {}", part.label, number(*before), number(*after))
        })
        .collect();
    if changes.is_empty() {
        return "Together they change nothing.".to_owned();
    }
    format!("Together they change {}.", changes.join(", "))
}
