//! Random programs of every operation, as proptest strategies: a failure shrinks to the smallest program
//! that still fails.
//!
//! Bytes at random trap at once, so most programs are written with care: an operation first gets what it
//! needs (values, a set local, an open file), and a loop leaves the stack as deep as it found it. A few
//! operations are written without care, a few programs are nonsense from start to end; those find the traps.

use std::collections::BTreeSet;

use engine::interpreter::classic::isa::{FILES, Instruction, Op, Operand};
use engine::interpreter::classic::program::{OpenLoops, Program};
use proptest::collection::vec;
use proptest::prelude::*;

/// Any program, mostly one that runs long.
pub fn program() -> impl Strategy<Value = Program> {
    prop_oneof![
        15 => vec(piece(), 1..30).prop_map(careful),
        1 => vec(any_instruction(), 0..40).prop_map(nonsense),
    ]
}

/// A part of a careful program.
#[derive(Clone, Debug)]
enum Piece {
    Do { instruction: Instruction, careful: bool },
    Loop { kind: Rounds, body: Vec<Piece> },
}

/// How often a loop runs.
#[derive(Clone, Copy, Debug)]
enum Rounds {
    /// So many times.
    Counted(u8),
    /// Until something stops it.
    Forever,
    /// Many times, each leaving values on the stack.
    Growing(u8),
}

fn piece() -> impl Strategy<Value = Piece> {
    let leaf = (instruction(), prop::bool::weighted(0.992))
        .prop_map(|(instruction, careful)| Piece::Do { instruction, careful });
    let rounds = prop_oneof![
        60 => (1..7_u8).prop_map(Rounds::Counted),
        3 => any::<u8>().prop_map(Rounds::Counted),
        1 => Just(Rounds::Forever),
        1 => (16..24_u8).prop_map(Rounds::Growing),
    ];
    leaf.prop_recursive(3, 40, 8, move |inner| {
        let body = vec(inner.clone(), 0..8);
        prop_oneof![
            6 => inner,
            1 => (rounds.clone(), body).prop_map(|(kind, body)| Piece::Loop { kind, body }),
        ]
    })
}

/// An instruction that is no marker, with the operands that programs mostly use.
fn instruction() -> impl Strategy<Value = Instruction> {
    let op = prop_oneof![
        40 => prop::sample::select(Op::ALL.into_iter().filter(|op| !op.is_marker() && *op != Op::Halt).collect::<Vec<_>>()),
        12 => Just(Op::Const),
        1 => Just(Op::Halt),
    ];
    op.prop_ind_flat_map2(|op| operand(op, 30)).prop_map(|(op, operand)| Instruction::new(op, operand))
}

/// An instruction of any kind with any operand that it may have.
fn any_instruction() -> impl Strategy<Value = Instruction> {
    let op = prop_oneof![3 => prop::sample::select(Op::ALL.to_vec()), 2 => Just(Op::Const)];
    op.prop_ind_flat_map2(|op| operand(op, 1)).prop_map(|(op, operand)| Instruction::new(op, operand))
}

/// An operand; `usual` times as often a usual one as any.
fn operand(op: Op, usual: u32) -> BoxedStrategy<u8> {
    match op.operand() {
        Operand::None => Just(0).boxed(),
        Operand::File => (0..FILES as u8).boxed(),
        Operand::Label => prop_oneof![3 => Just(0_u8), 1 => 0..3_u8].boxed(),
        Operand::Address | Operand::Local => prop_oneof![usual => 0..5_u8, 1 => any::<u8>()].boxed(),
        Operand::Value => prop_oneof![
            2 => any::<u8>(),
            2 => 0..6_u8,
            1 => prop::sample::select(vec![0_u8, 1, 2, 15, 16, 17, 127, 128, 129, 254, 255]),
        ]
        .boxed(),
    }
}

fn careful(pieces: Vec<Piece>) -> Program {
    let mut writer = Writer::default();
    writer.write(&pieces);
    checked(writer.program)
}

/// Instructions as they come; only the markers are made to match.
fn nonsense(instructions: Vec<Instruction>) -> Program {
    let mut open = 0_usize;
    let mut program = Vec::new();
    for Instruction { op, operand } in instructions {
        match op {
            Op::Loop => open += 1,
            Op::EndLoop if open == 0 => continue,
            Op::EndLoop => open -= 1,
            Op::BrIf if open == 0 => continue,
            Op::BrIf => {
                program.push(Instruction::new(op, operand % open as u8));
                continue;
            }
            _ => {}
        }
        program.push(Instruction::new(op, operand));
    }
    program.extend(std::iter::repeat_n(Instruction::new(Op::EndLoop, 0), open));
    checked(program)
}

/// A generator that writes a program the machine does not take is at fault itself.
fn checked(instructions: Vec<Instruction>) -> Program {
    match Program::new(instructions, OpenLoops::Refuse) {
        Ok(program) => program,
        Err(errors) => unreachable!("the generator's loops do not match: {errors:?}"),
    }
}

/// Counts of loops are kept in the locals from here on, one for each level.
const COUNTERS: u8 = 240;
/// Where a careful program puts a value out of the way.
const SCRATCH: u8 = 200;

/// Writes instructions and knows what must hold where it writes.
///
/// Programs only ever branch backwards, so what stands before an instruction in the text has run before it:
/// a local set there is set. A file opened there may have been closed further down; such traps are welcome.
#[derive(Default)]
struct Writer {
    program: Vec<Instruction>,
    /// Values that are on the stack for sure.
    depth: usize,
    /// Values that belong to the outside of the current loop.
    base: usize,
    locals: BTreeSet<u8>,
    open: BTreeSet<u8>,
    /// The local that counts each loop around, or none where nothing is counted.
    loops: Vec<Option<u8>>,
    filler: u8,
}

impl Writer {
    fn write(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Do { instruction, careful: true } => self.careful(*instruction),
                Piece::Do { instruction, careful: false } => self.careless(*instruction),
                Piece::Loop { kind, body } => self.repeat(*kind, body),
            }
        }
    }

    fn emit(&mut self, op: Op, operand: u8) {
        self.program.push(Instruction::new(op, operand));
        self.depth = self.depth.saturating_sub(op.pops()) + usize::from(op.pushes());
        match op {
            Op::LocalSet | Op::LocalTee => {
                self.locals.insert(operand);
            }
            Op::FdOpen => {
                self.open.insert(operand);
            }
            _ => {}
        }
    }

    fn fill(&mut self) {
        self.filler = self.filler.wrapping_mul(5).wrapping_add(41);
        self.emit(Op::Const, self.filler);
    }

    /// As it comes, except that a branch needs a loop.
    fn careless(&mut self, Instruction { op, operand }: Instruction) {
        match op {
            Op::BrIf if self.loops.is_empty() => {}
            Op::BrIf => self.emit(op, operand % self.loops.len() as u8),
            _ => self.emit(op, operand),
        }
    }

    /// With what it needs in front of it.
    fn careful(&mut self, Instruction { op, operand }: Instruction) {
        match op {
            Op::BrIf => self.again(operand),
            Op::FdRead => {
                self.descriptor();
                self.emit(op, 0);
            }
            Op::FdWrite if self.depth > self.base => {
                self.emit(Op::LocalSet, SCRATCH);
                self.descriptor();
                self.emit(Op::LocalGet, SCRATCH);
                self.emit(op, 0);
            }
            Op::FdWrite => {
                self.descriptor();
                self.fill();
                self.emit(op, 0);
            }
            Op::FdClose => {
                self.descriptor();
                self.program.last().map(|last| last.operand).map(|fd| self.open.remove(&fd));
                self.emit(op, 0);
            }
            _ => {
                if op == Op::LocalGet && !self.locals.contains(&operand) {
                    self.fill();
                    self.emit(Op::LocalSet, operand);
                }
                while self.depth < self.base + op.pops() {
                    self.fill();
                }
                self.emit(op, operand);
            }
        }
    }

    /// Puts an open file's descriptor on the stack: one that is open, or a new one.
    fn descriptor(&mut self) {
        self.filler = self.filler.wrapping_mul(5).wrapping_add(41);
        let fd = (self.filler >> 3) % FILES as u8;
        if self.open.contains(&fd) && !self.filler.is_multiple_of(8) {
            self.emit(Op::Const, fd);
        } else {
            self.emit(Op::FdOpen, fd);
        }
    }

    /// Goes on with a loop around unless its count is over.
    fn again(&mut self, label: u8) {
        let depth = self.loops.len();
        if depth == 0 {
            return;
        }
        let label = usize::from(label) % depth;
        match self.loops.iter().rev().nth(label).copied().flatten() {
            Some(counter) => self.count_down(counter),
            None => self.emit(Op::Const, 0),
        }
        self.emit(Op::BrIf, label as u8);
    }

    fn count_down(&mut self, counter: u8) {
        self.emit(Op::LocalGet, counter);
        self.emit(Op::Const, 1);
        self.emit(Op::Sub, 0);
        self.emit(Op::LocalTee, counter);
    }

    fn repeat(&mut self, kind: Rounds, body: &[Piece]) {
        let count = match kind {
            Rounds::Counted(count) => Some(count),
            Rounds::Growing(_) => Some(255),
            Rounds::Forever => None,
        };
        let counter = count.map(|_| COUNTERS + self.loops.len() as u8);
        if let (Some(count), Some(counter)) = (count, counter) {
            self.emit(Op::Const, count);
            self.emit(Op::LocalSet, counter);
        }
        self.emit(Op::Loop, 0);
        self.loops.push(counter);
        let outside = std::mem::replace(&mut self.base, self.depth);
        self.write(body);
        while self.depth > self.base {
            self.drop_one();
        }
        while self.depth < self.base {
            self.fill();
        }
        if let Rounds::Growing(values) = kind {
            for _ in 0..values {
                self.fill();
            }
        }
        match counter {
            Some(counter) => self.count_down(counter),
            None => self.emit(Op::Const, 1),
        }
        self.emit(Op::BrIf, 0);
        self.emit(Op::EndLoop, 0);
        self.loops.pop();
        self.base = outside;
    }

    /// Takes a value off the stack, one way or another.
    fn drop_one(&mut self) {
        self.filler = self.filler.wrapping_mul(5).wrapping_add(41);
        match self.filler % 4 {
            0 => self.emit(Op::Store, self.filler % 5),
            1 => self.emit(Op::LocalSet, self.filler % 5),
            _ => self.emit(Op::Output, 0),
        }
    }
}
