//! How often a model is right, on questions it was not trained on; counted by running what it wrote.

use anyhow::{Result, anyhow};
use clap::Args;
use engine::kernels::Compute;
use engine::worldmodel::ask::{AskError, Asked, Settings, WorldModel};
use engine::worldmodel::data::{Example, Families, Set, Split};
use engine::worldmodel::numbers::Operands;
use serde::Serialize;

use super::{Trial, WorldErrand, with_worldmodel};
use crate::{Status, questions, report};

/// The options of the question benchmark.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    trial: Trial,
    /// Questions of each set and split.
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// Draws other questions.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Counts programs only, and does not wait for what the model says of them.
    #[arg(long)]
    programs: bool,
    /// Prints every question that was answered wrongly.
    #[arg(long)]
    wrong: bool,
    /// Prints one object a set instead of a table.
    #[arg(long)]
    json: bool,
}

/// Runs the benchmark.
pub fn run(options: &Options) -> Result<Status> {
    let families = questions::read(&options.trial.questions)?;
    with_worldmodel(&options.trial.which, &options.trial.compute, Measure { options, families })
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
    /// The reply repeats the chosen result, right or wrong.
    said: usize,
}

impl WorldErrand for Measure<'_> {
    fn run<C: Compute>(self, mut model: WorldModel<'_, C>) -> Result<Status> {
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
        model: &mut WorldModel<'_, C>,
        set: Set,
        split: Split,
        name: &'static str,
    ) -> Result<Counted> {
        let mut rng = fastrand::Rng::with_seed(self.options.seed);
        let taps = model.taps.config.behind.len();
        let mut counted = Counted { set: set.name(), split: name, taps: vec![0; taps], ..Counted::default() };
        for _ in 0..self.options.count {
            let Some(example) = self.families.example_of_set(set, &mut rng, split) else { continue };
            let (granted, reply) = (example.granted.clone(), !self.options.programs);
            let settings = Settings { granted, reply, ..Settings::default() };
            match pollster::block_on(model.ask(&example.question, &settings, async |_| true)) {
                Ok(asked) => self.add(&mut counted, &example, &asked),
                Err(error @ AskError::Compute(_)) => return Err(anyhow!("{}: {error}", example.question)),
                // A question that is too long, say, is one that was not answered.
                Err(error) => {
                    counted.questions += 1;
                    report::problem(&format!("{}: {error}", example.question));
                }
            }
        }
        Ok(counted)
    }

    fn add(&self, counted: &mut Counted, example: &Example, asked: &Asked) {
        let is_right = |at: usize| {
            let ours = asked.candidates.get(at).and_then(|candidate| candidate.outcome.answer.as_ref().ok());
            ours.zip(example.answer.as_ref()).is_some_and(|(ours, theirs)| ours.same(theirs))
        };
        counted.questions += 1;
        let right = match &example.answer {
            Some(_) => asked.chosen.is_some_and(is_right),
            // It has to fail, and in that way.
            None if example.failure.is_some() => {
                asked.result().and_then(|result| result.as_ref().err()) == example.failure.as_ref()
            }
            None => {
                let replied = asked.ended && !asked.reply.trim().is_empty();
                let well = replied && makes_up_no_number(&example.question, &asked.reply);
                asked.computes_nothing() && (well || self.options.programs)
            }
        };
        counted.right += usize::from(right);
        counted.some_right += usize::from((0..asked.candidates.len()).any(is_right));
        let plan = example.plan.as_ref().map(|plan| plan.to_string().replace(' ', "")).unwrap_or_default();
        counted.same_plan += usize::from(plan == asked.plan);
        for (at, count) in counted.taps.iter_mut().enumerate() {
            *count += usize::from(is_right(at));
        }
        counted.original += usize::from(asked.by_original.is_some_and(is_right));
        counted.said += usize::from(asked.result().is_some_and(|result| {
            result.as_ref().is_ok_and(|answer| says(&asked.reply, &answer.to_string()))
        }));
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

/// Whether a reply without a computation has no numbers but those of the question, in digits or in words.
fn makes_up_no_number(question: &str, reply: &str) -> bool {
    let asked = Operands::find(question);
    let known = |value| asked.numbers.iter().any(|number| number.value == value);
    Operands::find(reply).numbers.iter().all(|number| known(number.value))
}

/// Whether a reply has a result, as a whole word or number.
fn says(reply: &str, result: &str) -> bool {
    let (reply, result) = (reply.to_lowercase(), result.to_lowercase());
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    reply.match_indices(&result).any(|(at, _)| {
        let before = reply.get(..at).and_then(|text| text.chars().next_back());
        let after = reply.get(at + result.len()..).and_then(|text| text.chars().next());
        edge(before) && edge(after)
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_said_as_a_whole() {
        assert!(says("Yes, 97 is a prime.", "yes"));
        assert!(!says("That is not known now.", "no"));
        assert!(!says("It is 12.", "2"));
        assert!(says("It is -3.5 degrees", "-3.5"));
    }

    #[test]
    fn a_number_that_the_question_does_not_have_is_made_up() {
        assert!(makes_up_no_number("What happened in 2012?", "About 2012 I do not know."));
        assert!(!makes_up_no_number("What happened in 2012?", "There was 1 flood."));
        assert!(!makes_up_no_number("Who are you?", "I am seventeen years old."));
    }
}
