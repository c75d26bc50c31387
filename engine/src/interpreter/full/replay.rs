//! A trace read: what the machine's state is behind each of its tokens.
//!
//! It executes nothing. What is written stands in the trace, and the records of the prompt say where to; so the state shown is the one
//! that the transformer's own tokens make, right or wrong.

use std::sync::Arc;

use super::isa::{Effect, Op, Place};
use super::machine::Memory;
use super::program::{Address, MAX_LOCALS, MAX_OPERANDS, Program, Record};
use super::stub::Stub;
use super::token::Token;
use super::trap::Trap;

/// Slots of a frame.
const SLOTS: usize = MAX_OPERANDS + MAX_LOCALS;

/// How a trace ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the program's end.
    Halted,
    /// It was stopped.
    Trapped(Trap),
}

/// What an instruction has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it was looked at and passed.
    Nothing,
    /// A slot of a frame.
    Slot {
        /// Which frame, from the outermost.
        frame: usize,
        /// Which slot of it.
        slot: u16,
        /// What it holds now.
        value: u32,
    },
    /// A global.
    Global {
        /// Its number.
        index: u16,
        /// What it holds now.
        value: u32,
    },
    /// The memory has more pages.
    Pages {
        /// How many were added.
        added: u32,
    },
    /// Bytes of memory.
    Memory {
        /// The first one's address.
        address: u64,
        /// How many.
        count: u8,
    },
    /// A digit of a quotient.
    Digit {
        /// The digit, of base 256.
        digit: u8,
    },
    /// Something was put out.
    Output {
        /// What.
        value: u32,
    },
    /// The next instruction is another than the one behind it.
    Went {
        /// Where it stands.
        to: Address,
    },
    /// The run is over.
    Ended(End),
}

/// One instruction, as a trace has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Where it stands.
    pub at: Address,
    /// What it is.
    pub record: Record,
    /// What it has changed.
    pub change: Change,
}

/// A token that cannot stand where it stands: no trace of this machine has it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "token {at} of the trace, `{token}`, says nothing that the instruction {instruction} at {address} could do"
)]
pub struct Unexpected {
    /// Its place in the trace, from 0.
    pub at: usize,
    /// The token.
    pub token: Token,
    /// The instruction's name.
    pub instruction: &'static str,
    /// Where it stands.
    pub address: u16,
}

/// A trace being read. What it has found so far can be read through it.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    program: &'a Program,
    stub: &'a Stub,
    state: State,
}

impl std::ops::Deref for Replay<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

/// The machine's state behind a token.
#[derive(Clone, Debug)]
pub struct State {
    ip: Address,
    /// The transfer that has begun.
    transfer: Option<Token>,
    /// The bytes of the instruction so far.
    pending: [u8; 4],
    count: usize,
    /// Slots by frame; copies of a state share them until one writes. With one that takes arguments, or still has what the last call left.
    frames: Vec<Arc<[u32; SLOTS]>>,
    /// Where each open call returns to.
    returns: Vec<Address>,
    read: usize,
    /// The globals.
    pub globals: Vec<u32>,
    /// The memory.
    pub memory: Memory,
    /// Where memory was written last: the address, and how many bytes.
    pub written: Option<(u64, u8)>,
    /// What was put out so far.
    pub outputs: Vec<u32>,
    /// Instructions so far, the stub's among them.
    pub instructions: u64,
    /// How the run ended, if it did.
    pub end: Option<End>,
}

impl State {
    /// Before the first token of a run.
    fn new(program: &Program, stub: &Stub) -> Self {
        Self {
            ip: stub.first,
            transfer: None,
            pending: [0; 4],
            count: 0,
            frames: [Arc::new([0; SLOTS]), Arc::new([0; SLOTS])].to_vec(),
            returns: Vec::new(),
            read: 0,
            globals: vec![0; program.globals.len()],
            memory: Memory::default(),
            written: None,
            outputs: Vec::new(),
            instructions: 0,
            end: None,
        }
    }

    /// The instruction that is executed.
    pub const fn ip(&self) -> Address {
        self.ip
    }

    /// Calls that are open.
    pub const fn depth(&self) -> usize {
        self.returns.len()
    }

    /// Where the open calls return to, the outermost first.
    pub fn returns(&self) -> &[Address] {
        &self.returns
    }

    /// Tokens of the trace so far.
    pub const fn tokens(&self) -> usize {
        self.read
    }

    /// Bytes that a copy of it takes, about.
    pub fn bytes(&self) -> usize {
        self.frames.len() * SLOTS * size_of::<u32>()
            + self.memory.bytes()
            + self.outputs.len() * size_of::<u32>()
    }

    /// A slot of a frame, from the outermost.
    pub fn slot(&self, frame: usize, slot: u16) -> u32 {
        self.frames.get(frame).and_then(|frame| frame.get(usize::from(slot))).copied().unwrap_or(0)
    }

    /// A byte of the instruction.
    fn take(&mut self, byte: u8) -> Option<()> {
        *self.pending.get_mut(self.count)? = byte;
        self.count += 1;
        Some(())
    }

    fn set(&mut self, above: usize, slot: u16, value: u32) -> Change {
        let frame = self.returns.len() + above;
        let frame_slots = self.frames.get_mut(frame).map(Arc::make_mut);
        if let Some(cell) = frame_slots.and_then(|slots| slots.get_mut(usize::from(slot))) {
            *cell = value;
        }
        Change::Slot { frame, slot, value }
    }

    /// A transfer whose address stands there.
    fn go(&mut self, transfer: Token) -> Option<Change> {
        let [offset, page, ..] = self.pending;
        if self.count != 2 {
            return None;
        }
        match transfer {
            Token::Call => {
                self.returns.push(self.ip.next());
                if self.frames.len() < self.returns.len() + 2 {
                    self.frames.push(Arc::new([0; SLOTS]));
                }
            }
            Token::Return => drop(self.returns.pop()?),
            _ => {}
        }
        Some(Change::Went { to: Address(u16::from_le_bytes([offset, page])) })
    }

    /// An instruction whose bytes stand there.
    fn apply(&mut self, record: Record) -> Option<Change> {
        let value = u32::from_le_bytes(self.pending);
        let base = self.slot(self.returns.len(), record.a);
        match record.op.effect() {
            Effect::Value if self.count == 4 => {}
            Effect::Digit if self.count == 1 => return Some(Change::Digit { digit: value as u8 }),
            Effect::Store(count) if self.count == usize::from(count) => {
                let offset = if record.op == Op::Data { u32::from(record.dest) } else { record.imm };
                let bytes = self.pending;
                self.memory.write(base, offset, bytes.get(..self.count)?).ok()?;
                let address = u64::from(base) + u64::from(offset);
                self.written = Some((address, count));
                return Some(Change::Memory { address, count });
            }
            _ => return None,
        }
        Some(match record.op.writes() {
            Place::Frame => self.set(0, record.dest, value),
            Place::NextFrame => self.set(1, record.dest, value),
            Place::Global => {
                *self.globals.get_mut(usize::from(record.dest))? = value;
                Change::Global { index: record.dest, value }
            }
            Place::Pages => {
                self.memory.pages = self.memory.pages.checked_add(value)?;
                Change::Pages { added: value }
            }
            Place::Nowhere => {
                let value = record.put_out(value);
                self.outputs.push(value);
                Change::Output { value }
            }
        })
    }
}

impl<'a> Replay<'a> {
    /// Before the first token of a run.
    pub fn new(program: &'a Program, stub: &'a Stub) -> Self {
        Self { program, stub, state: State::new(program, stub) }
    }

    /// Goes on from a state of the same run.
    pub const fn from_state(program: &'a Program, stub: &'a Stub, state: State) -> Self {
        Self { program, stub, state }
    }

    /// The state, to keep.
    pub fn into_state(self) -> State {
        self.state
    }

    /// The instruction at an address, the program's or the stub's.
    pub fn at(&self, address: Address) -> Option<Record> {
        self.stub.record(self.program, address)
    }

    /// What the called function has given, behind the end of a run that halted.
    pub fn results(&self) -> Vec<u32> {
        (0..self.stub.results as u16).map(|slot| self.slot(0, slot)).collect()
    }

    /// Reads the next token. It gives the instruction that ends with it, if one does.
    ///
    /// # Errors
    /// When the instruction cannot have written it.
    pub fn read(&mut self, token: Token) -> Result<Option<Done>, Unexpected> {
        let record = self.at(self.ip).filter(|_| self.end.is_none());
        let state = &mut self.state;
        let unexpected = Unexpected {
            at: state.read,
            token,
            instruction: record.map_or("behind the end", |record| record.op.mnemonic()),
            address: state.ip.0,
        };
        let record = record.ok_or(unexpected)?;
        state.read += 1;
        let begins = state.count == 0 && state.transfer.is_none();
        let change = match token {
            Token::Byte(byte) => return state.take(byte).map(|()| None).ok_or(unexpected),
            Token::Last(byte) => {
                state.take(byte).ok_or(unexpected)?;
                match state.transfer.take() {
                    Some(transfer) => state.go(transfer).ok_or(unexpected)?,
                    None => state.apply(record).ok_or(unexpected)?,
                }
            }
            Token::Jump | Token::Call | Token::Return if begins && transfer(record.op) == Some(token) => {
                state.transfer = Some(token);
                return Ok(None);
            }
            Token::Step if begins && passes(record.op) => {
                if record.op == Op::Init {
                    state.set(0, record.dest, 0)
                } else {
                    Change::Nothing
                }
            }
            Token::Halt if begins && record.op == Op::Halt => Change::Ended(End::Halted),
            Token::Trap(trap) if begins => Change::Ended(End::Trapped(trap)),
            _ => return Err(unexpected),
        };
        let at = state.ip;
        match change {
            Change::Went { to } => state.ip = to,
            Change::Ended(end) => state.end = Some(end),
            _ => state.ip = at.next(),
        }
        state.count = 0;
        state.pending = [0; 4];
        state.instructions += 1;
        Ok(Some(Done { at, record, change }))
    }
}

/// The token that begins what an instruction writes when it goes elsewhere; `None` if it never does.
const fn transfer(op: Op) -> Option<Token> {
    match op {
        Op::Jump | Op::JumpIf | Op::JumpUnless | Op::JumpTable => Some(Token::Jump),
        Op::Call | Op::CallIndirect => Some(Token::Call),
        Op::Return => Some(Token::Return),
        _ => None,
    }
}

/// Whether an instruction may have nothing to write.
fn passes(op: Op) -> bool {
    op.effect() == Effect::Nothing || matches!(op, Op::JumpIf | Op::JumpUnless)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::full::{Roots, lower};
    use crate::wat::Module;

    #[test]
    fn what_an_instruction_cannot_have_written_is_refused_with_its_place() {
        let module = Module::from_text("(module (func (export \"f\") (result i32) (i32.const 7)))").unwrap();
        let program = lower(&module, Roots::Exported).unwrap();
        let stub = Stub::named(&program, "f", &[]).unwrap();
        // The run begins with a call.
        for wrong in [Token::Step, Token::Jump, Token::Return, Token::Halt, Token::Last(1)] {
            let mut replay = Replay::new(&program, &stub);
            let error = replay.read(wrong).unwrap_err();
            assert_eq!((error.at, error.token, error.instruction), (0, wrong, "call"), "{wrong}");
        }
        let mut replay = Replay::new(&program, &stub);
        let [offset, page] = program.functions[0].entry.bytes();
        for token in [Token::Call, Token::Byte(offset), Token::Last(page), Token::Byte(7), Token::Byte(0)] {
            replay.read(token).unwrap();
        }
        // The value has two bytes of four.
        assert!(replay.clone().read(Token::Last(0)).is_err());
        assert!(replay.clone().read(Token::Trap(Trap::Unreachable)).is_err());
        assert!(replay.read(Token::Byte(0)).is_ok() && replay.read(Token::Last(0)).unwrap().is_some());
    }
}
