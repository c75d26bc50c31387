//! Where something happens in a run, and what its tokens are, a piece at a time.

use engine::interpreter::full::isa::{Effect, Op};
use engine::interpreter::full::program::MAX_OPERANDS;
use engine::interpreter::full::recording::{Recording, Step};
use engine::interpreter::full::replay::Change;
use engine::wat::Names;
use protocol::survey::{Access, Hits, MOST_HITS, Overview, TokenKind, Wanted};

use super::places::word;

/// Instructions of a piece: some tens of milliseconds.
const PIECE: u64 = 65_536;

/// The positions of a piece where it happens.
pub fn hits(recording: &Recording, text: &str, names: &Names, wanted: &Wanted, from: u64) -> Hits {
    let is_instruction = |name: &str| name.contains('.') || Op::ALL.iter().any(|op| op.mnemonic() == name);
    match wanted {
        Wanted::Token(wanted) => return stands(recording, wanted),
        Wanted::Named(name) if !is_instruction(name) && !text.contains(name.as_str()) => {
            return stands(recording, name);
        }
        _ => {}
    }
    let search = Search { recording, text, names, wanted };
    let mut positions = Vec::new();
    let next = through(recording, from, |step| {
        if positions.len() < MOST_HITS && search.is(step) {
            // The forward pass before its first token is the one that gives it.
            positions.push(step.position.saturating_sub(1) as u32);
        }
    });
    Hits { positions, next }
}

/// Goes through the instructions of a piece; says where the next one begins.
fn through(recording: &Recording, from: u64, mut see: impl FnMut(&Step)) -> Option<u64> {
    let last = recording.find(from, |step| {
        see(step);
        step.number >= from + PIECE
    });
    last.map(|step| step.number)
}

/// Where a token of this word stands. It takes no replay, so that all of the run is one piece.
fn stands(recording: &Recording, wanted: &str) -> Hits {
    let tokens = recording.run().sequence.tokens();
    let ids: Vec<u16> =
        (0..engine::interpreter::full::token::VOCABULARY).filter(|id| word(*id) == wanted).collect();
    let found = (0_u32..).zip(tokens).filter(|(_, token)| ids.contains(token)).map(|(position, _)| position);
    Hits { positions: found.take(MOST_HITS).collect(), next: None }
}

/// What is looked for, with what it takes to see it.
struct Search<'a> {
    recording: &'a Recording,
    text: &'a str,
    names: &'a Names,
    wanted: &'a Wanted,
}

impl Search<'_> {
    fn is(&self, step: &Step) -> bool {
        let (record, change) = (step.done.record, step.done.change);
        let op = record.op;
        match self.wanted {
            // What the source has as one can be several of the machine's.
            Wanted::Named(name) => {
                let source = record.span.and_then(|span| self.text.get(span.start..span.end));
                op.mnemonic() == name || (step.begins && source == Some(name.as_str()))
            }
            Wanted::Memory(wanted, access) => match change {
                Change::Memory { address, count } => {
                    access.includes(Access::Written) && (address..address + u64::from(count)).contains(wanted)
                }
                Change::Slot { .. } if op.width() > 0 && access.includes(Access::Read) => {
                    let address = u64::from(step.operand) + u64::from(record.imm);
                    (address..address + u64::from(op.width())).contains(wanted)
                }
                _ => false,
            },
            Wanted::Local(index, access) => {
                let slot = MAX_OPERANDS as u64 + u64::from(*index);
                let is_own = op != Op::Arg;
                let writes =
                    matches!(change, Change::Slot { slot: of, .. } if u64::from(of) == slot && is_own);
                let reads = op == Op::Get && u64::from(record.a) == slot;
                (writes && access.includes(Access::Written)) || (reads && access.includes(Access::Read))
            }
            Wanted::Global(index, access) => {
                let writes = matches!(change, Change::Global { index: of, .. } if u32::from(of) == *index);
                let reads = op == Op::GlobalGet && u32::from(record.a) == *index;
                (writes && access.includes(Access::Written)) || (reads && access.includes(Access::Read))
            }
            Wanted::Variable(name) => self.variable(step) == Some(name.as_str()),
            Wanted::Output => matches!(change, Change::Output { .. }),
            Wanted::Value(wanted) => match change {
                Change::Slot { value, .. } | Change::Global { value, .. } | Change::Output { value } => {
                    value.cast_signed() == *wanted
                }
                _ => false,
            },
            // It has no files; tokens are looked for elsewhere.
            Wanted::File(_) | Wanted::Token(_) => false,
        }
    }

    /// The name of what an instruction writes, where the text gives it one.
    fn variable(&self, step: &Step) -> Option<&str> {
        match step.done.change {
            Change::Slot { slot, .. } if step.done.record.op != Op::Arg => {
                let local = usize::from(slot).checked_sub(MAX_OPERANDS)?;
                let program = self.recording.program();
                let function = program.imported + program.function_at(step.done.at)?;
                self.names.local(function as u32, local as u32)
            }
            Change::Global { index, .. } => self.names.global(u32::from(index)),
            _ => None,
        }
    }
}

/// The tokens of a piece.
pub fn overview(recording: &Recording, columns: u32, from: u64) -> Overview {
    let run = recording.run();
    let tokens = run.sequence.len();
    let mut overview = Overview::default();
    if from == 0 {
        for position in 0..run.prompt_tokens {
            overview.add(position, TokenKind::Prompt, tokens, columns);
        }
    }
    let next = through(recording, from, |step| {
        let kind = kind(step);
        for position in step.position..step.position + step.tokens {
            overview.add(position, kind, tokens, columns);
        }
    });
    overview.next = next;
    overview
}

fn kind(step: &Step) -> TokenKind {
    let op = step.done.record.op;
    match op {
        _ if matches!(step.done.change, Change::Ended(_)) => TokenKind::End,
        Op::Output => TokenKind::Output,
        Op::MemorySize | Op::MemoryGrow | Op::Grown => TokenKind::Memory,
        _ if op.width() > 0 => TokenKind::Memory,
        Op::Get | Op::Arg | Op::Take | Op::Init | Op::GlobalGet | Op::GlobalSet => TokenKind::Variables,
        Op::Step => TokenKind::Control,
        _ if op.effect() == Effect::Transfer => TokenKind::Control,
        _ => TokenKind::Arithmetic,
    }
}
