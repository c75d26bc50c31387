//! Runs the classic transformer, and compares what it did with the byte machine.

use std::cell::RefCell;

use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::machine::Outcome;
use engine::interpreter::classic::program::Program;
use engine::interpreter::classic::runner::{self, Options, Run};
use engine::interpreter::engine::Engine;
use engine::interpreter::sparse::SparseEngine;

thread_local! {
    static SPARSE: RefCell<SparseEngine> = RefCell::new(SparseEngine::new(&compile()));
}

/// Runs a program on the sparse engine; each thread keeps one.
pub fn sparse(program: &Program, options: Options<'_>) -> Result<Run, String> {
    SPARSE.with_borrow_mut(|engine| run(engine, program, options))
}

/// Runs a program on an engine.
pub fn run(engine: &mut impl Engine, program: &Program, options: Options<'_>) -> Result<Run, String> {
    pollster::block_on(runner::run(engine, program, options, async |_| true))
        .map_err(|error| error.to_string())
}

/// A run in the byte machine's words.
pub fn outcome(run: &Run) -> Outcome {
    Outcome {
        tokens: run.report.steps.iter().map(|step| step.token).collect(),
        state: run.report.state.clone(),
        ending: run.report.ending,
    }
}

/// Compares the two, step by step first: the first wrong token says more than a wrong state.
pub fn same(machine: &Outcome, transformer: &Outcome) -> Result<(), String> {
    let steps = machine.tokens.iter().zip(&transformer.tokens).enumerate();
    if let Some((step, (expected, found))) =
        steps.into_iter().find(|(_, (expected, found))| expected != found)
    {
        return Err(format!("step {step}: the byte machine says token {expected}, the transformer {found}"));
    }
    if machine.ending != transformer.ending {
        return Err(format!(
            "the byte machine ended {:?}, the transformer {:?}",
            machine.ending, transformer.ending
        ));
    }
    if machine == transformer {
        Ok(())
    } else {
        Err(format!("the byte machine left {machine:?}, the transformer {transformer:?}"))
    }
}
