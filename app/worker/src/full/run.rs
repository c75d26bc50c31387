//! From a module's text to a recorded run, and what `wasmi` makes of the same call.

use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::program::{MAX_CODE, MEMORY_PAGE, Program};
use engine::interpreter::full::recording::Recording;
use engine::interpreter::full::replay::End;
use engine::interpreter::full::run::{self, Ending};
use engine::interpreter::full::stub::{CallError, Stub};
use engine::interpreter::full::trap::Trap;
use engine::interpreter::full::{Roots, lower};
use engine::sandbox::{self, HostFunction, Limits, RunError, TrapKind, Value};
use engine::source::{SourceError, Span};
use engine::wat::{Function, Module, Names, ValueType};
use protocol::machine::{Ended, FunctionView, MachineResponse, MachineRun, Reference};
use protocol::{AppError, Problem, Response};

use super::{Errand, failed};
use crate::rest::Rest;

/// Fuel of the reference: more than any run of the transformer has instructions.
const FUEL: u64 = 100_000_000;
/// Bytes of memory that it may have.
const MEMORY: u64 = 256 << 20;
/// Bytes of output: more than any run of the transformer puts out.
const OUTPUT: u64 = 64 << 20;

/// A module with what is called in it.
pub struct Ready {
    module: Module,
    program: Program,
    stub: Stub,
    function: Function,
    arguments: Vec<i32>,
    /// What its parts are called.
    pub names: Names,
}

/// What a module can be asked to do.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &str) -> Result<MachineResponse, AppError> {
    let module = Module::from_text(text).map_err(wrong)?;
    let program = lower(&module, Roots::Named(&[])).map_err(wrong)?;
    let names = Names::of(&module);
    let functions = module.functions().iter().map(|function| {
        let index = program.exports.iter().find(|(name, _)| *name == function.name);
        let params = 0..function.signature.params.len();
        let name = |at: usize| {
            let of = index.map(|(_, index)| (program.imported + index) as u32);
            of.and_then(|of| names.local(of, at as u32))
                .map_or_else(|| at.to_string(), |name| format!("${name}"))
        };
        FunctionView {
            name: function.name.clone(),
            params: params.map(name).collect(),
            signature: function.signature.to_string(),
        }
    });
    let proposed = sandbox::entry(&module, None).ok().map(|function| function.name.clone());
    Ok(MachineResponse::Read { functions: functions.collect(), proposed })
}

/// Checks a module, lowers it, and prepares a call.
///
/// # Errors
/// What is wrong with it.
pub fn ready(text: &str, function: &str, arguments: &str) -> Result<Ready, AppError> {
    let module = Module::from_text(text).map_err(wrong)?;
    let named = (!function.is_empty()).then_some(function);
    let function = sandbox::entry(&module, named).map_err(|error| not_called(&error))?.clone();
    let program = lower(&module, Roots::Named(&[&function.name])).map_err(wrong)?;
    let words = arguments.split([' ', ',', '\n', '\t']).filter(|word| !word.is_empty());
    let mut values = Vec::new();
    for word in words {
        match Value::parse(word, ValueType::I32) {
            Some(Value::I32(value)) => values.push(value),
            _ => return Err(bad_argument(format!("`{word}` is no 32-bit integer"), &function)),
        }
    }
    let unsigned: Vec<u32> = values.iter().map(|value| value.cast_unsigned()).collect();
    let stub = Stub::named(&program, &function.name, &unsigned).map_err(|error| match error {
        CallError::TooLong => too_long(&error),
        CallError::NoFunction | CallError::Arguments { .. } => bad_argument(error.to_string(), &function),
    })?;
    Ok(Ready { names: Names::of(&module), module, program, stub, function, arguments: values })
}

impl Ready {
    /// Runs it.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn run(
        &self,
        engine: &mut FullEngine,
        max_tokens: u32,
        errand: &Errand<'_>,
    ) -> Result<(Recording, MachineRun), AppError> {
        let rest = Rest::new(errand.scope);
        let go_on = async |tokens: usize| {
            // The clock costs as much as some positions.
            if tokens.is_multiple_of(64) && rest.when_due().await {
                errand.scope.post(errand.id, Response::Progress { tokens });
            }
            !(errand.is_cancelled)()
        };
        let ran = run::run(engine, &self.program, &self.stub, max_tokens as usize, go_on).await;
        let ran = ran.map_err(|error| failed(&error))?;
        let seconds = rest.worked();
        let ending = ran.ending;
        let recording =
            Recording::new(self.program.clone(), self.stub.clone(), ran).map_err(|error| failed(&error))?;
        let view = self.view(&recording, ending, seconds);
        Ok((recording, view))
    }

    fn view(&self, recording: &Recording, ending: Ending, seconds: f64) -> MachineRun {
        let end = recording.end();
        let results = || end.results().into_iter().map(u32::cast_signed).collect();
        let ended = match (ending, end.end) {
            (Ending::Finished, Some(End::Trapped(trap))) => {
                let span = recording.at_end().and_then(|record| record.span);
                Ended::Trap { message: trap.to_string(), span }
            }
            (Ending::Finished, _) => Ended::Result(results()),
            (Ending::OutOfTokens { limit }, _) => {
                Ended::Stopped(format!("stopped at {limit} tokens, the most that it was given"))
            }
            (Ending::TooLong, _) => Ended::Stopped(
                "stopped: a longer trace would have positions that are not exact in 32-bit floats".to_owned(),
            ),
            (Ending::Cancelled, _) => Ended::Stopped("stopped by hand".to_owned()),
        };
        let run = recording.run();
        let reference = match &ended {
            Ended::Stopped(_) => Err("the run was stopped before its end".to_owned()),
            Ended::Result(_) | Ended::Trap { .. } => {
                let trap = match end.end {
                    Some(End::Trapped(trap)) => Some(trap),
                    _ => None,
                };
                self.reference(&results(), &end.outputs, trap, u64::from(end.memory.pages) * MEMORY_PAGE)
            }
        };
        MachineRun {
            function: self.function.name.clone(),
            arguments: self.arguments.clone(),
            ended,
            instructions: recording.instructions(),
            before_call: recording.before_call(),
            prompt_tokens: run.prompt_tokens as u32,
            tokens: run.sequence.len() as u32,
            seconds,
            reference,
        }
    }

    /// What `wasmi` makes of the same call, beside what the transformer has.
    fn reference(
        &self,
        results: &[i32],
        outputs: &[u32],
        trap: Option<Trap>,
        memory: u64,
    ) -> Result<Reference, String> {
        let arguments: Vec<Value> = self.arguments.iter().map(|value| Value::I32(*value)).collect();
        let limits = Limits { fuel: FUEL, memory_bytes: MEMORY, output_bytes: OUTPUT };
        let name = Some(self.function.name.as_str());
        let outcome = sandbox::run(&self.module, name, &arguments, limits, &HostFunction::OUTPUT)
            .map_err(|error| error.to_string())?;
        let stopped = outcome.trap.as_ref().map(|trap| &trap.kind);
        let by_itself = matches!(
            stopped,
            Some(TrapKind::StackOverflow | TrapKind::OutOfFuel { .. } | TrapKind::OutOfOutput { .. })
        );
        // How deep calls may nest, and how much memory there is, is each machine's own matter.
        if by_itself != (trap == Some(Trap::StackExhausted)) || memory > MEMORY {
            return Err("one of the two comes to a limit that the other does not have".to_owned());
        }
        let values: Option<Vec<i32>> = outcome.result.iter().map(integer).collect();
        let given: Option<Vec<i32>> = outcome.outputs.iter().map(integer).collect();
        let same_outputs = given
            .is_some_and(|given| given.iter().map(|value| value.cast_unsigned()).eq(outputs.iter().copied()));
        Ok(match outcome.trap {
            Some(stopped) => Reference {
                agrees: same_outputs && trap.is_some_and(|trap| is_same(trap, &stopped.kind)),
                outcome: format!("trap: {}", stopped.kind),
            },
            None => Reference {
                agrees: trap.is_none() && same_outputs && values.as_deref() == Some(results),
                outcome: match values.as_deref() {
                    Some([]) => "no result".to_owned(),
                    Some(values) => values.iter().map(i32::to_string).collect::<Vec<_>>().join(", "),
                    None => "something that is no i32".to_owned(),
                },
            },
        })
    }
}

fn integer(value: &Value) -> Option<i32> {
    if let Value::I32(value) = value { Some(*value) } else { None }
}

/// Whether both stop for the same reason.
const fn is_same(ours: Trap, theirs: &TrapKind) -> bool {
    matches!(
        (ours, theirs),
        (Trap::Unreachable, TrapKind::Unreachable)
            | (Trap::DivisionByZero, TrapKind::DivisionByZero)
            | (Trap::Overflow, TrapKind::IntegerOverflow)
            | (Trap::MemoryOutOfBounds, TrapKind::MemoryOutOfBounds)
            | (Trap::TableOutOfBounds, TrapKind::TableOutOfBounds)
            | (Trap::NoFunction, TrapKind::IndirectCallToNull)
            | (Trap::WrongType, TrapKind::BadSignature)
            | (Trap::StackExhausted, TrapKind::StackOverflow)
    )
}

/// The module is wrong, or outside of the machine.
fn wrong(error: SourceError) -> AppError {
    AppError {
        problem: Problem::Source(vec![error.clone()]),
        message: error.to_string(),
        remedy: match error.help {
            Some(help) => format!("In the underlined place: {help}."),
            None => "The underlined place is wrong; correct it and it runs.".to_owned(),
        },
    }
}

/// It has not what shall be called.
fn not_called(error: &RunError) -> AppError {
    let span = error.span().unwrap_or(Span { line: 1, column: 1, ..Span::default() });
    let mut source = SourceError::new(span, error.to_string());
    source.help = error.help();
    wrong(source)
}

/// What begins the run has no room behind the program.
fn too_long(error: &CallError) -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message: error.to_string(),
        remedy: format!(
            "Let the program compute what its data segments hold: it and what writes them have {MAX_CODE} instructions together."
        ),
    }
}

fn bad_argument(message: String, function: &Function) -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message,
        remedy: format!("`{}` is {}.", function.name, function.signature),
    }
}
