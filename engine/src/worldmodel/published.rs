//! How the published system answered 12 × 11: its three programs, run again, and its own rule's choice among them.
//!
//! The programs are those of its published result: two products and, from the last tap, a square.

use super::answer::{Answer, Failure, finite};
use super::original::{self, Judged};
use super::program::LIMITS;
use crate::sandbox::{self, Access, Value};
use crate::wat::Module;

/// The question.
pub const QUESTION: &str = "what is 12 * 11";
/// Its numbers, which each program takes.
const NUMBERS: [f64; 2] = [12.0, 11.0];
/// The layers of the taps, and which of the numbers each program multiplies.
const PROGRAMS: [(usize, [usize; 2]); 3] = [(3, [0, 1]), (7, [0, 1]), (11, [0, 0])];

/// One of the programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The program.
    pub wat: String,
    /// What it computes.
    pub answer: Result<Answer, Failure>,
    /// Fuel it uses.
    pub fuel: u64,
    /// What the rule says of it.
    pub judged: Judged,
}

/// The programs in the order of their taps, and the one that the rule chooses.
pub fn twelve_by_eleven() -> (Vec<Published>, Option<usize>) {
    let mut all: Vec<Published> =
        PROGRAMS.into_iter().map(|(layer, locals)| program(layer, locals)).collect();
    let mut judged: Vec<Judged> = all.iter().map(|one| one.judged).collect();
    let outcomes: Vec<(&str, &Result<Answer, Failure>)> =
        all.iter().map(|one| (one.wat.as_str(), &one.answer)).collect();
    let chosen = original::choose(QUESTION, &mut judged, &outcomes);
    for (one, judged) in all.iter_mut().zip(judged) {
        one.judged = judged;
    }
    (all, chosen)
}

fn program(layer: usize, [left, right]: [usize; 2]) -> Published {
    let wat = format!(
        "(module\n  (func $compute (param f64 f64) (result f64)\n    local.get {left}\n    local.get {right}\n    f64.mul)\n  \
         (export \"compute\" (func $compute)))"
    );
    let judged = Judged::before(QUESTION, NUMBERS.len(), layer, &wat);
    let (answer, fuel) = run(&wat);
    Published { wat, answer, fuel, judged }
}

fn run(wat: &str) -> (Result<Answer, Failure>, u64) {
    let ran = Module::from_text(wat).map_err(|error| error.to_string()).and_then(|module| {
        let numbers = NUMBERS.map(Value::F64);
        sandbox::run_with(&module, Some("compute"), &numbers, LIMITS, Access::default())
            .map_err(|error| error.to_string())
    });
    match ran {
        Ok(outcome) => {
            let answer = match outcome.result.as_slice() {
                [Value::F64(value)] => finite(*value).map(Answer::Decimal),
                _ => Err(Failure::ExportsNothing),
            };
            (answer, outcome.fuel)
        }
        Err(error) => (Err(Failure::DoesNotCompile(error)), 0),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn it_chose_the_square() {
        let (programs, chosen) = twelve_by_eleven();
        let answers: Vec<f64> = programs
            .iter()
            .map(|one| match one.answer.clone().unwrap() {
                Answer::Decimal(value) => value,
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(answers, [132.0, 132.0, 144.0]);
        assert_eq!(chosen, Some(2));
        let before: Vec<f64> = programs.iter().map(|one| (one.judged.before.total * 100.0).round()).collect();
        assert_eq!(before, [307.0, 344.0, 380.0]);
        let after: Vec<Option<f64>> =
            programs.iter().map(|one| one.judged.after.map(|after| (after.total * 1000.0).round())).collect();
        assert_eq!(after, [None, Some(3136.0), Some(3500.0)]);
    }
}
