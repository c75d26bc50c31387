//! What happened, in words.

use engine::interpreter::ModelCard;
use engine::interpreter::classic::compile::BRANCH_TAKEN;
use engine::interpreter::classic::isa::Op;
use engine::interpreter::classic::{Ending, HostAction, TrapKind};
use protocol::RunView;

/// A token as a person reads it: a byte, or what the model's card says it means.
pub fn token_name(card: Option<&ModelCard>, token: u16) -> String {
    let special = card.and_then(|card| card.special_tokens.iter().find(|(number, _)| *number == token));
    special.map_or_else(|| token.to_string(), |(_, meaning)| meaning.clone())
}

/// What the model answered to an operation.
pub fn token_in_words(card: Option<&ModelCard>, op: Op, token: u16) -> String {
    match op {
        Op::BrIf if token != BRANCH_TAKEN => "not taken".to_owned(),
        _ => token_name(card, token),
    }
}

/// The line of the text that an instruction stands in.
pub fn line_of(run: &RunView, ip: usize) -> usize {
    run.spans.get(ip).map_or(ip + 1, |span| span.line)
}

/// What the host did, by line where the report counts instructions.
pub fn host_in_words(run: &RunView, action: &HostAction) -> String {
    match action {
        HostAction::Advance { to } if *to >= run.spans.len() => {
            "moved behind the last instruction".to_owned()
        }
        HostAction::Advance { to } => format!("moved the instruction pointer to line {}", line_of(run, *to)),
        HostAction::EnterLoop { at } => format!("entered the loop of line {}", line_of(run, *at)),
        HostAction::LeaveLoop { at } => format!("left the loop that ends in line {}", line_of(run, *at)),
        HostAction::Jump { to, iteration } => {
            format!("jumped back to line {}; iteration {iteration} starts", line_of(run, *to))
        }
        _ => action.to_string(),
    }
}

/// How a run ended, when there is something to say: a program that waits for its next line is no news.
pub fn ending_in_words(run: &RunView) -> Option<String> {
    match run.report.ending {
        Ending::EndOfProgram => None,
        Ending::Halted => Some("The model answered “halt”: lines after this are not executed.".to_owned()),
        Ending::Cancelled => Some(format!("You stopped the run after {} steps.", run.report.steps.len())),
        Ending::Trapped(trap) => {
            let line = line_of(run, trap.ip);
            Some(format!("Line {line}: {}. {}", trap.kind, trap_help(trap.kind)))
        }
    }
}

/// What to do about a trap.
pub const fn trap_help(kind: TrapKind) -> &'static str {
    match kind {
        TrapKind::StackUnderflow { .. } => {
            "Undo the line, and push what it needs first, with i32.const for instance."
        }
        TrapKind::StackOverflow => {
            "Undo the line, and let something pop values: output, local.set, i32.store."
        }
        TrapKind::UnsetLocal { .. } => "Undo the line, and set the local first: local.set or local.tee.",
        TrapKind::FileClosed { .. } => "Undo the line, and open the file first: fd_open.",
        TrapKind::NoSuchFile { .. } => "Undo the line; fd_open pushes a descriptor that exists.",
        TrapKind::EndOfFile { .. } => "Undo the line; opening the file again rewinds it.",
        TrapKind::IterationLimit => "Undo the line, and end the loop sooner: its br_if must find a 0.",
        TrapKind::OutOfTokens { .. } => "It would go on; the page stops there.",
        TrapKind::UnexpectedToken { .. } => {
            "That is a fault of the engine. Run the self-test under the device chip, and try another device."
        }
    }
}
