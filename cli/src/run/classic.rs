//! A program on the classic interpreter transformer.

use std::time::Instant;

use anyhow::Result;
use engine::interpreter::classic::Ending;
use engine::interpreter::classic::asm::{self, Assembly};
use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::program::OpenLoops;
use engine::interpreter::classic::runner;
use engine::source::{SourceError, Span};

use super::{Options, Outcome, Refusal};
use crate::engines;
use crate::source::Source;
use crate::{Status, report};

const ENGINE: &str = "classic";
/// Mistakes of a text that are shown; the rest is counted.
const SHOWN_ERRORS: usize = 20;

/// Assembles and runs a program.
pub fn run(options: &Options, source: &Source, started: Instant) -> Result<Status> {
    if options.invoke.is_some() || !options.args.is_empty() {
        anyhow::bail!("--invoke and --args belong to modules; a classic program has no functions");
    }
    let assembly = match assemble(source) {
        Ok(assembly) => assembly,
        Err(errors) => {
            let reasons = errors.into_iter().map(|error| (Some(error.span), error.message, error.help));
            return Refusal { engine: ENGINE, reasons: reasons.collect() }.print(source, options.json);
        }
    };
    if assembly.program.is_empty() {
        report::problem(&format!("{}: the program is empty: nothing is executed", source.name));
    }
    let mut engine = engines::engine(&compile(), options.device, options.dense)?;
    let how = runner::Options { max_tokens: options.max_tokens, ..runner::Options::default() };
    let run = pollster::block_on(runner::run(&mut engine, &assembly.program, how, async |_| true))?;
    let seconds = started.elapsed().as_secs_f64();
    let report = &run.report;
    let (trap, span) = match report.ending {
        Ending::Trapped(trap) => (Some(trap.to_string()), assembly.spans.get(trap.ip).copied()),
        Ending::Cancelled => (Some("cancelled".to_owned()), None),
        Ending::Halted | Ending::EndOfProgram => (None, None),
    };
    let stopped =
        trap.as_ref().map(|trap| report::underlined(&source.name, &source.text(), span, trap, None));
    Outcome {
        engine: ENGINE,
        result: report.state.stack.clone(),
        outputs: report.state.outputs.clone(),
        trap,
        instructions: Some(report.steps.len() as u64),
        fuel: None,
        tokens: report.prompt_tokens + report.steps.len(),
        seconds,
        checked: None,
        token_ids: options.tokens.then(|| run.tokens()),
    }
    .print(options.json, stopped.as_deref())
}

/// The program of a source.
///
/// # Errors
/// Its mistakes, the first [`SHOWN_ERRORS`] of them.
pub fn assemble(source: &Source) -> Result<Assembly, Vec<SourceError>> {
    let Ok(text) = std::str::from_utf8(&source.bytes) else {
        let message = "this is no text: a classic program is UTF-8";
        let error = SourceError::new(Span { line: 1, column: 1, ..Span::default() }, message);
        return Err(vec![error.with_help("a binary module runs with --engine wasmi")]);
    };
    asm::assemble(text, OpenLoops::Refuse).map_err(|mut errors| {
        let more = errors.len().saturating_sub(SHOWN_ERRORS);
        errors.truncate(SHOWN_ERRORS);
        if more > 0
            && let Some(last) = errors.last_mut()
        {
            last.message.push_str(&format!(" (and {more} more errors)"));
        }
        errors
    })
}
