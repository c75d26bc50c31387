//! How fast the full machine runs: tokens and instructions a second, as the trace grows, and of whole programs.

use std::time::Instant;

use anyhow::{Context, Result};
use engine::interpreter::engine::Engine;
use engine::interpreter::full::compile::compile;
use engine::interpreter::full::machine::Stub;
use engine::interpreter::full::program::Program;
use engine::interpreter::full::replay::Replay;
use engine::interpreter::full::run::{self, Run};
use engine::interpreter::full::{Roots, lower};
use engine::interpreter::programs::{Call, Head};
use engine::wat::Module;
use serde::Serialize;

use crate::engines::{self, Device};
use crate::report;

/// Lengths of the first program's trace, in tokens.
const LENGTHS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Collatz steps of all numbers up to one: branches, arithmetic, 16 KiB of memory that is written again and again.
const COLLATZ: &str = r#"(module (memory 1) (func (export "run") (param $to i32) (result i32)
  (local $n i32) (local $x i32) (local $steps i32)
  (loop $next
    (local.set $x (local.tee $n (i32.add (local.get $n) (i32.const 1))))
    (loop $again
      (if (i32.gt_u (local.get $x) (i32.const 1))
        (then
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (local.set $x (if (result i32) (i32.and (local.get $x) (i32.const 1))
            (then (i32.add (i32.mul (local.get $x) (i32.const 3)) (i32.const 1)))
            (else (i32.shr_u (local.get $x) (i32.const 1)))))
          (i32.store (i32.shl (i32.and (local.get $x) (i32.const 0xfff)) (i32.const 2)) (local.get $steps))
          (br $again))))
    (br_if $next (i32.lt_u (local.get $n) (local.get $to))))
  (local.get $steps)))"#;

/// Programs that are run to their end.
const PROGRAMS: [&str; 2] = [
    include_str!("../../../assets/programs/36-assignment.wat"),
    include_str!("../../../assets/programs/38-sudoku.wat"),
];

/// A stretch of a trace.
#[derive(Serialize)]
struct Measured {
    /// The engine's own name.
    engine: String,
    /// The program.
    program: String,
    /// Its tokens so far, without the prompt.
    tokens: usize,
    /// Tokens of this stretch a second.
    tokens_per_s: f64,
    /// Instructions of this stretch a second: the machine's, of which a division has about ten.
    instructions_per_s: f64,
    /// Tokens an instruction.
    tokens_per_instruction: f64,
    /// The cost of a token compared with the first stretch of the same program.
    growth: f64,
}

/// Measures and prints.
pub fn run(longest: usize, json: bool) -> Result<()> {
    if !json {
        report::line("full: program            to token    tokens/s   instructions/s   tokens each   growth");
    }
    let lengths: Vec<usize> = LENGTHS.into_iter().filter(|length| *length <= longest).collect();
    let call = Call { function: "run".into(), arguments: vec![1_000_000], ..Call::default() };
    if !lengths.is_empty() {
        measure("Collatz, with stores", COLLATZ, &call, &lengths, json)?;
    }
    for text in PROGRAMS.into_iter().filter(|_| longest >= LENGTHS[3]) {
        let head = Head::read(text)?;
        let call = head.calls.first().context("the program has no call")?;
        measure(&head.title, text, call, &[], json)?;
    }
    Ok(())
}

/// Runs a program up to the last of some lengths, or to its end, and prints the rate of each stretch.
fn measure(title: &str, text: &str, call: &Call, lengths: &[usize], json: bool) -> Result<()> {
    let program = lower(&Module::from_text(text)?, Roots::Named(&[&call.function]))?;
    let arguments: Vec<u32> = call.arguments.iter().map(|value| value.cast_unsigned()).collect();
    let stub = Stub::named(&program, &call.function, &arguments)?;
    let mut engine = engines::engine(&compile(), Device::Cpu, false)?;
    let prompt_tokens = run::begin(&program, &stub).len();
    let mut times = Vec::new();
    let go_on = async |seen: usize| {
        let written = seen - prompt_tokens.min(seen);
        if written == 0 || lengths.contains(&written) {
            times.push((written, Instant::now()));
        }
        true
    };
    // One token more than is measured: the last one is read by nobody.
    let longest = lengths.last().map_or(4_000_000, |length| length + 1);
    let run = pollster::block_on(run::run(&mut engine, &program, &stub, longest, go_on))?;
    if lengths.is_empty() {
        times.push((run.trace().len(), Instant::now()));
    }
    let instructions = instructions(&program, &stub, &run)?;
    // The prompt ends with the last of the times at which nothing was written.
    let begin = times.iter().rposition(|(written, _)| *written == 0).unwrap_or(0);
    let mut first = None;
    for pair in times.get(begin..).unwrap_or(&[]).windows(2) {
        let [(from, since), (to, until)] = pair else { continue };
        let seconds = (*until - *since).as_secs_f64().max(f64::MIN_POSITIVE);
        let count = |to: usize| instructions.partition_point(|end| *end <= to);
        let (tokens, done) = ((to - from) as f64, (count(*to) - count(*from)) as f64);
        let cost = seconds / tokens;
        print(
            &Measured {
                engine: engine.name(),
                program: title.to_owned(),
                tokens: *to,
                tokens_per_s: tokens / seconds,
                instructions_per_s: done / seconds,
                tokens_per_instruction: tokens / done,
                growth: cost / *first.get_or_insert(cost),
            },
            json,
        )?;
    }
    Ok(())
}

/// How many tokens the trace has where each instruction ends.
fn instructions(program: &Program, stub: &Stub, run: &Run) -> Result<Vec<usize>> {
    let mut replay = Replay::new(program, stub);
    let mut ends = Vec::new();
    for (at, token) in (1..).zip(run.trace()) {
        ends.extend(replay.read(token)?.map(|_| at));
    }
    Ok(ends)
}

fn print(measured: &Measured, json: bool) -> Result<()> {
    if json {
        return report::json(measured);
    }
    let Measured {
        program, tokens, tokens_per_s, instructions_per_s, tokens_per_instruction, growth, ..
    } = measured;
    report::line(&format!(
        "{program:<22} {tokens:>10} {tokens_per_s:>11.0} {instructions_per_s:>16.0} {tokens_per_instruction:>13.2}   × {growth:.2}"
    ));
    Ok(())
}
