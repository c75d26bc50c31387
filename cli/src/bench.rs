//! `worldmodel bench`: tokens per second, and how they change as the trace grows.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};
use engine::interpreter::classic::asm;
use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::classic::runner::{self, Options as RunOptions};
use engine::interpreter::engine::Engine;
use engine::interpreter::model::Transformer;
use serde::Serialize;

use crate::engines::{AnyEngine, Device};
use crate::{Status, report};

/// Lengths of the traces, in executed instructions.
const LENGTHS: [usize; 3] = [100, 1_000, 10_000];

/// Counts down twice, one loop in another: 256 · (3 + 256 · 5 + 5) instructions, more than any trace here.
/// Locals and memory are written at every step, so that their heads have ever more keys to choose between.
const PROGRAM: &str = "
    i32.const 255  local.set 0
    loop
      i32.const 255  local.set 1
      loop
        local.get 1  i32.const 1  i32.sub  local.tee 1  br_if
      end_loop
      local.get 0  i32.const 1  i32.sub  local.tee 0  i32.store 7
      local.get 0  br_if
    end_loop
    halt";

/// Options of `worldmodel bench`.
#[derive(Args)]
pub struct Options {
    /// Which engines [default: all that this build has].
    #[arg(long, value_delimiter = ',')]
    engine: Vec<Which>,
    /// Leaves out longer traces.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    max_length: usize,
    /// Seconds one trace may take; what it reached by then is measured.
    #[arg(long, value_name = "S", default_value_t = 20)]
    limit: u64,
    /// Prints one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// An engine on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Sparse rows and indexed attention, on the CPU.
    Sparse,
    /// burn on the CPU.
    Dense,
    /// burn on the GPU.
    Gpu,
}

/// One trace on one engine.
#[derive(Serialize)]
struct Measured {
    /// The engine's own name, with its device.
    engine: String,
    /// Instructions the trace was to have.
    length: usize,
    /// Instructions executed, one token each.
    tokens: usize,
    /// Time they took, prompt included.
    seconds: f64,
    /// Tokens a second.
    tokens_per_s: f64,
    /// Cost of a token compared with the shortest trace of this engine.
    growth: f64,
    /// Whether the time limit ended it early.
    stopped_early: bool,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let program = asm::assemble(PROGRAM, OpenLoops::Refuse)
        .map_err(|errors| anyhow!("the benchmark's program: {errors:?}"))?
        .program;
    let model = compile();
    let chosen = match options.engine.as_slice() {
        [] if cfg!(feature = "gpu") => &[Which::Sparse, Which::Dense, Which::Gpu][..],
        [] => &[Which::Sparse, Which::Dense],
        chosen => chosen,
    };
    if !options.json {
        report::line("engine                             length   tokens    tokens/s   cost of a token");
    }
    for which in chosen {
        let mut engine = match engine(*which, &model) {
            Ok(engine) => engine,
            Err(error) if options.engine.is_empty() => {
                report::problem(&format!("left out: {error:#}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut shortest = None;
        for length in LENGTHS.into_iter().filter(|length| *length <= options.max_length) {
            let measured = measure(&mut engine, &program, length, options.limit, shortest)?;
            shortest.get_or_insert(measured.seconds / measured.tokens.max(1) as f64);
            print(&measured, options)?;
        }
    }
    if !options.json && options.engine.is_empty() && !cfg!(feature = "gpu") {
        report::problem("the GPU is left out: this build has none (--features gpu)");
    }
    Ok(Status::Done)
}

fn engine(which: Which, model: &Transformer) -> Result<AnyEngine> {
    match which {
        Which::Sparse => AnyEngine::new(model, Device::Cpu, false),
        Which::Dense => AnyEngine::new(model, Device::Cpu, true),
        Which::Gpu => AnyEngine::new(model, Device::Gpu, true),
    }
}

fn measure(
    engine: &mut AnyEngine,
    program: &Program,
    length: usize,
    limit: u64,
    shortest: Option<f64>,
) -> Result<Measured> {
    let once = |engine: &mut AnyEngine, length: usize| {
        let started = Instant::now();
        let deadline = started + Duration::from_secs(limit);
        let options = RunOptions { max_tokens: length, ..RunOptions::default() };
        let go_on = async |_| Instant::now() < deadline;
        let run = pollster::block_on(runner::run(engine, program, options, go_on))?;
        anyhow::Ok((run.report.steps.len(), started.elapsed().as_secs_f64()))
    };
    once(engine, LENGTHS[0].min(length))?; // Warms up caches and, on a GPU, compiles its kernels.
    let (tokens, seconds) = once(engine, length)?;
    let per_token = seconds / tokens.max(1) as f64;
    Ok(Measured {
        engine: engine.name(),
        length,
        tokens,
        seconds,
        tokens_per_s: 1.0 / per_token,
        growth: per_token / shortest.unwrap_or(per_token),
        stopped_early: tokens < length,
    })
}

fn print(measured: &Measured, options: &Options) -> Result<()> {
    if options.json {
        return report::json(measured);
    }
    let Measured { engine, length, tokens, tokens_per_s, growth, .. } = measured;
    let early =
        if measured.stopped_early { format!("  stopped after {} s", options.limit) } else { String::new() };
    report::line(&format!(
        "{engine:<32} {length:>8} {tokens:>8} {tokens_per_s:>11.0}   × {growth:.2}{early}"
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_longer_than_every_trace() {
        let program = asm::assemble(PROGRAM, OpenLoops::Refuse).unwrap().program;
        let mut engine = engine(Which::Sparse, &compile()).unwrap();
        let measured = measure(&mut engine, &program, 10_000, 600, None).unwrap();
        assert_eq!((measured.tokens, measured.stopped_early), (10_000, false));
    }
}
