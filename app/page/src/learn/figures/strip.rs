//! A program as the model reads it, and what it answers.

use leptos::prelude::*;

use super::controls::ProgramField;
use super::{Frame, looking};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::xray::extra::Extra;
use crate::xray::format;

/// The program it begins with.
const PROGRAM: &str = "i32.const 3\ni32.const 5\ni32.add\noutput\n";
/// Tokens of an instruction.
const TOKENS: usize = 5;

/// What is shown of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The tokens of the program.
    Tokens,
    /// A line a forward pass: what was executed, and the answer.
    Passes,
    /// What the program put out.
    Outputs,
}

/// A program to write.
#[component]
pub fn Strip(
    /// The figure's name.
    name: &'static str,
    /// What is shown.
    of: Of,
) -> impl IntoView {
    let program = RwSignal::new(PROGRAM.to_owned());
    let looking = looking(move || Want {
        program: Program::Classic(program.get()),
        at: At::Pass(usize::MAX),
        heads: Vec::new(),
    });
    let spot = |seen: &Seen| {
        let position = seen.capture()?.position;
        Some(Spot { program: seen.want.program.clone(), position, layer: 0, extra: Extra::default() })
    };
    let controls = view! { <ProgramField value=program/> }.into_any();
    let content = move |seen: &Seen| match of {
        Of::Tokens => tokens(seen),
        Of::Passes => passes(seen),
        Of::Outputs => outputs(seen),
    };
    view! { <Frame looking name controls content spot/> }
}

fn tokens(seen: &Seen) -> AnyView {
    let Some(run) = seen.classic() else { return ().into_any() };
    let prompt = run.tokens.get(..run.report.prompt_tokens).unwrap_or_default();
    let group = |name: String, tokens: &[u16]| {
        let tokens =
            tokens.iter().map(|token| view! { <span class="lesson-token mono">{*token}</span> }).listed();
        view! { <li><span class="lesson-tokens">{tokens}</span><span class="lesson-about">{name}</span></li> }
    };
    let (first, rest) = prompt.split_at(1.min(prompt.len()));
    let (body, last) = rest.split_at(rest.len().saturating_sub(1));
    let body = body
        .chunks(TOKENS)
        .zip(&run.report.program)
        .map(|(tokens, instruction)| group(instruction.to_string(), tokens));
    let body = body.listed();
    let says = format!(
        "{} in the prompt: {} of five bytes, a start and an end.",
        format::count(prompt.len(), "token"),
        format::count(run.report.program.len(), "instruction")
    );
    view! {
        <ol class="lesson-strip" data-testid="strip">
            {group("program start".to_owned(), first)} {body} {group("program end".to_owned(), last)}
        </ol>
        <p class="lesson-says" data-testid="strip-says">{says}</p>
    }
    .into_any()
}

fn passes(seen: &Seen) -> AnyView {
    let Some(run) = seen.classic() else { return ().into_any() };
    let rows = run.report.steps.iter().map(|step| {
        view! {
            <tr>
                <th scope="row">{step.position}</th>
                <td class="mono">{step.instruction.to_string()}</td>
                <td class="mono">{format::token(&seen.card, step.token)}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Forward passes">
            <table class="lesson-table" data-testid="passes-table">
                <thead><tr><th scope="col">"Position"</th><th scope="col">"executes"</th><th scope="col">"answers"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn outputs(seen: &Seen) -> AnyView {
    let Some(run) = seen.classic() else { return ().into_any() };
    let outputs: Vec<String> = run.report.state.outputs.iter().map(u8::to_string).collect();
    let outputs = if outputs.is_empty() { "nothing".to_owned() } else { outputs.join(", ") };
    let says = format!(
        "Put out in {} of {} layers each. No other code computes a value.",
        format::count(run.report.steps.len(), "forward pass").replace("passs", "passes"),
        seen.card.layers.len()
    );
    view! {
        <p class="lesson-output mono" data-testid="outputs">{outputs}</p>
        <p class="lesson-says">{says}</p>
    }
    .into_any()
}
