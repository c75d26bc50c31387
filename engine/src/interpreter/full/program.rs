//! A lowered program: what the machine's prompt holds.

use super::isa::Op;
use crate::source::Span;

/// Bits of an address that are its offset within a page of instructions.
const OFFSET_BITS: u32 = 8;
/// Instructions of a page.
pub const PAGE: usize = 1 << OFFSET_BITS;
/// Instructions a program may have.
pub const MAX_CODE: usize = PAGE * 256;
/// Slots of a frame's operand stack; those of locals begin behind them.
pub const MAX_OPERANDS: usize = 1_024;
/// Slots above the operands in which a division works.
pub const SCRATCH: usize = 4;
/// Locals that a frame may have, parameters included; and globals that a program may have.
pub const MAX_LOCALS: usize = 1_024;
/// Frames that may be open: one more traps.
pub const MAX_FRAMES: usize = 2_047;
/// Pages of 64 KiB that the memory may have: all that WebAssembly knows. A page costs nothing until it is written to.
pub const MAX_PAGES: u32 = 65_536;
/// Entries a table may have: each is an instruction.
pub const MAX_TABLE: usize = 32_768;
/// Bytes of a page of memory.
pub const MEMORY_PAGE: u64 = 65_536;

/// Where an instruction stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub u16);

impl Address {
    /// Its offset and its page, as they stand in the trace.
    pub const fn bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    /// The one behind it.
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The one so many behind it.
    pub const fn plus(self, count: u16) -> Self {
        Self(self.0.wrapping_add(count))
    }

    /// Its place in the program.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An instruction as it stands in the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// What is done.
    pub op: Op,
    /// A constant, an offset in memory, an address, a type.
    pub imm: u32,
    /// The slot of the first operand; a second and a third stand behind it.
    pub a: u16,
    /// The slot that is written.
    pub dest: u16,
    /// Where it stands in the source, if it does.
    pub span: Option<Span>,
    /// Values on the frame's operand stack before it. The machine has no use for it; who looks at a run has.
    pub height: u16,
}

impl Record {
    /// What an output gives to the world: with the immediate 1, the value's low eight bits.
    pub const fn put_out(self, value: u32) -> u32 {
        if self.imm == 1 { value & 0xff } else { value }
    }
}

/// The slot of a local.
pub const fn local(index: usize) -> u16 {
    (MAX_OPERANDS + index) as u16
}

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Where it begins.
    pub entry: Address,
    /// How many 32-bit integers it takes.
    pub params: usize,
    /// How many it gives.
    pub results: usize,
    /// Its locals, parameters among them.
    pub locals: usize,
}

/// The type of a table's entry that names no function. It is an instruction of its own, and its immediate ends with this.
pub const NO_TYPE: u16 = u16::MAX;

/// The immediate of an indirect call: the type it wants, and the page at which the table begins. How many entries that has stands in
/// the immediate's last byte and, the lower part, as the slot that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indirect {
    /// The type's number.
    pub ty: u16,
    /// The page of the table's first entry.
    pub page: u8,
    /// Entries.
    pub entries: u16,
}

impl Indirect {
    /// As a record has it: the immediate, and the slot that is written.
    pub const fn encode(self) -> (u32, u16) {
        let [low, high] = self.entries.to_le_bytes();
        let [first, second] = self.ty.to_le_bytes();
        (u32::from_le_bytes([first, second, self.page, high]), low as u16)
    }

    /// From a record.
    pub const fn decode(record: Record) -> Self {
        let [first, second, page, high] = record.imm.to_le_bytes();
        let [low, _] = record.dest.to_le_bytes();
        Self { ty: u16::from_le_bytes([first, second]), page, entries: u16::from_le_bytes([low, high]) }
    }
}

/// Bytes that stand in memory before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where they begin.
    pub address: u32,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A module, lowered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Functions that it imports: its own have numbers behind theirs.
    pub imported: usize,
    /// Its instructions, by address.
    pub code: Vec<Record>,
    /// Its functions.
    pub functions: Vec<Function>,
    /// What it exports: names, and the functions they stand for.
    pub exports: Vec<(String, usize)>,
    /// The function that runs before any other.
    pub start: Option<usize>,
    /// Its globals, as they are at first.
    pub globals: Vec<u32>,
    /// Its memory's contents at first.
    pub data: Vec<Segment>,
    /// Its table: functions by their entries.
    pub table: Vec<Option<usize>>,
    /// Pages of memory at first.
    pub pages: u32,
}

impl Program {
    /// The function of an exported name.
    pub fn export(&self, name: &str) -> Option<Function> {
        let (_, index) = self.exports.iter().find(|(known, _)| known == name)?;
        self.functions.get(*index).copied()
    }

    /// Where one gets from an address without doing anything: a table's entry is a jump.
    pub fn led_to(&self, address: Address) -> Address {
        match self.at(address) {
            // What is in no table stands in the source.
            Some(Record { op: Op::Jump, imm, span: None, .. }) => Address((imm & 0xffff) as u16),
            _ => address,
        }
    }

    /// The number of the function whose instructions stand around an address, or around what the table's entry there leads to;
    /// `None` behind all of them.
    pub fn function_at(&self, address: Address) -> Option<usize> {
        let address = self.led_to(address);
        let inside = self.code.get(address.index())?.span.is_some();
        let behind = self.functions.partition_point(|function| function.entry <= address);
        behind.checked_sub(1).filter(|_| inside)
    }

    /// The instruction at an address.
    pub fn at(&self, address: Address) -> Option<Record> {
        self.code.get(address.index()).copied()
    }
}
