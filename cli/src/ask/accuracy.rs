//! How often a model is right, on questions it was not trained on; counted by running what it wrote.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use engine::kernels::Compute;
use engine::worldmodel::answer::Answer;
use engine::worldmodel::ask::{Asked, Settings, WorldModel};
use engine::worldmodel::data::{Example, Families, Set, Split};
use engine::worldmodel::original;
use serde::Serialize;

use super::{WorldErrand, with_worldmodel};
use crate::language::ComputeOptions;
use crate::{Status, questions, report};

/// The options of the question benchmark.
#[derive(Args)]
pub struct Options {
    /// A folder with a model and its adapter.
    #[arg(long, default_value = "assets/nano")]
    model: PathBuf,
    /// The folder of questions.
    #[arg(long, default_value = "assets/questions")]
    questions: PathBuf,
    /// Questions of each set and split.
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// Draws other questions.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Prints every question that was answered wrongly.
    #[arg(long)]
    wrong: bool,
    /// Prints one object a set instead of a table.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    compute: ComputeOptions,
}

/// Runs the benchmark.
pub fn run(options: &Options) -> Result<Status> {
    let families = questions::read(&options.questions)?;
    with_worldmodel(&options.model, &options.compute, Measure { options, families })
}

struct Measure<'a> {
    options: &'a Options,
    families: Families,
}

/// How often something was right.
#[derive(Clone, Debug, Default, Serialize)]
struct Counted {
    set: &'static str,
    split: &'static str,
    questions: usize,
    /// The answer is right.
    right: usize,
    /// Some candidate is right.
    some_right: usize,
    /// The plan is the expected one, to the letter.
    same_plan: usize,
    /// Each tap's own program is right.
    taps: Vec<usize>,
    /// What the original rule chooses is right.
    original: usize,
    /// The reply contains the result.
    said: usize,
}

impl WorldErrand for Measure<'_> {
    fn run<C: Compute>(self, mut model: WorldModel<C>) -> Result<Status> {
        if !self.options.json {
            report::line(
                "set                 split       n   right  some  plan   taps             original  said",
            );
        }
        for set in Set::ALL {
            for (split, name) in [
                (Split::HeldOutWordings, "wordings"),
                (Split::HeldOutNumbers, "numbers"),
                (Split::Train, "train"),
            ] {
                let counted = self.count(&mut model, set, split, name)?;
                if self.options.json {
                    report::json(&counted)?;
                } else {
                    report::line(&row(&counted));
                }
            }
        }
        Ok(Status::Done)
    }
}

impl Measure<'_> {
    fn count<C: Compute>(
        &self,
        model: &mut WorldModel<C>,
        set: Set,
        split: Split,
        name: &'static str,
    ) -> Result<Counted> {
        let mut rng = fastrand::Rng::with_seed(self.options.seed);
        let taps = model.taps.config.behind.len();
        let mut counted = Counted { set: set.name(), split: name, taps: vec![0; taps], ..Counted::default() };
        for _ in 0..self.options.count {
            let Some(example) = self.families.example_of_set(set, &mut rng, split) else { continue };
            let settings = Settings { granted: example.granted.clone(), ..Settings::default() };
            let asked = pollster::block_on(model.ask(&example.question, &settings, |_| true));
            let asked = asked.map_err(|error| anyhow!("{}: {error}", example.question))?;
            self.add(&mut counted, &example, &asked);
        }
        Ok(counted)
    }

    fn add(&self, counted: &mut Counted, example: &Example, asked: &Asked) {
        let is_right = |at: usize| {
            asked.candidates.get(at).is_some_and(|candidate| {
                candidate.outcome.answer.as_ref().is_ok_and(|answer| {
                    Some(answer).zip(example.answer.as_ref()).is_some_and(|(a, b)| same(a, b))
                })
            })
        };
        counted.questions += 1;
        let right = match &example.answer {
            Some(_) => asked.chosen.is_some_and(is_right),
            None => asked.candidates.is_empty() && makes_up_no_number(&example.question, &asked.reply),
        };
        counted.right += usize::from(right);
        counted.some_right += usize::from((0..asked.candidates.len()).any(is_right));
        let plan = example.plan.as_ref().map(|plan| plan.to_string().replace(' ', "")).unwrap_or_default();
        counted.same_plan += usize::from(plan == asked.plan);
        for (at, count) in counted.taps.iter_mut().enumerate() {
            *count += usize::from(is_right(at));
        }
        counted.original += usize::from(by_the_original_rule(&example.question, asked).is_some_and(is_right));
        let said = example.answer.as_ref().is_none_or(|answer| asked.reply.contains(&answer.to_string()));
        counted.said += usize::from(said);
        if self.options.wrong && !right {
            let expected = example.answer.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let values: Vec<String> = asked
                .candidates
                .iter()
                .map(|candidate| match &candidate.outcome.answer {
                    Ok(answer) => answer.to_string(),
                    Err(failure) => format!("({failure})"),
                })
                .collect();
            report::line(&format!(
                "  {} [{}]\n    plan {} instead of {plan}; {} instead of {expected}; says: {}",
                example.question,
                example.family,
                asked.plan,
                values.join(" | "),
                asked.reply.trim()
            ));
        }
    }
}

/// The candidate that the published rule would have chosen.
fn by_the_original_rule(question: &str, asked: &Asked) -> Option<usize> {
    let numbers = asked.operands.numbers.len();
    let before: Vec<_> = asked
        .candidates
        .iter()
        .map(|candidate| original::before(question, numbers, candidate.layer, &candidate.outcome.wat))
        .collect();
    let ran: Vec<(usize, original::After)> = original::to_run(&before)
        .into_iter()
        .filter_map(|at| {
            let candidate = asked.candidates.get(at)?;
            let answer = candidate.outcome.answer.as_ref().ok()?;
            Some((at, original::after(question, candidate.layer, &candidate.outcome.wat, answer)))
        })
        .collect();
    let scores: Vec<original::After> = ran.iter().map(|(_, after)| *after).collect();
    original::winner(&scores).and_then(|place| ran.get(place)).map(|(at, _)| *at)
}

/// Whether two answers are the same number, text or list; decimals to nine digits.
fn same(ours: &Answer, theirs: &Answer) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9);
    match (ours, theirs) {
        #[expect(clippy::cast_precision_loss, reason = "an integer beside a decimal is compared as one")]
        (Answer::Integer(a), Answer::Decimal(b)) | (Answer::Decimal(b), Answer::Integer(a)) => {
            close(*a as f64, *b)
        }
        (Answer::Decimal(a), Answer::Decimal(b)) => close(*a, *b),
        (Answer::Decimals(a), Answer::Decimals(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| close(*a, *b))
        }
        _ => ours == theirs,
    }
}

/// Whether a reply without a computation has no digits but those of the question.
fn makes_up_no_number(question: &str, reply: &str) -> bool {
    let numbers = reply.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    numbers.into_iter().all(|digits| question.contains(digits))
}

fn row(counted: &Counted) -> String {
    let share = |count: usize| format!("{:5.1}", 100.0 * count as f64 / counted.questions.max(1) as f64);
    let taps: Vec<String> = counted.taps.iter().map(|&count| share(count)).collect();
    format!(
        "{:19} {:9} {:4}   {}  {}  {}  {}  {}   {}",
        counted.set,
        counted.split,
        counted.questions,
        share(counted.right),
        share(counted.some_right),
        share(counted.same_plan),
        taps.join(" "),
        share(counted.original),
        share(counted.said)
    )
}
