//! `worldmodel bench`: tokens per second, and how they change as the trace grows; of models, what other modules measure.

mod full;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum};
use engine::interpreter::AnyEngine;
use engine::interpreter::classic::asm;
use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::classic::runner::{self, Options as RunOptions};
use engine::interpreter::engine::Engine;
use engine::interpreter::model::Transformer;
use engine::weights::Encoding;
use serde::Serialize;

use crate::engines::{self, Device};
use crate::language::{self, ComputeOptions};
use crate::{Status, measure, report};

/// Lengths of the traces, in executed instructions.
const LENGTHS: [usize; 3] = [100, 1_000, 10_000];

/// Counts down twice, one loop in another: 256 rounds of 256 rounds of 7 instructions, more than any trace
/// here. Each inner round writes a local and a memory cell, so that their heads have ever more keys to choose
/// between.
const PROGRAM: &str = "
    i32.const 255  local.set 0
    loop
      i32.const 255  local.set 1
      loop
        local.get 1  i32.const 1  i32.sub  local.tee 1  i32.store 7  local.get 1  br_if
      end_loop
      local.get 0  i32.const 1  i32.sub  local.tee 0  br_if
    end_loop
    halt";

/// A short trace is run again until so many of its tokens are measured, or [`ENOUGH`] has passed.
const SAMPLES: usize = 1_000;
/// Time spent on one trace's repetitions.
const ENOUGH: Duration = Duration::from_secs(2);

/// Options of `worldmodel bench`.
#[derive(Args)]
pub struct Options {
    /// Which engines [default: all that this build has].
    #[arg(long, value_delimiter = ',')]
    engine: Vec<Which>,
    /// Leaves out longer traces [default: 10,000 instructions of classic, 1,000,000 tokens of full].
    #[arg(long, value_name = "N")]
    max_length: Option<usize>,
    /// Seconds one trace may take; what it reached by then is measured.
    #[arg(long, value_name = "S", default_value_t = 20)]
    limit: u64,
    /// Measures this model instead. Of a WorldModel's folder: how many questions it answers rightly. Of a language model: prefill,
    /// decode, load time and memory.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["engine", "max_length", "limit"])]
    model: Option<PathBuf>,
    /// Measures a language model of this size with random weights.
    #[arg(long, value_name = "SIZE", conflicts_with_all = ["engine", "max_length", "limit", "model", "quantize"])]
    size: Option<language::bench::Size>,
    /// What its weights are stored in: q8_0, q4_0 or f32, say.
    #[arg(long, value_name = "FORM", requires = "size", default_value = "q8_0", value_parser = language::encoding)]
    encoding: Encoding,
    #[command(flatten)]
    questions: measure::QuestionOptions,
    #[command(flatten)]
    compute: ComputeOptions,
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
    /// The full machine on the CPU.
    Full,
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
    /// Time they took, without the prompt.
    seconds: f64,
    /// Tokens of the program, which are read before the first answer.
    prompt_tokens: usize,
    /// Time that reading them took.
    prompt_seconds: f64,
    /// Tokens a second, without the prompt.
    tokens_per_s: f64,
    /// Cost of a token in the last tenth of the trace, in seconds.
    last_tenth: f64,
    /// That cost compared with the one in the shortest trace of this engine.
    growth: f64,
    /// Whether the time limit ended it early.
    stopped_early: bool,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    if let Some(which) = options.model.as_deref().and_then(|model| options.questions.worldmodel(model)) {
        return measure::run(&which, &options.questions, &options.compute, options.json);
    }
    if let Some(option) = options.questions.named() {
        bail!("{option} is for a WorldModel: name its folder, where adapter.json is, with --model");
    }
    if let Some(model) = &options.model {
        return language::bench::run(model, &options.compute, options.json);
    }
    if let Some(size) = options.size {
        return language::bench::run_random(size, options.encoding, &options.compute, options.json);
    }
    if let Some(option) = options.compute.named() {
        bail!("{option} is for a language model: name one with --model, or choose a --size");
    }
    let program = program()?;
    let model = compile();
    let chosen = match options.engine.as_slice() {
        [] if cfg!(feature = "gpu") => &[Which::Sparse, Which::Dense, Which::Gpu, Which::Full][..],
        [] => &[Which::Sparse, Which::Dense, Which::Full],
        chosen => chosen,
    };
    if !options.json && chosen.iter().any(|which| *which != Which::Full) {
        report::line(
            "engine                             length   tokens    tokens/s   a token at the end   growth",
        );
    }
    for which in chosen {
        if *which == Which::Full {
            full::run(options.max_length.unwrap_or(usize::MAX), options.json)?;
            continue;
        }
        let mut engine = match engine(*which, &model) {
            Ok(engine) => engine,
            Err(error) if options.engine.is_empty() => {
                report::problem(&format!("left out: {error:#}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut shortest = None;
        for length in
            LENGTHS.into_iter().filter(|length| options.max_length.is_none_or(|longest| *length <= longest))
        {
            let measured = measure(&mut engine, &program, length, options.limit, shortest)?;
            shortest.get_or_insert(measured.last_tenth);
            print(&measured, options)?;
        }
    }
    if !options.json && options.engine.is_empty() && !cfg!(feature = "gpu") {
        report::problem("the GPU is left out: this build has none (--features gpu)");
    }
    Ok(Status::Done)
}

fn program() -> Result<Program> {
    let assembly = asm::assemble(PROGRAM, OpenLoops::Refuse)
        .map_err(|errors| anyhow!("the benchmark's program: {errors:?}"))?;
    Ok(assembly.program)
}

fn engine(which: Which, model: &Transformer) -> Result<AnyEngine> {
    match which {
        Which::Sparse | Which::Full => engines::engine(model, Device::Cpu, false),
        Which::Dense => engines::engine(model, Device::Cpu, true),
        Which::Gpu => engines::engine(model, Device::Gpu, true),
    }
}

/// One run, by the clock.
struct Timed {
    prompt_tokens: usize,
    prompt_seconds: f64,
    /// Seconds from the first answer's start to each answer's end.
    answered: Vec<f64>,
}

impl Timed {
    /// Cost of a token in the last tenth, in seconds.
    fn last_tenth(&self) -> f64 {
        let tenth = (self.answered.len() / 10).max(1);
        let before = self.answered.len().checked_sub(tenth + 1).and_then(|index| self.answered.get(index));
        (self.seconds() - before.copied().unwrap_or_default()) / tenth as f64
    }

    fn seconds(&self) -> f64 {
        self.answered.last().copied().unwrap_or_default()
    }
}

fn time(engine: &mut AnyEngine, program: &Program, length: usize, limit: u64) -> Result<Timed> {
    let started = Instant::now();
    let deadline = started + Duration::from_secs(limit);
    let options = RunOptions { max_tokens: length, ..RunOptions::default() };
    let mut computed: Vec<(usize, Instant)> = Vec::with_capacity(length);
    let go_on = async |positions| {
        let now = Instant::now();
        computed.push((positions, now));
        now < deadline
    };
    let run = pollster::block_on(runner::run(engine, program, options, go_on))?;
    // The first answer comes with the pass that ends the prompt: it counts as the prompt's.
    let prompt_tokens = run.report.prompt_tokens;
    let first = computed.iter().position(|(positions, _)| *positions >= prompt_tokens);
    let answers = first.and_then(|first| computed.get(first..)).unwrap_or_default();
    let begin = answers.first().map_or(started, |(_, at)| *at);
    Ok(Timed {
        prompt_tokens,
        prompt_seconds: (begin - started).as_secs_f64(),
        answered: answers.iter().map(|(_, at)| (*at - begin).as_secs_f64()).collect(),
    })
}

fn measure(
    engine: &mut AnyEngine,
    program: &Program,
    length: usize,
    limit: u64,
    shortest: Option<f64>,
) -> Result<Measured> {
    time(engine, program, LENGTHS[0].min(length), limit)?; // Warms up caches and, on a GPU, compiles its kernels.
    let started = Instant::now();
    let mut runs = Vec::new();
    while runs.is_empty() || (runs.len() * length / 10 < SAMPLES && started.elapsed() < ENOUGH) {
        runs.push(time(engine, program, length, limit)?);
    }
    // The median run: something else on this machine makes some slow.
    runs.sort_by(|a, b| a.last_tenth().total_cmp(&b.last_tenth()));
    let last_tenth = runs.get(runs.len() / 2).map_or(0.0, Timed::last_tenth);
    runs.sort_by(|a, b| a.seconds().total_cmp(&b.seconds()));
    let middle = runs.swap_remove(runs.len() / 2);
    let (tokens, seconds) = (middle.answered.len(), middle.seconds());
    Ok(Measured {
        engine: engine.name(),
        length,
        tokens,
        seconds,
        prompt_tokens: middle.prompt_tokens,
        prompt_seconds: middle.prompt_seconds,
        tokens_per_s: tokens.saturating_sub(1) as f64 / seconds.max(f64::MIN_POSITIVE),
        last_tenth,
        growth: last_tenth / shortest.unwrap_or(last_tenth),
        stopped_early: tokens < length,
    })
}

fn print(measured: &Measured, options: &Options) -> Result<()> {
    if options.json {
        return report::json(measured);
    }
    let Measured { engine, length, tokens, tokens_per_s, last_tenth, growth, .. } = measured;
    let early =
        if measured.stopped_early { format!("  stopped after {} s", options.limit) } else { String::new() };
    let micros = last_tenth * 1e6;
    report::line(&format!(
        "{engine:<32} {length:>8} {tokens:>8} {tokens_per_s:>11.0} {micros:>17.1} µs   × {growth:.2}{early}"
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::sparse::SparseEngine;

    #[test]
    fn the_program_is_longer_than_every_trace() {
        let program = program().unwrap();
        let mut engine = engine(Which::Sparse, &compile()).unwrap();
        let measured = measure(&mut engine, &program, 10_000, 600, None).unwrap();
        assert_eq!((measured.tokens, measured.stopped_early), (10_000, false));
        assert_eq!(measured.prompt_tokens, 2 + 5 * program.len());
        assert!(measured.last_tenth > 0.0 && measured.prompt_seconds > 0.0);
    }

    #[test]
    fn the_last_tenth_is_the_last_tenth() {
        let answered = (0..100).map(|index: i32| f64::from(index.max(90))).collect();
        let timed = Timed { prompt_tokens: 7, prompt_seconds: 1.0, answered };
        assert_eq!(timed.last_tenth(), 0.9);
        assert_eq!(timed.seconds(), 99.0);
    }

    /// Counted, not timed: the clock of a busy machine proves nothing.
    #[test]
    fn a_token_costs_the_sparse_engine_no_more_at_the_end_of_a_long_trace() {
        let program = program().unwrap();
        let mut engine = SparseEngine::new(&compile());
        let mut compared = |length| {
            let options = RunOptions { max_tokens: length, ..RunOptions::default() };
            pollster::block_on(runner::run(&mut engine, &program, options, async |_| true)).unwrap();
            engine.keys_compared()
        };
        // Ten inner rounds each.
        let at_start = compared(100) - compared(30);
        let at_end = compared(10_000) - compared(9_930);
        assert!(at_start > 70, "{at_start}");
        assert!(2 * at_end <= 3 * at_start, "{at_start} keys for 70 tokens, then {at_end}");
    }
}
