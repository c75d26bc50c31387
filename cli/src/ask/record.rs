//! What is printed of an answered question.

use engine::worldmodel::answer::{Answer, Failure};
use engine::worldmodel::ask::{Asked, Candidate, Way};
use engine::worldmodel::original::{self, Operation};
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
    plan: String,
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
    /// Of a question that took so many seconds.
    pub fn new(question: &str, asked: &Asked, seconds: f64) -> Self {
        let answer = asked.result().and_then(|result| result.as_ref().ok());
        Self {
            question: question.to_owned(),
            answer: answer.map_or(Value::Null, value),
            text: asked.reply.clone(),
            plan: asked.plan.clone(),
            way: way(asked.way),
            chosen_candidate: asked.chosen,
            chosen: asked
                .chosen
                .and_then(|chosen| asked.candidates.get(chosen))
                .map(|candidate| candidate.layer),
            candidates: asked.candidates.iter().map(CandidateRecord::new).collect(),
            ended: asked.ended,
            seconds,
        }
    }
}

impl CandidateRecord {
    fn new(candidate: &Candidate) -> Self {
        let mut score = Map::new();
        score.insert("total".to_owned(), json!(candidate.score.total));
        score.insert("tap".to_owned(), json!(candidate.score.tap));
        for (name, part) in Terms::NAMES.iter().zip(candidate.score.parts) {
            score.insert((*name).to_owned(), json!(part));
        }
        let answer = &candidate.outcome.answer;
        Self {
            layer: candidate.layer,
            wat: candidate.outcome.wat.clone(),
            op: Operation::of(&candidate.outcome.wat).name(),
            score,
            status: match answer {
                Ok(_) => "executed",
                Err(Failure::NothingToCompute) => "skipped",
                Err(_) => "error",
            },
            value: answer.as_ref().map_or(Value::Null, value),
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

/// An answer as JSON: a number, a text or a list.
fn value(answer: &Answer) -> Value {
    match answer {
        Answer::Integer(value) => json!(value),
        Answer::Decimal(value) => json!(value),
        Answer::Text(text) => json!(text),
        Answer::Integers(values) => json!(values),
        Answer::Decimals(values) => json!(values),
    }
}

const fn way(way: Way) -> &'static str {
    match way {
        Way::Planned => "planned",
        Way::Frozen => "frozen",
        Way::Prompted => "prompted",
    }
}

/// The lines for people: the plan, each program with its result and score, and the answer.
pub fn lines(question: &str, asked: &Asked) -> Vec<String> {
    let mut lines = vec![format!("Question: {question}")];
    if !asked.plan.is_empty() {
        lines.push(format!("Plan: {}", asked.plan));
    }
    if asked.way == Way::Prompted {
        let written = asked.candidates.iter().filter(|candidate| !candidate.outcome.wat.is_empty()).count();
        let attempts = asked.candidates.len();
        lines.push(format!("The model has no taps: it was told how programs are written, and wrote {written} in {attempts} attempts."));
    }
    for (at, candidate) in asked.candidates.iter().enumerate() {
        let operation = Operation::of(&candidate.outcome.wat);
        let score = f64::from(candidate.score.total);
        let line = match &candidate.outcome.answer {
            Ok(answer) => original::line(candidate.layer, answer, operation, score),
            Err(Failure::NothingToCompute) => {
                format!("   Layer {:2}: nothing to compute [score: {score:.2}]", candidate.layer)
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
