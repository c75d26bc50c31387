//! What the host does beside the model: of a run of classic, step by step.

use engine::interpreter::classic::HostAction;
use leptos::prelude::*;

use super::controls::Choice;
use super::{Frame, looking};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::repl::examples::EXAMPLES;
use crate::xray::extra::Extra;
use crate::xray::format;

/// Steps that are listed.
const LISTED: usize = 40;
/// The example it begins with: a loop.
const FIRST: usize = 6;

/// An example program, and who does what.
#[component]
pub fn Host() -> impl IntoView {
    let example = RwSignal::new(FIRST);
    let looking = looking(move || {
        let text = EXAMPLES.get(example.get()).map(|example| example.text.to_owned()).unwrap_or_default();
        Want { program: Program::Classic(text), at: At::Pass(usize::MAX), heads: Vec::new() }
    });
    let texts = EXAMPLES.iter().map(|example| example.title().to_owned()).collect();
    let controls = view! { <Choice name="Program" texts value=example/> }.into_any();
    let spot = |seen: &Seen| {
        // Where the host does the most.
        let run = seen.classic()?;
        let mut busiest: Option<(usize, usize)> = None;
        for step in &run.report.steps {
            let does = more_than_advance(&step.host);
            if busiest.is_none_or(|(_, most)| does > most) {
                busiest = Some((step.position, does));
            }
        }
        let position = busiest?.0;
        Some(Spot { program: seen.want.program.clone(), position, layer: 4, extra: Extra::default() })
    };
    view! { <Frame looking name="host" controls content=table spot/> }
}

/// What the host does besides going on to the next instruction.
fn more_than_advance(actions: &[HostAction]) -> usize {
    actions.iter().filter(|action| !matches!(action, HostAction::Advance { .. })).count()
}

fn table(seen: &Seen) -> AnyView {
    let Some(run) = seen.classic() else { return ().into_any() };
    let steps = &run.report.steps;
    let helped = steps.iter().filter(|step| more_than_advance(&step.host) > 0).count();
    let rows = steps.iter().take(LISTED).map(|step| {
        let host: Vec<String> = step.host.iter().map(ToString::to_string).collect();
        view! {
            <tr>
                <th scope="row" class="mono">{step.instruction.to_string()}</th>
                <td class="mono">{format::token(&seen.card, step.token)}</td>
                <td>{host.join("; ")}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    let rest = steps.len().saturating_sub(LISTED);
    let rest = (rest > 0).then(|| format!(" The table has the first {LISTED}."));
    let says = format!(
        "{} forward passes. After {helped} of them the host did more than append the token and go on to the next instruction.",
        steps.len()
    );
    view! {
        <div class="scroll-x lesson-tall" tabindex="0" role="region" aria-label="Steps of the run">
            <table class="lesson-table" data-testid="host-table">
                <thead>
                    <tr><th scope="col">"Instruction"</th><th scope="col">"The model answers"</th><th scope="col">"Then the host"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="lesson-says" data-testid="host-says">{says}{rest}</p>
    }
    .into_any()
}
