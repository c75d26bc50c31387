//! The tokens of traces and prompts, and what they stand for.

use serde::{Deserialize, Serialize};

use super::isa::Op;
use super::trap::Trap;

/// Something that a token of the trace says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Token {
    /// A byte with which an instruction does not end yet.
    Byte(u8),
    /// The last byte of an instruction.
    Last(u8),
    /// An instruction is done, and has written nothing.
    Step,
    /// The next instruction is another one: its offset and page follow.
    Jump,
    /// The same, and a frame is opened.
    Call,
    /// The same, and it is closed.
    Return,
    /// The run has ended.
    Halt,
    /// The run was stopped.
    Trap(Trap),
    /// The opcode of a record, in the prompt.
    Op(Op),
    /// The first token of all.
    Start,
}

const LAST: u16 = 256;
const STEP: u16 = 512;
const JUMP: u16 = 513;
const CALL: u16 = 514;
const RETURN: u16 = 515;
const HALT: u16 = 516;
const TRAP: u16 = 517;
const OP: u16 = TRAP + Trap::ALL.len() as u16;
const START: u16 = OP + Op::ALL.len() as u16;

/// How many tokens there are.
pub const VOCABULARY: u16 = START + 1;

impl Token {
    /// Its number.
    pub fn id(self) -> u16 {
        match self {
            Self::Byte(byte) => u16::from(byte),
            Self::Last(byte) => LAST + u16::from(byte),
            Self::Step => STEP,
            Self::Jump => JUMP,
            Self::Call => CALL,
            Self::Return => RETURN,
            Self::Halt => HALT,
            Self::Trap(trap) => TRAP + trap as u16,
            Self::Op(op) => OP + op as u16,
            Self::Start => START,
        }
    }

    /// The token of a number; `None` where there is none.
    pub fn of(id: u16) -> Option<Self> {
        let byte = |from: u16| u8::try_from(id - from).unwrap_or(0);
        Some(match id {
            0..LAST => Self::Byte(byte(0)),
            LAST..STEP => Self::Last(byte(LAST)),
            STEP => Self::Step,
            JUMP => Self::Jump,
            CALL => Self::Call,
            RETURN => Self::Return,
            HALT => Self::Halt,
            TRAP..OP => Self::Trap(*Trap::ALL.get(usize::from(id - TRAP))?),
            START => Self::Start,
            _ => Self::Op(*Op::ALL.get(usize::from(id - OP))?),
        })
    }

    /// Its byte, if it is one.
    pub const fn byte(self) -> Option<u8> {
        match self {
            Self::Byte(byte) | Self::Last(byte) => Some(byte),
            _ => None,
        }
    }

    /// Whether an instruction ends with it.
    pub const fn ends(self) -> bool {
        matches!(self, Self::Last(_) | Self::Step | Self::Halt | Self::Trap(_))
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Byte(byte) => write!(f, "{byte:02x}"),
            Self::Last(byte) => write!(f, "{byte:02x}."),
            Self::Step => f.write_str("step"),
            Self::Jump => f.write_str("jump"),
            Self::Call => f.write_str("call"),
            Self::Return => f.write_str("return"),
            Self::Halt => f.write_str("halt"),
            Self::Trap(trap) => write!(f, "trap: {trap}"),
            Self::Op(op) => f.write_str(op.mnemonic()),
            Self::Start => f.write_str("start"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_a_token_and_every_token_its_number() {
        for id in 0..VOCABULARY {
            assert_eq!(Token::of(id).map(Token::id), Some(id));
        }
        assert_eq!(Token::of(VOCABULARY), None);
    }
}
