//! Known programs on the device, compared token by token with the byte machine: what a browser's WebGPU gets
//! wrong must show before a person relies on it.

use engine::interpreter::classic::asm;
use engine::interpreter::classic::machine::{self, Semantics};
use engine::interpreter::classic::program::OpenLoops;
use engine::interpreter::classic::runner::{self, Options};
use engine::interpreter::engine::{EngineError, Want};
use protocol::{Device, SelfTest};

use crate::engines::AnyEngine;
use crate::scope::Scope;

/// Programs that together use every layer: arithmetic, comparison, cells, files, loops.
const PROGRAMS: [(&str, &str); 6] = [
    ("add", "i32.const 3 i32.const 5 i32.add output halt"),
    ("saturate", "i32.const 250 i32.const 10 i32.add output i32.const 3 i32.const 9 i32.sub output halt"),
    ("bits", "i32.const 12 i32.const 10 i32.and i32.const 3 i32.or i32.const 7 i32.mul output halt"),
    ("cells", "i32.const 9 i32.store 4 i32.load 4 local.tee 2 local.get 2 i32.le_s output halt"),
    ("file", "fd_open 1 i32.const 42 fd_write fd_open 1 fd_read output halt"),
    (
        "loop",
        "i32.const 3 local.set 0 loop local.get 0 output local.get 0 i32.const 1 i32.sub local.tee 0 br_if end_loop",
    ),
];

/// Steps a program may take: more than any of them, and of the conformance programs, does.
const MAX_STEPS: usize = 5_000;

/// Runs the self-test's programs.
///
/// # Errors
/// When the device fails while it computes.
pub async fn run(engine: &mut AnyEngine, device: Device, scope: &Scope) -> Result<SelfTest, EngineError> {
    check(engine, device, scope, &PROGRAMS).await
}

/// Runs programs, given by name and text.
///
/// The sparse engine answers token by token. The dense one gets the reference's tokens as a draft and checks
/// all positions in one pass; a token it does not answer itself is a failure.
///
/// # Errors
/// When the device fails while it computes.
pub async fn check(
    engine: &mut AnyEngine,
    device: Device,
    scope: &Scope,
    programs: &[(impl AsRef<str>, impl AsRef<str>)],
) -> Result<SelfTest, EngineError> {
    let begin = scope.seconds();
    let mut test = SelfTest { programs: 0, tokens: 0, failures: Vec::new(), seconds: 0.0 };
    for (name, text) in programs {
        let (name, text) = (name.as_ref(), text.as_ref());
        test.programs += 1;
        let program = match asm::assemble(text, OpenLoops::Refuse) {
            Ok(assembly) => assembly.program,
            Err(errors) => {
                test.failures.push(format!("{name}: {errors:?}"));
                continue;
            }
        };
        let expected = machine::run(&program, Semantics::Saturating, MAX_STEPS);
        let draft: &[u16] = if device == Device::Cpu { &[] } else { &expected.tokens };
        let options = Options { max_tokens: MAX_STEPS, want: Want::Tokens, draft };
        match runner::run(engine, &program, options, async |_| true).await {
            Ok(run) => {
                test.tokens += run.report.steps.len();
                let tokens: Vec<u16> = run.report.steps.iter().map(|step| step.token).collect();
                if tokens != expected.tokens || run.report.state != expected.state {
                    test.failures.push(format!("{name}: {tokens:?} instead of {:?}", expected.tokens));
                }
            }
            Err(EngineError::DraftRefused { step, drafted, answered }) => {
                test.failures.push(format!("{name}: step {step} answers {answered:?} instead of {drafted}"));
            }
            Err(error) => return Err(error),
        }
    }
    test.seconds = scope.seconds() - begin;
    Ok(test)
}
