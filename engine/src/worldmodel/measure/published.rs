//! The questions that the published project shows, and how they are judged.

use serde::{Deserialize, Serialize};

use super::judge::declines;
use crate::sandbox::{Grant, Told};
use crate::worldmodel::answer::Answer;
use crate::worldmodel::ask::Asked;
use crate::worldmodel::data::Published;

/// The seven of its benchmark; the others are from its demo and its help.
pub const BENCHMARK: [&str; 7] = [
    "Calculate 17 times 23",
    "What's 2 to the power of 8?",
    "Find the factorial of 6",
    "Calculate the area of a circle with radius 5",
    "What's the current timestamp?",
    "Sort the numbers [5, 2, 8, 1, 9]",
    "Calculate compound interest: $1000 at 5% for 3 years",
];

/// Which function of the host a question is about whose answer is `…`.
const HOST: [(&str, &str); 2] =
    [("What's the current timestamp?", "timestamp"), ("What's the current date and time?", "datetime")];

/// A published question as it was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The question.
    pub question: String,
    /// The right answer: `…` is what the host says, `-` nothing to compute.
    pub expected: String,
    /// What was computed, or why nothing was; empty where nothing was to be.
    pub answer: String,
    /// The reply.
    pub text: String,
    /// Whether it is right.
    pub right: bool,
    /// Whether it is one of [`BENCHMARK`].
    pub benchmark: bool,
    /// Seconds it took.
    pub seconds: f64,
}

impl Row {
    /// Judges an answer, for which the host granted these.
    pub fn new(published: &Published, asked: &Asked, granted: &[Grant], seconds: f64) -> Self {
        let answer = match asked.result() {
            Some(Ok(answer)) => answer.to_string(),
            Some(Err(failure)) => format!("error: {failure}"),
            None => String::new(),
        };
        Self {
            question: published.question.clone(),
            expected: published.answer.clone(),
            answer,
            text: asked.reply.trim().to_owned(),
            right: is_right(published, asked, granted),
            benchmark: BENCHMARK.contains(&published.question.as_str()),
            seconds,
        }
    }
}

/// Whether a published question is answered rightly, by what its chosen program computed.
fn is_right(published: &Published, asked: &Asked, granted: &[Grant]) -> bool {
    if published.answer == "-" {
        return asked.computes_nothing() && asked.ended && declines(&published.question, &asked.reply);
    }
    let Some(Ok(answer)) = asked.result() else { return false };
    if published.answer != "…" {
        return answer.to_string() == published.answer;
    }
    let function = host_function(&published.question);
    let grant = granted.iter().find(|grant| Some(grant.name.as_str()) == function);
    grant.is_some_and(|grant| match (&grant.value, answer) {
        (Told::Text(told), Answer::Text(text)) => told == text,
        (Told::Integer(told), Answer::Integer(value)) => told == value,
        _ => false,
    })
}

/// Which function of the host a published question is about.
pub fn host_function(question: &str) -> Option<&'static str> {
    HOST.iter().find(|(known, _)| *known == question).map(|(_, function)| *function)
}

#[cfg(test)]
mod tests {
    use super::super::judge::tests::asked;
    use super::*;
    use crate::worldmodel::data::tests::families;

    fn row(question: &str, expected: &str, plan: &[&str], granted: &[Grant], reply: &str) -> Row {
        let published = Published { question: question.to_owned(), answer: expected.to_owned() };
        let chosen = (!plan.is_empty()).then_some(0);
        Row::new(&published, &asked(question, plan, chosen, granted, reply), granted, 0.0)
    }

    #[test]
    fn every_question_that_is_named_here_is_published() {
        let families = families();
        let published =
            |question: &&str| families.published().iter().find(|known| known.question == *question);
        assert!(BENCHMARK.iter().all(|question| published(question).is_some()));
        for known in families.published() {
            assert_eq!(known.answer == "…", host_function(&known.question).is_some(), "{}", known.question);
        }
        assert!(HOST.iter().all(|(question, _)| published(question).is_some()));
    }

    /// Nobody can reach an answer that is wrong.
    #[test]
    fn published_answers_are_what_their_plans_are_worth() {
        let plans = [
            ("Calculate 17 times 23", "<a> * <b>"),
            ("What's 2 to the power of 8?", "<a> ^ <b>"),
            ("Find the factorial of 6", "factorial(<a>)"),
            ("Calculate the area of a circle with radius 5", "pi * <a> ^ 2"),
            ("Sort the numbers [5, 2, 8, 1, 9]", "sort(list)"),
            ("Calculate compound interest: $1000 at 5% for 3 years", "<a> * (1 + <b> / 100) ^ <c>"),
            ("15 + 27", "<a> + <b>"),
            ("8 × 9", "<a> * <b>"),
            ("144 ÷ 12", "<a> / <b>"),
            ("25 − 7", "<a> - <b>"),
            ("25-7", "<a> - <b>"),
            ("13 + 19", "<a> + <b>"),
            ("12 * 7", "<a> * <b>"),
            ("12 * 11", "<a> * <b>"),
            ("17 * 23", "<a> * <b>"),
            ("Calculate 12 * 11", "<a> * <b>"),
            ("What is 12 * 11", "<a> * <b>"),
            ("Calculate 17 * 23", "<a> * <b>"),
            ("What is 605 * 1213", "<a> * <b>"),
            ("Calculate 15% of 200", "<b> * <a> / 100"),
            ("Count the vowels in 'hello world'", "vowels(text)"),
            ("Find the area of a circle with radius 10", "pi * <a> ^ 2"),
            ("Is 97 a prime number?", "is_prime(<a>)"),
            ("What's the square root of 144?", "sqrt(<a>)"),
            ("Convert 25 °C to °F", "<a> * 9 / 5 + 32"),
            ("5 - -4", "<a> - <b>"),
        ];
        for published in families().published() {
            if published.answer == "…" || published.answer == "-" {
                continue;
            }
            let plan = plans.iter().find(|(question, _)| *question == published.question);
            let (question, plan) = plan.unwrap_or_else(|| panic!("no plan for {}", published.question));
            assert!(row(question, &published.answer, &[plan], &[], "").right, "{question}");
        }
    }

    #[test]
    fn answers_are_judged_by_what_was_computed() {
        let times = "Calculate 17 times 23";
        assert!(row(times, "391", &["<a> * <b>"], &[], "").right);
        assert!(!row(times, "391", &["<a> + <b>"], &[], "391").right);
        assert!(!row(times, "391", &[], &[], "391").right, "said, but not computed");
        assert!(
            row("Calculate the area of a circle with radius 5", "78.5398163397", &["pi * <a> ^ 2"], &[], "")
                .right
        );
        assert!(row("Sort the numbers [5, 2, 8, 1, 9]", "1, 2, 5, 8, 9", &["sort(list)"], &[], "").right);
        assert!(row("Is 97 a prime number?", "yes", &["is_prime(<a>)"], &[], "").right);
    }

    #[test]
    fn what_the_host_says_is_compared_with_the_function_that_is_meant() {
        let granted = [
            Grant::integer("timestamp", 1_700_000_000),
            Grant::text("date", "2026-11-21"),
            Grant::text("datetime", "2026-11-21 10:11:12"),
        ];
        let stamp = "What's the current timestamp?";
        assert!(row(stamp, "…", &["timestamp()"], &granted, "").right);
        assert!(!row(stamp, "…", &["date()"], &granted, "").right);
        let both = "What's the current date and time?";
        assert!(row(both, "…", &["datetime()"], &granted, "").right);
        assert!(!row(both, "…", &["date()"], &granted, "").right);
        assert!(!row(both, "…", &["datetime()"], &[], "").right, "not granted");
    }

    #[test]
    fn nothing_to_compute_is_declined() {
        let question = "Create a physics simulation for projectile motion";
        assert!(row(question, "-", &[], &[], "How fast, and at what angle?").right);
        assert!(!row(question, "-", &["date()"], &[], "How fast?").right);
        assert!(!row(question, "-", &[], &[], "It flies 12 metres.").right);
    }
}
