//! Instructions that are not the program's: what its memory, globals and pages are before the run, and what calls its functions.
//!
//! They stand right behind the program. So that nothing is done for the machine, it is the machine that does this as well.

use super::isa::Op;
use super::lower::code::Code;
use super::program::{Address, Program, Record, local};

/// Instructions behind a program, which end the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// Where the first of them stands.
    pub first: Address,
    /// The instructions.
    pub records: Vec<Record>,
    /// How many values the called function leaves in the frame's first slots.
    pub results: usize,
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
    #[error("the program leaves no room for the instructions that begin it: its data, its globals, the call")]
    TooLong,
}

/// The block of memory within which data is written with one address.
const BLOCK: u32 = 2_048;

impl Stub {
    /// The instruction at an address, the program's or one of these.
    pub fn record(&self, program: &Program, address: Address) -> Option<Record> {
        let own = || self.records.get(address.index().checked_sub(self.first.index())?);
        program.code.get(address.index()).or_else(own).copied()
    }

    /// What comes before any call: the memory's pages, the globals, the data, and the start function.
    ///
    /// # Errors
    /// When there is too much of it.
    pub fn start(program: &Program) -> Result<Self, CallError> {
        let mut code = Code::behind(program.code.len());
        let first = code.here();
        begin(program, &mut code)?;
        finish(first, code, 0)
    }

    /// A call of a function by its number, on what runs before have left.
    ///
    /// # Errors
    /// When there is no such function, or it takes another number of values.
    pub fn call(program: &Program, function: usize, arguments: &[u32]) -> Result<Self, CallError> {
        let mut code = Code::behind(program.code.len());
        let first = code.here();
        let results = call(program, &mut code, function, arguments)?;
        finish(first, code, results)
    }

    /// Both in one run, for an exported function.
    ///
    /// # Errors
    /// See [`Stub::run`].
    pub fn named(program: &Program, name: &str, arguments: &[u32]) -> Result<Self, CallError> {
        let export = program.exports.iter().find(|(known, _)| known == name);
        let (_, function) = export.ok_or(CallError::NoFunction)?;
        Self::run(program, *function, arguments)
    }

    /// Both in one run.
    ///
    /// # Errors
    /// See [`Stub::start`] and [`Stub::call`].
    pub fn run(program: &Program, function: usize, arguments: &[u32]) -> Result<Self, CallError> {
        let mut code = Code::behind(program.code.len());
        let first = code.here();
        begin(program, &mut code)?;
        let results = call(program, &mut code, function, arguments)?;
        finish(first, code, results)
    }
}

fn finish(first: Address, mut code: Code, results: usize) -> Result<Stub, CallError> {
    code.push(Op::Halt, 0, 0, 0);
    let records = code.finish().map_err(|_| CallError::TooLong)?;
    Ok(Stub { first, records, results })
}

fn begin(program: &Program, code: &mut Code) -> Result<(), CallError> {
    if program.pages > 0 {
        code.push(Op::Const, program.pages, 0, 0);
        code.push(Op::Const, 0, 0, 1);
        code.push(Op::Grown, 0, 0, 0);
    }
    for (global, value) in (0_u16..).zip(&program.globals) {
        code.push(Op::Const, *value, 0, 0);
        code.push(Op::GlobalSet, 0, 0, global);
    }
    let mut block = None;
    for segment in &program.data {
        let mut address = segment.address;
        let mut rest = segment.bytes.as_slice();
        while let Some(byte) = rest.first() {
            let words = rest.first_chunk::<4>().filter(|_| address.is_multiple_of(4));
            let taken = if let Some(word) = words {
                let own = address / BLOCK;
                if block != Some(own) {
                    code.push(Op::Const, own * BLOCK, 0, 0);
                    block = Some(own);
                }
                code.push(Op::Data, u32::from_le_bytes(*word), 0, (address % BLOCK) as u16);
                4
            } else {
                code.push(Op::Const, address, 0, 1);
                code.push(Op::Const, u32::from(*byte), 0, 2);
                code.push(Op::Store8, 0, 1, 0);
                1
            };
            rest = rest.get(taken..).unwrap_or(&[]);
            // The last byte may be the last there is.
            address = address.wrapping_add(taken as u32);
        }
    }
    match program.start {
        Some(start) => call(program, code, start, &[]).map(drop),
        None => Ok(()),
    }
}

fn call(program: &Program, code: &mut Code, function: usize, arguments: &[u32]) -> Result<usize, CallError> {
    let function = program.functions.get(function).ok_or(CallError::NoFunction)?;
    if function.params != arguments.len() {
        return Err(CallError::Arguments { takes: function.params, given: arguments.len() });
    }
    for (at, value) in (0_u16..).zip(arguments) {
        code.push(Op::Const, *value, 0, at);
    }
    for at in 0..arguments.len() {
        code.push(Op::Arg, 0, at as u16, local(at));
    }
    code.push(Op::Call, u32::from(function.entry.0), 0, 0);
    for at in 0..function.results as u16 {
        code.push(Op::Take, 0, at, at);
    }
    Ok(function.results)
}
