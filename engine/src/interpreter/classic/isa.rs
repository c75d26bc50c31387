//! The instruction set of the classic interpreter transformer.
//!
//! An instruction is five bytes: an opcode and a little-endian operand. Only the operand's low byte is
//! ever used, because every value of the machine is a byte. The opcodes 0x00, 0x01, 0xF0 and 0xFF are the
//! published ones; the others are ours.

use serde::{Deserialize, Serialize};

/// Bytes an instruction takes in the token sequence: the opcode and four operand bytes.
pub const INSTRUCTION_BYTES: usize = 5;
/// Largest value of the machine; arithmetic saturates here.
pub const MAX_VALUE: u8 = 255;
/// Number of locals and of memory cells: a byte addresses them.
pub const CELLS: usize = 256;
/// Number of files, and of file descriptors.
pub const FILES: usize = 4;
/// Bytes in a file.
pub const FILE_BYTES: usize = 32;
/// Times the body of a loop may run for each time the loop is entered.
pub const MAX_ITERATIONS: u32 = 256;
/// Values the stack may hold.
pub const MAX_STACK: usize = 1024;
/// Instructions a program may have: above this, the keys `(2j, −j²)` that find an instruction by its
/// number, and their scores, are no longer exact in `f32`.
pub const MAX_INSTRUCTIONS: usize = 4095;

/// Every operation of the machine, with its published or chosen opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Op {
    /// Pushes the operand.
    Const = 0x00,
    /// Pops b and a, pushes min(a + b, 255).
    Add = 0x01,
    /// Pops b and a, pushes max(a − b, 0).
    Sub = 0x02,
    /// Pops b and a, pushes min(a · b, 255).
    Mul = 0x03,
    /// Pops b and a, pushes their bitwise and.
    And = 0x04,
    /// Pops b and a, pushes their bitwise or.
    Or = 0x05,
    /// Pops b and a, pushes 1 if a = b, else 0.
    Eq = 0x10,
    /// Pops b and a, pushes 1 if a ≠ b, else 0.
    Ne = 0x11,
    /// Pops b and a, pushes 1 if a < b, else 0. Values are never negative, so signed and unsigned agree.
    LtS = 0x12,
    /// Pops b and a, pushes 1 if a > b, else 0.
    GtS = 0x13,
    /// Pops b and a, pushes 1 if a ≤ b, else 0.
    LeS = 0x14,
    /// Pops b and a, pushes 1 if a ≥ b, else 0.
    GeS = 0x15,
    /// Pushes the memory byte at the operand's address; a byte never stored is 0.
    Load = 0x20,
    /// Pops a value and stores it at the operand's address.
    Store = 0x21,
    /// Pushes the local named by the operand.
    LocalGet = 0x30,
    /// Pops a value into the local named by the operand.
    LocalSet = 0x31,
    /// Copies the top of the stack into the local named by the operand.
    LocalTee = 0x32,
    /// Opens the file named by the operand, rewinds it, and pushes its descriptor (the same number).
    FdOpen = 0x40,
    /// Pops a descriptor, pushes the byte at its cursor, moves the cursor on.
    FdRead = 0x41,
    /// Pops a byte and a descriptor, writes the byte at the cursor, moves the cursor on.
    FdWrite = 0x42,
    /// Pops a descriptor and closes it.
    FdClose = 0x43,
    /// Opens a loop. A marker: the host skips it.
    Loop = 0x50,
    /// Closes a loop. A marker: the host skips it.
    EndLoop = 0x51,
    /// Pops a value; if it is not 0, goes back to the start of the operand-th enclosing loop (0 = innermost).
    BrIf = 0x52,
    /// Pops a value and emits it as output.
    Output = 0xF0,
    /// Ends the run.
    Halt = 0xFF,
}

/// What an operation's operand means, and so which operands the assembler accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operand {
    /// The operation takes none.
    None,
    /// A value, 0 to 255.
    Value,
    /// A memory address, 0 to 255.
    Address,
    /// The index of a local, 0 to 255.
    Local,
    /// The number of a file, 0 to 3.
    File,
    /// How many loops outwards to branch; may be left out, and is then 0.
    Label,
}

impl Operand {
    /// Largest operand of this kind.
    pub const fn max(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Value | Self::Address | Self::Local | Self::Label => 255,
            Self::File => FILES as u32 - 1,
        }
    }

    /// What the operand is, in words that fit after "takes" ("a value from 0 to 255").
    pub const fn describe(self) -> &'static str {
        match self {
            Self::None => "no operand",
            Self::Value => "a value from 0 to 255",
            Self::Address => "a memory address from 0 to 255",
            Self::Local => "a local's index from 0 to 255",
            Self::File => "a file number from 0 to 3",
            Self::Label => "a loop depth (0 is the innermost loop)",
        }
    }
}

impl Op {
    /// All operations, in the order a reference would list them.
    pub const ALL: [Self; 26] = [
        Self::Const,
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::And,
        Self::Or,
        Self::Eq,
        Self::Ne,
        Self::LtS,
        Self::GtS,
        Self::LeS,
        Self::GeS,
        Self::Load,
        Self::Store,
        Self::LocalGet,
        Self::LocalSet,
        Self::LocalTee,
        Self::FdOpen,
        Self::FdRead,
        Self::FdWrite,
        Self::FdClose,
        Self::Loop,
        Self::EndLoop,
        Self::BrIf,
        Self::Output,
        Self::Halt,
    ];

    /// The operation's name in the text format.
    pub const fn mnemonic(self) -> &'static str {
        match self {
            Self::Const => "i32.const",
            Self::Add => "i32.add",
            Self::Sub => "i32.sub",
            Self::Mul => "i32.mul",
            Self::And => "i32.and",
            Self::Or => "i32.or",
            Self::Eq => "i32.eq",
            Self::Ne => "i32.ne",
            Self::LtS => "i32.lt_s",
            Self::GtS => "i32.gt_s",
            Self::LeS => "i32.le_s",
            Self::GeS => "i32.ge_s",
            Self::Load => "i32.load",
            Self::Store => "i32.store",
            Self::LocalGet => "local.get",
            Self::LocalSet => "local.set",
            Self::LocalTee => "local.tee",
            Self::FdOpen => "fd_open",
            Self::FdRead => "fd_read",
            Self::FdWrite => "fd_write",
            Self::FdClose => "fd_close",
            Self::Loop => "loop",
            Self::EndLoop => "end_loop",
            Self::BrIf => "br_if",
            Self::Output => "output",
            Self::Halt => "halt",
        }
    }

    /// One sentence of what it does, for completion lists and tooltips.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Const => "Push the operand.",
            Self::Add => "Pop b, a; push a + b, at most 255.",
            Self::Sub => "Pop b, a; push a − b, at least 0.",
            Self::Mul => "Pop b, a; push a · b, at most 255.",
            Self::And => "Pop b, a; push a & b.",
            Self::Or => "Pop b, a; push a | b.",
            Self::Eq => "Pop b, a; push 1 if a = b, else 0.",
            Self::Ne => "Pop b, a; push 1 if a ≠ b, else 0.",
            Self::LtS => "Pop b, a; push 1 if a < b, else 0.",
            Self::GtS => "Pop b, a; push 1 if a > b, else 0.",
            Self::LeS => "Pop b, a; push 1 if a ≤ b, else 0.",
            Self::GeS => "Pop b, a; push 1 if a ≥ b, else 0.",
            Self::Load => "Push the memory byte at the address (0 if never stored).",
            Self::Store => "Pop a value; store it at the address.",
            Self::LocalGet => "Push the local.",
            Self::LocalSet => "Pop a value into the local.",
            Self::LocalTee => "Copy the top of the stack into the local.",
            Self::FdOpen => "Open and rewind the file; push its descriptor.",
            Self::FdRead => "Pop a descriptor; push the byte at its cursor.",
            Self::FdWrite => "Pop a byte and a descriptor; write the byte at the cursor.",
            Self::FdClose => "Pop a descriptor; close it.",
            Self::Loop => "Open a loop (a marker; the host skips it).",
            Self::EndLoop => "Close the loop (a marker; the host skips it).",
            Self::BrIf => "Pop a value; if it is not 0, go back to the loop's start.",
            Self::Output => "Pop a value; emit it as output.",
            Self::Halt => "End the run.",
        }
    }

    /// The kind of operand it takes.
    pub const fn operand(self) -> Operand {
        match self {
            Self::Const => Operand::Value,
            Self::Load | Self::Store => Operand::Address,
            Self::LocalGet | Self::LocalSet | Self::LocalTee => Operand::Local,
            Self::FdOpen => Operand::File,
            Self::BrIf => Operand::Label,
            _ => Operand::None,
        }
    }

    /// Values it pops.
    pub const fn pops(self) -> usize {
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::And | Self::Or => 2,
            Self::Eq | Self::Ne | Self::LtS | Self::GtS | Self::LeS | Self::GeS => 2,
            Self::FdWrite => 2,
            Self::Store | Self::LocalSet | Self::LocalTee | Self::FdRead => 1,
            Self::FdClose | Self::BrIf | Self::Output => 1,
            Self::Const | Self::Load | Self::LocalGet | Self::FdOpen => 0,
            Self::Loop | Self::EndLoop | Self::Halt => 0,
        }
    }

    /// Whether the byte it emits becomes the new top of the stack.
    pub const fn pushes(self) -> bool {
        matches!(
            self,
            Self::Const
                | Self::Add
                | Self::Sub
                | Self::Mul
                | Self::And
                | Self::Or
                | Self::Eq
                | Self::Ne
                | Self::LtS
                | Self::GtS
                | Self::LeS
                | Self::GeS
                | Self::Load
                | Self::LocalGet
                | Self::LocalTee
                | Self::FdOpen
                | Self::FdRead
        )
    }

    /// Change of the stack's depth: +1, 0, −1 or (fd_write) −2.
    pub const fn depth_change(self) -> i32 {
        self.pushes() as i32 - self.pops() as i32
    }

    /// Whether the host skips it without asking the model.
    pub const fn is_marker(self) -> bool {
        matches!(self, Self::Loop | Self::EndLoop)
    }

    /// The operation with this opcode.
    pub fn from_opcode(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|op| *op as u8 == byte)
    }

    /// The operation with this name.
    pub fn from_mnemonic(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.mnemonic() == name)
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Instruction {
    /// What it does.
    pub op: Op,
    /// Its operand; 0 where it takes none.
    pub operand: u8,
}

impl Instruction {
    /// An instruction with its operand (0 where the operation takes none).
    pub const fn new(op: Op, operand: u8) -> Self {
        Self { op, operand }
    }

    /// Its five bytes.
    pub const fn encode(self) -> [u8; INSTRUCTION_BYTES] {
        [self.op as u8, self.operand, 0, 0, 0]
    }

    /// The instruction that five bytes encode.
    ///
    /// # Errors
    /// Names an opcode that does not exist, or an operand outside the operation's range.
    pub fn decode(bytes: [u8; INSTRUCTION_BYTES]) -> Result<Self, DecodeError> {
        let [opcode, rest @ ..] = bytes;
        let op = Op::from_opcode(opcode).ok_or(DecodeError::UnknownOpcode(opcode))?;
        let operand = u32::from_le_bytes(rest);
        match u8::try_from(operand) {
            Ok(value) if operand <= op.operand().max() => Ok(Self::new(op, value)),
            _ => Err(DecodeError::OperandOutOfRange { op, operand }),
        }
    }
}

impl std::fmt::Display for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.op.operand() {
            Operand::None => f.write_str(self.op.mnemonic()),
            Operand::Label if self.operand == 0 => f.write_str(self.op.mnemonic()),
            _ => write!(f, "{} {}", self.op.mnemonic(), self.operand),
        }
    }
}

/// Why five bytes are not an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No operation has this opcode.
    #[error("no operation has the opcode {0:#04x}")]
    UnknownOpcode(u8),
    /// The operand is outside what the operation accepts.
    #[error("{} takes {}, not {operand}", op.mnemonic(), op.operand().describe())]
    OperandOutOfRange {
        /// The operation.
        op: Op,
        /// The operand found.
        operand: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_opcode_and_mnemonic_is_unique_and_decodes_to_itself() {
        for op in Op::ALL {
            assert_eq!(Op::from_opcode(op as u8), Some(op));
            assert_eq!(Op::from_mnemonic(op.mnemonic()), Some(op));
            let instruction = Instruction::new(op, op.operand().max() as u8);
            assert_eq!(Instruction::decode(instruction.encode()), Ok(instruction));
        }
    }

    #[test]
    fn depth_changes_are_the_published_ones() {
        assert_eq!(Op::Const.depth_change(), 1);
        assert_eq!(Op::Add.depth_change(), -1);
        assert_eq!(Op::FdWrite.depth_change(), -2);
        assert_eq!(Op::LocalTee.depth_change(), 0);
    }

    #[test]
    fn bytes_that_are_no_instruction_are_named() {
        assert_eq!(Instruction::decode([0x77, 0, 0, 0, 0]), Err(DecodeError::UnknownOpcode(0x77)));
        let error = Instruction::decode([0x40, 4, 0, 0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "fd_open takes a file number from 0 to 3, not 4");
    }
}
