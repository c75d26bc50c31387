//! What is printed of an answered question.

use engine::tokenizer::Tokenizer;
use engine::worldmodel::answer::{Answer, Failure};
use engine::worldmodel::ask::{Asked, Candidate, Choice, Source, Way};
use engine::worldmodel::original::{self, Operation};
use engine::worldmodel::program::Token;
use engine::worldmodel::reply;
use engine::worldmodel::selection::Terms;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One object of `--json`.
#[derive(Serialize)]
pub struct Record {
    question: String,
    /// The chosen program's result; `null` where nothing was computed.
    answer: Value,
    text: String,
    /// The text in parts, each with whether it repeats the result; the others are the model's own words.
    parts: Vec<Value>,
    /// The whole text as the model has it, question included: each token with where it comes from.
    tokens: Vec<Value>,
    plan: String,
    /// The order in which the plan is worked out, where the model wrote it down.
    order: String,
    /// Who wrote the programs: taps behind a plan (`planned`), taps on a frozen base (`frozen`), or the model itself (`prompted`).
    way: &'static str,
    /// The layer of the chosen tap.
    chosen: Option<usize>,
    /// The chosen candidate, from 0.
    chosen_candidate: Option<usize>,
    candidates: Vec<CandidateRecord>,
    /// Whether the model ended its answer; else it was cut off.
    ended: bool,
    seconds: f64,
}

#[derive(Serialize)]
struct CandidateRecord {
    layer: usize,
    /// The program as its tap wrote it, token by token, with its end if it came to one; empty where the model wrote text.
    tokens: Vec<String>,
    wat: String,
    op: &'static str,
    score: Map<String, Value>,
    status: &'static str,
    value: Value,
    error: Option<String>,
    fuel: u64,
    /// What it asked of the host: names, and how often.
    host_calls: Vec<(String, u64)>,
}

impl Record {
    /// Of a question that took so many seconds, by the rule that chose.
    pub fn new(question: &str, asked: &Asked, rule: Choice, seconds: f64) -> Self {
        let answer = asked.result().and_then(|result| result.as_ref().ok());
        Self {
            question: question.to_owned(),
            answer: answer.map_or(Value::Null, Answer::json),
            text: asked.reply.clone(),
            parts: reply::parts(&asked.reply, answer)
                .iter()
                .map(|part| json!({ "text": part.text, "computed": part.computed }))
                .collect(),
            tokens: Vec::new(),
            plan: asked.plan.clone(),
            order: asked.order.clone(),
            way: asked.way.name(),
            chosen_candidate: asked.chosen,
            chosen: asked
                .chosen
                .and_then(|chosen| asked.candidates.get(chosen))
                .map(|candidate| candidate.layer),
            candidates: asked
                .candidates
                .iter()
                .map(|candidate| CandidateRecord::new(candidate, rule))
                .collect(),
            ended: asked.ended,
            seconds,
        }
    }
}

impl Record {
    /// With the whole text, spelled by the tokenizer that read it.
    pub fn spelled(self, asked: &Asked, tokenizer: &Tokenizer) -> Self {
        let text = |token: u32| {
            tokenizer.token_text(token).map_or_else(|| format!("<{token}>"), |text| text.into_owned())
        };
        let tokens = asked.tokens.iter();
        let tokens = tokens.map(|&(token, source)| json!({ "text": text(token), "from": from(source) }));
        Self { tokens: tokens.collect(), ..self }
    }
}

impl CandidateRecord {
    fn new(candidate: &Candidate, rule: Choice) -> Self {
        let mut score = Map::new();
        if rule == Choice::Original {
            let original = &candidate.original;
            score.insert("total".to_owned(), json!(original_score(candidate)));
            score.insert("before".to_owned(), json!(original.before));
            score.insert("after".to_owned(), json!(original.after));
        } else {
            score.insert("total".to_owned(), json!(candidate.score.total));
            score.insert("tap".to_owned(), json!(candidate.score.tap));
            for (name, part) in Terms::NAMES.iter().zip(candidate.score.parts) {
                score.insert((*name).to_owned(), json!(part));
            }
        }
        let answer = &candidate.outcome.answer;
        let written = &candidate.written;
        let tokens = written.tokens.iter().chain(written.ended.then_some(&Token::END));
        Self {
            layer: candidate.layer,
            tokens: tokens.map(ToString::to_string).collect(),
            wat: candidate.outcome.wat.clone(),
            op: Operation::of(&candidate.outcome.wat).name(),
            score,
            status: match answer {
                _ if is_skipped(candidate, rule) => "skipped",
                Err(Failure::NothingToCompute) => "skipped",
                Ok(_) => "executed",
                Err(_) => "error",
            },
            value: answer.as_ref().map_or(Value::Null, Answer::json),
            error: answer.as_ref().err().map(ToString::to_string),
            fuel: candidate.outcome.fuel,
            host_calls: candidate
                .outcome
                .host_calls
                .iter()
                .map(|call| (call.name.clone(), call.count))
                .collect(),
        }
    }
}

/// The original rule runs the best two alone. All were run to know what came of them; its choice does not look at others.
fn is_skipped(candidate: &Candidate, rule: Choice) -> bool {
    rule == Choice::Original && !candidate.original.runs
}

/// The score that decides by the original rule: of a program that it did not run, the one before.
fn original_score(candidate: &Candidate) -> f64 {
    let original = &candidate.original;
    original.after.map_or(original.before.total, |after| after.total)
}

const fn from(source: Source) -> &'static str {
    match source {
        Source::Question => "question",
        Source::Model => "model",
        Source::Computed => "computed",
    }
}

/// The lines for people: the plan, each program with its result and score, and the answer.
pub fn lines(question: &str, asked: &Asked, rule: Choice) -> Vec<String> {
    let mut lines = vec![format!("Question: {question}")];
    if !asked.plan.is_empty() {
        lines.push(format!("Plan: {}", asked.plan));
    }
    if !asked.order.is_empty() {
        lines.push(format!("Order: {}", asked.order));
    }
    if asked.way == Way::Prompted {
        let written = asked.candidates.iter().filter(|candidate| !candidate.outcome.wat.is_empty()).count();
        let attempts = asked.candidates.len();
        lines.push(format!(
            "The model has no taps: it was told how programs are written, and wrote {written} in {attempts} attempts."
        ));
    }
    for (at, candidate) in asked.candidates.iter().enumerate() {
        let operation = Operation::of(&candidate.outcome.wat);
        let score = match rule {
            Choice::Original => original_score(candidate),
            _ => f64::from(candidate.score.total),
        };
        let line = match &candidate.outcome.answer {
            _ if is_skipped(candidate, rule) => {
                original::skipped_line(candidate.layer, "lower score", operation, score)
            }
            Ok(answer) => original::line(candidate.layer, answer, operation, score),
            Err(Failure::NothingToCompute) => {
                let said = if asked.way == Way::Prompted { "no program" } else { "nothing to compute" };
                format!("   Layer {:2}: {said} [score: {score:.2}]", candidate.layer)
            }
            Err(failure) => original::error_line(candidate.layer, &failure.to_string(), score),
        };
        let line = match asked.way {
            Way::Prompted => {
                line.replacen(&format!("Layer {:2}", candidate.layer), &format!("Attempt {}", at + 1), 1)
            }
            Way::Planned | Way::Frozen => line,
        };
        lines.push(if asked.chosen == Some(at) { format!("{line}  <- chosen") } else { line });
    }
    if let Some(chosen) = asked.chosen.and_then(|chosen| asked.candidates.get(chosen)) {
        lines.extend(chosen.outcome.wat.lines().map(|line| format!("   | {line}")));
        let calls = chosen.outcome.host_calls.iter();
        lines.extend(calls.map(|call| format!("   asked the host for {} ({} times)", call.name, call.count)));
    }
    let end = if asked.ended { "" } else { " … (cut off)" };
    lines.push(format!("{}{end}", asked.reply.trim()));
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use engine::worldmodel::ask::by_original;
    use engine::worldmodel::expression::{Given, parse};
    use engine::worldmodel::numbers::Operands;
    use engine::worldmodel::program::{self, compile};
    use engine::worldmodel::selection::Score;
    use engine::worldmodel::taps::Written;

    /// What the published system showed of its own programs: a product, a product and a square.
    fn asked(question: &str) -> Asked {
        let operands = Operands::find(question);
        let given = Given::from(&operands);
        let mut candidates = Vec::new();
        for (plan, layer) in [("<a> * <b>", 3), ("<a> * <b>", 7), ("<a> * <a>", 11)] {
            let tokens = compile(&parse(plan).unwrap(), &given.kinds()).unwrap();
            let outcome = program::run(&tokens, &given, program::LIMITS, &[]);
            let original = original::Judged::before(question, 2, layer, &outcome.wat);
            let score = Score { total: 1.0, ..Score::default() };
            let written = Written { tokens, ..Written::default() };
            candidates.push(Candidate { layer, written, outcome, terms: Terms::default(), score, original });
        }
        let by_original = by_original(question, &mut candidates);
        Asked {
            operands,
            tokens: Vec::new(),
            plan: "<a>*<b>".to_owned(),
            order: String::new(),
            way: Way::Planned,
            candidates,
            chosen: by_original,
            by_original,
            reply: "It is 144.".to_owned(),
            ended: true,
        }
    }

    #[test]
    fn the_original_rule_prints_its_lines() {
        let lines = lines("what is 12 * 11", &asked("what is 12 * 11"), Choice::Original);
        let layers: Vec<&str> =
            lines.iter().filter(|line| line.starts_with("   Layer")).map(String::as_str).collect();
        assert_eq!(
            layers,
            [
                "   Layer  3: SKIPPED - lower score (multiply) [score: 3.07]",
                "   Layer  7:   132.000000 (multiply) [score: 3.14]",
                "   Layer 11:   144.000000 (multiply) [score: 3.50]  <- chosen",
            ]
        );
        assert_eq!(lines.last().map(String::as_str), Some("It is 144."));
    }

    #[test]
    fn an_object_says_what_was_skipped_and_by_which_score() {
        let record = Record::new("what is 12 * 11", &asked("what is 12 * 11"), Choice::Original, 0.5);
        let json = serde_json::to_value(record).unwrap();
        assert_eq!((&json["answer"], &json["chosen"]), (&json!(144), &json!(11)));
        assert_eq!(json["parts"][1], json!({ "text": "144", "computed": true }));
        assert_eq!(json["candidates"][0]["status"], "skipped");
        assert_eq!(json["candidates"][1]["status"], "executed");
        assert_eq!(json["candidates"][2]["score"]["after"]["keyword"], json!(2.0));
        let trained = Record::new("what is 12 * 11", &asked("what is 12 * 11"), Choice::Trained, 0.5);
        let json = serde_json::to_value(trained).unwrap();
        assert_eq!(
            (&json["candidates"][0]["status"], &json["candidates"][0]["score"]["total"]),
            (&json!("executed"), &json!(1.0))
        );
    }
}
