//! Every `tests/conformance/CATEGORY/NAME.wasmt` on every engine. The format is in the folder's README.

#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/coverage.rs"]
mod coverage;
#[cfg(feature = "tensor")]
#[path = "conformance/dense.rs"]
mod dense;
#[path = "support/transformer.rs"]
mod transformer;

use std::sync::Arc;

use engine::interpreter::classic::machine::{self, Outcome, Semantics};
use engine::interpreter::classic::runner::Options;
use libtest_mimic::{Arguments, Failed, Trial};

use case::Case;

/// More than any of the programs takes.
const MAX_STEPS: usize = 100_000;

fn main() -> Result<(), String> {
    let arguments = Arguments::from_args();
    let cases = case::all()?;
    let cases: Vec<Arc<Case>> = cases.into_iter().map(Arc::new).collect();
    let mut trials = coverage::trials(&cases);
    for case in &cases {
        let trial = |engine: &str, check: fn(&Case) -> Result<(), Failed>| {
            let case = Arc::clone(case);
            Trial::test(case.name.clone(), move || check(&case)).with_kind(engine)
        };
        trials.push(trial("machine", on_machine));
        trials.push(trial("sparse", on_sparse));
        #[cfg(feature = "tensor")]
        trials.push(trial("dense", dense::on_dense));
    }
    libtest_mimic::run(&arguments, trials).exit()
}

fn reference(case: &Case) -> Outcome {
    machine::run(&case.program, Semantics::Saturating, MAX_STEPS)
}

fn on_machine(case: &Case) -> Result<(), Failed> {
    let outcome = reference(case);
    case.check(&outcome.state, outcome.ending)
}

fn on_sparse(case: &Case) -> Result<(), Failed> {
    let options = Options { max_tokens: MAX_STEPS, ..Options::default() };
    let run = transformer::sparse(&case.program, options)?;
    let found = transformer::outcome(&run);
    case.check(&found.state, found.ending)?;
    transformer::same(&reference(case), &found)?;
    Ok(())
}
