//! The questions that a browser asks to check its model (`assets/checks/questions.json`): the published ones, and some of every set that
//! are held out by wording and by numbers, each with the right answer and what the host says.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::PathBuf;

use engine::sandbox::{Grant, Told};
use engine::worldmodel::data::{Example, Set, Split};
use engine::worldmodel::measure::bars::{NOTHING_TO_COMPUTE, nothing_to_compute};
use engine::worldmodel::measure::published::{BENCHMARK, host_function};
use serde_json::{Value, json};

use crate::questions;

/// Questions of a set and a split.
const OF_EACH: usize = 8;
/// What the questions are drawn with. Others than those that `worldmodel bench` asks.
const SEED: u64 = 20_26;

fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn granted(grants: &[Grant]) -> Vec<Value> {
    let says = |grant: &Grant| match &grant.value {
        Told::Text(text) => json!([grant.name, text]),
        Told::Integer(number) => json!([grant.name, number]),
    };
    grants.iter().map(says).collect()
}

/// A published question. What the host says is made up.
fn published(question: &str, answer: &str) -> Value {
    let grant = host_function(question).map(|name| match name {
        "timestamp" => Grant::integer(name, 1_763_719_872),
        _ => Grant::text(name, "2025-11-21 10:11:12"),
    });
    let answer = match &grant {
        Some(Grant { value: Told::Text(text), .. }) => json!(text),
        Some(Grant { value: Told::Integer(number), .. }) => json!(number.to_string()),
        None if answer == "-" => Value::Null,
        None => json!(answer),
    };
    let set = match question {
        _ if BENCHMARK.contains(&question) => "the published benchmark",
        _ if NOTHING_TO_COMPUTE.contains(&question) => "nothing to compute",
        _ => "the published demo and help",
    };
    json!({ "set": set, "question": question, "answer": answer, "granted": granted(grant.as_slice()) })
}

fn drawn(set: Set, split: Split, example: &Example) -> Value {
    let name = if set == Set::None { "nothing to compute" } else { set.name() };
    let mut line = json!({
        "set": format!("{name}, new {}", split.name()),
        "question": example.question,
        "answer": example.answer.as_ref().map(ToString::to_string),
        "granted": granted(&example.granted),
    });
    if let Some(failure) = &example.failure {
        line["failure"] = json!(failure.to_string());
    }
    line
}

#[test]
fn the_browser_asks_what_is_published_and_held_out() {
    let families = questions::read(&project("assets/questions")).unwrap();
    let all = families.published().iter().cloned().chain(nothing_to_compute());
    let mut lines: Vec<Value> = all.map(|known| published(&known.question, &known.answer)).collect();
    // The benchmark first.
    lines.sort_by_key(|line| line["set"] != "the published benchmark");
    let mut rng = fastrand::Rng::with_seed(SEED);
    for set in Set::ALL {
        for split in [Split::HeldOutWordings, Split::HeldOutNumbers] {
            let examples = (0..OF_EACH).filter_map(|_| families.example_of_set(set, &mut rng, split));
            lines.extend(examples.map(|example| drawn(set, split, &example)));
        }
    }
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = project("assets/checks/questions.json");
    if std::env::var_os("WORLDMODEL_WRITE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    assert!(known == text, "assets/checks/questions.json is another; WORLDMODEL_WRITE=1 writes it anew");
}
