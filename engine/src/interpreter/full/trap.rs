//! Why a run ends before its program does.

use serde::{Deserialize, Serialize};

/// What stopped a run: WebAssembly's traps, each with a token of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Trap {
    /// An `unreachable` was reached.
    #[error("unreachable")]
    Unreachable,
    /// A divisor is 0.
    #[error("integer divide by zero")]
    DivisionByZero,
    /// −2³¹ / −1.
    #[error("integer overflow")]
    Overflow,
    /// Memory is read or written where there is none.
    #[error("out of bounds memory access")]
    MemoryOutOfBounds,
    /// A table has no such entry.
    #[error("undefined element")]
    TableOutOfBounds,
    /// A table's entry names no function.
    #[error("uninitialized element")]
    NoFunction,
    /// It names one of another type.
    #[error("indirect call type mismatch")]
    WrongType,
    /// There are too many frames.
    #[error("call stack exhausted")]
    StackExhausted,
}

impl Trap {
    /// All of them, in the order of their tokens.
    pub const ALL: [Self; 8] = [
        Self::Unreachable,
        Self::DivisionByZero,
        Self::Overflow,
        Self::MemoryOutOfBounds,
        Self::TableOutOfBounds,
        Self::NoFunction,
        Self::WrongType,
        Self::StackExhausted,
    ];
}
