//! Questions to the model that comes with the page: the published ones, and some that it was not trained with. Right is what its chosen
//! program computed, not what it said.

use std::collections::BTreeSet;

use js_sys::Date;
use protocol::asking::{Asked, Question};
use protocol::language::{LanguageRequest, LanguageResponse, LoadOptions, ModelSource};
use protocol::{AppError, Device, Request, Response};

use super::cases::Case;
use super::{Checked, Checks, Wrong, cases};
use crate::client::unexpected;
use crate::language::source::BUNDLED_CONTEXT;

const NAME: &str = "questions to WorldModel";
/// What two decimals may differ by, as a share of them: the last digits of a long sum.
const CLOSE: f64 = 1e-9;

pub async fn run(checks: Checks, device: Device) -> Result<(), AppError> {
    let all = cases::questions().await?;
    if !checks.tell(NAME, 0, all.len()) {
        return Ok(());
    }
    let link = checks.hire(if device == Device::WebGpu { "gpu" } else { "language" })?;
    let ask = async |request| match link.ask(Request::Language(request), None).await? {
        Response::Language(answer) => Ok(answer),
        _ => Err(unexpected()),
    };
    let options = LoadOptions { device, quantize: None, context: BUNDLED_CONTEXT, keep: false, taps: false };
    let LanguageResponse::Loaded(_) =
        ask(LanguageRequest::Load { source: ModelSource::Bundled, options }).await?
    else {
        return Err(unexpected());
    };
    let mut checked: Vec<Checked> = Vec::new();
    for (done, case) in all.iter().enumerate() {
        if !checks.tell(NAME, done, all.len()) {
            return Ok(());
        }
        let name = format!("WorldModel: {}", case.set);
        if checked.last().is_none_or(|last| last.name != name) {
            checked.push(Checked::new(name, "questions"));
        }
        let Some(of_set) = checked.last_mut() else { continue };
        let since = Date::now();
        let question =
            Question { text: case.question.clone(), granted: case.granted.clone(), ..Question::default() };
        let outcome = match ask(LanguageRequest::Ask(question)).await? {
            LanguageResponse::Asked(asked) => judge(case, &asked),
            _ => return Err(unexpected()),
        };
        let wrong = |why| Wrong { what: case.question.clone(), why, is_question: true };
        of_set.count(since, outcome.map_err(wrong));
        checks.keep(device, of_set);
    }
    Ok(())
}

fn judge(case: &Case, asked: &Asked) -> Result<(), String> {
    let reply: String = asked.reply.iter().map(|(part, _)| part.as_str()).collect();
    let is_right = match (&case.answer, &asked.result) {
        (Some(Ok(wanted)), Some(Ok(found))) => same(wanted, found),
        (Some(Err(wanted)), Some(Err(found))) => wanted == found,
        (None, None) => {
            asked.ended && !reply.trim().is_empty() && numbers(&reply).is_subset(&numbers(&case.question))
        }
        _ => false,
    };
    if is_right {
        return Ok(());
    }
    let said = |outcome: &Option<Result<String, String>>| match outcome {
        None => "nothing computed".to_owned(),
        Some(Ok(answer)) => answer.clone(),
        Some(Err(failure)) => format!("no answer ({failure})"),
    };
    Err(format!("expected {}, found {}", said(&case.answer), said(&asked.result)))
}

/// Whether two answers are the same: number by number, or to the letter.
fn same(one: &str, other: &str) -> bool {
    let close = |one: &str, other: &str| match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() <= CLOSE * one.abs().max(other.abs()),
        _ => false,
    };
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (one.split(", ").collect(), other.split(", ").collect());
    one == other
        || ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|(one, other)| one == other || close(one, other))
}

/// The numbers that stand in a text, in digits.
fn numbers(text: &str) -> BTreeSet<&str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(question: &str, answer: Option<Result<&str, &str>>) -> Case {
        let answer = answer.map(|answer| answer.map(str::to_owned).map_err(str::to_owned));
        Case { set: String::new(), question: question.to_owned(), answer, granted: Vec::new() }
    }

    fn asked(result: Option<Result<&str, &str>>, reply: &str) -> Asked {
        let result = result.map(|result| result.map(str::to_owned).map_err(str::to_owned));
        Asked { result, reply: vec![(reply.to_owned(), false)], ended: true, ..Asked::default() }
    }

    #[test]
    fn an_answer_is_judged_by_what_was_computed() {
        let times = case("12 * 11", Some(Ok("132")));
        assert_eq!(judge(&times, &asked(Some(Ok("132")), "")), Ok(()));
        let wrong = judge(&times, &asked(Some(Ok("144")), "132"));
        assert_eq!(wrong, Err("expected 132, found 144".to_owned()));
        assert!(judge(&times, &asked(None, "132")).is_err());
        let by_zero = case("12 / 0", Some(Err("division by zero")));
        assert_eq!(judge(&by_zero, &asked(Some(Err("division by zero")), "")), Ok(()));
        assert!(judge(&by_zero, &asked(Some(Ok("0")), "")).is_err());
    }

    #[test]
    fn where_nothing_is_to_be_computed_no_number_is_made_up() {
        let hamlet = case("Who wrote Hamlet?", None);
        assert_eq!(judge(&hamlet, &asked(None, "I compute.")), Ok(()));
        for wrong in [asked(None, "In 1600."), asked(None, " "), asked(Some(Ok("7")), "I compute.")] {
            assert!(judge(&hamlet, &wrong).is_err());
        }
    }

    #[test]
    fn decimals_are_the_same_to_nine_digits() {
        assert!(same("78.5398163397", "78.53981633974"));
        assert!(same("1, 2.5", "1, 2.5") && same("yes", "yes"));
        assert!(!same("78.5398", "78.5399") && !same("1, 2", "1, 2, 3") && !same("yes", "no"));
    }
}
