//! A sum or a difference of 32 bits on the full machine: four forward passes, a byte each, and the neurons that carry.

use leptos::prelude::*;
use protocol::machine::Ended;

use super::controls::{Choice, NumberField};
use super::{Frame, looking, number};
use crate::full::Call;
use crate::learn::lab::{At, Program, Ran, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::xray::extra::Extra;

/// What can be chosen.
const OPERATIONS: [&str; 3] = ["i32.add", "i32.sub", "i32.mul"];
/// Layers behind which operands, columns and totals stand.
const OPERANDS: usize = 3;
/// The second of them.
const COLUMNS: usize = 4;
/// The third.
const TOTALS: usize = 7;
/// What makes a column positive.
const LIFT: f32 = 65_536.0;

/// Two numbers, and what becomes of their bytes.
#[component]
pub fn Carries() -> impl IntoView {
    let (operation, a, b) = (RwSignal::new(0_usize), RwSignal::new(200_i64), RwSignal::new(100_i64));
    let name = move || OPERATIONS.get(operation.get()).copied().unwrap_or("i32.add");
    let looking = looking(move || {
        let (name, a, b) = (name(), a.get(), b.get());
        let text = format!(
            "(module\n  (func (export \"compute\") (result i32)\n    ({name} (i32.const {a}) (i32.const {b}))))\n"
        );
        let call = Call { text, function: "compute".to_owned(), arguments: String::new() };
        Want { program: Program::Full(call), at: At::Writes(name.to_owned()), heads: Vec::new() }
    });
    let bounds = (-2_147_483_648, 4_294_967_295);
    let texts = OPERATIONS.iter().map(|&name| name.to_owned()).collect();
    let controls = view! {
        <NumberField name="a" value=a bounds/>
        <Choice name="Operation" texts value=operation/>
        <NumberField name="b" value=b bounds/>
    }
    .into_any();
    let spot = |seen: &Seen| {
        // The second byte is the first that something is carried into.
        let capture = seen.captures.get(1)?;
        let (layer, neuron, _) = carry(seen, 1)?;
        Some(Spot {
            program: seen.want.program.clone(),
            position: capture.position,
            layer,
            extra: Extra { neuron: Some(neuron), ..Extra::default() },
        })
    };
    view! { <Frame looking name="carries" controls content=table spot/> }
}

/// The neuron that carries into a byte: its layer, its number, and what it gives in the pass that writes that byte.
fn carry(seen: &Seen, byte: usize) -> Option<(usize, usize, f32)> {
    let label = format!("carry into column {byte}");
    let capture = seen.captures.get(byte)?;
    seen.card.layers.iter().zip(&capture.layers).enumerate().find_map(|(layer, (card, values))| {
        let neuron = card.neurons.iter().position(|part| part.label == label)?;
        Some((layer, neuron, *values.post.get(neuron)?))
    })
}

fn table(seen: &Seen) -> AnyView {
    let Ran::Full(run, steps) = &seen.ran else { return ().into_any() };
    let At::Writes(name) = &seen.want.at else { return ().into_any() };
    let written = steps.iter().rev().find(|step| step.name == *name).map(|step| step.tokens.clone());
    let written = written.unwrap_or_default();
    let rows = seen.captures.iter().enumerate().zip(written.split(' ')).map(|((byte, capture), word)| {
        let behind =
            |layer, name: &str| seen.behind(capture, layer, &format!("{name}_{byte}")).unwrap_or_default();
        let carried = carry(seen, byte);
        let from = carried.map(|(layer, _, _)| format!(" (layer {layer})"));
        let total = seen.behind(capture, TOTALS, "TOTAL").unwrap_or_default() - LIFT;
        view! {
            <tr>
                <th scope="row">{byte}</th>
                <td class="mono">{number(behind(OPERANDS, "A"))}</td>
                <td class="mono">{number(behind(OPERANDS, "B"))}</td>
                <td class="mono">{number(behind(COLUMNS, "COLUMN"))}</td>
                <td class="mono" data-testid=format!("carry-{byte}")>
                    {carried.map_or_else(|| "–".to_owned(), |(_, _, given)| number(given))}
                    <span class="lesson-about">{from}</span>
                </td>
                <td class="mono">{number(total)}</td>
                <td class="mono"><b>{word.to_owned()}</b></td>
            </tr>
        }
    });
    let rows = rows.listed();
    let result = match &run.ended {
        Ended::Result(values) => values.iter().map(i32::to_string).collect::<Vec<_>>().join(" "),
        Ended::Trap { message, .. } | Ended::Stopped(message) => message.clone(),
    };
    let agrees = match &run.reference {
        Ok(reference) if reference.agrees => "wasmi agrees",
        Ok(_) => "wasmi does not agree",
        Err(_) => "wasmi was not asked",
    };
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Bytes of the sum">
            <table class="lesson-table" data-testid="carries-table">
                <thead>
                    <tr>
                        <th scope="col">"Byte"</th><th scope="col">"A"</th><th scope="col">"B"</th><th scope="col">"COLUMN"</th>
                        <th scope="col">"carried in"</th><th scope="col">"TOTAL − 65536"</th><th scope="col">"writes (hex)"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="lesson-says" data-testid="carries-says">{format!("The four bytes, the last one highest, are {result}; {agrees}.")}</p>
    }
    .into_any()
}
