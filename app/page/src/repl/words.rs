//! What happened, in words.

use engine::interpreter::classic::isa::Op;
use engine::interpreter::classic::{Ending, HostAction, TrapKind};
use protocol::RunView;

/// The token of a branch that is taken.
pub const BRANCH_TAKEN: u16 = 258;
/// The token of `halt`.
pub const HALT: u16 = 259;

/// A token as a person reads it.
pub fn token_name(token: u16) -> String {
    match token {
        256 => "program start".to_owned(),
        257 => "program end".to_owned(),
        BRANCH_TAKEN => "branch taken".to_owned(),
        HALT => "halt".to_owned(),
        byte => byte.to_string(),
    }
}

/// What the model answered to an operation.
pub fn token_in_words(op: Op, token: u16) -> String {
    match op {
        Op::BrIf if token != BRANCH_TAKEN => "not taken".to_owned(),
        _ => token_name(token),
    }
}

/// What the host did.
pub fn host_in_words(action: &HostAction) -> String {
    action.to_string()
}

/// How a run ended, when there is something to say: a program that waits for its next line is no news.
pub fn ending_in_words(run: &RunView) -> Option<String> {
    match run.report.ending {
        Ending::EndOfProgram => None,
        Ending::Halted => Some("The model answered “halt”: lines after this are not executed.".to_owned()),
        Ending::Cancelled => Some(format!("You stopped the run after {} steps.", run.report.steps.len())),
        Ending::Trapped(trap) => {
            let line = run.spans.get(trap.ip).map_or(trap.ip + 1, |span| span.line);
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
