//! The host's part: everything that happens outside the transformer.
//!
//! The transformer computes every value. The host points at the instruction to execute (through the
//! positional encoding), skips loop markers, jumps back when the model answers "branch taken", counts
//! iterations, keeps the files' stores and cursors, and stops programs that are in error. It learns values
//! only from the tokens that the model answers: its picture of the machine ([`Host::state`]) is a ledger of
//! those.

use super::compile::{BRANCH_TAKEN, HALT, PROGRAM_END, PROGRAM_START};
use super::isa::{FILE_BYTES, FILES, INSTRUCTION_BYTES, Instruction, MAX_ITERATIONS, MAX_STACK, Op};
use super::layout::Dim;
use super::program::Program;
use super::report::{Ending, FileState, HostAction, LoopState, MachineState, Step};
use super::trap::{Trap, TrapKind};
use crate::interpreter::sequence::{Entry, STORES, Sequence};

/// Runs one program, one instruction at a time.
#[derive(Clone, Debug)]
pub struct Host<'a> {
    program: &'a Program,
    ip: usize,
    previous: Option<usize>,
    state: MachineState,
    /// What was done and not told yet.
    actions: Vec<HostAction>,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// A forward pass with this positional encoding; then [`Host::accept`].
    Execute(Vec<(usize, f32)>),
    /// Nothing.
    Finished(Ending),
}

impl<'a> Host<'a> {
    /// A host at the program's first instruction. Markers before it are told with the first step.
    pub fn new(program: &'a Program) -> Self {
        let state = MachineState::default();
        let mut host = Self { program, ip: 0, previous: None, state, actions: Vec::new() };
        host.skip_markers();
        host
    }

    /// The machine as the answers so far describe it.
    pub const fn state(&self) -> &MachineState {
        &self.state
    }

    /// The same, at the end.
    pub fn into_state(self) -> MachineState {
        self.state
    }

    /// Checks that the next instruction can be executed, and says how to ask the model for it.
    pub fn next(&self) -> Next {
        let Some(instruction) = self.program.get(self.ip) else {
            return Next::Finished(Ending::EndOfProgram);
        };
        match self.check(instruction) {
            Ok(()) => Next::Execute(self.encoding()),
            Err(kind) => Next::Finished(Ending::Trapped(Trap { ip: self.ip, kind })),
        }
    }

    /// Goes on to the next instruction that the model is asked for.
    fn skip_markers(&mut self) {
        while let Some(instruction) = self.program.get(self.ip) {
            match instruction.op {
                Op::Loop => {
                    self.state.loops.push(LoopState { start: self.ip, iteration: 1 });
                    self.actions.push(HostAction::EnterLoop { at: self.ip });
                }
                Op::EndLoop => {
                    self.state.loops.pop();
                    self.actions.push(HostAction::LeaveLoop { at: self.ip });
                }
                _ => break,
            }
            self.ip += 1;
        }
    }

    /// Index of the next instruction.
    pub const fn ip(&self) -> usize {
        self.ip
    }

    /// Takes the model's answer to the instruction that [`Host::next`] announced, does what the instruction
    /// asks of the host, and goes on to the next one. `position` is where in the sequence it was executed.
    ///
    /// # Errors
    /// When the answer is impossible, or a loop would start once too often. In the second case the step is
    /// done all the same and comes with the error.
    pub fn accept(
        &mut self,
        token: u16,
        position: usize,
        sequence: &mut Sequence,
    ) -> (Option<Step>, Option<Ending>) {
        let ip = self.ip;
        let trap = |kind| Some(Ending::Trapped(Trap { ip, kind }));
        let Some(instruction) = self.program.get(ip) else { return (None, Some(Ending::EndOfProgram)) };
        let op = instruction.op;
        let Some(answer) = Answer::read(op, token) else {
            return (None, trap(TrapKind::UnexpectedToken { op, token }));
        };
        let mut ending = None;
        self.previous = Some(ip);
        self.ip += 1;
        match answer {
            Answer::Byte(byte) => self.apply(instruction, byte, sequence),
            Answer::Stay => {
                self.state.stack.pop();
            }
            Answer::Branch => {
                self.state.stack.pop();
                if !self.jump(usize::from(instruction.operand)) {
                    ending = trap(TrapKind::IterationLimit);
                }
            }
            Answer::Halt => {
                self.actions.push(HostAction::Halt);
                ending = Some(Ending::Halted);
            }
        }
        if ending.is_none() {
            self.skip_markers();
            if !matches!(answer, Answer::Branch) {
                self.actions.push(HostAction::Advance { to: self.ip });
            }
        }
        let host = std::mem::take(&mut self.actions);
        (Some(Step { position, ip, instruction, token, host }), ending)
    }

    /// Whether the instruction can be executed now.
    fn check(&self, instruction: Instruction) -> Result<(), TrapKind> {
        let (op, stack) = (instruction.op, &self.state.stack);
        let (needs, has) = (op.pops(), stack.len());
        if has < needs {
            return Err(TrapKind::StackUnderflow { op, needs, has });
        }
        match op {
            Op::LocalGet => {
                let index = instruction.operand;
                if self.state.locals.binary_search_by_key(&index, |(index, _)| *index).is_err() {
                    return Err(TrapKind::UnsetLocal { index });
                }
            }
            Op::FdRead | Op::FdWrite | Op::FdClose => {
                let below = needs - 1;
                let fd = stack.iter().rev().nth(if op == Op::FdWrite { below } else { 0 });
                let fd = fd.copied().unwrap_or(u8::MAX);
                let file = self.state.files.get(usize::from(fd)).ok_or(TrapKind::NoSuchFile { fd })?;
                if !file.open {
                    return Err(TrapKind::FileClosed { fd });
                }
                if op != Op::FdClose && usize::from(file.cursor) >= FILE_BYTES {
                    return Err(TrapKind::EndOfFile { fd });
                }
            }
            _ => {}
        }
        if op.depth_change() > 0 && has >= MAX_STACK {
            return Err(TrapKind::StackOverflow);
        }
        Ok(())
    }

    /// The positional encoding of the position that executes the instruction at `ip`.
    fn encoding(&self) -> Vec<(usize, f32)> {
        let mut encoding = pointers(self.ip as f32, self.previous.map_or(-1.0, |ip| ip as f32));
        for (file, state) in self.state.files.iter().enumerate() {
            if state.cursor != 0 {
                encoding.push((Dim::Cursor(file).index(), f32::from(state.cursor)));
            }
        }
        encoding
    }

    /// Goes back to the start of the `label`-th enclosing loop; `false` if it may not start again.
    fn jump(&mut self, label: usize) -> bool {
        for _ in 0..label {
            self.state.loops.pop();
        }
        let Some(target) = self.state.loops.last_mut() else { return false };
        if target.iteration >= MAX_ITERATIONS {
            return false;
        }
        target.iteration += 1;
        self.ip = target.start + 1;
        self.actions.push(HostAction::Jump { to: target.start, iteration: target.iteration });
        true
    }

    /// Books an answer that is a value.
    fn apply(&mut self, instruction: Instruction, byte: u8, sequence: &mut Sequence) {
        let Instruction { op, operand } = instruction;
        let state = &mut self.state;
        let second = state.stack.iter().rev().nth(1).copied();
        let top = state.stack.last().copied();
        state.stack.truncate(state.stack.len().saturating_sub(op.pops()));
        if op.pushes() {
            state.stack.push(byte);
        }
        match op {
            Op::LocalSet | Op::LocalTee => write_cell(&mut state.locals, operand, byte),
            Op::Store => write_cell(&mut state.memory, operand, byte),
            Op::Output => {
                state.outputs.push(byte);
                self.actions.push(HostAction::EmitOutput { byte });
            }
            Op::FdOpen => self.open(operand, sequence),
            Op::FdRead => self.move_cursor(top),
            Op::FdWrite => self.write_file(second, byte, sequence),
            Op::FdClose => {
                if let Some(file) = state.files.get_mut(usize::from(byte)) {
                    file.open = false;
                    self.actions.push(HostAction::CloseFile { file: byte });
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, number: u8, sequence: &mut Sequence) {
        let Some(file) = self.state.files.get_mut(usize::from(number)) else { return };
        file.open = true;
        file.cursor = 0;
        if sequence.stores.get(usize::from(number)).is_some_and(Vec::is_empty) {
            // A file starts as 32 zeros; later writes are appended and, being later, win.
            for offset in 0..FILE_BYTES {
                sequence.push_entry(usize::from(number), file_entry(offset, 0));
            }
        }
        self.actions.push(HostAction::OpenFile { file: number });
    }

    fn move_cursor(&mut self, fd: Option<u8>) {
        let Some(fd) = fd else { return };
        let Some(file) = self.state.files.get_mut(usize::from(fd)) else { return };
        file.cursor += 1;
        self.actions.push(HostAction::MoveCursor { file: fd, to: file.cursor });
    }

    fn write_file(&mut self, fd: Option<u8>, byte: u8, sequence: &mut Sequence) {
        let Some(fd) = fd else { return };
        let Some(file) = self.state.files.get_mut(usize::from(fd)) else { return };
        let at = usize::from(file.cursor);
        record_byte(file, at, byte);
        sequence.push_entry(usize::from(fd), file_entry(at, byte));
        self.actions.push(HostAction::WriteFile { file: fd, at: file.cursor, byte });
        file.cursor += 1;
    }
}

/// What a token says, as the answer of an operation.
#[derive(Clone, Copy)]
enum Answer {
    Byte(u8),
    Branch,
    Stay,
    Halt,
}

impl Answer {
    fn read(op: Op, token: u16) -> Option<Self> {
        match (op, token) {
            (Op::Halt, HALT) => Some(Self::Halt),
            (Op::BrIf, BRANCH_TAKEN) => Some(Self::Branch),
            (Op::BrIf, 0) => Some(Self::Stay),
            (Op::Halt | Op::BrIf, _) => None,
            (_, token) => u8::try_from(token).ok().map(Self::Byte),
        }
    }
}

/// The positions of a program: the start token and five bytes an instruction. The end token, at whose
/// position the first instruction is executed, is not among them.
pub fn prompt(program: &Program) -> Sequence {
    let mut sequence = Sequence::default();
    let mut start = pointers(-1.0, -1.0);
    start.extend(numbered(-1.0));
    start.extend([(Dim::IsOpcode.index(), 1.0), (Dim::IsOperand.index(), 1.0)]);
    sequence.push(PROGRAM_START, start);
    for (number, instruction) in program.instructions().iter().enumerate() {
        for (offset, byte) in instruction.encode().into_iter().enumerate() {
            let mut encoding = pointers(-1.0, -1.0);
            encoding.extend(numbered(number as f32));
            match offset {
                0 => encoding.push((Dim::IsOpcode.index(), 1.0)),
                1 => encoding.push((Dim::IsOperand.index(), 1.0)),
                _ => {}
            }
            sequence.push(u16::from(byte), encoding);
        }
    }
    sequence
}

/// A token of the program: the start token, five bytes an instruction, then the end token.
pub fn prompt_token(program: &[Instruction], position: usize) -> u16 {
    let Some(byte) = position.checked_sub(1) else { return PROGRAM_START };
    let instruction = program.get(byte / INSTRUCTION_BYTES).map(|instruction| instruction.encode());
    let byte = instruction.and_then(|bytes| bytes.get(byte % INSTRUCTION_BYTES).copied());
    byte.map_or(PROGRAM_END, u16::from)
}

/// Tokens in front of the first answer.
pub fn prompt_tokens(program: &Program) -> usize {
    2 + INSTRUCTION_BYTES * program.len()
}

/// The token at the position that executes the first instruction.
pub const FIRST_QUERY: u16 = PROGRAM_END;

/// A run's states once more, from its answers alone.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    host: Host<'a>,
    sequence: Sequence,
}

impl<'a> Replay<'a> {
    /// A replay that stands before the first step.
    pub fn new(program: &'a Program) -> Self {
        Self { host: Host::new(program), sequence: Sequence::default() }
    }

    /// Takes the run's next step.
    pub fn step(&mut self, step: &Step) {
        self.host.accept(step.token, step.position, &mut self.sequence);
    }

    /// The machine's state after the steps so far.
    pub const fn state(&self) -> &MachineState {
        self.host.state()
    }

    /// The file stores after the steps so far.
    pub(super) fn into_stores(self) -> [Vec<Entry>; STORES] {
        self.sequence.stores
    }
}

fn pointers(ip: f32, previous: f32) -> Vec<(usize, f32)> {
    vec![(Dim::Ip.index(), ip), (Dim::PrevIp.index(), previous)]
}

fn numbered(number: f32) -> [(usize, f32); 2] {
    [(Dim::Index.index(), number), (Dim::IndexSq.index(), number * number)]
}

fn file_entry(offset: usize, byte: u8) -> Entry {
    Entry { token: u16::from(byte), encoding: numbered(offset as f32).to_vec() }
}

fn record_byte(file: &mut FileState, at: usize, byte: u8) {
    if file.bytes.len() <= at {
        file.bytes.resize(at + 1, 0);
    }
    if let Some(cell) = file.bytes.get_mut(at) {
        *cell = byte;
    }
}

fn write_cell(cells: &mut Vec<(u8, u8)>, index: u8, value: u8) {
    match cells.binary_search_by_key(&index, |(index, _)| *index) {
        Ok(found) => {
            if let Some(cell) = cells.get_mut(found) {
                cell.1 = value;
            }
        }
        Err(gap) => cells.insert(gap, (index, value)),
    }
}

// The stores of a sequence and the files of this machine are the same four.
const _: () = assert!(FILES == STORES);
