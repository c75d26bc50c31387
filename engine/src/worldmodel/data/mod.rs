//! Questions with their plans, programs and answers: what the model is trained and measured on.
//!
//! [`Families::read`] takes the files under `assets/questions`; [`Families::example`] draws from them. A file
//! `STAGE/FAMILY.txt` is one family:
//!
//! ```text
//! # What does not begin a key or a section is a remark.
//! set: word problems
//! weight: 10
//! numbers: had = 5..99 or digits 3..6
//! numbers: gave = 1..{had}
//! where: {had} > {gave}
//! plan: {had} - {gave}
//! answer: {name} has {result} {things@result} left.
//!
//! train:
//! {name} had {had} {things} and gave {name2} {gave} of them. How many (are left|does {name} have now)?
//!
//! held-out:
//! (Of|From) {had} {things} {name} gave away {gave}. How many are left?
//! ```
//!
//! - `set`: one of [`Set`]'s names; without it, the stage's own. `weight`: how often it is drawn beside others of its stage; 10
//!   without it.
//! - `numbers` (or `texts`) fills a slot that becomes an operand: `2..99`, `2..{other}-1`, `5..100 step 5`, `digits 1..15`, `natural`
//!   (short ones often, up to 15 digits), `one of 5, 10, 25`, `square of 2..99`, `{other} * 2..12`, `{other} + {third}`; behind it `places 1..2` for decimals,
//!   `sometimes places 1..2`, `sometimes negative`. `list 3..8 of NUMBERS` (where 6 and more
//!   numbers of at most three digits are allowed, one list in fifty has 30 to 60); `chain 2..6 of NUMBERS with + - * / brackets words`:
//!   random arithmetic; `text LIST`: a line of `lists/LIST.txt`; `letter of {other}`. `A or B` takes either. Slots are filled from
//!   the top down.
//! - `where`: a comparison of the plan language that must hold, with slots and `{result}`.
//! - `plan`: in the plan language, with slots; `none` where there is nothing to compute. A slot becomes the letter of its number in
//!   the finished question, or `list`, `text`, `text2`.
//! - `answer`: a reply; `answer yes` and `answer no` for those two results. Replies in the wording's language go first.
//! - `train:` and `held-out:`: a wording a line. `(a|b|)` is a choice, parentheses without a bar are text. `{name}` is a slot or a row of
//!   `lists/name.txt`, `{name2}` another row of it, `{name.her}` a column, `{Name}` with a capital, `{things@had}` the column `one` if
//!   that number is 1.
//!
//! `lists/LIST.txt` has a row a line, columns parted by `|`, named by a first line `columns: a | b`. `published.txt` has a published
//! question and its answer a line, parted by `=>`: they are never drawn.
//!
//! An example is used only if the numbers that were put in are found again by [`Operands::find`], and its program gives what its plan is worth.
//!
//! About three in a hundred questions of [`Stage::Arithmetic`] are given numbers that nobody can compute with: an integer of 16 to 40 digits,
//! at times of 400, factors whose product does not fit, a divisor of zero. Where the program fails at them, just as [`evaluate()`] does, the
//! example has a [`failure`](Example::failure) instead of an answer, and its reply is what [`cannot`] says. A family's `where` does not count then.
//!
//! [`evaluate()`]: super::expression::evaluate()

mod chain;
mod draw;
mod family;
mod host;
mod lexicon;
mod quantity;
mod read;
mod render;
mod slots;
mod split;
mod spoil;
mod spoken;
#[cfg(test)]
pub(crate) mod tests;
mod wording;

use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;

pub use split::Split;
pub use spoken::Language;

use super::answer::{Answer, Failure};
use super::expression::Plan;
use super::numbers::Operands;
use super::program::Token;
use draw::Rejected;
use family::Family;
use lexicon::Lexicon;

use crate::sandbox::Grant;

/// Goes up when the same files make other examples.
const GENERATOR: u64 = 4;

/// A stage of training: the folder that a family lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Sums, percentages, powers, comparisons.
    Arithmetic,
    /// Word problems.
    Words,
    /// Dates, texts, lists.
    System,
    /// Formulas, loops, statistics.
    Logic,
    /// Nothing to compute.
    None,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 5] = [Self::Arithmetic, Self::Words, Self::System, Self::Logic, Self::None];

    /// The folder's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Words => "words",
            Self::System => "system",
            Self::Logic => "logic",
            Self::None => "none",
        }
    }
}

/// What accuracy is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Set {
    /// Plain arithmetic, in symbols or plainly said.
    Arithmetic,
    /// The same said in other ways.
    Paraphrases,
    /// Stories.
    WordProblems,
    /// Formulas, loops and statistics.
    FormulasAndLoops,
    /// Dates, texts, lists.
    System,
    /// Nothing to compute.
    None,
}

impl Set {
    /// All sets.
    pub const ALL: [Self; 6] = [
        Self::Arithmetic,
        Self::Paraphrases,
        Self::WordProblems,
        Self::FormulasAndLoops,
        Self::System,
        Self::None,
    ];

    /// As a file names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Paraphrases => "paraphrases",
            Self::WordProblems => "word problems",
            Self::FormulasAndLoops => "formulas and loops",
            Self::System => "system",
            Self::None => "none",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }

    const fn of_stage(stage: Stage) -> Self {
        match stage {
            Stage::Arithmetic => Self::Arithmetic,
            Stage::Words => Self::WordProblems,
            Stage::System => Self::System,
            Stage::Logic => Self::FormulasAndLoops,
            Stage::None => Self::None,
        }
    }
}

/// How often each stage is drawn, by weight; in the order of [`Stage::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix(pub [u32; Stage::ALL.len()]);

impl Default for Mix {
    /// What a finished model should see.
    fn default() -> Self {
        Self([56, 20, 7, 12, 5])
    }
}

impl Mix {
    /// One stage alone.
    pub fn only(stage: Stage) -> Self {
        Self(Stage::ALL.map(|known| u32::from(known == stage)))
    }
}

/// A question with everything that can be known of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// `stage/family`.
    pub family: String,
    /// Its stage.
    pub stage: Stage,
    /// The set it counts in.
    pub set: Set,
    /// The language of its wording.
    pub language: Language,
    /// The question.
    pub question: String,
    /// What is found in it.
    pub operands: Operands,
    /// How the answer is computed, if there is anything to compute.
    pub plan: Option<Plan>,
    /// The program that the plan compiles to; empty without a plan.
    pub program: Vec<Token>,
    /// What the program gave.
    pub answer: Option<Answer>,
    /// Why it gave nothing, if it fails: there are a plan and a program then, and no answer.
    pub failure: Option<Failure>,
    /// What the host told it on the way: a made-up date, say.
    pub granted: Vec<Grant>,
    /// What is said behind the result, or instead of one.
    pub reply: String,
}

/// The reply where a program fails.
pub fn cannot(failure: &Failure) -> String {
    format!("This cannot be computed: {failure}.")
}

/// A published question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The question.
    pub question: String,
    /// The answer as text; `…` where it depends on the host, `-` where there is nothing to compute.
    pub answer: String,
}

/// A file of questions that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {message}")]
pub struct FamilyError {
    /// The file's name, from `assets/questions` on.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// What became of all that was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Examples given out.
    pub used: u64,
    /// Drawn again: the numbers belong to another split or do not fit together.
    pub drawn_again: u64,
    /// There was no result, and none was to be missed: overflow, division by zero.
    pub without_result: u64,
    /// A published question.
    pub published: u64,
    /// The operands found are not those put in, the plan says nothing, or the program computes something else.
    pub wrong: u64,
}

#[derive(Debug, Default)]
struct Counters {
    used: AtomicU64,
    drawn_again: AtomicU64,
    without_result: AtomicU64,
    published: AtomicU64,
    wrong: AtomicU64,
}

/// All families of questions.
#[derive(Debug)]
pub struct Families {
    families: Vec<Family>,
    lexicons: Vec<Lexicon>,
    published: Vec<Published>,
    /// The published questions as they are compared.
    plain_published: Vec<String>,
    hash: u64,
    counters: Counters,
}

/// Attempts before a family is given up for this time.
const ATTEMPTS: usize = 400;

impl Families {
    /// A question of a stage drawn by `mix`, of a family drawn by its weight. `None` if there are none.
    pub fn example(&self, rng: &mut Rng, mix: &Mix, split: Split) -> Option<Example> {
        for _ in 0..ATTEMPTS {
            let Some(stage) = by_weight(rng, Stage::ALL.into_iter().zip(mix.0)) else { break };
            let of_stage = self.families.iter().enumerate().filter(|(_, family)| family.stage == stage);
            let weighted = of_stage.map(|(index, family)| (index, family.weight));
            let Some(index) = by_weight(rng, weighted) else { continue };
            if let Some(example) = self.example_of(index, rng, split) {
                return Some(example);
            }
        }
        None
    }

    /// A question of the family with an index. `None` if there is no such family, or nothing of it in this split.
    pub fn example_of(&self, index: usize, rng: &mut Rng, split: Split) -> Option<Example> {
        let family = self.families.get(index)?;
        if split == Split::HeldOutNumbers && !family.slots.iter().any(|slot| family.shows(&slot.name)) {
            return None;
        }
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        for _ in 0..ATTEMPTS {
            match self.draw(family, rng, split) {
                Ok(example) => {
                    count(&self.counters.used);
                    return Some(example);
                }
                Err(Rejected::Drawn) => count(&self.counters.drawn_again),
                Err(Rejected::NoResult) => count(&self.counters.without_result),
                Err(Rejected::Published) => count(&self.counters.published),
                Err(Rejected::Operands(_) | Rejected::Plan(_) | Rejected::Program(_)) => {
                    count(&self.counters.wrong)
                }
            };
        }
        None
    }

    /// A question of a set, in which all families that have any in this split count the same.
    pub fn example_of_set(&self, set: Set, rng: &mut Rng, split: Split) -> Option<Example> {
        let of_set = self.families.iter().enumerate().filter(|(_, family)| family.set == set);
        // A family may have nothing in this split; many in a row, and no family has.
        for _ in 0..ATTEMPTS / 4 {
            let index = by_weight(rng, of_set.clone().map(|(index, _)| (index, 1)))?;
            if let Some(example) = self.example_of(index, rng, split) {
                return Some(example);
            }
        }
        None
    }

    /// The names of the families, `stage/family`, each at its index.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.families.iter().map(|family| family.name.as_str())
    }

    /// The published questions, which are never drawn.
    pub fn published(&self) -> &[Published] {
        &self.published
    }

    /// Lines of wordings, for training and held out.
    pub fn wordings(&self) -> (usize, usize) {
        let count = |lines: fn(&Family) -> usize| self.families.iter().map(lines).sum();
        (count(|family| family.train.len()), count(|family| family.held_out.len()))
    }

    /// What became of all that was drawn so far.
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            used: read(&self.counters.used),
            drawn_again: read(&self.counters.drawn_again),
            without_result: read(&self.counters.without_result),
            published: read(&self.counters.published),
            wrong: read(&self.counters.wrong),
        }
    }

    /// A hash of all files and of the generator's version, in hexadecimal digits.
    pub fn hash(&self) -> String {
        format!("{:016x}", self.hash)
    }

    fn is_published(&self, question: &str) -> bool {
        let plain = read::plain(question);
        self.plain_published.contains(&plain)
    }
}

fn by_weight<T>(rng: &mut Rng, choices: impl Iterator<Item = (T, u32)> + Clone) -> Option<T> {
    let total: u32 = choices.clone().map(|(_, weight)| weight).sum();
    let mut roll = if total == 0 { return None } else { rng.u32(..total) };
    for (choice, weight) in choices {
        if roll < weight {
            return Some(choice);
        }
        roll -= weight;
    }
    None
}
