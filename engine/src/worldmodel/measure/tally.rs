//! Many questions, counted.

use serde::{Deserialize, Serialize};

use super::Judged;

/// How often something was right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The set, by its name.
    pub set: String,
    /// The split, by its name.
    pub split: String,
    /// Questions asked.
    pub questions: usize,
    /// Answered rightly.
    pub right: usize,
    /// For each tap: right if its program were always chosen.
    pub taps: Vec<usize>,
    /// Right if the original rule had chosen.
    pub original: usize,
    /// Questions for which some candidate is right.
    pub choosable: usize,
    /// Of those: a right one was chosen.
    pub chosen: usize,
    /// Of those: the original rule would have chosen a right one.
    pub chosen_by_original: usize,
    /// The plan is the expected one, to the letter.
    pub same_plan: usize,
    /// The reply repeats the chosen result.
    pub said: usize,
    /// Seconds that all of it took.
    pub seconds: f64,
}

impl Tally {
    /// Of nothing yet, for so many taps.
    pub fn new(set: &str, split: &str, taps: usize) -> Self {
        Self { set: set.to_owned(), split: split.to_owned(), taps: vec![0; taps], ..Self::default() }
    }

    /// Counts a question that took so many seconds.
    pub fn add(&mut self, judged: &Judged, seconds: f64) {
        self.questions += 1;
        self.right += usize::from(judged.right);
        for (tap, count) in self.taps.iter_mut().enumerate() {
            // Where no program was written, the taps have nothing of their own.
            *count += usize::from(judged.taps.get(tap).copied().unwrap_or(judged.right));
        }
        self.original += usize::from(judged.original);
        self.choosable += usize::from(judged.choosable);
        self.chosen += usize::from(judged.choosable && judged.right);
        self.chosen_by_original += usize::from(judged.choosable && judged.original);
        self.same_plan += usize::from(judged.same_plan);
        self.said += usize::from(judged.said);
        self.seconds += seconds;
    }

    /// Counts another tally's questions, too.
    pub fn merge(&mut self, other: &Self) {
        self.questions += other.questions;
        self.right += other.right;
        for (count, more) in self.taps.iter_mut().zip(&other.taps) {
            *count += more;
        }
        self.original += other.original;
        self.choosable += other.choosable;
        self.chosen += other.chosen;
        self.chosen_by_original += other.chosen_by_original;
        self.same_plan += other.same_plan;
        self.said += other.said;
        self.seconds += other.seconds;
    }

    /// All questions of several tallies.
    pub fn all<'a>(tallies: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut tallies = tallies.into_iter();
        let mut all = tallies.next().cloned().unwrap_or_default();
        tallies.for_each(|tally| all.merge(tally));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_merged_is_what_was_added() {
        let right = Judged {
            right: true,
            taps: vec![true, false, true],
            original: false,
            choosable: true,
            same_plan: true,
            said: true,
        };
        let wrong = Judged { right: false, taps: vec![false; 3], ..Judged::default() };
        let (mut one, mut other) = (Tally::new("a", "b", 3), Tally::new("a", "b", 3));
        one.add(&right, 0.5);
        other.add(&wrong, 0.25);
        let all = Tally::all([&one, &other]);
        assert_eq!((all.questions, all.right, all.taps.as_slice()), (2, 1, &[1, 0, 1][..]));
        assert_eq!((all.choosable, all.chosen, all.chosen_by_original), (1, 1, 0));
        assert_eq!((all.original, all.same_plan, all.said, all.seconds), (0, 1, 1, 0.75));
    }

    #[test]
    fn a_model_that_writes_no_program_is_right_by_each_tap_or_by_none() {
        let mut tally = Tally::new("none", "wordings", 3);
        tally.add(&Judged { right: true, original: true, ..Judged::default() }, 0.0);
        assert_eq!(tally.taps, [1, 1, 1]);
        assert_eq!(tally.choosable, 0);
    }
}
