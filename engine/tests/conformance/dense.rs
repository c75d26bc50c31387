//! The dense engine on burn's CPU back end: the sparse engine's logits, all of them, to the last bit.

use std::cell::RefCell;

use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::runner::Options;
use engine::interpreter::dense::{DenseDevice, DenseEngine};
use engine::interpreter::engine::Want;
use libtest_mimic::Failed;

use super::case::Case;
use super::{MAX_STEPS, reference, transformer};

/// Steps that are done one forward pass each. A longer run is verified in parallel passes instead: the byte
/// machine's tokens are the draft, and the model must answer each of them.
const STEP_BY_STEP: usize = 100;

thread_local! {
    static DENSE: RefCell<Option<DenseEngine>> = const { RefCell::new(None) };
}

/// The program on the dense engine.
pub fn on_dense(case: &Case) -> Result<(), Failed> {
    let machine = reference(case);
    let options = Options { max_tokens: MAX_STEPS, want: Want::Logits, draft: &[] };
    let sparse = transformer::sparse(&case.program, options)?;
    let draft = if machine.tokens.len() > STEP_BY_STEP { &machine.tokens[..] } else { &[] };
    let dense = DENSE.with_borrow_mut(|engine| {
        let engine = match engine {
            Some(engine) => engine,
            None => {
                let new =
                    DenseEngine::new(&compile(), DenseDevice::cpu()).map_err(|error| error.to_string())?;
                engine.insert(new)
            }
        };
        transformer::run(engine, &case.program, Options { draft, ..options })
    })?;
    let found = transformer::outcome(&dense);
    case.check(&found.state, found.ending)?;
    transformer::same(&machine, &found)?;
    if let Some(step) = sparse.logits.iter().zip(&dense.logits).position(|(sparse, dense)| sparse != dense) {
        return Err(format!("the logits of step {step} differ").into());
    }
    if sparse.logits.len() == dense.logits.len() && dense.logits.len() == machine.tokens.len() {
        Ok(())
    } else {
        Err("a step has no logits".into())
    }
}
