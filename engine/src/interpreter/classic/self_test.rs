//! Known programs on an engine: its tokens compared with the byte machine's, its logits with the sparse
//! engine's, every one of them and to the last bit. What a browser's WebGPU gets wrong must show before a person
//! relies on it.

use std::cell::Cell;

use super::asm;
use super::compile::compile;
use super::machine::{self, Outcome, Semantics};
use super::program::{OpenLoops, Program};
use super::runner::{self, Options, Run};
use crate::interpreter::engine::{Engine, EngineError, Want};
use crate::interpreter::sparse::SparseEngine;

/// Programs, by name and text, that together use every layer: arithmetic, comparison, cells, files, loops.
pub const PROGRAMS: [(&str, &str); 6] = [
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

/// How the engine is to compute a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Token by token.
    StepByStep,
    /// In few parallel passes: the byte machine's tokens are the draft, and a token that the engine does not
    /// answer itself is a failure.
    Drafted,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Programs run.
    pub programs: usize,
    /// Tokens compared; with each of them all its logits.
    pub tokens: usize,
    /// What went wrong; empty when all agreed.
    pub failures: Vec<String>,
}

/// Runs programs, given by name and text. `go_on` is asked as in [`runner::run`]; on `false` the rest is left
/// out, and a failure says so.
///
/// # Errors
/// When the engine's device fails while it computes.
pub async fn check<E: Engine>(
    engine: &mut E,
    programs: &[(impl AsRef<str>, impl AsRef<str>)],
    pace: Pace,
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<Findings, EngineError> {
    let mut sparse = SparseEngine::new(&compile());
    let mut findings = Findings::default();
    let stopped = Cell::new(false);
    let mut go_on = async |computed| {
        stopped.set(!go_on(computed).await);
        !stopped.get()
    };
    for (name, text) in programs {
        let (name, text) = (name.as_ref(), text.as_ref());
        if stopped.get() {
            findings.failures.push(format!("stopped before {name}"));
            break;
        }
        findings.programs += 1;
        let program = match asm::assemble(text, OpenLoops::Refuse) {
            Ok(assembly) => assembly.program,
            Err(errors) => {
                findings.failures.push(format!("{name}: {errors:?}"));
                continue;
            }
        };
        let expected = machine::run(&program, Semantics::Saturating, MAX_STEPS);
        let draft: &[u16] = if pace == Pace::Drafted { &expected.tokens } else { &[] };
        let options = Options { max_tokens: MAX_STEPS, want: Want::Logits, draft };
        let run = match runner::run(engine, &program, options, &mut go_on).await {
            Ok(run) => run,
            Err(EngineError::DraftRefused { step, drafted, answered }) => {
                findings
                    .failures
                    .push(format!("{name}: step {step} answers {answered:?} instead of {drafted}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        findings.tokens += run.report.steps.len();
        let reference = reference(&mut sparse, &program).await?;
        findings
            .failures
            .extend(difference(&run, &expected, &reference).map(|what| format!("{name}: {what}")));
    }
    Ok(findings)
}

/// The program on the sparse engine, token by token.
async fn reference(sparse: &mut SparseEngine, program: &Program) -> Result<Run, EngineError> {
    let options = Options { max_tokens: MAX_STEPS, want: Want::Logits, draft: &[] };
    runner::run(sparse, program, options, async |_| true).await
}

/// The first thing that differs.
fn difference(run: &Run, machine: &Outcome, sparse: &Run) -> Option<String> {
    let tokens: Vec<u16> = run.report.steps.iter().map(|step| step.token).collect();
    if tokens != machine.tokens {
        return Some(format!("{tokens:?} instead of {:?}", machine.tokens));
    }
    if run.report.state != machine.state {
        return Some(format!("{:?} instead of {:?}", run.report.state, machine.state));
    }
    if run.report.ending != machine.ending {
        return Some(format!("ended {:?} instead of {:?}", run.report.ending, machine.ending));
    }
    if run.logits.len() != tokens.len() || sparse.logits.len() != tokens.len() {
        return Some("a step has no logits".to_owned());
    }
    let mut steps = run.logits.iter().zip(&sparse.logits).enumerate();
    let (step, (found, expected)) = steps.find(|(_, (found, expected))| found != expected)?;
    let token = found.iter().zip(expected).position(|(found, expected)| found != expected);
    let at = |logits: &[f32]| token.and_then(|token| logits.get(token).copied());
    Some(format!("step {step} gives token {token:?} logit {:?} instead of {:?}", at(found), at(expected)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::engine::{Answers, HeadAddress};
    use crate::interpreter::sequence::Sequence;
    use crate::xray::{AttentionDetail, Capture};

    /// An engine that gets one logit wrong, and its token right.
    struct OffByOne(SparseEngine);

    impl Engine for OffByOne {
        fn name(&self) -> String {
            self.0.name()
        }

        fn reset(&mut self) {
            self.0.reset();
        }

        fn seen(&self) -> usize {
            self.0.seen()
        }

        async fn advance(&mut self, sequence: &Sequence, want: Want) -> Result<Answers, EngineError> {
            let mut answers = self.0.advance(sequence, want).await?;
            for logits in &mut answers.logits {
                logits[200] -= 1.0;
            }
            Ok(answers)
        }

        async fn capture(&mut self, sequence: &Sequence, position: usize) -> Result<Capture, EngineError> {
            self.0.capture(sequence, position).await
        }

        async fn attention(
            &mut self,
            sequence: &Sequence,
            capture: &Capture,
            head: HeadAddress,
            limit: usize,
        ) -> Result<AttentionDetail, EngineError> {
            self.0.attention(sequence, capture, head, limit).await
        }
    }

    fn checked(engine: &mut impl Engine, pace: Pace) -> Findings {
        pollster::block_on(check(engine, &PROGRAMS, pace, async |_| true)).unwrap()
    }

    #[test]
    fn a_right_engine_passes_at_either_pace() {
        let mut engine = SparseEngine::new(&compile());
        for pace in [Pace::StepByStep, Pace::Drafted] {
            let findings = checked(&mut engine, pace);
            assert_eq!((findings.programs, findings.failures.as_slice()), (PROGRAMS.len(), &[][..]));
            assert!(findings.tokens > 50, "{findings:?}");
        }
    }

    #[test]
    fn a_single_wrong_logit_shows_though_every_token_is_right() {
        let findings = checked(&mut OffByOne(SparseEngine::new(&compile())), Pace::Drafted);
        assert_eq!(findings.failures.len(), PROGRAMS.len());
        assert!(findings.failures[0].starts_with("add: step 0 gives token Some(200) logit"), "{findings:?}");
    }

    #[test]
    fn a_check_that_is_stopped_does_not_pass() {
        let mut engine = SparseEngine::new(&compile());
        let stopped =
            pollster::block_on(check(&mut engine, &PROGRAMS, Pace::Drafted, async |_| false)).unwrap();
        assert_eq!(
            (stopped.programs, stopped.failures.as_slice()),
            (1, &["stopped before saturate".to_owned()][..])
        );
    }
}
