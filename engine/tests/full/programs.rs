//! The programs of `assets/programs`: each call gives what its head says, on the transformer as in `wasmi`, and its trace is the
//! reference's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use engine::interpreter::full::compile::compile;
use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::machine::{Machine, State, Stub};
use engine::interpreter::full::program::Program;
use engine::interpreter::full::replay::{End, Replay};
use engine::interpreter::full::run::{Ending, Run, run};
use engine::interpreter::full::token::Token;
use engine::interpreter::full::{Roots, lower};
use engine::interpreter::model::Transformer;
use engine::interpreter::programs::{Call, Head};
use engine::sandbox::{self, HostFunction, Limits, Value};
use engine::wat::Module;
use libtest_mimic::Failed;

static MODEL: LazyLock<Transformer> = LazyLock::new(compile);

/// All of them.
pub fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/programs");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wat"));
    files.sort();
    files
}

/// Checks all calls of a program.
pub fn check(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let head = Head::read(&text)?;
    let module = Module::from_text(&text)?;
    if head.calls.is_empty() {
        return Err("it has no call".into());
    }
    for call in &head.calls {
        let name = format!("{} {:?}", call.function, call.arguments);
        in_wasmi(&module, call).map_err(|failed| format!("{name}, in wasmi: {}", message(&failed)))?;
        in_the_transformer(&module, call).map_err(|failed| format!("{name}: {}", message(&failed)))?;
    }
    Ok(())
}

fn message(failed: &Failed) -> String {
    failed.message().unwrap_or_default().to_owned()
}

/// What is found is what the head says.
fn compare(call: &Call, results: &[i32], outputs: &[i32]) -> Result<(), Failed> {
    if (results, outputs) == (call.results.as_slice(), call.outputs.as_slice()) {
        return Ok(());
    }
    Err(format!("{results:?} and {outputs:?}, not {:?} and {:?}", call.results, call.outputs).into())
}

fn in_wasmi(module: &Module, call: &Call) -> Result<(), Failed> {
    let arguments: Vec<Value> = call.arguments.iter().map(|value| Value::I32(*value)).collect();
    let limits = Limits::default();
    let run = sandbox::run(module, Some(&call.function), &arguments, limits, &HostFunction::OUTPUT)?;
    if let Some(trap) = run.trap {
        return Err(trap.to_string().into());
    }
    let integers = |values: &[Value]| -> Vec<i32> {
        values.iter().map(|value| if let Value::I32(value) = value { *value } else { i32::MIN }).collect()
    };
    compare(call, &integers(&run.result), &integers(&run.outputs))
}

fn in_the_transformer(module: &Module, call: &Call) -> Result<(), Failed> {
    let program = lower(module, Roots::Named(&[&call.function]))?;
    let (_, function) =
        program.exports.iter().find(|(name, _)| *name == call.function).ok_or("no such export")?;
    let arguments: Vec<u32> = call.arguments.iter().map(|value| value.cast_unsigned()).collect();
    let stub = Stub::run(&program, *function, &arguments)?;
    let mut engine = FullEngine::new(&MODEL)?;
    let run = pollster::block_on(run(&mut engine, &program, &stub, 2_000_000, async |_| true))?;
    if run.ending != Ending::Finished {
        return Err(format!("it ends with {:?}", run.ending).into());
    }
    let replay = replayed(&program, &stub, &run)?;
    let signed = |values: &[u32]| values.iter().map(|value| value.cast_signed()).collect::<Vec<i32>>();
    compare(call, &signed(&replay.results()), &signed(&replay.outputs))?;
    println!(
        "{} {:?}: {} instructions, {} tokens behind a prompt of {}",
        call.function,
        call.arguments,
        replay.instructions,
        run.trace().len(),
        run.prompt_tokens
    );
    as_the_reference(&program, stub.clone(), &run, &replay)
}

/// The trace, read.
fn replayed<'a>(program: &'a Program, stub: &'a Stub, run: &Run) -> Result<Replay<'a>, Failed> {
    let mut replay = Replay::new(program, stub);
    for token in run.trace() {
        replay.read(token)?;
    }
    if replay.end == Some(End::Halted) {
        Ok(replay)
    } else {
        Err(format!("it ends with {:?}", replay.end).into())
    }
}

/// The reference writes the same tokens, and has the same state at the end.
fn as_the_reference(program: &Program, stub: Stub, run: &Run, replay: &Replay<'_>) -> Result<(), Failed> {
    let mut machine = Machine::new(program);
    machine.begin(stub);
    let mut trace: Vec<Token> = Vec::new();
    if machine.run(u64::MAX, |token| trace.push(token)) != State::Halted {
        return Err("the reference does not halt".into());
    }
    if !run.trace().eq(trace) {
        return Err("the reference writes another trace".into());
    }
    let same = replay.globals == machine.globals
        && replay.memory.pages == machine.memory.pages
        && replay.memory.not_zero().eq(machine.memory.not_zero())
        && replay.instructions == machine.instructions;
    if same { Ok(()) } else { Err("the reference ends in another state".into()) }
}
