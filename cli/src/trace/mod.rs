//! `worldmodel trace`: a whole run as a file, and a file computed again. `docs/trace-format.md` describes the format.

mod compiled;
mod language;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use engine::trace::{By, Input, Trace, first_difference, read, write};

use crate::engines::Device;
use crate::source::Source;
use crate::xray::Model;
use crate::{Status, report};

/// Tokens that a transformer may write where nobody says how many.
const MAX_TOKENS: usize = 1_000_000;

/// Options of `worldmodel trace`.
#[derive(Args)]
pub struct Options {
    /// Which model: classic, full, nano (the folder assets/nano), or a language model's folder or file.
    #[arg(required_unless_present = "check", conflicts_with = "check", requires = "input")]
    model: Option<Model>,
    /// What it runs. Classic and full: the file of a program, or `-` for standard input. A language model: a question.
    input: Option<OsString>,
    /// The file to write; without it, standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Reads a trace, computes its run again, and says the first place where it differs; exit status 1 if there is one.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// The language model that a trace is checked with, where it is not nano.
    #[arg(long, value_name = "PATH", requires = "check")]
    with: Option<PathBuf>,
    /// The exported function to call (full); a trace that is checked says it itself.
    #[arg(long, value_name = "NAME", conflicts_with = "check")]
    invoke: Option<String>,
    /// Its arguments, separated by commas (full); a trace that is checked has them.
    #[arg(
        long,
        value_name = "A,B",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with = "check"
    )]
    args: Vec<String>,
    /// Tokens the transformer may write (classic, full): 1,000,000 by default; a trace that is checked says how many.
    #[arg(long, value_name = "N", conflicts_with = "check")]
    max_tokens: Option<usize>,
    /// Where the model computes.
    #[arg(long, default_value = "cpu")]
    device: Device,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    if let Some(path) = &options.check {
        return check(options, path);
    }
    let (Some(model), Some(input)) = (&options.model, &options.input) else {
        bail!("name a model and what it runs, or a file with --check")
    };
    if *model != Model::Full && (options.invoke.is_some() || !options.args.is_empty()) {
        bail!("--invoke and --args belong to modules, which `full` runs");
    }
    if matches!(model, Model::Language(_)) && options.max_tokens.is_some() {
        bail!("--max-tokens belongs to programs, which `classic` and `full` run");
    }
    let max_tokens = options.max_tokens.unwrap_or(MAX_TOKENS);
    match model {
        Model::Classic | Model::Full => {
            let source = Source::read(input.as_ref())?;
            let computed = if *model == Model::Classic {
                compiled::classic(&source, false, max_tokens, options.device)?
            } else {
                let call = compiled::Call { function: options.invoke.as_deref(), arguments: &options.args };
                compiled::full(&source, call, max_tokens, options.device)?
            };
            computed.map_or(Ok(Status::Refused), |trace| save(options, &trace))
        }
        Model::Language(path) => {
            let question = input.to_str().context("the question is not UTF-8")?;
            language::ask(path, question, options.device, |trace| save(options, &trace))
        }
    }
}

/// Writes a trace to where it is wanted.
fn save(options: &Options, trace: &Trace) -> Result<Status> {
    let text = write(trace)?;
    let Some(path) = &options.out else {
        report::line(text.trim_end());
        return Ok(Status::Done);
    };
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    report::problem(&format!("{}: {}", path.display(), counts(trace)));
    Ok(Status::Done)
}

/// What a trace holds, in words.
fn counts(trace: &Trace) -> String {
    let by = |by: By| trace.tokens.iter().filter(|token| token.by == by).count();
    let mut text = format!(
        "{} tokens, {} given and {} said by {}",
        trace.tokens.len(),
        by(By::Host),
        by(By::Model),
        trace.run.model.name
    );
    let computed = by(By::Computed);
    if computed > 0 {
        text.push_str(&format!(", {computed} computed"));
    }
    if !trace.candidates.is_empty() {
        text.push_str(&format!("; {} programs", trace.candidates.len()));
    }
    text
}

/// Reads a trace and computes its run again.
fn check(options: &Options, path: &Path) -> Result<Status> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("{name} cannot be read"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| anyhow!("{name} is no text\n  help: a trace is JSON Lines, in UTF-8"))?;
    let trace = read(&text).map_err(|error| anyhow!("{name}: {error}\n  help: {}", error.help))?;
    let compared = |again: Trace| Ok(verdict(&name, &trace, &trace.stopped_as_this_one(again)));
    let max_tokens = trace.max_tokens().unwrap_or_default();
    if options.with.is_some() && !matches!(trace.run.input, Input::Question(_)) {
        bail!("--with names a language model, and {name} is a run of {}", trace.run.model.name);
    }
    let again = match &trace.run.input {
        Input::Question(question) => {
            let with = match &options.with {
                Some(path) => path.clone(),
                None if trace.run.model.name == "nano" => "assets/nano".into(),
                None => {
                    bail!("{name} was written by {}: --with names its file or folder", trace.run.model.name)
                }
            };
            return language::again(&with, question, &trace.run.model.name, options.device, compared);
        }
        Input::Classic { program, open_loops, .. } => {
            let source = Source { name: format!("{name}: its program"), bytes: program.clone().into() };
            compiled::classic(&source, *open_loops, max_tokens, options.device)?
        }
        Input::Full { program, function, arguments, .. } => {
            let source = Source { name: format!("{name}: its program"), bytes: program.clone().into() };
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            let call = compiled::Call { function: Some(function), arguments: &arguments };
            compiled::full(&source, call, max_tokens, options.device)?
        }
    };
    again.map_or(Ok(Status::Refused), compared)
}

/// Says what was found.
fn verdict(name: &str, trace: &Trace, again: &Trace) -> Status {
    if let Some(difference) = first_difference(trace, again) {
        report::line(&format!("{name} differs: {difference}"));
        return Status::Stopped;
    }
    report::line(&format!(
        "{name}: the same, computed again on {} ({}; version {})",
        again.run.engine,
        counts(trace),
        trace.run.version
    ));
    Status::Done
}
