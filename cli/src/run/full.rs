//! A module on the full machine: the interpreter transformer that runs 32-bit WebAssembly.

use std::time::Instant;

use anyhow::{Context, Result};
use engine::interpreter::AnyEngine;
use engine::interpreter::engine::{Engine, EngineError};
use engine::interpreter::full::compile::compile;
use engine::interpreter::full::compile::special::specialise;
use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::machine::Stub;
use engine::interpreter::full::program::Program;
use engine::interpreter::full::replay::{Done, End, Replay};
use engine::interpreter::full::run::{self, Ending, Run};
use engine::interpreter::full::{Roots, lower};
use engine::sandbox::{self, Value};
use engine::source::Span;
use engine::wat::{Module, ValueType};

use super::{Checked, Options, Outcome, Refusal};
use crate::engines::{self, Device};
use crate::source::Source;
use crate::{Status, report};

const ENGINE: &str = "full";

/// A module that is ready to be run.
pub struct Ready {
    /// Its instructions.
    pub program: Program,
    /// What begins the run.
    pub stub: Stub,
}

/// Checks a module, lowers it, and prepares a call.
///
/// # Errors
/// Why it is not run, with the place where there is one.
pub fn ready(
    source: &Source,
    invoke: Option<&str>,
    args: &[String],
) -> Result<Ready, (Option<Span>, String, Option<String>)> {
    let module = Module::new(&source.bytes).map_err(|error| (Some(error.span), error.message, error.help))?;
    let function =
        sandbox::entry(&module, invoke).map_err(|error| (error.span(), error.to_string(), error.help()))?;
    let name = function.name.as_str();
    let program = lower(&module, Roots::Named(&[name]))
        .map_err(|error| (Some(error.span), error.message, error.help))?;
    let mut arguments = Vec::new();
    for (index, text) in args.iter().enumerate() {
        let Some(value) = integer(text) else {
            let message = format!("argument {} of `{name}` is i32, and `{text}` is none", index + 1);
            return Err((None, message, Some(format!("`{name}` is {}", function.signature))));
        };
        arguments.push(value);
    }
    let stub = Stub::named(&program, name, &arguments)
        .map_err(|error| (None, error.to_string(), Some(format!("`{name}` is {}", function.signature))))?;
    Ok(Ready { program, stub })
}

/// A 32-bit integer, with or without a sign.
fn integer(text: &str) -> Option<u32> {
    match Value::parse(text, ValueType::I32)? {
        Value::I32(value) => Some(value.cast_unsigned()),
        _ => None,
    }
}

/// Checks and runs a module.
pub fn run(options: &Options, source: &Source, started: Instant) -> Result<Status> {
    let Ready { program, stub } = match ready(source, options.invoke.as_deref(), &options.args) {
        Ok(ready) => ready,
        Err(reason) => return Refusal { engine: ENGINE, reasons: vec![reason] }.print(source, options.json),
    };
    // What is checked is written first, by the engine that is quick.
    let (device, dense) = if options.check { (Device::Cpu, false) } else { (options.device, options.dense) };
    let (model, begun) = if options.specialise {
        (specialise(&program, &stub)?, run::begin_special(&stub))
    } else {
        (compile(), run::begin(&program, &stub))
    };
    let mut engine = if options.specialise && device == Device::Cpu && !dense {
        AnyEngine::Full(Box::new(FullEngine::special(&model)?))
    } else {
        engines::engine(&model, device, dense)?
    };
    let run = pollster::block_on(run::write(&mut engine, begun, options.max_tokens, async |_| true))?;
    let seconds = started.elapsed().as_secs_f64();
    let checked = if options.check {
        let engine = engines::engine(&model, options.device, true)?;
        Some(check(engine, &run)?)
    } else {
        None
    };
    let (replay, last) = replayed(&program, &stub, &run)?;
    let trap = match (run.ending, replay.end) {
        (Ending::Finished, Some(End::Trapped(trap))) => Some(trap.to_string()),
        (Ending::Finished, _) => None,
        (Ending::OutOfTokens { limit }, _) => Some(format!("stopped after {limit} tokens: see --max-tokens")),
        (Ending::TooLong, _) => Some(EngineError::TooLong { limit: run.sequence.len() }.to_string()),
        (Ending::Cancelled, _) => Some("cancelled".to_owned()),
    };
    let span = last.and_then(|done| done.record.span);
    let stopped =
        trap.as_ref().map(|trap| report::underlined(&source.name, &source.text(), span, trap, None));
    let signed = |values: &[u32]| values.iter().map(|value| value.cast_signed()).collect::<Vec<i32>>();
    Outcome {
        engine: ENGINE,
        result: if trap.is_some() { Vec::new() } else { signed(&replay.results()) },
        outputs: signed(&replay.outputs),
        trap,
        instructions: Some(replay.instructions),
        fuel: None,
        tokens: run.sequence.len(),
        seconds,
        checked,
        token_ids: options.tokens.then(|| run.sequence.tokens().to_vec()),
    }
    .print(options.json, stopped.as_deref())
}

/// The state at the end of a run, and its last instruction.
fn replayed<'a>(program: &'a Program, stub: &'a Stub, run: &Run) -> Result<(Replay<'a>, Option<Done>)> {
    let mut replay = Replay::new(program, stub);
    let mut last = None;
    for token in run.trace() {
        let done = replay.read(token).context("the transformer has written what is no trace")?;
        last = done.or(last);
    }
    Ok((replay, last))
}

/// Has the dense engine confirm a trace.
fn check(mut engine: AnyEngine, run: &Run) -> Result<Checked> {
    let started = Instant::now();
    let tokens = pollster::block_on(run::check(&mut engine, run, async |_| true))?;
    Ok(Checked { engine: engine.name(), tokens, seconds: started.elapsed().as_secs_f64() })
}
