//! Programs run, scored and chosen; for all models alike.

use super::{AskError, Asked, Candidate, Choice, Event, Settings, WorldModel};
use crate::kernels::Compute;
use crate::worldmodel::answer::Failure;
use crate::worldmodel::expression::Given;
use crate::worldmodel::numbers::Operands;
use crate::worldmodel::original;
use crate::worldmodel::program::{self, Outcome};
use crate::worldmodel::selection::{self, Score, Selection, Terms};
use crate::worldmodel::taps::{Memory, Written};

impl<C: Compute> WorldModel<'_, C> {
    /// Lets every tap write, runs what they wrote, and chooses.
    pub(super) async fn compute(
        &mut self,
        question: &str,
        settings: &Settings,
        memory: &Memory<C>,
        asked: &mut Asked,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<(), AskError> {
        let given = Given::from(&asked.operands);
        for (tap, &layer) in self.taps.config.behind.iter().enumerate() {
            let compute = self.decoder.compute();
            let mut go_on = true;
            let written = match settings.programs.get(tap) {
                Some(tokens) => Written { tokens: tokens.clone(), ended: true, ..Written::default() },
                None => {
                    let each = async |token| {
                        go_on = each(Event::Wat(tap, token)).await;
                        go_on
                    };
                    self.taps
                        .write(compute, memory, tap, (settings.program_tokens, &settings.gates), each)
                        .await?
                }
            };
            if !go_on {
                return Err(AskError::Stopped);
            }
            let outcome = program::run(&written.tokens, &given, settings.limits, &settings.granted);
            asked.candidates.push(candidate(question, &asked.operands, layer, written, outcome));
        }
        choose(question, settings, self.selection, asked);
        Ok(())
    }
}

/// A program that was run, before anything is said of it beside the others.
pub(super) fn candidate(
    question: &str,
    operands: &Operands,
    layer: usize,
    written: Written,
    outcome: Outcome,
) -> Candidate {
    let (terms, score) = (Terms::default(), Score::default());
    let original = original::Judged::before(question, operands.numbers.len(), layer, &outcome.wat);
    Candidate { layer, written, outcome, terms, score, original }
}

/// Scores all candidates and chooses one.
pub(super) fn choose(question: &str, settings: &Settings, rule: &Selection, asked: &mut Asked) {
    let answers: Vec<_> = asked.candidates.iter().map(|candidate| &candidate.outcome.answer).collect();
    let agreement = selection::agreement(&answers);
    for (tap, (candidate, agreement)) in asked.candidates.iter_mut().zip(agreement).enumerate() {
        let readout = rule.readouts.get(tap);
        candidate.terms = Terms {
            probability: candidate.written.log_probability(),
            weakest: candidate.written.weakest(),
            agreement,
            ran: if ran(&candidate.outcome) { 1.0 } else { 0.0 },
            state: readout.map_or(0.0, |readout| readout.read(&candidate.written.state)),
        };
        candidate.score = rule.weights.score(tap, &candidate.terms);
    }
    let totals: Vec<f32> = asked.candidates.iter().map(|candidate| candidate.score.total).collect();
    asked.by_original = by_original(question, &mut asked.candidates);
    asked.chosen = match settings.choice {
        Choice::Trained => selection::chosen(&totals),
        Choice::Original => asked.by_original,
        Choice::Tap(tap) => (tap < asked.candidates.len()).then_some(tap),
    };
}

/// Completes what the published rule says of candidates that were run, and says which it chooses.
pub fn by_original(question: &str, candidates: &mut [Candidate]) -> Option<usize> {
    let mut judged: Vec<_> = candidates.iter().map(|candidate| candidate.original).collect();
    let outcomes: Vec<_> = candidates
        .iter()
        .map(|candidate| (candidate.outcome.wat.as_str(), &candidate.outcome.answer))
        .collect();
    let chosen = original::choose(question, &mut judged, &outcomes);
    for (candidate, judged) in candidates.iter_mut().zip(judged) {
        candidate.original = judged;
    }
    chosen
}

/// Whether a program did what it was to do: to come to an answer, or to be none.
const fn ran(outcome: &Outcome) -> bool {
    matches!(outcome.answer, Ok(_) | Err(Failure::NothingToCompute))
}
