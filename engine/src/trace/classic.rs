//! Runs of the byte machine.

use super::{By, End, Input, MachineEnd, Model, Run, Token, Trace, fingerprint};
use crate::interpreter::ModelCard;
use crate::interpreter::classic::Ending;
use crate::interpreter::classic::runner;
use crate::interpreter::model::Transformer;

/// The model's name in a file.
pub const NAME: &str = "classic";

/// What was run: a program's text, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given<'a> {
    /// The program.
    pub program: &'a str,
    /// Whether loops may be open at its end.
    pub open_loops: bool,
    /// Steps at most.
    pub max_tokens: usize,
}

/// A run as a trace, by an engine of this name.
pub fn record(model: &Transformer, engine: &str, given: Given<'_>, run: &runner::Run) -> Trace {
    let report = &run.report;
    let prompt = report.prompt_tokens;
    let tokens = run.tokens().into_iter().enumerate().map(|(position, id)| {
        let text = word(&model.card, id);
        let Some(step) = position.checked_sub(prompt).and_then(|step| report.steps.get(step)) else {
            return Token::new(position, u32::from(id), text, By::Host);
        };
        Token {
            instruction: Some(step.instruction.to_string()),
            host: step.host.iter().map(ToString::to_string).collect(),
            ..Token::new(position, u32::from(id), text, By::Model)
        }
    });
    let tokens: Vec<Token> = tokens.collect();
    let trap = match report.ending {
        Ending::Trapped(trap) => Some(trap.to_string()),
        Ending::Halted | Ending::EndOfProgram | Ending::Cancelled => None,
    };
    let machine = MachineEnd {
        result: report.state.stack.iter().map(|value| i64::from(*value)).collect(),
        outputs: report.state.outputs.iter().map(|value| i64::from(*value)).collect(),
        trap,
        cancelled: report.ending == Ending::Cancelled,
        instructions: report.steps.len() as u64,
    };
    let Given { program, open_loops, max_tokens } = given;
    let input = Input::Classic { program: program.to_owned(), open_loops, max_tokens };
    let model = Model { name: NAME.to_owned(), fingerprint: fingerprint(model) };
    Trace {
        run: Run::new(model, engine.to_owned(), input),
        end: End { tokens: tokens.len(), machine: Some(machine), answer: None },
        tokens,
        candidates: Vec::new(),
    }
}

/// A token as it is shown: what it means, or its number.
fn word(card: &ModelCard, id: u16) -> String {
    let special = card.special_tokens.iter().find(|(token, _)| *token == id);
    special.map_or_else(|| id.to_string(), |(_, text)| text.clone())
}
