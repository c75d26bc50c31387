//! The byte machine: the instruction set in plain Rust, the reference the transformer is compared with.
//!
//! It shares the instruction set and the words of a report with the transformer's runner, and nothing
//! else: it keeps its own stack, cells, files, loops and checks, so that a mistake in the runner's host is
//! a difference and not a common mistake.

use std::collections::BTreeMap;

use super::isa::{FILE_BYTES, FILES, Instruction, MAX_ITERATIONS, MAX_STACK, Op};
use super::program::Program;
use super::report::{Ending, FileState, LoopState, MachineState};
use super::trap::{Trap, TrapKind};

/// The token of a branch that is taken.
const BRANCH_TAKEN: u16 = 258;
/// The token of `halt`.
const HALT: u16 = 259;

/// What becomes of a result that is no byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Semantics {
    /// It stops at 0 and 255, as in the published model: 250 + 10 is 255.
    #[default]
    Saturating,
    /// Its low eight bits stay, as in a machine of bytes: 250 + 10 is 4.
    Masked,
}

impl Semantics {
    fn narrow(self, exact: i32) -> u8 {
        match self {
            Self::Saturating => exact.clamp(0, 255) as u8,
            Self::Masked => (exact & 255) as u8,
        }
    }
}

/// A finished run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The token each executed instruction answers with, in order. Markers answer nothing.
    pub tokens: Vec<u16>,
    /// The state at the end.
    pub state: MachineState,
    /// How the run ended.
    pub ending: Ending,
}

/// Runs a program from the start.
///
/// `max_steps` is the number of instructions it may execute, markers not counted; a program that would
/// execute one more ends in [`TrapKind::OutOfTokens`].
pub fn run(program: &Program, semantics: Semantics, max_steps: usize) -> Outcome {
    let mut machine = Machine::new(semantics);
    let mut tokens = Vec::new();
    let ending = loop {
        let ip = match machine.ready(program) {
            Ok((ip, _)) => ip,
            Err(ending) => break ending,
        };
        if tokens.len() >= max_steps {
            break Ending::Trapped(Trap { ip, kind: TrapKind::OutOfTokens { limit: max_steps } });
        }
        let advance = machine.step(program);
        tokens.extend(advance.token);
        if let Some(ending) = advance.ending {
            break ending;
        }
    };
    Outcome { tokens, state: machine.state(), ending }
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The token the instruction answered with; none if it was not executed.
    pub token: Option<u16>,
    /// How the run ended, if it did. A run that ended is not to be stepped further.
    pub ending: Option<Ending>,
}

/// A machine between two instructions.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    semantics: Semantics,
    ip: usize,
    stack: Vec<u8>,
    locals: BTreeMap<u8, u8>,
    memory: BTreeMap<u8, u8>,
    files: [FileState; FILES],
    loops: Vec<LoopState>,
    outputs: Vec<u8>,
}

impl Machine {
    /// A machine before its first instruction: everything empty, every file closed.
    pub fn new(semantics: Semantics) -> Self {
        Self { semantics, ..Self::default() }
    }

    /// Index of the instruction it stands at.
    pub const fn ip(&self) -> usize {
        self.ip
    }

    /// Its state.
    pub fn state(&self) -> MachineState {
        MachineState {
            stack: self.stack.clone(),
            locals: self.locals.iter().map(|(&index, &value)| (index, value)).collect(),
            memory: self.memory.iter().map(|(&address, &value)| (address, value)).collect(),
            files: self.files.clone(),
            loops: self.loops.clone(),
            outputs: self.outputs.clone(),
        }
    }

    /// Enters and leaves loops up to the next instruction that answers with a token, checks that it can be
    /// executed, and tells which it is.
    ///
    /// # Errors
    /// How the run ends here: there is no such instruction, or it traps.
    pub fn ready(&mut self, program: &Program) -> Result<(usize, Instruction), Ending> {
        loop {
            let ip = self.ip;
            let instruction = program.get(ip).ok_or(Ending::EndOfProgram)?;
            match instruction.op {
                Op::Loop => self.loops.push(LoopState { start: ip, iteration: 1 }),
                Op::EndLoop => {
                    self.loops.pop();
                }
                _ => {
                    self.check(instruction).map_err(|kind| Ending::Trapped(Trap { ip, kind }))?;
                    return Ok((ip, instruction));
                }
            }
            self.ip += 1;
        }
    }

    /// Executes the next instruction.
    ///
    /// An instruction that traps changes nothing and has no token, with one exception: the branch that
    /// would start an iteration too many is executed (it pops its value, answers "taken" and leaves the
    /// loops inside its target), and only then refused, because it is the host that counts iterations.
    pub fn step(&mut self, program: &Program) -> Advance {
        let (ip, instruction) = match self.ready(program) {
            Ok(ready) => ready,
            Err(ending) => return Advance { token: None, ending: Some(ending) },
        };
        self.ip = ip + 1;
        match self.execute(instruction) {
            Answer::Byte(byte) => Advance { token: Some(u16::from(byte)), ending: None },
            Answer::Halt => Advance { token: Some(HALT), ending: Some(Ending::Halted) },
            Answer::Branch => {
                let refused = self.branch(usize::from(instruction.operand)).err();
                let ending = refused.map(|kind| Ending::Trapped(Trap { ip, kind }));
                Advance { token: Some(BRANCH_TAKEN), ending }
            }
        }
    }

    /// What stops an instruction before it is executed: too few values first, then the operation's own
    /// conditions, then a full stack.
    fn check(&self, instruction: Instruction) -> Result<(), TrapKind> {
        let Instruction { op, operand } = instruction;
        let has = self.stack.len();
        if has < op.pops() {
            return Err(TrapKind::StackUnderflow { op, needs: op.pops(), has });
        }
        match op {
            Op::LocalGet if !self.locals.contains_key(&operand) => {
                return Err(TrapKind::UnsetLocal { index: operand });
            }
            Op::FdRead => self.check_file(self.peek(0), true)?,
            Op::FdWrite => self.check_file(self.peek(1), true)?,
            Op::FdClose => self.check_file(self.peek(0), false)?,
            _ => {}
        }
        if has - op.pops() + usize::from(op.pushes()) > MAX_STACK {
            return Err(TrapKind::StackOverflow);
        }
        Ok(())
    }

    fn check_file(&self, fd: u8, needs_room: bool) -> Result<(), TrapKind> {
        let file = self.files.get(usize::from(fd)).ok_or(TrapKind::NoSuchFile { fd })?;
        if !file.open {
            Err(TrapKind::FileClosed { fd })
        } else if needs_room && usize::from(file.cursor) >= FILE_BYTES {
            Err(TrapKind::EndOfFile { fd })
        } else {
            Ok(())
        }
    }

    /// The value `depth` below the top. Only asked for once the stack is known to hold it.
    fn peek(&self, depth: usize) -> u8 {
        self.stack.iter().rev().nth(depth).copied().unwrap_or(0)
    }

    fn pop(&mut self) -> u8 {
        self.stack.pop().unwrap_or(0)
    }

    fn push(&mut self, byte: u8) -> Answer {
        self.stack.push(byte);
        Answer::Byte(byte)
    }

    /// Executes an instruction that passed [`Self::check`].
    fn execute(&mut self, Instruction { op, operand }: Instruction) -> Answer {
        match op {
            Op::Const => self.push(operand),
            Op::Add => self.arithmetic(|a, b| a + b),
            Op::Sub => self.arithmetic(|a, b| a - b),
            Op::Mul => self.arithmetic(|a, b| a * b),
            Op::And => self.arithmetic(|a, b| a & b),
            Op::Or => self.arithmetic(|a, b| a | b),
            Op::Eq => self.arithmetic(|a, b| i32::from(a == b)),
            Op::Ne => self.arithmetic(|a, b| i32::from(a != b)),
            Op::LtS => self.arithmetic(|a, b| i32::from(a < b)),
            Op::GtS => self.arithmetic(|a, b| i32::from(a > b)),
            Op::LeS => self.arithmetic(|a, b| i32::from(a <= b)),
            Op::GeS => self.arithmetic(|a, b| i32::from(a >= b)),
            Op::Load => self.push(self.memory.get(&operand).copied().unwrap_or(0)),
            Op::Store => {
                let value = self.pop();
                self.memory.insert(operand, value);
                Answer::Byte(value)
            }
            Op::LocalGet => self.push(self.locals.get(&operand).copied().unwrap_or(0)),
            Op::LocalSet => {
                let value = self.pop();
                self.locals.insert(operand, value);
                Answer::Byte(value)
            }
            Op::LocalTee => {
                let value = self.peek(0);
                self.locals.insert(operand, value);
                Answer::Byte(value)
            }
            Op::FdOpen => {
                if let Some(file) = self.files.get_mut(usize::from(operand)) {
                    file.open = true;
                    file.cursor = 0;
                }
                self.push(operand)
            }
            Op::FdRead => {
                let fd = self.pop();
                let byte = self.files.get_mut(usize::from(fd)).map_or(0, read);
                self.push(byte)
            }
            Op::FdWrite => {
                let byte = self.pop();
                let fd = self.pop();
                if let Some(file) = self.files.get_mut(usize::from(fd)) {
                    write(file, byte);
                }
                Answer::Byte(byte)
            }
            Op::FdClose => {
                let fd = self.pop();
                if let Some(file) = self.files.get_mut(usize::from(fd)) {
                    file.open = false;
                }
                Answer::Byte(fd)
            }
            Op::BrIf => match self.pop() {
                0 => Answer::Byte(0),
                _ => Answer::Branch,
            },
            Op::Output => {
                let value = self.pop();
                self.outputs.push(value);
                Answer::Byte(value)
            }
            // Markers never come here: `ready` stops only at the others.
            Op::Halt | Op::Loop | Op::EndLoop => Answer::Halt,
        }
    }

    fn arithmetic(&mut self, exact: impl Fn(i32, i32) -> i32) -> Answer {
        let b = self.pop();
        let a = self.pop();
        self.push(self.semantics.narrow(exact(i32::from(a), i32::from(b))))
    }

    /// Leaves the loops inside the label-th enclosing one and goes back to the start of its body.
    fn branch(&mut self, label: usize) -> Result<(), TrapKind> {
        // `Program` guarantees that the label names an enclosing loop.
        self.loops.truncate(self.loops.len().saturating_sub(label));
        if let Some(state) = self.loops.last_mut() {
            if state.iteration >= MAX_ITERATIONS {
                return Err(TrapKind::IterationLimit);
            }
            state.iteration += 1;
            self.ip = state.start + 1;
        }
        Ok(())
    }
}

/// What an instruction answers with.
enum Answer {
    Byte(u8),
    Branch,
    Halt,
}

/// The byte at a file's cursor, 0 where none was written; the cursor moves on.
fn read(file: &mut FileState) -> u8 {
    let byte = file.bytes.get(usize::from(file.cursor)).copied().unwrap_or(0);
    file.cursor += 1;
    byte
}

/// Writes at a file's cursor and moves it on. Bytes skipped over are 0.
fn write(file: &mut FileState, byte: u8) {
    let at = usize::from(file.cursor);
    if file.bytes.len() <= at {
        file.bytes.resize(at + 1, 0);
    }
    if let Some(cell) = file.bytes.get_mut(at) {
        *cell = byte;
    }
    file.cursor += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::classic::asm::assemble;
    use crate::interpreter::classic::program::OpenLoops;

    fn run_text(text: &str) -> Outcome {
        run_with(text, Semantics::Saturating, 100_000)
    }

    fn run_with(text: &str, semantics: Semantics, max_steps: usize) -> Outcome {
        let program = assemble(text, OpenLoops::Refuse).unwrap().program;
        run(&program, semantics, max_steps)
    }

    fn trap(text: &str) -> (usize, TrapKind) {
        match run_text(text).ending {
            Ending::Trapped(Trap { ip, kind }) => (ip, kind),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_published_vector() {
        let outcome = run_text("i32.const 3 i32.const 5 i32.add output halt");
        assert_eq!(outcome.tokens, [3, 5, 8, 8, HALT]);
        assert_eq!(outcome.state.outputs, [8]);
        assert_eq!(outcome.ending, Ending::Halted);
    }

    #[test]
    fn semantics_differ_where_a_result_is_no_byte_and_only_there() {
        let cases = [
            ("i32.const 250 i32.const 10 i32.add", 255, 4),
            ("i32.const 3 i32.const 5 i32.sub", 0, 254),
            ("i32.const 16 i32.const 16 i32.mul", 255, 0),
            ("i32.const 255 i32.const 255 i32.mul", 255, 1),
            ("i32.const 250 i32.const 5 i32.add", 255, 255),
            ("i32.const 12 i32.const 11 i32.mul", 132, 132),
        ];
        for (text, saturated, masked) in cases {
            assert_eq!(run_with(text, Semantics::Saturating, 9).state.stack, [saturated], "{text}");
            assert_eq!(run_with(text, Semantics::Masked, 9).state.stack, [masked], "{text}");
        }
    }

    #[test]
    fn every_operation_answers_with_its_token() {
        let text = "i32.const 9 local.tee 7 i32.store 200 i32.load 200 local.set 8 local.get 8 output \
                    fd_open 2 i32.const 77 fd_write fd_open 2 fd_read i32.const 2 fd_close \
                    loop i32.const 0 br_if end_loop i32.load 1 halt";
        let outcome = run_text(text);
        assert_eq!(outcome.tokens, [9, 9, 9, 9, 9, 9, 9, 2, 77, 77, 2, 77, 2, 2, 0, 0, 0, HALT]);
        assert_eq!(outcome.state.locals, [(7, 9), (8, 9)]);
        assert_eq!(outcome.state.memory, [(200, 9)]);
        assert_eq!(outcome.state.stack, [77, 0]);
        let file = FileState { open: false, cursor: 1, bytes: vec![77] };
        assert_eq!(outcome.state.files[2], file);
    }

    #[test]
    fn a_branch_leaves_inner_loops_and_counts_its_own() {
        let text = "i32.const 2 local.set 0
            loop
              loop
                local.get 0 output
                local.get 0 i32.const 1 i32.sub local.tee 0 br_if 1
              end_loop
              local.get 9
            end_loop";
        let outcome = run_text(text);
        assert_eq!(outcome.state.outputs, [2, 1]);
        let loops = [LoopState { start: 2, iteration: 2 }];
        assert_eq!(outcome.state.loops, loops, "the inner loop was left by falling out of it");
        assert_eq!(outcome.ending, Ending::Trapped(Trap { ip: 12, kind: TrapKind::UnsetLocal { index: 9 } }));
    }

    #[test]
    fn iteration_257_is_refused_after_its_branch_was_answered() {
        let outcome = run_text("loop i32.const 1 br_if end_loop");
        assert_eq!(outcome.tokens.len(), 512);
        assert_eq!(outcome.tokens.last(), Some(&BRANCH_TAKEN));
        assert_eq!(outcome.state.loops, [LoopState { start: 0, iteration: 256 }]);
        assert!(outcome.state.stack.is_empty());
        assert_eq!(outcome.ending, Ending::Trapped(Trap { ip: 2, kind: TrapKind::IterationLimit }));
        let outcome = run_text("loop loop i32.const 1 br_if 1 end_loop end_loop");
        assert_eq!(outcome.state.loops, [LoopState { start: 0, iteration: 256 }]);
    }

    #[test]
    fn a_loop_entered_again_counts_from_one() {
        // 2 × 200 iterations of one loop: more than 256 together, fewer than 256 each time.
        let text = "i32.const 2 local.set 1
            loop
              i32.const 200 local.set 0
              loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if end_loop
              local.get 1 i32.const 1 i32.sub local.tee 1 br_if
            end_loop";
        assert_eq!(run_text(text).ending, Ending::EndOfProgram);
    }

    #[test]
    fn a_file_keeps_its_bytes_and_shares_one_cursor() {
        let text = "fd_open 1 i32.const 5 fd_write i32.const 1 i32.const 6 fd_write
            fd_open 1 fd_read i32.const 1 i32.const 9 fd_write i32.const 1 fd_read
            i32.const 1 i32.const 4 fd_write";
        let state = run_text(text).state;
        assert_eq!(state.stack, [5, 0]);
        assert_eq!(state.files[1], FileState { open: true, cursor: 4, bytes: vec![5, 9, 0, 4] });
    }

    #[test]
    fn checks_come_in_order() {
        use TrapKind as T;
        assert_eq!(trap("i32.const 1 i32.add"), (1, T::StackUnderflow { op: Op::Add, needs: 2, has: 1 }));
        assert_eq!(trap("fd_write"), (0, T::StackUnderflow { op: Op::FdWrite, needs: 2, has: 0 }));
        assert_eq!(trap("i32.const 4 fd_read"), (1, T::NoSuchFile { fd: 4 }));
        assert_eq!(trap("i32.const 3 fd_read"), (1, T::FileClosed { fd: 3 }));
        assert_eq!(trap("i32.const 9 i32.const 0 fd_write"), (2, T::NoSuchFile { fd: 9 }));
        assert_eq!(trap("fd_open 0 fd_close i32.const 0 fd_close"), (3, T::FileClosed { fd: 0 }));
        assert_eq!(trap("local.get 3"), (0, T::UnsetLocal { index: 3 }));
        let full = "i32.const 1 ".repeat(MAX_STACK);
        assert_eq!(trap(&format!("{full} i32.load 0")), (MAX_STACK, T::StackOverflow));
        assert_eq!(trap(&format!("{full} local.get 0")), (MAX_STACK, T::UnsetLocal { index: 0 }));
        assert_eq!(run_text(&format!("{full} local.tee 0 i32.add")).ending, Ending::EndOfProgram);
    }

    #[test]
    fn the_33rd_byte_of_a_file_is_refused() {
        let writes = "i32.const 0 i32.const 7 fd_write ".repeat(FILE_BYTES);
        let (ip, kind) = trap(&format!("fd_open 0 {writes} i32.const 0 fd_read"));
        assert_eq!((ip, kind), (3 * FILE_BYTES + 2, TrapKind::EndOfFile { fd: 0 }));
        let text = format!("fd_open 0 {writes} i32.const 0 fd_close");
        assert_eq!(run_text(&text).ending, Ending::EndOfProgram);
    }

    #[test]
    fn the_step_limit_counts_tokens_and_trailing_markers_are_free() {
        let text = "i32.const 0 loop br_if end_loop";
        assert_eq!(run_with(text, Semantics::Saturating, 2).ending, Ending::EndOfProgram);
        let outcome = run_with(text, Semantics::Saturating, 1);
        let kind = TrapKind::OutOfTokens { limit: 1 };
        assert_eq!(outcome.ending, Ending::Trapped(Trap { ip: 2, kind }));
        assert_eq!(outcome.tokens, [0]);
        let underflow = TrapKind::StackUnderflow { op: Op::Output, needs: 1, has: 0 };
        let ending = Ending::Trapped(Trap { ip: 0, kind: underflow });
        assert_eq!(
            run_with("output", Semantics::Saturating, 0).ending,
            ending,
            "what can't run takes no token"
        );
    }
}
