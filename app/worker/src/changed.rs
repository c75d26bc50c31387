//! Classic's last run once more, with parts of the transformer replaced.

use engine::interpreter::classic::program::Program;
use engine::interpreter::classic::runner::{self, Options, Run};
use engine::interpreter::classic::{Ending, TrapKind};
use engine::interpreter::engine::{Engine, EngineError, Want};
use engine::interpreter::interventions::{Intervention, Part, Replacement, replace};
use engine::interpreter::model::Transformer;
use engine::interpreter::sparse::SparseEngine;
use protocol::changed::{Changed, Parting, Side, first_shown};
use protocol::language::{self, Intervention as Wanted};
use protocol::{AppError, Problem};

/// Steps of the changed run: twice those of the run as it is, and so many.
const MORE_STEPS: usize = 1_000;
/// Steps of it at most: the logits of each are kept, 1 KB.
const MOST_STEPS: usize = 50_000;

/// What is wanted, as the engine calls it, for a model that has these parts.
///
/// # Errors
/// What the model has not.
pub fn interventions(model: &Transformer, wanted: &[Wanted]) -> Result<Vec<Intervention>, AppError> {
    let one = |wanted: &Wanted| {
        let part = match wanted.part {
            language::Part::Head(head) => Part::Head(head),
            language::Part::Neuron(neuron) => Part::Neuron(neuron),
            language::Part::Dimension(dim) => Part::Dimension(dim),
            language::Part::Gate(_) => return Err(refused("the model has no gates of taps".to_owned())),
        };
        let with = match wanted.with {
            language::Replacement::Zero => Replacement::Zero,
            language::Replacement::Mean => Replacement::Mean,
            language::Replacement::Value(value) => Replacement::Value(value),
        };
        let one = Intervention { layer: wanted.layer, part, position: wanted.position, with };
        one.check(model).map_err(|error| refused(error.to_string()))?;
        Ok(one)
    };
    wanted.iter().map(one).collect()
}

/// Somebody stopped it.
pub fn stopped() -> AppError {
    let (message, remedy) =
        ("It was stopped by hand.".to_owned(), "Replace a part again to compare.".to_owned());
    AppError { problem: Problem::Cancelled, message, remedy }
}

fn refused(message: String) -> AppError {
    let remedy = "Choose a layer and a part that the model has.".to_owned();
    AppError { problem: Problem::BadRequest, message, remedy }
}

/// Both runs; `None` where somebody stopped it before the changed one began. The sparse engine makes that one, whatever made the one as it
/// is: `plain` gives that one's logits.
///
/// # Errors
/// When an engine fails.
pub async fn run<E: Engine>(
    (model, plain): (&Transformer, &mut E),
    (program, last): (&Program, &Run),
    list: &[Intervention],
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<Option<Changed>, EngineError> {
    let mut engine = SparseEngine::new(model);
    if !replace(&mut engine, list, &last.sequence, &mut go_on).await? {
        return Ok(None);
    }
    let max_tokens = (2 * last.report.steps.len() + MORE_STEPS).min(MOST_STEPS);
    let options = Options { max_tokens, want: Want::Logits, draft: &[] };
    let run = runner::run(&mut engine, program, options, go_on).await?;
    let (before, after) = (last.tokens(), run.tokens());
    let same = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    // One that was only stopped earlier does not part from the other.
    let position = (same < before.len().min(after.len())).then(|| same.saturating_sub(1));
    let mut parting = None;
    if let Some(position) = position
        && let Some(step) = (position + 1).checked_sub(last.report.prompt_tokens)
        && let Some(changed) = run.logits.get(step)
        && position < last.sequence.len()
    {
        let plain = plain.capture(&last.sequence, position).await?.logits;
        parting = Some(Parting { position: position as u32, logits: [plain, changed.clone()] });
    }
    let first = first_shown(position, &before, &after);
    let side = |run: &Run, tokens: &[u16]| {
        let outputs = run.report.state.outputs.iter().map(|byte| i32::from(*byte));
        Side::new(tokens, first, |token| token.to_string()).ended(outputs, outcome(run.report.ending))
    };
    let (before, after) = (side(last, &before), side(&run, &after));
    Ok(Some(Changed { before, after, parting, every_key: true, seconds: 0.0 }))
}

/// How a run ended, in words.
fn outcome(ending: Ending) -> String {
    match ending {
        Ending::Halted => "halted".to_owned(),
        Ending::EndOfProgram => "came to the end of the program".to_owned(),
        Ending::Cancelled => "stopped by hand".to_owned(),
        Ending::Trapped(trap) => match trap.kind {
            TrapKind::UnexpectedToken { op, token } => format!(
                "went astray: the host cannot follow token {token}, which {} (instruction {}) never gives",
                op.mnemonic(),
                trap.ip
            ),
            _ => format!("stopped: {trap}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::classic::asm;
    use engine::interpreter::classic::compile::compile;
    use engine::interpreter::classic::program::OpenLoops;

    /// The changed run of a program beside the one as it is.
    fn changed(text: &str, wanted: &[Wanted]) -> Changed {
        let model = compile();
        let program = asm::assemble(text, OpenLoops::Refuse).unwrap().program;
        let mut engine = SparseEngine::new(&model);
        let last = pollster::block_on(runner::run(&mut engine, &program, Options::default(), async |_| true))
            .unwrap();
        let list = interventions(&model, wanted).unwrap();
        pollster::block_on(run((&model, &mut engine), (&program, &last), &list, async |_| true))
            .unwrap()
            .unwrap()
    }

    const ADD: &str = "i32.const 3\ni32.const 5\ni32.add\noutput\nhalt";

    fn off(layer: usize, part: language::Part) -> Wanted {
        Wanted { layer, part, with: language::Replacement::Zero, position: None }
    }

    #[test]
    fn with_nothing_replaced_both_are_the_same() {
        let Changed { before, after, parting, .. } = changed(ADD, &[]);
        assert_eq!((&before, &parting), (&after, &None));
        assert_eq!((before.outputs.as_slice(), before.outcome.as_str()), ([8].as_slice(), "halted"));
    }

    #[test]
    fn a_part_that_nothing_uses_changes_nothing_and_one_that_is_used_does() {
        // Layer 7 reads files, of which there are none.
        assert_eq!(changed(ADD, &[off(7, language::Part::Head(0))]).parting, None);
        // Layer 0 fetches the instruction.
        let without = changed(ADD, &[off(0, language::Part::Head(0))]);
        assert!(without.parting.is_some() || without.before != without.after);
        // Layer 4 fetches what is added.
        let without = changed(ADD, &[off(4, language::Part::Head(0))]);
        let parting = without.parting.unwrap();
        assert_ne!(parting.logits[0], parting.logits[1]);
        assert_ne!(without.after.outputs, [8]);
    }

    /// A run as it is that was stopped early is the beginning of the changed one.
    #[test]
    fn a_run_that_was_cut_off_does_not_part() {
        let model = compile();
        let program = asm::assemble(ADD, OpenLoops::Refuse).unwrap().program;
        let mut engine = SparseEngine::new(&model);
        let options = Options { max_tokens: 2, ..Options::default() };
        let last = pollster::block_on(runner::run(&mut engine, &program, options, async |_| true)).unwrap();
        let list = interventions(&model, &[off(7, language::Part::Head(0))]).unwrap();
        let both = run((&model, &mut engine), (&program, &last), &list, async |_| true);
        let both = pollster::block_on(both).unwrap().unwrap();
        assert_eq!(both.parting, None);
        assert!(both.before.tokens < both.after.tokens && both.before.first == both.after.first);
    }

    #[test]
    fn a_loop_that_never_ends_ends() {
        let text = "i32.const 3\nlocal.set 0\nloop\nlocal.get 0\ni32.const 1\ni32.sub\nlocal.tee 0\nbr_if 0\nend_loop\nhalt";
        for layer in 0..8 {
            for part in [language::Part::Head(0), language::Part::Dimension(40 + layer)] {
                for with in [
                    language::Replacement::Zero,
                    language::Replacement::Mean,
                    language::Replacement::Value(1e20),
                ] {
                    let wanted = Wanted { layer, part, with, position: None };
                    if interventions(&compile(), &[wanted]).is_ok() {
                        assert!(!changed(text, &[wanted]).after.outcome.is_empty());
                    }
                }
            }
        }
    }
}
