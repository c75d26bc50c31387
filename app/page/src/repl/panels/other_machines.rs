//! The same program on two plain byte machines: the reference, which must agree, and one that masks to 8 bits,
//! which need not.

use engine::interpreter::classic::Ending;
use leptos::prelude::*;
use protocol::{RunView, SemanticsView};

use super::Panel;
use crate::live::live;
use crate::session::use_session;

/// The panel.
#[component]
pub fn OtherMachines() -> impl IntoView {
    let session = use_session();
    let rows = move || {
        session.run.with(|run| match run {
            None => view! { <tr><td class="nothing" colspan="4">"nothing has run yet"</td></tr> }.into_any(),
            Some(run) => rows(run).into_any(),
        })
    };
    let verdict = move || session.run.with(|run| run.as_ref().map(|run| verdict(run)));
    view! {
        <Panel title="Beside it" testid="panel-machines" class="wide">
            <table class="machines">
                <thead>
                    <tr>
                        <th scope="col">"machine"</th>
                        <th scope="col">"output"</th>
                        <th scope="col">"top"</th>
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
            {live(verdict)}
        </Panel>
    }
}

fn rows(run: &RunView) -> impl IntoView + use<> {
    let state = &run.report.state;
    let trapped = matches!(run.report.ending, Ending::Trapped(_));
    view! {
        {row("transformer", "machine-model", &state.outputs, &state.stack, trapped, false)}
        {other("reference", "machine-reference", &run.reference)}
        {other("masked to 8 bits", "machine-masked", &run.masked)}
    }
}

fn other(name: &'static str, testid: &'static str, view: &SemanticsView) -> impl IntoView + use<> {
    let differs = !view.differences.is_empty();
    row(name, testid, &view.state.outputs, &view.state.stack, view.trap.is_some(), differs)
}

fn row(
    name: &'static str,
    testid: &'static str,
    outputs: &[u8],
    stack: &[u8],
    trapped: bool,
    differs: bool,
) -> impl IntoView + use<> {
    const SHOWN: usize = 8;
    let hidden = outputs.len().saturating_sub(SHOWN);
    let tail: Vec<String> = outputs.iter().skip(hidden).map(u8::to_string).collect();
    let dots = if hidden > 0 { "… " } else { "" };
    let output = if outputs.is_empty() { "–".to_owned() } else { format!("{dots}{}", tail.join(" ")) };
    let top = stack.last().map_or_else(|| "–".to_owned(), u8::to_string);
    view! {
        <tr class:differs=differs data-testid=testid>
            <th scope="row">{name}{trapped.then_some(" (trapped)")}</th>
            <td class="mono">{output}</td>
            <td class="mono">{top}</td>
        </tr>
    }
}

fn verdict(run: &RunView) -> impl IntoView + use<> {
    let reference = &run.reference.differences;
    let agrees = reference.is_empty();
    let first = if agrees {
        "The reference machine agrees: every token, the final state, the ending.".to_owned()
    } else {
        format!("The reference machine differs: {}. One of the two is wrong.", in_words(&run.reference))
    };
    let masked = &run.masked.differences;
    let second = (!masked.is_empty()).then(|| {
        format!(
            "A machine that masks to 8 bits, where this one stops at 0 and 255, differs: {}.",
            in_words(&run.masked)
        )
    });
    view! {
        <p class="verdict" class:problem-text=!agrees data-testid="reference-verdict">{first}</p>
        {second.map(|text| view! { <p class="verdict masked" data-testid="masked-verdict">{text}</p> })}
    }
}

fn in_words(view: &SemanticsView) -> String {
    let differences = &view.differences;
    let mut parts = Vec::new();
    match differences.steps.as_slice() {
        [] => {}
        [only] => parts.push(format!("at step {}", only + 1)),
        [first, ..] => {
            parts.push(format!("at {} steps, the first is {}", differences.steps.len(), first + 1))
        }
    }
    if differences.outputs {
        parts.push("in its output".to_owned());
    }
    if differences.state {
        parts.push("in its final state".to_owned());
    }
    if differences.ending {
        parts.push(match &view.trap {
            Some(trap) => format!("it ends otherwise: {trap}"),
            None => "it ends otherwise".to_owned(),
        });
    }
    parts.join(", ")
}
