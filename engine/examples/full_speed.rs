//! How fast the full machine runs: instructions and tokens a second, on one thread, as the trace grows.
//!
//! `cargo run --release -p engine --no-default-features --features sandbox --example full_speed`

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::error::Error;
use std::time::Instant;

use engine::interpreter::full::compile::compile;
use engine::interpreter::full::engine::Engine;
use engine::interpreter::full::machine::Stub;
use engine::interpreter::full::prompt::prompt;
use engine::interpreter::full::token::Token;
use engine::interpreter::full::{Roots, lower};
use engine::wat::Module;

/// Collatz steps of all numbers up to one: branches, arithmetic, memory.
const PROGRAM: &str = r#"(module (memory 1) (func (export "run") (param $to i32) (result i32)
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

fn main() -> Result<(), Box<dyn Error>> {
    let program = lower(&Module::from_text(PROGRAM)?, Roots::Exported)?;
    let stub = Stub::run(&program, 0, &[1_000_000])?;
    let mut engine = Engine::new(&compile())?;
    let mut next = None;
    for token in prompt(&program, &stub) {
        next = engine.read(token)?;
    }
    let (mut tokens, mut instructions) = (0_u64, 0_u64);
    let (mut since, mut before) = (Instant::now(), (0, 0));
    let mut milestone = 1_000;
    while let Some(token) = next {
        tokens += 1;
        instructions += u64::from(token.ends());
        if tokens == milestone {
            let seconds = since.elapsed().as_secs_f64();
            let rate = |now: u64, before: u64| (now - before) as f64 / seconds;
            println!(
                "to token {tokens}: {:.0} instructions/s, {:.0} tokens/s, {:.2} tokens an instruction",
                rate(instructions, before.1),
                rate(tokens, before.0),
                (tokens - before.0) as f64 / (instructions - before.1) as f64
            );
            if milestone >= 1_000_000 {
                break;
            }
            (since, before) = (Instant::now(), (tokens, instructions));
            milestone *= 10;
        }
        if matches!(token, Token::Halt | Token::Trap(_)) {
            break;
        }
        next = engine.read(token)?;
    }
    Ok(())
}
