//! `worldmodel run`: one program, one result.

mod classic;
mod full;
mod sandboxed;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::Status;
use crate::engines::Device;
use crate::report::{self, Reason};
use crate::source::{Source, extension};

pub use classic::assemble;
pub use full::ready;

/// Options of `worldmodel run`.
#[derive(Args)]
pub struct Options {
    /// The program; `-` reads standard input.
    file: PathBuf,
    /// The exported function to call (modules; default: `main`, `_start`, or the only one).
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,
    /// Its arguments, separated by commas (modules).
    #[arg(long, value_name = "A,B", value_delimiter = ',', allow_hyphen_values = true)]
    args: Vec<String>,
    /// What runs it [default: classic for .wasmt, wasmi for everything else].
    #[arg(long)]
    engine: Option<EngineName>,
    /// Where the transformer computes.
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// Computes every weight, on burn, instead of only those that are not zero.
    #[arg(long)]
    dense: bool,
    /// Prints one JSON object: engine, result, outputs, trap, instructions, tokens, seconds. A module's in the
    /// sandbox has `fuel`, and `null` for its instructions, which nobody counts there.
    #[arg(long)]
    json: bool,
    /// Adds the transformer's whole token sequence: prompt and answers.
    #[arg(long)]
    tokens: bool,
    /// Fuel a module may use in the sandbox; most instructions cost 1.
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    fuel: u64,
    /// Memory a module may use in the sandbox, in MiB.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(0..=4096))]
    memory_mib: u64,
    /// Output a module may give in the sandbox, in bytes.
    #[arg(long, value_name = "N", default_value_t = 1 << 20)]
    output_bytes: u64,
    /// Tokens the transformer may write: of classic one an instruction, of full about four.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_tokens: usize,
    /// Has the dense engine confirm the whole trace afterwards, all positions in parallel, on the device (full).
    #[arg(long)]
    check: bool,
    /// Compiles the program into the weights first: the prompt holds no instruction, and the trace is the same (full).
    #[arg(long)]
    specialise: bool,
}

/// What can run a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineName {
    /// The sandbox.
    Wasmi,
    /// The classic interpreter transformer.
    Classic,
    /// The interpreter transformer for whole modules.
    Full,
}

/// The result, as JSON.
#[derive(Serialize)]
struct Outcome<T> {
    /// What ran it.
    engine: &'static str,
    /// Values returned (wasmi, full), or the stack at the end, bottom first (classic).
    result: Vec<T>,
    /// Values put out, in order.
    outputs: Vec<T>,
    /// Why it was stopped.
    trap: Option<String>,
    /// Instructions executed (classic: a token each; full: of its machine); the sandbox does not count them.
    instructions: Option<u64>,
    /// Fuel used by a module. Most instructions cost 1, some more, so it is no count of instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel: Option<u64>,
    /// Length of the token sequence, prompt included; 0 where there is none.
    tokens: usize,
    /// Time it took.
    seconds: f64,
    /// What confirmed the trace, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<Checked>,
    /// The sequence, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_ids: Option<Vec<u16>>,
}

/// A trace that was confirmed, token by token: computed again from the tokens that stand there, not generated.
#[derive(Serialize)]
struct Checked {
    /// What did it.
    engine: String,
    /// Tokens it confirmed.
    tokens: usize,
    /// Time it took.
    seconds: f64,
}

/// Why a program is not run.
struct Refusal {
    engine: &'static str,
    reasons: Vec<(Option<engine::source::Span>, String, Option<String>)>,
}

/// A refusal, as JSON.
#[derive(Serialize)]
struct RefusedJson {
    engine: &'static str,
    errors: Vec<Reason>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let engine = match options.engine {
        Some(engine) => engine,
        None if extension(&options.file) == "wasmt" => EngineName::Classic,
        None => EngineName::Wasmi,
    };
    if engine != EngineName::Full {
        anyhow::ensure!(!options.check, "--check confirms traces of the engine `full`: say --engine full");
        anyhow::ensure!(!options.specialise, "--specialise is for the engine `full`: say --engine full");
    }
    let source = Source::read(&options.file)?;
    let started = Instant::now();
    match engine {
        EngineName::Classic => classic::run(options, &source, started),
        EngineName::Full => full::run(options, &source, started),
        EngineName::Wasmi => sandboxed::run(options, &source, started),
    }
}

impl Refusal {
    /// Prints the reasons: for people on standard error, for scripts on standard output too.
    fn print(self, source: &Source, json: bool) -> Result<Status> {
        let text = source.text();
        for (span, message, help) in &self.reasons {
            report::problem(&report::underlined(&source.name, &text, *span, message, help.as_deref()));
        }
        if json {
            let errors =
                self.reasons.into_iter().map(|(span, message, help)| Reason::new(span, message, help));
            report::json(&RefusedJson { engine: self.engine, errors: errors.collect() })?;
        }
        Ok(Status::Refused)
    }
}

impl<T: Serialize + std::fmt::Display> Outcome<T> {
    /// Prints the result, and what stopped the program beneath its place, if it was stopped.
    fn print(&self, json: bool, stopped: Option<&str>) -> Result<Status> {
        if let Some(stopped) = stopped {
            report::problem(stopped);
        }
        if json {
            report::json(self)?;
        } else {
            if self.trap.is_none() {
                report::line(&format!("result   {}", report::list(&self.result)));
            }
            if !self.outputs.is_empty() {
                report::line(&format!("outputs  {}", report::list(&self.outputs)));
            }
            if let Some(tokens) = &self.token_ids {
                report::line(&format!("tokens   {}", report::list(tokens)));
            }
            let counts = [(self.instructions, "instructions"), (self.fuel, "fuel")];
            let counts = counts.into_iter().filter_map(|(count, unit)| Some(format!("{} {unit}", count?)));
            let counts = counts.collect::<Vec<_>>().join(", ");
            let tokens = if self.tokens > 0 { format!(", {} tokens", self.tokens) } else { String::new() };
            report::problem(&format!("{}: {counts}{tokens}, {:.3} ms", self.engine, self.seconds * 1e3));
            if let Some(Checked { engine, tokens, seconds }) = &self.checked {
                report::problem(&format!("checked: {tokens} tokens confirmed in {seconds:.3} s on {engine}"));
            }
        }
        Ok(if self.trap.is_some() { Status::Stopped } else { Status::Done })
    }
}
