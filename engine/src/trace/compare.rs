//! A file beside the same run, computed again.

use serde_json::{Map, Value};

use super::write::lines;
use super::{Run, Trace};

/// How far two logits, probabilities or terms may differ, of 1 or of the larger: devices add in different orders.
const TOLERANCE: f64 = 0.01;

/// The first place where a file says something else than the run, computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file's line, from 1.
    pub line: usize,
    /// What differs there: `token.id`.
    pub place: String,
    /// What the file says.
    pub file: String,
    /// What came of it now.
    pub again: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, place, file, again } = self;
        write!(f, "line {line}, {place}: the file has {file}, computed again it is {again}")
    }
}

/// Compares line by line. Tokens, texts and whole numbers must be the same; numbers with a fraction, nearly.
pub fn first_difference(file: &Trace, again: &Trace) -> Option<Difference> {
    // What computed it may be another device.
    let again = Trace { run: Run { engine: file.run.engine.clone(), ..again.run.clone() }, ..again.clone() };
    let (mut ours, mut theirs) = (lines(file), lines(&again));
    let mut line = 0;
    loop {
        line += 1;
        let pair = [ours.next(), theirs.next()].map(|line| serde_json::to_value(line).unwrap_or_default());
        let [file, again] = pair;
        if file.is_null() && again.is_null() {
            return None;
        }
        let mut place = String::new();
        if let Some((file, again)) = differ(&file, &again, &mut place) {
            return Some(Difference { line, place: place.trim_matches('.').to_owned(), file, again });
        }
    }
}

/// What two values differ in, with the place of it behind `place`.
fn differ(file: &Value, again: &Value, place: &mut String) -> Option<(String, String)> {
    let here = place.len();
    match (file, again) {
        (Value::Object(file), Value::Object(again)) => {
            for key in keys(file, again) {
                place.push('.');
                place.push_str(key);
                let [file, again] = [file, again].map(|object| object.get(key).cloned().unwrap_or_default());
                let found =
                    if key == "top" { differ_in_top(&file, &again) } else { differ(&file, &again, place) };
                if found.is_some() {
                    return found;
                }
                place.truncate(here);
            }
            None
        }
        (Value::Array(file), Value::Array(again)) if file.len() == again.len() => {
            for (at, (file, again)) in file.iter().zip(again).enumerate() {
                place.push_str(&format!("[{at}]"));
                let found = differ(file, again, place);
                if found.is_some() {
                    return found;
                }
                place.truncate(here);
            }
            None
        }
        _ if is_same(file, again) => None,
        _ => Some((shown(file), shown(again))),
    }
}

/// All keys of two objects.
fn keys<'a>(file: &'a Map<String, Value>, again: &'a Map<String, Value>) -> impl Iterator<Item = &'a String> {
    file.keys().chain(again.keys().filter(|key| !file.contains_key(*key)))
}

/// Logits are compared token by token: nearly equal ones may change places.
fn differ_in_top(file: &Value, again: &Value) -> Option<(String, String)> {
    let logits = |value: &Value| -> Vec<(u64, f64)> {
        let entries = value.as_array().into_iter().flatten();
        entries
            .filter_map(|entry| Some((entry.get("id")?.as_u64()?, entry.get("logit")?.as_f64()?)))
            .collect()
    };
    let (ours, theirs) = (logits(file), logits(again));
    let lowest = theirs.last().map_or(f64::NEG_INFINITY, |(_, logit)| *logit);
    let is_there = |(id, logit): &(u64, f64)| {
        let other = theirs.iter().find(|(other, _)| other == id).map_or(lowest, |(_, logit)| *logit);
        is_near(*logit, other)
    };
    let same = ours.len() == theirs.len() && ours.iter().all(is_there);
    (!same).then(|| (shown(file), shown(again)))
}

fn is_same(file: &Value, again: &Value) -> bool {
    match (file, again) {
        (Value::Number(file), Value::Number(again)) if file.is_f64() || again.is_f64() => {
            file.as_f64().zip(again.as_f64()).is_some_and(|(file, again)| is_near(file, again))
        }
        _ => file == again,
    }
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0)
}

/// A value as a person reads it; a long one is cut.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = if value.is_null() { "nothing".to_owned() } else { value.to_string() };
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(std::iter::once('…')).collect()
}
