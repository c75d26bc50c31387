//! Runs a program in the sandbox and reads what it computed.
//!
//! A program never fails quietly: what comes back is an [`Answer`] or a [`Failure`] that says in a sentence what happened.

use serde::{Deserialize, Serialize};

use super::checked::{checked, checked_text};
use super::text::{self, join_lines};
use super::vocabulary::{self, Token};
use crate::sandbox::{self, Access, Grant, HostCall, RunError, TrapKind, Value};
use crate::wat::Module;
use crate::worldmodel::answer::{Answer, Failure, finite};
use crate::worldmodel::expression::Given;

/// The function that a program exports.
pub const COMPUTE: &str = "compute";

/// What a program may use: some tenths of a second at most, and memory for any question.
pub const LIMITS: sandbox::Limits =
    sandbox::Limits { fuel: 10_000_000, memory_bytes: 1 << 20, output_bytes: 0 };

/// The names of memories that results stand in: what stands there.
pub(super) const KINDS: [&str; 3] = ["text", "integers", "decimals"];

/// Bytes of a program as text.
const TEXT_LIMIT: usize = 100_000;

/// A program that was run, or could not be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The program with the question's numbers; if they cannot be put in, as it was written.
    pub wat: String,
    /// The module that was run: with arithmetic that traps where a number does not fit. Empty if there was none.
    pub wat_as_run: String,
    /// What it computed.
    pub answer: Result<Answer, Failure>,
    /// Fuel used.
    pub fuel: u64,
    /// The functions of `api` that it called.
    pub host_calls: Vec<HostCall>,
}

/// Runs a program with what a question gives, in the given limits. It can call nothing of the host but what is granted.
/// One without tokens says that there is nothing to compute.
pub fn run(program: &[Token], given: &Given, limits: sandbox::Limits, granted: &[Grant]) -> Outcome {
    match text::lines(program, given) {
        _ if program.is_empty() => Outcome::failed(String::new(), Failure::NothingToCompute),
        Ok(lines) => {
            let wat = join_lines(&lines);
            Outcome::of(wat, join_lines(&checked(lines)), limits, granted)
        }
        Err(error) => Outcome::failed(vocabulary::shown(program), error.into()),
    }
}

/// Runs a program that somebody wrote as text, numbers and all, with the same checks and limits.
pub fn run_text(wat: &str, limits: sandbox::Limits, granted: &[Grant]) -> Outcome {
    if wat.len() > TEXT_LIMIT {
        let failure = Failure::DoesNotCompile(format!("it has {} bytes of text", wat.len()));
        return Outcome::failed(String::new(), failure);
    }
    Outcome::of(wat.to_owned(), checked_text(wat), limits, granted)
}

impl Outcome {
    fn of(wat: String, wat_as_run: String, limits: sandbox::Limits, granted: &[Grant]) -> Self {
        let (answer, fuel, host_calls) = match execute(&wat_as_run, limits, granted) {
            Ok(outcome) => (read(&outcome), outcome.fuel, outcome.calls),
            Err(failure) => (Err(failure), 0, Vec::new()),
        };
        Self { wat, wat_as_run, answer, fuel, host_calls }
    }

    /// Of what could not be run.
    fn failed(wat: String, failure: Failure) -> Self {
        Self { wat, wat_as_run: String::new(), answer: Err(failure), fuel: 0, host_calls: Vec::new() }
    }
}

fn execute(wat: &str, limits: sandbox::Limits, granted: &[Grant]) -> Result<sandbox::Outcome, Failure> {
    let module = Module::from_text(wat).map_err(|error| Failure::DoesNotCompile(error.to_string()))?;
    let compute = module.functions().iter().find(|function| function.name == COMPUTE);
    let compute = compute.ok_or(Failure::ExportsNothing)?;
    if !compute.signature.params.is_empty() {
        return Err(Failure::WantsArguments);
    }
    let access = Access { api: granted, memories: true, ..Access::default() };
    sandbox::run_with(&module, Some(COMPUTE), &[], limits, access).map_err(|error| match error {
        RunError::ImportRefused(import) => {
            Failure::ImportRefused(format!("{}.{}", import.module, import.name))
        }
        RunError::TooMuchMemory { limit, .. } => Failure::OutOfMemory { limit },
        error => Failure::DoesNotCompile(error.to_string()),
    })
}

/// What a run returned, as an answer.
fn read(outcome: &sandbox::Outcome) -> Result<Answer, Failure> {
    if let Some(trap) = &outcome.trap {
        return Err(match &trap.kind {
            TrapKind::Unreachable => Failure::Undefined,
            TrapKind::MemoryOutOfBounds => Failure::OutOfBounds,
            TrapKind::DivisionByZero => Failure::DivisionByZero,
            TrapKind::IntegerOverflow => Failure::Overflow,
            TrapKind::BadConversion => Failure::Conversion,
            TrapKind::StackOverflow => Failure::StackOverflow,
            TrapKind::OutOfFuel { limit } => Failure::OutOfFuel { limit: *limit },
            other => Failure::Stopped(other.to_string()),
        });
    }
    match outcome.result[..] {
        [Value::I64(value)] => Ok(Answer::Integer(value)),
        [Value::I32(value)] => Ok(Answer::Integer(value.into())),
        [Value::F64(value)] => Answer::decimal(value),
        [Value::I32(address), Value::I32(size)] => {
            let memory = KINDS.into_iter().find_map(|name| {
                let found = outcome.memories.iter().find(|(exported, _)| exported == name);
                found.map(|(_, bytes)| (name, &bytes[..]))
            });
            let Some((kind, memory)) = memory else {
                return Err(Failure::WrongType("an address, but exports no memory".to_owned()));
            };
            in_memory(kind, place(kind, memory, address, size).ok_or(Failure::OutOfBounds)?)
        }
        ref values => {
            let types: Vec<String> = values.iter().map(|value| value.ty().to_string()).collect();
            Err(Failure::WrongType(format!("({})", types.join(", "))))
        }
    }
}

/// The text or the list that stands in so many bytes of a memory.
pub(super) fn in_memory(kind: &str, bytes: &[u8]) -> Result<Answer, Failure> {
    if kind == "text" {
        let text = std::str::from_utf8(bytes).map_err(|_| Failure::NotAText)?;
        return Ok(Answer::Text(text.to_owned()));
    }
    let (numbers, _) = bytes.as_chunks::<8>();
    if kind == "integers" {
        return Ok(Answer::Integers(numbers.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()));
    }
    let numbers = numbers.iter().map(|bytes| finite(f64::from_le_bytes(*bytes)));
    numbers.collect::<Result<_, _>>().map(Answer::Decimals)
}

/// The bytes from an address on: as many, or of a list eight times as many.
fn place<'a>(kind: &str, memory: &'a [u8], address: i32, size: i32) -> Option<&'a [u8]> {
    let start = usize::try_from(address.cast_unsigned()).ok()?;
    let size = u64::from(size.cast_unsigned()) * if kind == "text" { 1 } else { 8 };
    memory.get(start..start.checked_add(usize::try_from(size).ok()?)?)
}

#[cfg(test)]
mod tests;
