//! Runs of the machines as traces, and a trace file beside the run that is made as it says.

use engine::interpreter::classic::runner;
use engine::interpreter::full::recording::Recording;
use engine::interpreter::model::Transformer;
use engine::trace::{self, Trace};
use protocol::trace::{Input, MOST_TOKENS, Opened, not_opened};
use protocol::{AppError, RunOptions};

/// Tokens of the longest run of the classic machine that is opened: the page keeps all its steps.
const MOST_STEPS: usize = 200_000;

/// A run of the classic machine.
///
/// # Errors
/// When it is too long for a file.
pub fn classic(
    model: &Transformer,
    engine: &str,
    (program, options): (&str, RunOptions),
    run: &runner::Run,
) -> Result<Trace, AppError> {
    is_short(run.sequence.len())?;
    let RunOptions { allow_open_loops: open_loops, max_tokens } = options;
    let given = trace::classic::Given { program, open_loops, max_tokens };
    Ok(trace::classic::record(model, engine, given, run))
}

/// Whether a run of so many tokens is short enough for a file of the page's.
///
/// # Errors
/// It is not.
fn is_short(tokens: usize) -> Result<(), AppError> {
    if tokens <= MOST_TOKENS {
        return Ok(());
    }
    let message = format!("the run has {tokens} tokens; the page writes files of {MOST_TOKENS} at most");
    Err(not_opened(message, "Write it on the command line: worldmodel trace full FILE --out RUN.jsonl."))
}

/// A call on the full machine: function, arguments, and the most tokens.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function.
    pub function: String,
    /// Its arguments.
    pub arguments: Vec<i32>,
    /// Tokens that the transformer may write.
    pub max_tokens: usize,
}

/// A run of the full machine.
///
/// # Errors
/// When it is too long for a file.
pub fn full(
    model: &Transformer,
    engine: &str,
    (text, call): (&str, &Call),
    recording: &Recording,
) -> Result<Trace, AppError> {
    let run = recording.run();
    is_short(run.sequence.len())?;
    let given = trace::full::Given {
        text,
        function: &call.function,
        arguments: &call.arguments,
        max_tokens: call.max_tokens,
        program: recording.program(),
        stub: recording.stub(),
    };
    trace::full::record(model, engine, given, run)
        .map_err(|error| not_opened(error.to_string(), "Please report the program."))
}

/// What a file is of.
///
/// # Errors
/// When its run is longer than the page can show.
pub fn opened(trace: &Trace) -> Result<Opened, AppError> {
    let tokens = trace.tokens.len();
    let max_tokens = trace.max_tokens().unwrap_or_default();
    let input = match &trace.run.input {
        trace::Input::Classic { program, open_loops, .. } => {
            if tokens > MOST_STEPS {
                let message = format!(
                    "the run has {tokens} tokens; the page shows {MOST_STEPS} of this machine at most"
                );
                return Err(not_opened(
                    message,
                    "Check it on the command line: worldmodel trace --check FILE.",
                ));
            }
            let options = RunOptions { allow_open_loops: *open_loops, max_tokens };
            Input::Classic { program: program.clone(), options }
        }
        trace::Input::Full { program, function, arguments, .. } => {
            is_short(tokens)?;
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            Input::Full {
                text: program.clone(),
                function: function.clone(),
                arguments: arguments.join(" "),
                max_tokens: u32::try_from(max_tokens).unwrap_or(u32::MAX),
            }
        }
        trace::Input::Question(question) => Input::Question { text: question.text.clone() },
    };
    let run = &trace.run;
    Ok(Opened { input, model: run.model.name.clone(), engine: run.engine.clone(), tokens })
}

/// Whether a run was made as the file says, from its beginning to its end: a person may have run something else meanwhile, or stopped it.
///
/// # Errors
/// It was not.
pub fn is_of(file: &Trace, again: &Trace) -> Result<(), AppError> {
    let is_same = match (&file.run.input, &again.run.input) {
        (
            trace::Input::Classic { program, open_loops, .. },
            trace::Input::Classic { program: now, open_loops: are_open, .. },
        ) => (program, open_loops) == (now, are_open),
        (
            trace::Input::Full { program, function, arguments, .. },
            trace::Input::Full { program: now, function: called, arguments: with, .. },
        ) => (program, function, arguments) == (now, called, with),
        _ => false,
    };
    let was_stopped = again.is_cancelled() && !file.is_cancelled();
    if is_same && !was_stopped {
        return Ok(());
    }
    let why = if is_same { "was stopped before its end" } else { "is of another program by now" };
    Err(not_opened(
        format!("the run {why}, so it was not compared with the file"),
        "Open the file once more.",
    ))
}

/// What a file says was run does not run here.
pub fn not_run() -> AppError {
    not_opened("the program in the file does not run here", "The REPL says what is wrong with it.")
}

/// No file waits to be compared.
pub fn not_there() -> AppError {
    not_opened("no trace file is open", "Open it once more: the engine was started anew.")
}
