//! `worldmodel`: what the page does, without a browser, for scripts.
//!
//! Exit status: 0 for a result, 1 for a program that was stopped (and for what does not recompute),
//! 2 for what cannot be run at all.

mod ask;
mod bench;
mod card;
mod engines;
mod export;
mod language;
mod measure;
mod model;
mod questions;
mod replace;
mod report;
mod run;
mod source;
mod trace;
mod train;
mod xray;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs WebAssembly on a transformer whose weights were compiled, and on wasmi beside it.
#[derive(Parser)]
#[command(name = "worldmodel", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a program: .wasmt on the classic transformer, .wat and .wasm in the sandbox.
    Run(run::Options),
    /// Asks a question: programs at three layers, one of them run, an answer.
    Ask(ask::Options),
    /// Learns which candidate to choose, from candidates that are run, and writes it into the adapter.
    Choose(ask::choose::Options),
    /// Goes on from a text with a language model.
    Generate(language::generate::Options),
    /// Measures: which questions a WorldModel answers, how fast a language model is, or the interpreter transformer.
    Bench(bench::Options),
    /// Says what a model says of itself: shape, parameters, files, how it was trained, how it chooses.
    Model(model::Options),
    /// Writes a model card, from a run's folder and from measured figures.
    Card(card::Options),
    /// Writes a model's weights as model.safetensors with a config.json.
    Export(export::Options),
    /// Trains nano, the model that comes with the page; goes on where it stopped.
    Train(train::Options),
    /// Writes a whole run to a file, or computes one from a file again and says where it differs.
    Trace(trace::Options),
    /// Opens numbers of a run: each with its inputs, and recomputed from them.
    Xray(xray::Options),
}

/// What a command came to, as the process's exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// A result.
    Done = 0,
    /// A trap, a number that does not recompute, or a trace that differs.
    Stopped = 1,
    /// It could not be run.
    Refused = 2,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Ask(options) => ask::run(&options),
        Command::Choose(options) => ask::choose::run(&options),
        Command::Generate(options) => language::generate::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Model(options) => model::run(&options),
        Command::Card(options) => card::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Train(options) => train::run(&options),
        Command::Trace(options) => trace::run(&options),
        Command::Xray(options) => xray::run(&options),
    };
    let status = done.unwrap_or_else(|error| {
        report::problem(&format!("error: {error:#}"));
        Status::Refused
    });
    ExitCode::from(status as u8)
}
