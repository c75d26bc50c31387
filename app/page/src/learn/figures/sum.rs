//! A head that adds up: what each executed instruction brings to the depth of the stack.

use leptos::prelude::*;
use protocol::Machine;

use super::controls::{PassSlider, ProgramField};
use super::{Frame, looking, number};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::xray::extra::Extra;
use crate::xray::figure::Figure;
use crate::xray::format::change;
use crate::xray::parabola;

/// The program it begins with.
const PROGRAM: &str = "i32.const 2\ni32.const 3\ni32.const 4\ni32.add\ni32.mul\noutput\n";
/// Where depth is counted.
const DEPTH: (usize, usize) = (1, 0);

/// The sum head of layer 1 on a program to write.
#[component]
pub fn Sum() -> impl IntoView {
    let program = RwSignal::new(PROGRAM.to_owned());
    let pass = RwSignal::new(3_usize);
    let looking = looking(move || Want {
        program: Program::Classic(program.get()),
        at: At::Pass(pass.get()),
        heads: vec![DEPTH],
    });
    let count = Signal::derive(move || {
        looking.seen.with(|seen| {
            let run = seen.as_ref().and_then(|seen| seen.classic());
            run.map_or(0, |run| run.report.steps.len()).saturating_sub(1)
        })
    });
    let last = Signal::derive(move || count.get().max(3));
    let words = Signal::derive(move || {
        looking.seen.with(|seen| {
            let run = seen.as_ref().and_then(|seen| seen.classic());
            let pass = pass.get().min(count.get());
            let step = run.and_then(|run| run.report.steps.get(pass));
            step.map(|step| format!("{pass}, {}", step.instruction)).unwrap_or_default()
        })
    });
    let controls =
        view! { <ProgramField value=program/><PassSlider name="Up to instruction" last value=pass words/> }
            .into_any();
    let spot = |seen: &Seen| {
        Some(Spot {
            program: seen.want.program.clone(),
            position: seen.capture()?.position,
            layer: DEPTH.0,
            extra: Extra { head: Some(DEPTH.1), ..Extra::default() },
        })
    };
    view! { <Frame looking name="sum" controls content=table spot/> }
}

fn table(seen: &Seen) -> AnyView {
    let (Some(detail), Some(run), Some(capture)) = (seen.keys.first(), seen.classic(), seen.capture()) else {
        return view! { <p class="lesson-note">"No instruction was executed."</p> }.into_any();
    };
    let mut sum = 0.0;
    let rows = run.report.steps.iter().take_while(|step| step.position <= detail.position).map(|step| {
        let key = detail.keys.iter().find(|key| key.position == step.position);
        let brings = key.and_then(|key| key.v.first()).copied().unwrap_or_default();
        sum += brings;
        view! {
            <tr>
                <th scope="row">{step.position}</th>
                <td class="mono">{step.instruction.to_string()}</td>
                <td class="mono">{change(brings)}</td>
                <td class="mono">{number(sum)}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    let kind = engine::interpreter::HeadKind::Sum;
    let picture = parabola::pictures(detail, kind, Machine::Classic, 0.0, (0, 0)).into_iter().next();
    let figure = picture.map(|picture| {
        let detail = detail.clone();
        let draw = move |size| {
            let picture = parabola::pictures(&detail, kind, Machine::Classic, 0.0, size).into_iter().next();
            picture.map(|picture| picture.chart).unwrap_or_default()
        };
        view! { <Figure title=picture.title text=picture.text testid="sum-chart" draw/> }
    });
    let behind = |name| seen.behind(capture, DEPTH.0, name).map(number).unwrap_or_default();
    let says = format!(
        "The head returns {}, written to STACK_DEPTH_AFTER. The layer's neuron takes this instruction's own change away: STACK_DEPTH is {}.",
        behind("STACK_DEPTH_AFTER"),
        behind("STACK_DEPTH")
    );
    view! {
        <div class="lesson-beside">
            <div class="scroll-x" tabindex="0" role="region" aria-label="Depth, step by step">
                <table class="lesson-table" data-testid="sum-table">
                    <thead>
                        <tr><th scope="col">"Position"</th><th scope="col">"executes"</th><th scope="col">"brings"</th><th scope="col">"sum"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {figure}
        </div>
        <p class="lesson-says" data-testid="sum-says">{says}</p>
    }
    .into_any()
}
