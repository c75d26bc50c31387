//! Numbers of the hand-compiled transformers, on a program.

use anyhow::{Result, bail};
use engine::interpreter::AnyEngine;
use engine::interpreter::classic::runner;
use engine::interpreter::engine::Engine;
use engine::interpreter::model::Transformer;
use engine::interpreter::sequence::Sequence;
use engine::interpreter::{classic, full};
use engine::source::{SourceError, Span};
use engine::xray::{Site, explain};

use super::chance::Chance;
use super::{Opened, Options};
use crate::run::{assemble, ready};
use crate::source::Source;
use crate::{Status, engines, report};

/// A run that is over, and what computed it.
struct Ran {
    model: Transformer,
    engine: AnyEngine,
    sequence: Sequence,
}

/// Why a program is not run, and where.
type Reasons = Vec<(Option<Span>, String, Option<String>)>;

/// A transformer that is made for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    Classic,
    Full,
}

/// Runs the program and opens its numbers.
pub fn open(options: &Options, machine: Machine, sites: Vec<Site>) -> Result<Status> {
    if !options.replace.is_empty() {
        bail!(
            "--replace belongs to language models; what a machine computes with a part replaced, the page's X-ray shows"
        );
    }
    let source = Source::read(options.input.as_ref())?;
    let ran = match machine {
        Machine::Classic => run_classic(options, &source)?,
        Machine::Full => run_full(options, &source)?,
    };
    let Ran { model, mut engine, sequence } = match ran {
        Ok(ran) => ran,
        Err(reasons) => {
            let text = source.text();
            for (span, message, help) in reasons {
                let help = help.as_deref();
                report::problem(&report::underlined(&source.name, &text, span, &message, help));
            }
            return Ok(Status::Refused);
        }
    };
    let mut chance = Chance(options.seed);
    let drawn = (0..options.random).map(|_| chance.site(&model, &sequence));
    let mut opened = Opened::default();
    for site in sites.into_iter().chain(drawn) {
        let explanation = pollster::block_on(explain(&mut engine, &model, &sequence, site))?;
        opened.show(&explanation, options.json)?;
    }
    if options.random > 0 {
        report::problem(&opened.summary(&engine.name()));
    }
    Ok(opened.status())
}

/// Runs a program of the classic machine.
fn run_classic(options: &Options, source: &Source) -> Result<Result<Ran, Reasons>> {
    if options.invoke.is_some() || !options.args.is_empty() {
        bail!("--invoke and --args belong to modules; a classic program has no functions");
    }
    let assembly = match assemble(source) {
        Ok(assembly) => assembly,
        Err(errors) => {
            let reason = |error: SourceError| (Some(error.span), error.message, error.help);
            return Ok(Err(errors.into_iter().map(reason).collect()));
        }
    };
    let model = classic::compile::compile();
    let mut engine = engines::engine(&model, options.device, options.dense)?;
    let how = runner::Options { max_tokens: options.max_tokens, ..runner::Options::default() };
    let run = pollster::block_on(runner::run(&mut engine, &assembly.program, how, async |_| true))?;
    Ok(Ok(Ran { model, engine, sequence: run.sequence }))
}

/// Runs a module on the full machine.
fn run_full(options: &Options, source: &Source) -> Result<Result<Ran, Reasons>> {
    let ready = match ready(source, options.invoke.as_deref(), &options.args) {
        Ok(ready) => ready,
        Err(reason) => return Ok(Err(vec![reason])),
    };
    let model = full::compile::compile();
    let mut engine = engines::engine(&model, options.device, options.dense)?;
    let run = full::run::run(&mut engine, &ready.program, &ready.stub, options.max_tokens, async |_| true);
    let mut sequence = pollster::block_on(run)?.sequence;
    // The last token was never read: nothing was computed there.
    sequence.truncate(engine.seen());
    Ok(Ok(Ran { model, engine, sequence }))
}
