//! The reference: runs a program as the transformer shall, and writes the trace that it shall write.
//!
//! It knows nothing of weights. What it writes is the draft that the transformer's own answers are held against.

mod arithmetic;
mod memory;

use super::isa::Op;
use super::program::{Address, Indirect, MAX_FRAMES, MAX_LOCALS, MAX_OPERANDS, NO_TYPE, Program, Record};
pub use super::stub::{CallError, Stub};
use super::token::Token;
use super::trap::Trap;
pub use memory::Memory;

/// Slots of a frame.
const SLOTS: usize = MAX_OPERANDS + MAX_LOCALS;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is more to do.
    Runs,
    /// It came to its end.
    Halted,
    /// It was stopped.
    Trapped(Trap),
}

/// A program being run.
#[derive(Clone, Debug)]
pub struct Machine<'a> {
    program: &'a Program,
    stub: Stub,
    ip: Address,
    /// Slots by frame; the one behind the last takes arguments, and still has what the last call left.
    frames: Vec<Vec<u32>>,
    /// Where each open call returns to.
    returns: Vec<Address>,
    state: State,
    /// The last digits of quotients, the latest first.
    digits: [u8; 4],
    /// The globals.
    pub globals: Vec<u32>,
    /// The memory.
    pub memory: Memory,
    /// What was given to the world.
    pub outputs: Vec<u32>,
    /// Instructions done.
    pub instructions: u64,
}

impl<'a> Machine<'a> {
    /// The program before [`start`](Self::start).
    pub fn new(program: &'a Program) -> Self {
        let stub = Stub { first: Address::default(), records: Vec::new(), results: 0 };
        Self {
            program,
            stub,
            ip: Address::default(),
            frames: Vec::new(),
            returns: Vec::new(),
            state: State::Halted,
            digits: [0; 4],
            globals: vec![0; program.globals.len()],
            memory: Memory::default(),
            outputs: Vec::new(),
            instructions: 0,
        }
    }

    /// Has the next run do what comes before any call.
    ///
    /// # Errors
    /// See [`Stub::start`].
    pub fn start(&mut self) -> Result<(), CallError> {
        Stub::start(self.program).map(|stub| self.begin(stub))
    }

    /// Has the next run call a function (by its number). Globals and memory are as the last run left them.
    ///
    /// # Errors
    /// See [`Stub::call`]; then nothing is called.
    pub fn call(&mut self, function: usize, arguments: &[u32]) -> Result<(), CallError> {
        Stub::call(self.program, function, arguments).map(|stub| self.begin(stub))
    }

    /// Has the next run begin with a stub's instructions.
    pub fn begin(&mut self, stub: Stub) {
        self.ip = stub.first;
        self.stub = stub;
        self.frames = vec![vec![0; SLOTS]; 2];
        self.returns.clear();
        self.state = State::Runs;
    }

    /// How the run stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// What the function gave; behind the end of a run.
    pub fn results(&self) -> Vec<u32> {
        (0..self.stub.results as u16).map(|slot| self.get(0, slot)).collect()
    }

    /// Runs at most so many instructions, and says how it stands then. `trace` is told every token.
    pub fn run(&mut self, most: u64, mut trace: impl FnMut(Token)) -> State {
        for _ in 0..most {
            if self.state != State::Runs {
                break;
            }
            self.step(&mut trace);
        }
        self.state
    }

    fn step(&mut self, trace: &mut impl FnMut(Token)) {
        let done = match self.at(self.ip) {
            Some(record) => self.execute(record, trace),
            None => Err(Trap::Unreachable),
        };
        self.instructions += 1;
        if let Err(trap) = done {
            trace(Token::Trap(trap));
            self.state = State::Trapped(trap);
        }
    }

    /// The instruction at an address.
    fn at(&self, address: Address) -> Option<Record> {
        let in_stub = || self.stub.records.get(address.index().checked_sub(self.stub.first.index())?);
        self.program.code.get(address.index()).or_else(in_stub).copied()
    }

    /// A slot of the frame so many above the current one.
    fn get(&self, above: usize, slot: u16) -> u32 {
        let frame = self.frames.get(self.returns.len() + above);
        frame.and_then(|frame| frame.get(usize::from(slot))).copied().unwrap_or(0)
    }

    fn set(&mut self, above: usize, slot: u16, value: u32) {
        let at = self.returns.len() + above;
        if let Some(cell) = self.frames.get_mut(at).and_then(|frame| frame.get_mut(usize::from(slot))) {
            *cell = value;
        }
    }

    fn execute(&mut self, record: Record, trace: &mut impl FnMut(Token)) -> Result<(), Trap> {
        let Record { op, imm, a, dest, .. } = record;
        let operand = |above: u16| self.get(0, a + above);
        let (first, second) = (operand(0), operand(1));
        match op {
            Op::Step => trace(Token::Step),
            Op::DivCheck => {
                if second == 0 {
                    return Err(Trap::DivisionByZero);
                }
                if imm == 1 && first.cast_signed() == i32::MIN && second.cast_signed() == -1 {
                    return Err(Trap::Overflow);
                }
                trace(Token::Step);
            }
            Op::DivDigit => {
                let digit = arithmetic::digit(imm, first, second, operand(2));
                let [one, two, three, _] = self.digits;
                self.digits = [digit, one, two, three];
                trace(Token::Last(digit));
            }
            Op::Data => {
                let bytes = imm.to_le_bytes();
                self.memory.write(first, u32::from(dest), &bytes)?;
                write(&bytes, trace);
            }
            Op::Init => {
                self.set(0, dest, 0);
                trace(Token::Step);
            }
            Op::Halt => {
                self.state = State::Halted;
                trace(Token::Halt);
                return Ok(());
            }
            Op::Unreachable => return Err(Trap::Unreachable),
            Op::Jump | Op::JumpIf | Op::JumpUnless => {
                let is_taken = match op {
                    Op::JumpIf => first != 0,
                    Op::JumpUnless => first == 0,
                    _ => true,
                };
                if is_taken {
                    self.go(Token::Jump, Address(imm as u16), trace);
                    return Ok(());
                }
                trace(Token::Step);
            }
            Op::JumpTable => {
                let entry = first.min(imm >> 16) as u16;
                // The table lies so that the offset never carries.
                self.go(Token::Jump, Address((imm as u16).wrapping_add(entry)), trace);
                return Ok(());
            }
            Op::Call => return self.open(Address(imm as u16), trace),
            Op::CallIndirect => {
                let call = Indirect::decode(record);
                let entry = u16::try_from(first).ok().filter(|entry| *entry < call.entries);
                let entry = entry.ok_or(Trap::TableOutOfBounds)?;
                let jump = Address(u16::from(call.page) << 8).plus(entry);
                let ty = self.at(jump).map_or(NO_TYPE, |record| (record.imm >> 16) as u16);
                match ty {
                    NO_TYPE => return Err(Trap::NoFunction),
                    ty if ty != call.ty => return Err(Trap::WrongType),
                    _ => return self.open(jump, trace),
                }
            }
            Op::Return => {
                if let Some(back) = self.returns.pop() {
                    self.go(Token::Return, back, trace);
                }
                return Ok(());
            }
            Op::Store | Op::Store8 | Op::Store16 => {
                let bytes = second.to_le_bytes();
                let bytes = bytes.get(..usize::from(op.width())).unwrap_or(&[]);
                self.memory.write(first, imm, bytes)?;
                write(bytes, trace);
            }
            _ => {
                let value = self.value(record)?;
                match op {
                    Op::GlobalSet => {
                        if let Some(global) = self.globals.get_mut(usize::from(dest)) {
                            *global = value;
                        }
                    }
                    Op::Output => self.outputs.push(record.put_out(value)),
                    // `memory.grow` has seen to it that there is room.
                    Op::Grown => self.memory.pages = self.memory.pages.saturating_add(value),
                    Op::Arg => self.set(1, dest, value),
                    _ => self.set(0, dest, value),
                }
                write(&value.to_le_bytes(), trace);
            }
        }
        self.ip = self.ip.next();
        Ok(())
    }

    /// What an instruction writes.
    fn value(&self, record: Record) -> Result<u32, Trap> {
        let Record { op, imm, a, .. } = record;
        let first = self.get(0, a);
        Ok(match op {
            Op::Const => imm,
            Op::Get | Op::Arg | Op::GlobalSet | Op::Output => first,
            Op::Take => self.get(1, a),
            Op::GlobalGet => self.globals.get(usize::from(a)).copied().unwrap_or(0),
            Op::Select if self.get(0, a + 2) == 0 => self.get(0, a + 1),
            Op::Select => first,
            Op::Load => u32::from_le_bytes(self.memory.read(first, imm)?),
            Op::Load8S => i32::from(i8::from_le_bytes(self.memory.read(first, imm)?)).cast_unsigned(),
            Op::Load8U => u32::from(u8::from_le_bytes(self.memory.read(first, imm)?)),
            Op::Load16S => i32::from(i16::from_le_bytes(self.memory.read(first, imm)?)).cast_unsigned(),
            Op::Load16U => u32::from(u16::from_le_bytes(self.memory.read(first, imm)?)),
            Op::MemorySize => self.memory.pages,
            Op::MemoryGrow => {
                let before = self.memory.pages;
                if before.checked_add(first).is_some_and(|pages| pages <= imm) { before } else { u32::MAX }
            }
            Op::Grown if self.get(0, a + 1) == u32::MAX => 0,
            Op::Grown => first,
            Op::DivRest => {
                let [digit, ..] = self.digits;
                arithmetic::rest(imm, first, self.get(0, a + 1), self.get(0, a + 2), digit)
            }
            // The first digit is the highest, and the latest the lowest.
            Op::Quotient => u32::from_le_bytes(self.digits),
            Op::Signed => arithmetic::signed(imm, first, self.get(0, a + 1), self.get(0, a + 2)),
            _ => arithmetic::computed(op, first, self.get(0, a + 1)),
        })
    }

    /// Opens a frame and goes on in it.
    fn open(&mut self, entry: Address, trace: &mut impl FnMut(Token)) -> Result<(), Trap> {
        if self.returns.len() + 1 >= MAX_FRAMES {
            return Err(Trap::StackExhausted);
        }
        self.returns.push(self.ip.next());
        if self.frames.len() < self.returns.len() + 2 {
            self.frames.push(vec![0; SLOTS]);
        }
        self.go(Token::Call, entry, trace);
        Ok(())
    }

    fn go(&mut self, how: Token, to: Address, trace: &mut impl FnMut(Token)) {
        trace(how);
        write(&to.bytes(), trace);
        self.ip = to;
    }
}

/// Bytes, the last marked as the end.
fn write(bytes: &[u8], trace: &mut impl FnMut(Token)) {
    let Some((last, before)) = bytes.split_last() else { return };
    before.iter().for_each(|byte| trace(Token::Byte(*byte)));
    trace(Token::Last(*last));
}
