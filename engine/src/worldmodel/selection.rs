//! Which candidate is chosen, and why: every term of every score is a number that can be seen.
//!
//! A candidate's score is a sum of terms times weights, the logarithm of the odds that it is right. The weights come with the
//! adapter, trained on what its own candidates turned out to be; anybody may try others.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure};

/// What is known of a candidate, as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Logarithm of the probability that its tap gave the whole program.
    pub probability: f32,
    /// Logarithm of the probability of its least probable token.
    pub weakest: f32,
    /// Share of the other candidates that came to the same answer.
    pub agreement: f32,
    /// 1 if it ran to an answer, or says that there is nothing to compute; else 0.
    pub ran: f32,
    /// What its tap's own state says of it, in log-odds.
    pub state: f32,
}

impl Terms {
    /// The names of the terms, as the page, the command and an adapter's file have them.
    pub const NAMES: [&str; 5] = ["probability", "weakest", "agreement", "ran", "state"];

    /// In the order of [`Terms::NAMES`].
    pub const fn values(&self) -> [f32; 5] {
        [self.probability, self.weakest, self.agreement, self.ran, self.state]
    }
}

/// What a term counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// For each term, in the order of [`Terms::NAMES`].
    pub terms: [f32; 5],
    /// What a candidate has for its tap, first to last.
    pub taps: Vec<f32>,
}

impl Weights {
    /// Before anything was trained: a program that ran, that others agree with, and that its tap was sure of.
    pub fn untrained(taps: usize) -> Self {
        Self { terms: [0.25, 0.25, 2.0, 4.0, 0.0], taps: vec![0.0; taps] }
    }

    /// The score of a candidate of a tap.
    pub fn score(&self, tap: usize, terms: &Terms) -> Score {
        let parts = std::array::from_fn(|at| {
            self.terms.get(at).copied().unwrap_or(0.0) * terms.values().get(at).copied().unwrap_or(0.0)
        });
        let of_tap = self.taps.get(tap).copied().unwrap_or(0.0);
        Score { parts, tap: of_tap, total: parts.iter().sum::<f32>() + of_tap }
    }
}

/// A score, term by term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Each term times its weight, in the order of [`Terms::NAMES`].
    pub parts: [f32; 5],
    /// What the tap counts.
    pub tap: f32,
    /// All of it.
    pub total: f32,
}

/// How a tap's state is read: its log-odds that the program is right are `weights · state + bias`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Readout {
    /// As wide as the tap.
    pub weights: Vec<f32>,
    /// Added to it.
    pub bias: f32,
}

impl Readout {
    /// What the state says. 0 for a state of another width, and where nothing was trained.
    pub fn read(&self, state: &[f32]) -> f32 {
        if self.weights.len() != state.len() {
            return 0.0;
        }
        self.weights.iter().zip(state).map(|(weight, value)| weight * value).sum::<f32>() + self.bias
    }
}

/// Everything trained about choosing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// What each term counts.
    pub weights: Weights,
    /// For each tap.
    pub readouts: Vec<Readout>,
}

impl Selection {
    /// Before anything was trained.
    pub fn untrained(taps: usize) -> Self {
        Self { weights: Weights::untrained(taps), readouts: vec![Readout::default(); taps] }
    }
}

/// The candidate with the highest score; of equals the later tap's, which has read the most. `None` of none.
pub fn chosen(totals: &[f32]) -> Option<usize> {
    (0..totals.len()).max_by(|&a, &b| {
        let total = |at: usize| totals.get(at).copied().unwrap_or(f32::NEG_INFINITY);
        total(a).total_cmp(&total(b))
    })
}

/// For each candidate, the share of the others that came to the same answer, or that see nothing to compute either.
pub fn agreement(answers: &[&Result<Answer, Failure>]) -> Vec<f32> {
    let others = answers.len().saturating_sub(1).max(1) as f32;
    let same = |at: usize, answer: &Result<Answer, Failure>| {
        let agree = |(other, theirs): &(usize, &&Result<Answer, Failure>)| {
            let same = match (answer, theirs) {
                (Ok(ours), Ok(theirs)) => ours.same(theirs),
                (Err(ours), Err(theirs)) => {
                    [ours, theirs].iter().all(|why| **why == Failure::NothingToCompute)
                }
                _ => false,
            };
            *other != at && same
        };
        answers.iter().enumerate().filter(agree).count() as f32 / others
    };
    answers.iter().enumerate().map(|(at, answer)| same(at, answer)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn two_that_agree_win_over_a_surer_one() {
        let (right, wrong) = (Ok(Answer::Integer(132)), Ok(Answer::Integer(144)));
        let agreement = agreement(&[&right, &right, &wrong]);
        assert_eq!(agreement, [0.5, 0.5, 0.0]);
        let weights = Weights::untrained(3);
        let terms = |agreement, probability| Terms { agreement, probability, ran: 1.0, ..Terms::default() };
        let totals: Vec<f32> = [terms(0.5, -0.4), terms(0.5, -0.2), terms(0.0, -0.01)]
            .iter()
            .enumerate()
            .map(|(tap, terms)| weights.score(tap, terms).total)
            .collect();
        assert_eq!(chosen(&totals), Some(1));
    }

    #[test]
    fn failures_agree_with_nobody() {
        let failed = Err(Failure::DivisionByZero);
        assert_eq!(agreement(&[&failed, &failed]), [0.0, 0.0]);
        assert_eq!(agreement(&[&failed]), [0.0]);
        let nothing = Err(Failure::NothingToCompute);
        assert_eq!(agreement(&[&nothing, &failed, &nothing]), [0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_score_is_the_sum_of_what_is_shown() {
        let terms = Terms { probability: -1.0, weakest: -0.5, agreement: 1.0, ran: 1.0, state: 2.0 };
        let weights = Weights { terms: [1.0, 2.0, 3.0, 4.0, 5.0], taps: vec![0.25] };
        let score = weights.score(0, &terms);
        assert_eq!(score.parts, [-1.0, -1.0, 3.0, 4.0, 10.0]);
        assert_eq!(score.total, 15.25);
    }
}
