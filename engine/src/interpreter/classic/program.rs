//! A program whose loops are matched.

use super::isa::{Instruction, Op};

/// Whether loops may still be open at the program's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenLoops {
    /// In the REPL: the rest is still to be typed.
    Allow,
    /// In a file.
    Refuse,
}

/// A program with its loops matched: every `end_loop` has its `loop`, every `br_if` its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    instructions: Vec<Instruction>,
}

impl Program {
    /// Checks the loops of a program.
    ///
    /// # Errors
    /// Each instruction that does not fit, in order.
    pub fn new(instructions: Vec<Instruction>, open: OpenLoops) -> Result<Self, Vec<ProgramError>> {
        let mut loops: Vec<usize> = Vec::new();
        let mut errors = Vec::new();
        for (ip, instruction) in instructions.iter().enumerate() {
            match instruction.op {
                Op::Loop => loops.push(ip),
                Op::EndLoop if loops.pop().is_none() => {
                    errors.push(ProgramError { ip, kind: ProgramErrorKind::EndWithoutLoop });
                }
                Op::BrIf if loops.is_empty() => {
                    errors.push(ProgramError { ip, kind: ProgramErrorKind::BranchOutsideLoop });
                }
                Op::BrIf if usize::from(instruction.operand) >= loops.len() => {
                    let kind =
                        ProgramErrorKind::BranchTooFar { label: instruction.operand, depth: loops.len() };
                    errors.push(ProgramError { ip, kind });
                }
                _ => {}
            }
        }
        if open == OpenLoops::Refuse {
            errors
                .extend(loops.into_iter().map(|ip| ProgramError { ip, kind: ProgramErrorKind::NeverClosed }));
        }
        if errors.is_empty() { Ok(Self { instructions }) } else { Err(errors) }
    }

    /// The instructions.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The instruction at an index.
    pub fn get(&self, ip: usize) -> Option<Instruction> {
        self.instructions.get(ip).copied()
    }

    /// Number of instructions.
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    /// Whether there is no instruction.
    pub fn is_empty(&self) -> bool {
        self.instructions.is_empty()
    }
}

/// An instruction that does not fit the program's loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("instruction {ip}: {kind}")]
pub struct ProgramError {
    /// Its index.
    pub ip: usize,
    /// What is wrong with it.
    pub kind: ProgramErrorKind,
}

/// What can be wrong with a program's loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramErrorKind {
    /// An `end_loop` that closes nothing.
    #[error("end_loop without a loop")]
    EndWithoutLoop,
    /// A `loop` that nothing closes.
    #[error("this loop is never closed")]
    NeverClosed,
    /// A `br_if` with nowhere to go.
    #[error("br_if outside a loop")]
    BranchOutsideLoop,
    /// A `br_if` that names more loops than there are around it.
    #[error("br_if {label} leaves the program: {depth} loop(s) enclose it")]
    BranchTooFar {
        /// The depth it names.
        label: u8,
        /// Loops around it.
        depth: usize,
    },
}

impl ProgramErrorKind {
    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::EndWithoutLoop => "open a loop with `loop` first, or remove it",
            Self::NeverClosed => "close it with `end_loop`",
            Self::BranchOutsideLoop => {
                "br_if goes back to the start of an enclosing loop: put `loop` before it"
            }
            Self::BranchTooFar { .. } => "0 is the innermost loop, 1 the one around it",
        }
    }
}
