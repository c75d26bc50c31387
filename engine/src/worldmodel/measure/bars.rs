//! What the bundled model must reach, and how that is counted.
//!
//! - Each set of [`SETS`] in *both* held-out splits by itself: with sentences never trained on, and with numbers never trained on. So
//!   sentences that are easy make up for none that are not. A split that a set has no questions in is left out.
//! - The selection over all those questions together, of those for which some candidate is right.
//! - Every published question, and every one of [`NOTHING_TO_COMPUTE`], which no program may be forced on.
//!
//! The questions are drawn by [`questions`] and one seed, so the same model reaches the same each time.

use serde::{Deserialize, Serialize};

use super::Tally;
use super::published::Row;
use crate::worldmodel::data::{Published, Set};

/// The share of right answers in each set. Texts, dates and lists, and what is not to be computed, have no figure of their own in what
/// the project set out to reach: they must reach that of paraphrases.
pub const SETS: [(Set, f64); 6] = [
    (Set::Arithmetic, 0.995),
    (Set::Paraphrases, 0.95),
    (Set::WordProblems, 0.85),
    (Set::FormulasAndLoops, 0.95),
    (Set::System, 0.95),
    (Set::None, 0.95),
];

/// How often a right candidate is chosen where there is one.
pub const SELECTION: f64 = 0.99;

/// Questions beside the published ones that are to be answered or declined in words.
pub const NOTHING_TO_COMPUTE: [&str; 1] = ["Who wrote Hamlet?"];

/// How many questions of a set and a split are asked: enough to tell its bar from a failure, few enough to be asked by a test.
pub const fn questions(set: Set) -> usize {
    match set {
        // One or none of them may be wrong.
        Set::Arithmetic => 200,
        _ => 80,
    }
}

/// [`NOTHING_TO_COMPUTE`], as published questions are.
pub fn nothing_to_compute() -> impl Iterator<Item = Published> {
    let published = |question: &&str| Published { question: (*question).to_owned(), answer: "-".to_owned() };
    NOTHING_TO_COMPUTE.iter().map(published).collect::<Vec<_>>().into_iter()
}

/// A bar, and what was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// What is counted.
    pub name: String,
    /// The share that is wanted, 0 to 1.
    pub wanted: f64,
    /// How many were right.
    pub right: usize,
    /// Of so many.
    pub of: usize,
}

impl Bar {
    /// Whether it is reached. What was not measured is not.
    #[expect(clippy::cast_precision_loss, reason = "questions are few")]
    pub fn is_reached(&self) -> bool {
        self.of > 0 && self.right as f64 >= self.wanted * self.of as f64 - 1e-9
    }
}

/// All bars, of held-out questions that were counted and published ones that were answered.
pub fn bars(tallies: &[Tally], published: &[Row]) -> Vec<Bar> {
    let mut bars = Vec::new();
    for (set, wanted) in SETS {
        let of_set: Vec<&Tally> = tallies.iter().filter(|tally| tally.set == set.name()).collect();
        if of_set.is_empty() {
            bars.push(Bar { name: set.name().to_owned(), wanted, right: 0, of: 0 });
        }
        bars.extend(of_set.into_iter().map(|tally| Bar {
            name: format!("{}, held-out {}", tally.set, tally.split),
            wanted,
            right: tally.right,
            of: tally.questions,
        }));
    }
    let all = Tally::all(tallies);
    bars.push(Bar {
        name: "a right candidate is chosen where there is one".to_owned(),
        wanted: SELECTION,
        right: all.chosen,
        of: all.choosable,
    });
    let named = |row: &Row| NOTHING_TO_COMPUTE.contains(&row.question.as_str());
    for (name, is_counted) in [("published questions", false), ("nothing forced on a question", true)] {
        let of: Vec<&Row> = published.iter().filter(|row| named(row) == is_counted).collect();
        let right = of.iter().filter(|row| row.right).count();
        bars.push(Bar { name: name.to_owned(), wanted: 1.0, right, of: of.len() });
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(set: Set, split: &str, right: usize, questions: usize) -> Tally {
        let counts = Tally { right, questions, choosable: questions, chosen: right, ..Tally::default() };
        Tally { set: set.name().to_owned(), split: split.to_owned(), ..counts }
    }

    #[test]
    fn one_split_does_not_make_up_for_the_other() {
        let tallies =
            [tally(Set::Arithmetic, "wordings", 198, 200), tally(Set::Arithmetic, "numbers", 200, 200)];
        let bars = bars(&tallies, &[]);
        let reached: Vec<bool> = bars.iter().take(2).map(Bar::is_reached).collect();
        assert_eq!(reached, [false, true]);
        assert!(
            bars.iter().any(|bar| bar.name.contains("candidate") && bar.right == 398 && bar.is_reached())
        );
    }

    #[test]
    fn the_edge_is_reached_and_nothing_is_not() {
        let bar = |right, of| Bar { name: String::new(), wanted: 0.995, right, of };
        assert!(bar(199, 200).is_reached());
        assert!(!bar(198, 200).is_reached());
        assert!(!bar(0, 0).is_reached());
        assert!(bars(&[], &[]).iter().all(|bar| !bar.is_reached()));
    }
}
