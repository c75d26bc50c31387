//! Why a run stops before its program ends.

use serde::{Deserialize, Serialize};

use super::isa::{FILE_BYTES, MAX_ITERATIONS, MAX_STACK, Op};

/// A program that was stopped, and at which instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{kind} (instruction {ip})")]
pub struct Trap {
    /// Index of the instruction in the program, from 0.
    pub ip: usize,
    /// What happened.
    pub kind: TrapKind,
}

/// What stopped a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum TrapKind {
    /// The operation needs more values than the stack holds.
    #[error("stack underflow: {} needs {needs} value{}, the stack holds {has}", op.mnemonic(), plural(*needs))]
    StackUnderflow {
        /// The operation.
        op: Op,
        /// Values it pops.
        needs: usize,
        /// Values there are.
        has: usize,
    },
    /// The stack is full.
    #[error("stack overflow: the stack holds {MAX_STACK} values at most")]
    StackOverflow,
    /// A local is read before anything was written to it.
    #[error("local {index} is read before it was set")]
    UnsetLocal {
        /// The local.
        index: u8,
    },
    /// The descriptor belongs to a file that is not open.
    #[error("file descriptor {fd} is not open")]
    FileClosed {
        /// The descriptor.
        fd: u8,
    },
    /// The descriptor names no file.
    #[error("there is no file descriptor {fd}: the four files are 0 to 3")]
    NoSuchFile {
        /// The descriptor.
        fd: u8,
    },
    /// The cursor stands behind the file's last byte.
    #[error("file {fd} ends here: a file has {FILE_BYTES} bytes")]
    EndOfFile {
        /// The descriptor.
        fd: u8,
    },
    /// The loop's body would start once more than allowed.
    #[error("the loop would start iteration {}; the limit is {MAX_ITERATIONS}", MAX_ITERATIONS + 1)]
    IterationLimit,
    /// The run took as many tokens as it was given.
    #[error("the run reached its limit of {limit} tokens")]
    OutOfTokens {
        /// The limit.
        limit: usize,
    },
    /// The model emitted a token that the instruction cannot produce: the engine is at fault.
    #[error("the model answered token {token}, which {} cannot produce", op.mnemonic())]
    UnexpectedToken {
        /// The operation.
        op: Op,
        /// The token.
        token: u16,
    },
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
