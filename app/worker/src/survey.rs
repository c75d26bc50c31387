//! Where something happens in a run of classic, and what its tokens are.

use engine::interpreter::classic::Report;
use engine::interpreter::classic::isa::Op;
use engine::interpreter::classic::{HostAction, Step};
use protocol::survey::{Access, Hits, MOST_HITS, Overview, TokenKind, Wanted};

/// The positions where it happens.
pub fn hits(report: &Report, tokens: &[u16], wanted: &Wanted) -> Hits {
    let steps = || report.steps.iter().filter(|step| happens(step, wanted)).map(|step| step.position);
    let stands = |word: &str| {
        let is = word.parse::<u16>().ok();
        tokens.iter().enumerate().filter(move |(_, token)| is == Some(**token)).map(|(position, _)| position)
    };
    let found: Vec<usize> = match wanted {
        Wanted::Token(word) => stands(word).take(MOST_HITS).collect(),
        Wanted::Named(word) if word.parse::<u16>().is_ok() => stands(word).take(MOST_HITS).collect(),
        _ => steps().take(MOST_HITS).collect(),
    };
    Hits { positions: found.into_iter().map(|position| position as u32).collect(), next: None }
}

/// Whether it happens at a step.
fn happens(step: &Step, wanted: &Wanted) -> bool {
    let (op, operand) = (step.instruction.op, u64::from(step.instruction.operand));
    let uses = |writes: bool, reads: bool, access: Access| {
        (writes && access.includes(Access::Written)) || (reads && access.includes(Access::Read))
    };
    match wanted {
        Wanted::Named(name) => op.mnemonic() == name || step.host.iter().any(|action| marker(action) == name),
        Wanted::Memory(address, access) => {
            operand == *address && uses(op == Op::Store, op == Op::Load, *access)
        }
        Wanted::Local(index, access) => {
            let writes = matches!(op, Op::LocalSet | Op::LocalTee);
            operand == u64::from(*index) && uses(writes, op == Op::LocalGet, *access)
        }
        Wanted::File(file) => step.host.iter().any(|action| of_file(action) == Some(*file)),
        Wanted::Output => op == Op::Output,
        Wanted::Value(value) => !matches!(op, Op::BrIf | Op::Halt) && i32::from(step.token) == *value,
        // It has neither globals nor names; tokens are looked for elsewhere.
        Wanted::Global(..) | Wanted::Variable(_) | Wanted::Token(_) => false,
    }
}

/// The marker of a loop that the host has passed.
const fn marker(action: &HostAction) -> &'static str {
    match action {
        HostAction::EnterLoop { .. } | HostAction::Jump { .. } => "loop",
        HostAction::LeaveLoop { .. } => "end_loop",
        _ => "",
    }
}

/// The file that the host has done something with.
const fn of_file(action: &HostAction) -> Option<u8> {
    match action {
        HostAction::OpenFile { file }
        | HostAction::MoveCursor { file, .. }
        | HostAction::WriteFile { file, .. }
        | HostAction::CloseFile { file } => Some(*file),
        _ => None,
    }
}

/// The whole run in so many columns.
pub fn overview(report: &Report, tokens: usize, columns: u32) -> Overview {
    let mut overview = Overview::default();
    for position in 0..report.prompt_tokens.min(tokens) {
        overview.add(position, TokenKind::Prompt, tokens, columns);
    }
    for step in &report.steps {
        // Its answer stands behind the position that gave it.
        overview.add(step.position + 1, kind(step.instruction.op), tokens, columns);
    }
    overview
}

const fn kind(op: Op) -> TokenKind {
    match op {
        Op::Load | Op::Store => TokenKind::Memory,
        Op::LocalGet | Op::LocalSet | Op::LocalTee => TokenKind::Variables,
        Op::FdOpen | Op::FdRead | Op::FdWrite | Op::FdClose => TokenKind::Files,
        Op::Loop | Op::EndLoop | Op::BrIf => TokenKind::Control,
        Op::Output => TokenKind::Output,
        Op::Halt => TokenKind::End,
        _ => TokenKind::Arithmetic,
    }
}
