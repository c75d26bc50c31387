//! Random programs on the transformer and on the byte machine: tokens, state and ending must be the same.
//!
//! `WORLDMODEL_DIFFERENTIAL=100000` runs that many programs instead of the quick share,
//! `WORLDMODEL_SEED=7` other ones. A failure is shrunk and printed as a program.

#![allow(clippy::panic, reason = "the helpers of a test fail as the test does")]

mod coverage;
#[path = "../support/generate.rs"]
mod generate;
mod semantics;
mod shrink;
#[path = "../support/transformer.rs"]
mod transformer;

use std::cell::RefCell;
use std::thread;

use engine::interpreter::classic::asm::disassemble;
use engine::interpreter::classic::host::Replay;
use engine::interpreter::classic::machine::{self, Semantics};
use engine::interpreter::classic::program::Program;
use engine::interpreter::classic::runner::Options;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use coverage::Coverage;

/// Programs in `cargo test`.
const QUICK: u32 = 3_000;

/// A program and how many steps it may take.
#[derive(Clone, Debug)]
struct Case {
    program: Program,
    max_steps: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let max_steps = prop_oneof![19 => Just(1_500_usize), 1 => 0..60_usize];
    (generate::program(), max_steps).prop_map(|(program, max_steps)| Case { program, max_steps })
}

/// A number from the environment, also written `100_000`. One that cannot be read fails the test: a run of the
/// quick share must not pass for the long one.
fn setting(name: &str, default: u32) -> u32 {
    match std::env::var(name) {
        Ok(value) => number(&value).unwrap_or_else(|| panic!("{name}: `{value}` is no number")),
        Err(std::env::VarError::NotPresent) => default,
        Err(error) => panic!("{name}: {error}"),
    }
}

fn number(text: &str) -> Option<u32> {
    text.replace('_', "").parse().ok()
}

#[test]
fn settings_are_numbers_or_refused() {
    assert_eq!(number("100_000"), Some(100_000));
    assert_eq!((number("100k"), number(""), number("1e5")), (None, None, None));
}

/// Tries a property on random programs, the same ones for the same seed. A failure is told as the smallest
/// program found that fails.
fn try_on(
    cases: u32,
    seed: u32,
    property: impl Fn(&Case) -> Result<(), String>,
) -> Result<(), (String, Case)> {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let tried = TestRunner::new_with_rng(config, rng)
        .run(&case(), |case| property(&case).map_err(TestCaseError::fail));
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => {
            let smaller = shrink::instruction_by_instruction(case, |case| property(case).is_err());
            Err((property(&smaller).err().unwrap_or_else(|| reason.to_string()), smaller))
        }
        Err(TestError::Abort(reason)) => unreachable!("no program is ever rejected, yet: {reason}"),
    }
}

/// One thread's share.
fn compare(cases: u32, seed: u32) -> Result<Coverage, (String, Case)> {
    let coverage = RefCell::new(Coverage::default());
    try_on(cases, seed, |case| {
        let options = Options { max_tokens: case.max_steps, ..Options::default() };
        let run = transformer::sparse(&case.program, options)?;
        let expected = machine::run(&case.program, Semantics::Saturating, case.max_steps);
        coverage.borrow_mut().count(&run.report);
        let mut replay = Replay::new(&case.program);
        run.report.steps.iter().for_each(|step| replay.step(step));
        if *replay.state() != run.report.state {
            return Err(format!("replayed to {:?}, ended in {:?}", replay.state(), run.report.state));
        }
        transformer::same(&expected, &transformer::outcome(&run))
    })?;
    Ok(coverage.into_inner())
}

#[test]
fn the_transformer_is_the_byte_machine() {
    let cases = setting("WORLDMODEL_DIFFERENTIAL", QUICK);
    let seed = setting("WORLDMODEL_SEED", 0);
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get() as u32).min(cases.max(1));
    let share = cases.div_ceil(threads);
    let handles: Vec<_> = (0..threads)
        .map(|thread| {
            // Far apart, so that neighbouring seeds share no thread.
            let seed = seed.wrapping_add(thread.wrapping_mul(0x1000_0000));
            thread::spawn(move || compare(share, seed))
        })
        .collect();
    let mut all = Coverage::default();
    for handle in handles {
        match handle.join().unwrap() {
            Ok(coverage) => all.add(&coverage),
            Err((reason, case)) => {
                let text = disassemble(case.program.instructions());
                panic!("{reason}\nat most {} steps of\n{text}", case.max_steps);
            }
        }
    }
    println!("{all}");
    assert!(all.programs >= cases as usize, "only {} programs", all.programs);
    assert!(all.missing().is_empty() || cases < QUICK, "never happened: {:?}", all.missing());
}
