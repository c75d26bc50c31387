//! One answered question: what of it is right.

use super::says::{makes_up_no_number, repeats, says};
use crate::worldmodel::ask::{Asked, Candidate};
use crate::worldmodel::data::{Example, cannot};

/// What is right about an answered question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// All of it: the chosen program's answer; or that nothing was computed where nothing is to be.
    pub right: bool,
    /// For each tap: the same if its program were always chosen.
    pub taps: Vec<bool>,
    /// The same if the original rule had chosen.
    pub original: bool,
    /// Whether something is to be computed and some candidate is right, so that the choice matters.
    pub choosable: bool,
    /// The plan is the expected one, to the letter.
    pub same_plan: bool,
    /// The reply repeats the chosen result, right or wrong.
    pub said: bool,
}

/// Judges what a model came to.
///
/// Where the question's own program fails, as at a division by zero, a program is right that fails in the same way. Where there is
/// nothing to compute, everybody is right together: if no program was written, and the reply came to its end, is not empty and has no
/// number that the question does not have.
pub fn judge(example: &Example, asked: &Asked) -> Judged {
    let plan = example.plan.as_ref().map(|plan| plan.to_string().replace(' ', "")).unwrap_or_default();
    let same_plan = plan == asked.plan;
    if example.plan.is_none() {
        let right = asked.computes_nothing() && asked.ended && declines(&example.question, &asked.reply);
        let taps = vec![right; asked.candidates.len()];
        return Judged { right, taps, original: right, same_plan, ..Judged::default() };
    }
    let is_right = |at: usize| asked.candidates.get(at).is_some_and(|candidate| fits(example, candidate));
    let taps: Vec<bool> = (0..asked.candidates.len()).map(is_right).collect();
    let original = match asked.by_original {
        Some(at) => is_right(at),
        // It knows no failures, and says nothing.
        None => example.failure.is_some() && taps.contains(&true),
    };
    Judged {
        right: asked.chosen.is_some_and(is_right),
        choosable: taps.contains(&true),
        taps,
        original,
        same_plan,
        said: asked.result().is_some_and(|result| {
            result.as_ref().is_ok_and(|answer| repeats(&asked.reply, &answer.to_string()))
        }),
    }
}

/// Whether a reply alone is right: it has the answer; where the program fails, it says so as ours does; where there is nothing to
/// compute, it makes up no number.
pub fn judge_reply(example: &Example, reply: &str) -> bool {
    match (&example.answer, &example.failure) {
        (Some(answer), _) => says(reply, answer),
        (None, Some(failure)) => reply.contains(cannot(failure).trim_end_matches('.')),
        (None, None) => declines(&example.question, reply),
    }
}

/// Whether a reply to a question without a computation is one.
pub fn declines(question: &str, reply: &str) -> bool {
    !reply.trim().is_empty() && makes_up_no_number(question, reply)
}

fn fits(example: &Example, candidate: &Candidate) -> bool {
    match (&candidate.outcome.answer, &example.answer) {
        (Ok(ours), Some(theirs)) => ours.same(theirs),
        (Err(failure), None) => example.failure.as_ref() == Some(failure),
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::sandbox::Grant;
    use crate::worldmodel::answer::{Answer, Failure};
    use crate::worldmodel::ask::{Way, by_original};
    use crate::worldmodel::data::{Language, Set, Stage};
    use crate::worldmodel::expression::{Given, parse};
    use crate::worldmodel::numbers::Operands;
    use crate::worldmodel::original;
    use crate::worldmodel::program::{self, compile};
    use crate::worldmodel::selection::{Score, Terms};
    use crate::worldmodel::taps::Written;

    /// A question with its plan, computed.
    pub fn example(question: &str, plan: Option<&str>, reply: &str) -> Example {
        let operands = Operands::find(question);
        let given = Given::from(&operands);
        let plan = plan.map(|plan| parse(plan).unwrap());
        let program = plan.as_ref().map(|plan| compile(plan, &given.kinds()).unwrap()).unwrap_or_default();
        let outcome = plan.as_ref().map(|_| program::run(&program, &given, program::LIMITS, &[]).answer);
        let (answer, failure) = match outcome {
            Some(Ok(answer)) => (Some(answer), None),
            Some(Err(failure)) => (None, Some(failure)),
            None => (None, None),
        };
        Example {
            family: "test".to_owned(),
            stage: Stage::Arithmetic,
            set: Set::Arithmetic,
            language: Language::English,
            question: question.to_owned(),
            operands,
            plan,
            program,
            answer,
            failure,
            granted: Vec::new(),
            reply: reply.to_owned(),
        }
    }

    /// What a model came to whose taps wrote these plans' programs.
    pub fn asked(
        question: &str,
        plans: &[&str],
        chosen: Option<usize>,
        granted: &[Grant],
        reply: &str,
    ) -> Asked {
        let operands = Operands::find(question);
        let given = Given::from(&operands);
        let candidates = plans.iter().zip([3, 7, 11]).map(|(plan, layer)| {
            let tokens = compile(&parse(plan).unwrap(), &given.kinds()).unwrap();
            let outcome = program::run(&tokens, &given, program::LIMITS, granted);
            let written = Written { tokens, ..Written::default() };
            let original = original::Judged::before(question, operands.numbers.len(), layer, &outcome.wat);
            Candidate { layer, written, outcome, terms: Terms::default(), score: Score::default(), original }
        });
        let mut candidates: Vec<Candidate> = candidates.collect();
        let by_original = by_original(question, &mut candidates);
        Asked {
            tokens: Vec::new(),
            plan: plans.first().map(|plan| plan.replace(' ', "")).unwrap_or_default(),
            order: String::new(),
            way: Way::Planned,
            candidates,
            chosen,
            by_original,
            reply: reply.to_owned(),
            ended: true,
            operands,
        }
    }

    #[test]
    fn what_the_published_system_answered_is_wrong_by_its_rule_and_right_by_ours() {
        let question = "what is 12 * 11";
        let example = example(question, Some("<a> * <b>"), "");
        let asked = asked(question, &["<a> * <b>", "<a> * <b>", "<a> * <a>"], Some(1), &[], "12 × 11 = 132.");
        let judged = judge(&example, &asked);
        let expected = Judged {
            right: true,
            taps: vec![true, true, false],
            original: false,
            choosable: true,
            same_plan: true,
            said: true,
        };
        assert_eq!(judged, expected);
        assert_eq!(asked.by_original, Some(2));
    }

    #[test]
    fn a_program_that_fails_as_it_must_is_right() {
        let question = "What is 12 / 0?";
        let example = example(question, Some("<a> / <b>"), "");
        assert_eq!(example.failure, Some(Failure::DivisionByZero));
        let divided = asked(question, &["<a> / <b>", "<a> / <b>", "<a> / <b>"], Some(2), &[], "");
        let judged = judge(&example, &divided);
        assert!(judged.right && judged.original && judged.choosable && !judged.said);
        let multiplied = asked(question, &["<a> * <b>", "<a> * <b>", "<a> * <b>"], Some(2), &[], "It is 0.");
        let judged = judge(&example, &multiplied);
        assert!(!judged.right && !judged.original && !judged.choosable && judged.said);
        assert!(judge_reply(&example, "This cannot be computed: division by zero."));
        assert!(!judge_reply(&example, "It is 0."));
    }

    #[test]
    fn nothing_to_compute_is_left_alone() {
        let question = "Who wrote Hamlet?";
        let example = example(question, None, "");
        assert!(judge(&example, &asked(question, &[], None, &[], "I only compute.")).right);
        assert!(!judge(&example, &asked(question, &[], None, &[], "In 1600.")).right, "a made-up number");
        assert!(!judge(&example, &asked(question, &[], None, &[], " ")).right, "nothing said");
        let mut cut = asked(question, &[], None, &[], "I only");
        cut.ended = false;
        assert!(!judge(&example, &cut).right, "cut off");
        let forced = asked("Who wrote Hamlet?", &["date()"], Some(0), &[], "I only compute.");
        assert!(!judge(&example, &forced).right, "a program forced on it");
    }

    #[test]
    fn a_reply_is_judged_by_its_answer() {
        let example = example("What is 7 * 8?", Some("<a> * <b>"), "");
        assert_eq!(example.answer, Some(Answer::Integer(56)));
        assert!(judge_reply(&example, "7 × 8 = 56"));
        assert!(!judge_reply(&example, "7 × 8 = 54"));
    }
}
