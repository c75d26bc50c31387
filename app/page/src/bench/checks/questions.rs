//! Questions to the model that comes with the page: the published ones, and some that it was not trained with. Right is what its chosen
//! program computed, not what it said.

use js_sys::Date;
use protocol::asking::{Asked, Question};
use protocol::language::{LanguageRequest, LanguageResponse, LoadOptions, ModelSource};
use protocol::{AppError, Device, Request, Response};

use super::cases::Case;
use super::{Checked, Errand, Wrong, cases};
use crate::client::unexpected;
use crate::language::source::BUNDLED_CONTEXT;

const NAME: &str = "questions to WorldModel";
/// What two decimals may differ by, as a share of them: the last digits of a long sum.
const CLOSE: f64 = 1e-9;

pub async fn run(errand: Errand) -> Result<(), AppError> {
    let all = cases::questions().await?;
    let device = errand.device;
    let engine = if device == Device::WebGpu { "gpu" } else { "language" };
    let Some(link) = errand.hire(engine)? else { return Ok(()) };
    let ask = async |request| match link.ask(Request::Language(request), None).await? {
        Response::Language(answer) => Ok(answer),
        _ => Err(unexpected()),
    };
    let options = LoadOptions { device, quantize: None, context: BUNDLED_CONTEXT, keep: false, taps: false };
    let load = LanguageRequest::Load { source: ModelSource::Bundled, options };
    let LanguageResponse::Loaded(_) = ask(load).await? else { return Err(unexpected()) };
    let mut done = 0;
    for cases in all.chunk_by(|one, other| one.set == other.set) {
        let set = cases.first().map(|case| case.set.as_str()).unwrap_or_default();
        let mut checked = Checked::new(format!("WorldModel: {set}"), "questions", cases.len());
        for case in cases {
            if !errand.tell(NAME, done, all.len()) {
                return Ok(());
            }
            let since = Date::now();
            let question = Question {
                text: case.question.clone(),
                granted: case.granted.clone(),
                ..Question::default()
            };
            let outcome = match ask(LanguageRequest::Ask(question)).await? {
                LanguageResponse::Asked(asked) => judge(case, &asked),
                _ => return Err(unexpected()),
            };
            let wrong = |why| Wrong { what: case.question.clone(), why, is_question: true };
            checked.count(since, outcome.map_err(wrong));
            errand.keep(&checked);
            done += 1;
        }
    }
    Ok(())
}

fn judge(case: &Case, asked: &Asked) -> Result<(), String> {
    let is_right = match (&case.answer, &asked.result) {
        (Some(Ok(wanted)), Some(Ok(found))) => same(wanted, found),
        (Some(Err(wanted)), Some(Err(found))) => wanted == found,
        (None, _) => asked.declines,
        _ => false,
    };
    if is_right {
        return Ok(());
    }
    if case.answer.is_none() && asked.result.is_none() {
        let reply: String = asked.reply.iter().map(|(part, _)| part.as_str()).collect();
        let cut = if asked.ended { "" } else { " … (cut off)" };
        return Err(format!("expected a reply without a number of its own, found “{reply}{cut}”"));
    }
    let said = |outcome: &Option<Result<String, String>>| match outcome {
        None => "nothing computed".to_owned(),
        Some(Ok(answer)) => answer.clone(),
        Some(Err(failure)) => format!("no answer ({failure})"),
    };
    Err(format!("expected {}, found {}", said(&case.answer), said(&asked.result)))
}

/// Whether two answers are the same: decimals nearly, number by number; all else to the letter.
fn same(one: &str, other: &str) -> bool {
    let is_decimal = |text: &str| text.contains(['.', 'e']);
    let close = |one: &str, other: &str| match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(ours), Ok(theirs)) if is_decimal(one) || is_decimal(other) => {
            (ours - theirs).abs() <= CLOSE * ours.abs().max(theirs.abs())
        }
        _ => one == other,
    };
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (one.split(", ").collect(), other.split(", ").collect());
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(one, other)| close(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(question: &str, answer: Option<Result<&str, &str>>) -> Case {
        let answer = answer.map(|answer| answer.map(str::to_owned).map_err(str::to_owned));
        Case { set: String::new(), question: question.to_owned(), answer, granted: Vec::new() }
    }

    fn asked(result: Option<Result<&str, &str>>) -> Asked {
        let result = result.map(|result| result.map(str::to_owned).map_err(str::to_owned));
        Asked { result, ended: true, ..Asked::default() }
    }

    #[test]
    fn an_answer_is_judged_by_what_was_computed() {
        let times = case("12 * 11", Some(Ok("132")));
        assert_eq!(judge(&times, &asked(Some(Ok("132")))), Ok(()));
        let wrong = judge(&times, &asked(Some(Ok("144"))));
        assert_eq!(wrong, Err("expected 132, found 144".to_owned()));
        assert!(judge(&times, &asked(None)).is_err());
        let by_zero = case("12 / 0", Some(Err("division by zero")));
        assert_eq!(judge(&by_zero, &asked(Some(Err("division by zero")))), Ok(()));
        assert!(judge(&by_zero, &asked(Some(Ok("0")))).is_err());
    }

    #[test]
    fn where_nothing_is_to_be_computed_nothing_is() {
        let hamlet = case("Who wrote Hamlet?", None);
        assert_eq!(judge(&hamlet, &Asked { declines: true, ..asked(None) }), Ok(()));
        let reply = vec![("In 1600.".to_owned(), false)];
        let wrong = judge(&hamlet, &Asked { reply, ..asked(None) });
        assert_eq!(wrong, Err("expected a reply without a number of its own, found “In 1600.”".to_owned()));
        let wrong = judge(&hamlet, &asked(Some(Ok("7"))));
        assert_eq!(wrong, Err("expected nothing computed, found 7".to_owned()));
    }

    #[test]
    fn decimals_are_the_same_to_nine_digits() {
        assert!(same("78.5398163397", "78.53981633974"));
        assert!(same("1, 2.5", "1, 2.5") && same("yes", "yes"));
        assert!(!same("5000000001", "5000000002") && !same("007", "7"));
        assert!(!same("78.5398", "78.5399") && !same("1, 2", "1, 2, 3") && !same("yes", "no"));
    }
}
