//! Traces written, read and compared; `engine::trace` has tests with runs.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::json;

use crate::{
    AnswerEnd, By, Candidate, End, Input, Likely, Model, Question, Rule, Run, Token, Trace, first_difference,
    read, write,
};

/// A question's trace, with what a model may have computed of it.
fn answered(probability: f32, score: f32, logits: [f32; 3]) -> Trace {
    let likely = |(id, logit): (u32, f32)| Likely { id, text: format!("t{id}"), logit };
    let mut token = Token::new(0, 7, "t7".to_owned(), By::Model);
    token.top = [7, 8, 9].into_iter().zip(logits).map(likely).collect();
    let question = Question {
        text: "2 + 3?".to_owned(),
        alone: false,
        rule: Rule::Trained,
        tokens: 9,
        program_tokens: 9,
        samples: 3,
        seed: 0,
        weights: vec![0.5],
        tap_weights: vec![0.25],
        granted: Vec::new(),
        interventions: Vec::new(),
        gates: Vec::new(),
    };
    let candidate = Candidate {
        index: 0,
        layer: 3,
        tokens: vec!["i64.add".to_owned()],
        probabilities: vec![probability],
        wat: "(module)".to_owned(),
        wat_as_run: "(module)".to_owned(),
        value: json!(0.1),
        error: None,
        fuel: 3,
        host_calls: Vec::new(),
        terms: vec![probability],
        tap: 0.25,
        score,
        original: json!({ "before": { "total": 3.5 } }),
    };
    Trace {
        run: Run::new(Model::default(), "CPU".to_owned(), Input::Question(Box::new(question))),
        tokens: vec![token],
        candidates: vec![candidate],
        end: End { tokens: 1, machine: None, answer: Some(AnswerEnd::default()) },
    }
}

/// Where two traces first differ.
fn place(file: &Trace, again: &Trace) -> Option<String> {
    first_difference(file, again).map(|difference| difference.place)
}

#[test]
fn numbers_that_json_does_not_have_are_read_as_they_were_written() {
    let trace = answered(f32::NEG_INFINITY, f32::NAN, [f32::INFINITY, 1.0, -0.0]);
    let text = write(&trace).unwrap();
    assert!(text.contains(r#""terms":["-Infinity"]"#) && text.contains(r#""score":"NaN""#), "{text}");
    assert!(text.contains(r#""logit":"Infinity""#) && text.contains(r#""logit":-0.0"#), "{text}");
    let again = read(&text).unwrap();
    assert_eq!(write(&again).unwrap(), text);
    assert_eq!(first_difference(&again, &trace), None);
    // Each of them is another one than the others, and than any number.
    for score in [f32::INFINITY, f32::NEG_INFINITY, 0.0, f32::MAX] {
        let other = answered(f32::NEG_INFINITY, score, [f32::INFINITY, 1.0, -0.0]);
        assert_eq!(place(&again, &other).as_deref(), Some("candidate.score"));
    }
    let wrong = text.replace("\"NaN\"", "\"nan\"");
    assert!(read(&wrong).unwrap_err().message.contains("\"nan\" is no number"));
    // Version 1 had one word for all three.
    let first = text.replace("\"version\":2", "\"version\":1");
    let first = ["\"NaN\"", "\"-Infinity\"", "\"Infinity\""]
        .iter()
        .fold(first, |text, name| text.replace(name, "null"));
    let first = read(&first).unwrap();
    assert_eq!(first_difference(&first, &trace), None);
    let other = answered(f32::NEG_INFINITY, 0.5, [f32::INFINITY, 1.0, -0.0]);
    assert_eq!(place(&first, &other).as_deref(), Some("candidate.score"));
}

#[test]
fn what_devices_sum_up_may_differ_a_little_and_nothing_else() {
    let file = answered(0.5, 2.0, [9.0, 3.0, 2.9999]);
    assert_eq!(place(&file, &answered(0.5002, 2.001, [9.002, 2.9999, 3.0])), None);
    assert_eq!(
        place(&file, &answered(0.503, 2.0, [9.0, 3.0, 2.9999])).as_deref(),
        Some("candidate.probabilities[0]")
    );
    let with = |change: fn(&mut Trace)| {
        let mut again = file.clone();
        change(&mut again);
        place(&file, &again)
    };
    assert_eq!(
        with(|trace| trace.candidates[0].value = json!(0.100_001)).as_deref(),
        Some("candidate.value")
    );
    assert_eq!(with(|trace| trace.candidates[0].tap = 0.2501).as_deref(), Some("candidate.tap"));
    assert_eq!(
        with(|trace| trace.candidates[0].original = json!({ "before": { "total": 3.5001 } })).as_deref(),
        Some("candidate.original.before.total")
    );
    // A sum that the reader of JSON rounds otherwise.
    assert_eq!(
        with(|trace| trace.candidates[0].original = json!({ "before": { "total": 3.500_000_000_000_000_4 } })),
        None
    );
    // Of the best tokens the file may neither leave one out nor have one more, nor another in its place.
    assert_eq!(with(|trace| drop(trace.tokens[0].top.pop())).as_deref(), Some("token.top"));
    assert_eq!(with(|trace| trace.tokens[0].top[0].id = 5).as_deref(), Some("token.top"));
    assert_eq!(with(|trace| trace.tokens[0].top[1].text = "?".to_owned()).as_deref(), Some("token.top"));
    assert_eq!(with(|trace| trace.tokens[0].top.swap(0, 1)).as_deref(), Some("token.top"));
    // Which of two equals is the last, devices may see differently.
    assert_eq!(with(|trace| trace.tokens[0].top[2].id = 5), None);
}

/// The page gives a machine no more tokens than it can hold.
#[test]
fn a_run_that_ends_before_its_limit_is_the_same_with_another() {
    let run = |max_tokens| {
        let call = Input::Full {
            program: "(module)".to_owned(),
            function: "seven".to_owned(),
            arguments: Vec::new(),
            max_tokens,
        };
        let token = |position| Token::new(position, 7, "7".to_owned(), By::Model);
        Trace {
            run: Run::new(Model::default(), "CPU".to_owned(), call),
            tokens: (0..3).map(token).collect(),
            candidates: Vec::new(),
            end: End { tokens: 3, machine: None, answer: None },
        }
    };
    let compared = |file: Trace, again: Trace| place(&file, &file.limited_as_this_one(again));
    assert_eq!(compared(run(9_000_000), run(4_000_000)), None);
    // At its limit, nobody knows how it would have gone on.
    assert!(compared(run(9_000_000), run(3)).is_some());
    assert!(compared(run(3), run(9_000_000)).is_some());
}
