//! The reference: runs a program as the transformer shall, and writes the trace that it shall write.
//!
//! It knows nothing of weights. What it writes is the draft that the transformer's own answers are held against.

mod arithmetic;
mod memory;

use super::isa::Op;
use super::lower::code::Code;
use super::program::{Address, MAX_FRAMES, MAX_LOCALS, MAX_OPERANDS, Program, Record, local};
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

/// Why a function cannot be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// There is none of this number.
    #[error("the program has no such function")]
    NoFunction,
    /// It takes another number of values.
    #[error("the function takes {takes} values, not {given}")]
    Arguments {
        /// What it takes.
        takes: usize,
        /// What it was given.
        given: usize,
    },
    /// The instructions that call it have no addresses left.
    #[error("the program leaves no room for the instructions that call it")]
    TooLong,
}

/// A program being run.
#[derive(Clone, Debug)]
pub struct Machine<'a> {
    program: &'a Program,
    /// Instructions that are not the program's: what calls its functions. They stand behind it, from this address on.
    stub: (Address, Vec<Record>),
    ip: Address,
    /// Slots by frame; the one behind the last takes arguments, and still has what the last call left.
    frames: Vec<Vec<u32>>,
    /// Where each open call returns to.
    returns: Vec<Address>,
    state: State,
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
    /// The program as it is before anything runs.
    pub fn new(program: &'a Program) -> Self {
        let mut memory = Memory::new(program.pages);
        for segment in &program.data {
            // Lowering has made sure that it fits.
            let _fits = memory.write(segment.address, 0, &segment.bytes);
        }
        Self {
            program,
            stub: (Address::default(), Vec::new()),
            ip: Address::default(),
            frames: Vec::new(),
            returns: Vec::new(),
            state: State::Halted,
            globals: program.globals.clone(),
            memory,
            outputs: Vec::new(),
            instructions: 0,
        }
    }

    /// Calls the start function, if there is one: before any other.
    ///
    /// # Errors
    /// See [`call`](Self::call).
    pub fn start(&mut self) -> Result<(), CallError> {
        self.program.start.map_or(Ok(()), |start| self.call(start, &[]))
    }

    /// Calls a function (by its number): what it takes is written into its frame by instructions of a stub, which ends the run
    /// when the function returns. Globals and memory are as the last run left them.
    ///
    /// # Errors
    /// When there is no such function, or it takes another number of values; then nothing is called.
    pub fn call(&mut self, function: usize, arguments: &[u32]) -> Result<(), CallError> {
        let function = self.program.functions.get(function).ok_or(CallError::NoFunction)?;
        if function.params != arguments.len() {
            return Err(CallError::Arguments { takes: function.params, given: arguments.len() });
        }
        let mut stub = Code::behind(self.program.code.len());
        let first = stub.here();
        for (at, value) in (0_u16..).zip(arguments) {
            stub.push(Op::Const, *value, 0, at);
        }
        for at in 0..arguments.len() {
            stub.push(Op::Arg, 0, at as u16, local(at));
        }
        stub.push(Op::Call, u32::from(function.entry.0), 0, 0);
        for at in 0..function.results as u16 {
            stub.push(Op::Take, 0, at, at);
        }
        stub.push(Op::Halt, 0, 0, 0);
        self.stub = (first, stub.finish().map_err(|_| CallError::TooLong)?);
        self.ip = first;
        self.frames = vec![vec![0; SLOTS]; 2];
        self.returns.clear();
        self.state = State::Runs;
        Ok(())
    }

    /// How the run stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// What the function gave, of so many values; behind the end of a run.
    pub fn results(&self, count: usize) -> Vec<u32> {
        (0..count as u16).map(|slot| self.get(0, slot)).collect()
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
        let (first, stub) = &self.stub;
        let in_stub = || stub.get(self.ip.index().checked_sub(first.index())?);
        let record = self.program.code.get(self.ip.index()).or_else(in_stub);
        let done = match record.copied() {
            Some(record) => self.execute(record, trace),
            None => Err(Trap::Unreachable),
        };
        self.instructions += 1;
        if let Err(trap) = done {
            trace(Token::Trap(trap));
            self.state = State::Trapped(trap);
        }
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
                let entry = self.program.table.get(first as usize).ok_or(Trap::TableOutOfBounds)?;
                let function =
                    entry.and_then(|index| self.program.functions.get(index)).ok_or(Trap::NoFunction)?;
                if function.type_id() != imm {
                    return Err(Trap::WrongType);
                }
                return self.open(function.entry, trace);
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
                let value = self.value(record, trace)?;
                match op {
                    Op::GlobalSet => {
                        if let Some(global) = self.globals.get_mut(usize::from(dest)) {
                            *global = value;
                        }
                    }
                    Op::Output => self.outputs.push(value),
                    Op::Arg => self.set(1, dest, value),
                    _ => self.set(0, dest, value),
                }
                write(&value.to_le_bytes(), trace);
            }
        }
        self.ip = self.ip.next();
        Ok(())
    }

    /// What an instruction writes; division shows its work first.
    fn value(&mut self, record: Record, trace: &mut impl FnMut(Token)) -> Result<u32, Trap> {
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
                match before.checked_add(first).filter(|pages| *pages <= self.program.max_pages) {
                    Some(pages) => {
                        self.memory.pages = pages;
                        before
                    }
                    None => u32::MAX,
                }
            }
            _ if op.divides() => arithmetic::divided(op, first, self.get(0, a + 1), trace)?,
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
