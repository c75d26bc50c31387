//! A file beside the same run, computed again.

use serde_json::{Map, Value};

use crate::format::LineOf;
use crate::write::lines;
use crate::{Run, Trace, number};

/// How far two numbers that a device has summed up may differ, of 1 or of the larger: devices add in different orders.
const TOLERANCE: f64 = 0.001;

/// How far any decimal numbers may differ: not every reader of JSON rounds the last of 17 digits right.
const LAST_DIGIT: f64 = 4.0 * f64::EPSILON;

/// What devices sum up. Every other number is the same wherever it is computed.
const SUMMED: [&str; 3] = ["candidate.probabilities", "candidate.terms", "candidate.score"];

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

/// Compares line by line: everything but the version, and what computed it. Tokens, texts and numbers must be the same; numbers that a
/// device has summed up, nearly.
pub fn first_difference(file: &Trace, again: &Trace) -> Option<Difference> {
    let run = Run { version: file.run.version, engine: file.run.engine.clone(), ..again.run.clone() };
    let (mut ours, mut theirs) = (lines(&file.run, file), lines(&run, again));
    let of = Comparison { has_names: file.run.version > 1 };
    let mut line = 0;
    loop {
        line += 1;
        let (file, again) = (ours.next(), theirs.next());
        if file.is_none() && again.is_none() {
            return None;
        }
        // Of a long run nearly all lines are the same to the letter.
        if file == again {
            continue;
        }
        let value = |line: Option<LineOf<'_>>| serde_json::to_value(line).unwrap_or_default();
        let mut place = String::new();
        if let Some((file, again)) = of.differ(&value(file), &value(again), &mut place) {
            let place = if place.is_empty() { "the whole line".to_owned() } else { place };
            return Some(Difference { line, place, file, again });
        }
    }
}

/// How the values of a file are compared.
struct Comparison {
    /// Whether the file has names for numbers that JSON does not have: version 1 had `null`.
    has_names: bool,
}

impl Comparison {
    /// What two values differ in, with the place of it behind `place`.
    fn differ(&self, file: &Value, again: &Value, place: &mut String) -> Option<(String, String)> {
        let here = place.len();
        match (file, again) {
            (Value::Object(file), Value::Object(again)) => {
                for key in keys(file, again) {
                    if here > 0 {
                        place.push('.');
                    }
                    place.push_str(key);
                    let [file, again] =
                        [file, again].map(|object| object.get(key).cloned().unwrap_or_default());
                    let found = match place.as_str() {
                        "token.top" => self.differ_in_top(&file, &again),
                        _ => self.differ(&file, &again, place),
                    };
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
                    let found = self.differ(file, again, place);
                    if found.is_some() {
                        return found;
                    }
                    place.truncate(here);
                }
                None
            }
            _ if file == again || is_rounded(file, again) => None,
            _ if SUMMED.iter().any(|summed| place.starts_with(summed)) && self.is_near(file, again) => None,
            _ => Some((shown(file), shown(again))),
        }
    }

    /// Logits are compared rank by rank and token by token: nearly equal ones may change places, and a token that is missing on one side
    /// must be as good as the last there. Each side is held to the other.
    fn differ_in_top(&self, file: &Value, again: &Value) -> Option<(String, String)> {
        let entries = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (ours, theirs) = (entries(file), entries(again));
        let logit = |entry: &Value| entry.get("logit").cloned().unwrap_or_default();
        let is_in = |entry: &Value, others: &[Value]| {
            let other = others.iter().find(|other| other.get("id") == entry.get("id"));
            match other {
                Some(other) => {
                    other.get("text") == entry.get("text") && self.is_near(&logit(entry), &logit(other))
                }
                None => others.last().is_some_and(|last| self.is_near(&logit(entry), &logit(last))),
            }
        };
        let ranks = ours.iter().zip(&theirs).all(|(ours, theirs)| self.is_near(&logit(ours), &logit(theirs)));
        let same = ours.len() == theirs.len()
            && ranks
            && ours.iter().all(|entry| is_in(entry, &theirs))
            && theirs.iter().all(|entry| is_in(entry, &ours));
        (!same).then(|| (shown(file), shown(again)))
    }

    fn is_near(&self, file: &Value, again: &Value) -> bool {
        match (file.as_f64(), again.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
            // What a trace of version 1 was read as, beside any of the three.
            _ if !self.has_names => {
                [file, again].map(|value| value.as_str().is_some_and(number::is_name)) == [true; 2]
            }
            _ => file == again,
        }
    }
}

/// Whether two decimal numbers are the same but for the last digit.
fn is_rounded(file: &Value, again: &Value) -> bool {
    let decimal = |value: &Value| value.as_f64().filter(|_| value.is_f64());
    decimal(file).zip(decimal(again)).is_some_and(|(a, b)| (a - b).abs() <= LAST_DIGIT * a.abs())
}

/// All keys of two objects.
fn keys<'a>(file: &'a Map<String, Value>, again: &'a Map<String, Value>) -> impl Iterator<Item = &'a String> {
    file.keys().chain(again.keys().filter(|key| !file.contains_key(*key)))
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
