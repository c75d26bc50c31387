//! A program on the full interpreter transformer, in 32 bits: beside what the sandbox computed of it in 64.

use wasmparser::{ExternalKind, Parser, Payload};

use super::narrow::narrow;
use super::run::{COMPUTE, KINDS, LIMITS, in_memory};
use crate::interpreter::engine::{Engine, EngineError};
use crate::interpreter::full::machine::Stub;
use crate::interpreter::full::replay::{End, Replay, Unexpected};
use crate::interpreter::full::run::{self, Ending};
use crate::interpreter::full::trap::Trap;
use crate::interpreter::full::{Roots, lower};
use crate::wat::{Module, ValueType};
use crate::worldmodel::answer::{Answer, Failure};

/// A program that the transformer has run.
#[derive(Clone, Debug, PartialEq)]
pub struct OnFull {
    /// The program in 32 bits.
    pub wat: String,
    /// What it computed, or what stopped it.
    pub answer: Result<Answer, String>,
    /// Instructions of the machine.
    pub instructions: u64,
    /// Tokens of the prompt: the program.
    pub prompt_tokens: usize,
    /// Tokens that the transformer wrote.
    pub tokens: usize,
}

/// Why it did not run one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotRun {
    /// It is none of this machine's: decimal numbers, numbers of more than 32 bits, functions of the host.
    #[error("{0}")]
    Outside(String),
    /// The transformer wrote what is no trace.
    #[error(transparent)]
    Trace(#[from] Unexpected),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Runs a program, given as text with its numbers, on an engine for the full machine. The trace has `max_tokens` tokens at most; `go_on`
/// is asked as in [`run::run`].
///
/// # Errors
/// When the program is outside of the machine, or the engine fails.
pub async fn run<E: Engine>(
    engine: &mut E,
    wat: &str,
    max_tokens: usize,
    go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<OnFull, NotRun> {
    let outside = |reason: String| NotRun::Outside(reason);
    // In 32 bits a module could be valid that is none in 64.
    let wide = Module::from_text(wat).map_err(|error| outside(error.to_string()))?;
    let wat = narrow(wat).map_err(|wide| outside(wide.to_string()))?;
    let shape = Shape::of(&wide).map_err(|reason| outside(reason.to_owned()))?;
    let module = Module::from_text(&wat).map_err(|error| outside(error.to_string()))?;
    let program = lower(&module, Roots::Named(&[COMPUTE])).map_err(|error| outside(error.message))?;
    if program.start.is_some() || u64::from(program.pages) << 16 > LIMITS.memory_bytes {
        return Err(outside("it has a start function, or more memory than the sandbox gives".to_owned()));
    }
    let stub = Stub::named(&program, COMPUTE, &[]).map_err(|error| outside(error.to_string()))?;
    let run = run::run(engine, &program, &stub, max_tokens, go_on).await?;
    let mut replay = Replay::new(&program, &stub);
    for token in run.trace() {
        replay.read(token)?;
    }
    let answer = match (run.ending, replay.end) {
        (Ending::Finished, Some(End::Halted)) => read(shape, &replay),
        (Ending::Finished, Some(End::Trapped(Trap::Overflow))) => {
            Err("integer overflow, in 32 bits".to_owned())
        }
        (Ending::Finished, Some(End::Trapped(trap))) => Err(trap.to_string()),
        (Ending::Cancelled, _) => Err("stopped".to_owned()),
        _ => Err(format!("it has not ended after {} tokens", run.trace().len())),
    };
    let (instructions, tokens) = (replay.instructions, run.trace().len());
    Ok(OnFull { wat, answer, instructions, prompt_tokens: run.prompt_tokens, tokens })
}

/// What a program gives, as the sandbox reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A number.
    Number,
    /// An address and a size, in a memory that is exported by this name.
    InMemory(&'static str),
}

impl Shape {
    /// What the module in 64 bits says.
    fn of(module: &Module) -> Result<Self, &'static str> {
        let compute = module.functions().iter().find(|function| function.name == COMPUTE);
        let compute = compute.ok_or("it exports no function `compute`")?;
        if !module.imports().is_empty() {
            return Err("it asks for something of the host");
        }
        match compute.signature.results[..] {
            [ValueType::I64 | ValueType::I32] => Ok(Self::Number),
            [ValueType::I32, ValueType::I32] => {
                let names = exported_memories(module);
                let known = KINDS.into_iter().find(|kind| names.iter().any(|name| name == kind));
                known.map(Self::InMemory).ok_or("it gives an address, but exports no memory that is known")
            }
            _ => Err("it gives neither an integer nor a place in memory"),
        }
    }
}

/// What a run has left, as an answer.
fn read(shape: Shape, replay: &Replay<'_>) -> Result<Answer, String> {
    match (shape, &replay.results()[..]) {
        (Shape::Number, [value]) => Ok(Answer::Integer(value.cast_signed().into())),
        (Shape::InMemory(kind), &[address, size]) => {
            // A list has eight bytes a number.
            let begin = u64::from(address);
            let end = begin + u64::from(size) * if kind == "text" { 1 } else { 8 };
            if end > (u64::from(replay.memory.pages) << 16).min(LIMITS.memory_bytes) {
                return Err(Failure::OutOfBounds.to_string());
            }
            let bytes: Vec<u8> = (begin..end).map(|at| replay.memory.byte(at)).collect();
            in_memory(kind, &bytes).map_err(|failure| failure.to_string())
        }
        (_, values) => Err(format!("it gives {} values", values.len())),
    }
}

/// The names that memories are exported by.
fn exported_memories(module: &Module) -> Vec<String> {
    let payloads = Parser::new(0).parse_all(module.binary()).flatten();
    let exports = payloads.filter_map(|payload| match payload {
        Payload::ExportSection(exports) => Some(exports.into_iter().flatten()),
        _ => None,
    });
    let memories = exports.flatten().filter(|export| export.kind == ExternalKind::Memory);
    memories.map(|export| export.name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::full::compile::compile as weights;
    use crate::interpreter::full::engine::FullEngine;
    use crate::worldmodel::expression::{Given, parse};
    use crate::worldmodel::program::{LIMITS, compile, run as run_in_sandbox};

    /// A plan's program in the sandbox and on the transformer.
    fn both(plan: &str, numbers: &[i64]) -> (Result<Answer, String>, Result<OnFull, NotRun>) {
        let given = Given::integers(numbers);
        let program = compile(&parse(plan).unwrap(), &given.kinds()).unwrap();
        let outcome = run_in_sandbox(&program, &given, LIMITS, &[]);
        let mut engine = FullEngine::new(&weights()).unwrap();
        let on_full = pollster::block_on(run(&mut engine, &outcome.wat, 500_000, async |_| true));
        (outcome.answer.map_err(|failure| failure.to_string()), on_full)
    }

    #[test]
    fn programs_of_integers_come_to_the_same() {
        for (plan, numbers) in [
            ("<a> * <b>", &[12, 11][..]),
            ("<a> - <b> * (<c> + <d>)", &[68, 15, 42, 86]),
            ("<a> % <b>", &[-1000, 7]),
            ("gcd(<a>, <b>)", &[252, 198]),
            ("factorial(<a>)", &[10]),
            ("fibonacci(<a>)", &[30]),
            ("<a> > <b>", &[3, 17]),
        ] {
            let (expected, found) = both(plan, numbers);
            let found = found.unwrap_or_else(|error| panic!("{plan}: {error}"));
            assert!(expected.is_ok(), "{plan}: {expected:?}");
            assert_eq!(found.answer, expected, "{plan}");
            assert!(found.tokens > 20 && found.instructions > 5, "{plan}");
        }
    }

    #[test]
    fn texts_are_read_where_the_sandbox_reads_them_and_bounds_hold() {
        let mut engine = FullEngine::new(&weights()).unwrap();
        let mut told = |memory: &str, results: &str, body: &str| {
            let wat = format!(
                "(module (memory {memory} 1) (data (i32.const 8) \"hello\") (func (export \"compute\") (result {results}) {body}))"
            );
            pollster::block_on(run(&mut engine, &wat, 10_000, async |_| true))
        };
        let hello =
            told("(export \"memory\") (export \"text\")", "i32 i32", "i32.const 8 i32.const 5").unwrap();
        assert_eq!(hello.answer, Ok(Answer::Text("hello".to_owned())));
        let outside = told("(export \"text\")", "i32 i32", "i32.const -2 i32.const 1").unwrap();
        assert!(outside.answer.is_err());
        assert!(told("(export \"memory\")", "i32 i32", "i32.const 8 i32.const 5").is_err());
        assert!(told("(export \"text\")", "i64 i64", "i64.const 8 i64.const 5").is_err());
        // Valid in 32 bits alone.
        assert!(told("", "i64", "i32.const 1 i64.const 2 i64.add").is_err());
    }

    #[test]
    fn what_does_not_fit_is_said_and_never_wrong() {
        let (expected, found) = both("<a> * <b>", &[123_456, 654_321]);
        assert_eq!(expected, Ok(Answer::Integer(80_779_853_376)));
        assert!(found.unwrap().answer.unwrap_err().contains("32 bits"));
        let (_, found) = both("<a> + <b>", &[5_000_000_000, 1]);
        assert!(found.unwrap_err().to_string().contains("5000000000 does not fit"));
        let (_, found) = both("sqrt(<a>)", &[2]);
        assert!(found.unwrap_err().to_string().contains("decimal"));
    }
}
