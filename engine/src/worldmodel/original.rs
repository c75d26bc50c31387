//! The rule by which the published system chose among its programs, exactly: for the story it tells, and to be measured beside ours.
//!
//! Asked for 12 × 11 it chose 144 over 132, because the last layer's square matches the keyword `*` as well as a product does,
//! and the last layer has an advantage. Every term of a score is visible.
//!
//! Before anything is run, a program gets `layer / 11 + keyword + export + numbers`, and the best two above −0.5 are run.
//! Then those get `2 · operation + layer / 11 + 0.5 · reasonable`, and the highest wins.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure};

/// The layer of the last tap, which others are measured by.
const LAST_LAYER: f64 = 11.0;
/// What a program must score more than to be run.
const THRESHOLD: f64 = -0.5;
/// How many programs are run.
const RUNS: usize = 2;
/// The score of an empty program.
const EMPTY: f64 = -1.0;

/// What the rule takes a program for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// It multiplies.
    Multiply,
    /// It adds.
    Add,
    /// It subtracts.
    Subtract,
    /// It divides.
    Divide,
    /// None of the four.
    Unknown,
}

impl Operation {
    /// The first of mul, add, sub and div whose instruction stands anywhere in a program, of whatever type.
    pub fn of(wat: &str) -> Self {
        let found = [Self::Multiply, Self::Add, Self::Subtract, Self::Divide].into_iter().find(|operation| {
            let instruction = match operation {
                Self::Multiply => ".mul",
                Self::Add => ".add",
                Self::Subtract => ".sub",
                _ => ".div",
            };
            wat.contains(instruction)
        });
        found.unwrap_or(Self::Unknown)
    }

    /// As the rule's printed lines name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Multiply => "multiply",
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Divide => "divide",
            Self::Unknown => "unknown",
        }
    }

    /// What a question contains that is about it, in lower case.
    pub const fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Multiply => &["*", "×", "times", "multiply", "product"],
            Self::Add => &["+", "plus", "add", "sum"],
            Self::Subtract => &["-", "minus", "subtract", "difference"],
            Self::Divide => &["/", "÷", "divide", "divided"],
            Self::Unknown => &[],
        }
    }

    /// The keyword that a question contains anywhere, also within a word.
    pub fn keyword_in(self, question: &str) -> Option<&'static str> {
        let question = question.to_lowercase();
        self.keywords().iter().copied().find(|keyword| question.contains(keyword))
    }
}

/// A program's score before anything is run, term by term.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// What it is taken for.
    pub operation: Operation,
    /// The layer by 11.
    pub layer: f64,
    /// 2 if the question contains a keyword of the operation, else 0.2.
    pub keyword: f64,
    /// 0.5 if it exports `compute`.
    pub export: f64,
    /// 0.3 if the question has as many numbers as the program takes, else −0.2.
    pub numbers: f64,
    /// All of them; −1 for an empty program, whose terms are 0.
    pub total: f64,
}

/// Scores a program, given as text, that the tap behind a layer wrote for a question with so many numbers.
pub fn before(question: &str, numbers: usize, layer: usize, wat: &str) -> Before {
    let operation = Operation::of(wat);
    if wat.trim().is_empty() {
        return Before { operation, layer: 0.0, keyword: 0.0, export: 0.0, numbers: 0.0, total: EMPTY };
    }
    let layer = share(layer);
    let keyword = if operation.keyword_in(question).is_some() { 2.0 } else { 0.2 };
    let export = if wat.contains("(export \"compute\"") { 0.5 } else { 0.0 };
    let numbers = if numbers >= parameters(wat) { 0.3 } else { -0.2 };
    Before { operation, layer, keyword, export, numbers, total: layer + keyword + export + numbers }
}

/// The programs that are run, as indices, best first: at most two. Of equals the first is better.
pub fn to_run(scores: &[Before]) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..scores.len()).collect();
    let total = |index: &usize| scores.get(*index).map_or(EMPTY, |score| score.total);
    indices.sort_by(|left, right| total(right).total_cmp(&total(left)));
    indices.retain(|index| total(index) > THRESHOLD);
    indices.truncate(RUNS);
    indices
}

/// A program's score after it was run, term by term, as they enter the sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct After {
    /// What it is taken for.
    pub operation: Operation,
    /// 2 if the question contains a keyword of the operation, 0.4 if not, 0 if the operation is unknown.
    pub keyword: f64,
    /// The layer by 11.
    pub layer: f64,
    /// 0.5 for a number from 0.001 to 1,000,000 with either sign, else 0.05.
    pub reasonable: f64,
    /// All of them.
    pub total: f64,
}

/// Scores a program by its answer. The original knew only numbers; another answer is no reasonable number.
pub fn after(question: &str, layer: usize, wat: &str, answer: &Answer) -> After {
    let operation = Operation::of(wat);
    let matches = match operation {
        Operation::Unknown => 0.0,
        _ if operation.keyword_in(question).is_some() => 1.0,
        _ => 0.2,
    };
    let is_reasonable = number(answer).is_some_and(|value| (0.001..=1e6).contains(&value.abs()));
    let (keyword, layer) = (2.0 * matches, share(layer));
    let reasonable = 0.5 * if is_reasonable { 1.0 } else { 0.1 };
    After { operation, keyword, layer, reasonable, total: keyword + layer + reasonable }
}

/// The index of the score that wins; of equals the first.
pub fn winner(scores: &[After]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (index, score) in scores.iter().enumerate() {
        if best.is_none_or(|(_, total)| score.total > total) {
            best = Some((index, score.total));
        }
    }
    best.map(|(index, _)| index)
}

/// What the rule says of a program.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Its layer.
    pub layer: usize,
    /// Before anything was run.
    pub before: Before,
    /// After it was run; `None` for one that the rule skips, and for one that failed.
    pub after: Option<After>,
    /// Whether the rule has it run.
    pub runs: bool,
}

impl Judged {
    /// Before anything is run.
    pub fn before(question: &str, numbers: usize, layer: usize, wat: &str) -> Self {
        Self { layer, before: before(question, numbers, layer, wat), after: None, runs: false }
    }
}

/// Completes what the rule says of programs by their text and what came of them, and says which it chooses.
pub fn choose(
    question: &str,
    judged: &mut [Judged],
    outcomes: &[(&str, &Result<Answer, Failure>)],
) -> Option<usize> {
    let scores: Vec<Before> = judged.iter().map(|judged| judged.before).collect();
    let (mut places, mut afters) = (Vec::new(), Vec::new());
    for place in to_run(&scores) {
        let (Some(judged), Some((wat, answer))) = (judged.get_mut(place), outcomes.get(place)) else {
            continue;
        };
        judged.runs = true;
        let Ok(answer) = answer else { continue };
        let after = after(question, judged.layer, wat, answer);
        judged.after = Some(after);
        places.push(place);
        afters.push(after);
    }
    winner(&afters).and_then(|place| places.get(place)).copied()
}

/// The printed line of a program that was run.
pub fn line(layer: usize, answer: &Answer, operation: Operation, score: f64) -> String {
    let value = match number(answer) {
        Some(value) => format!("{value:12.6}"),
        None => format!("{:>12}", answer.to_string()),
    };
    format!("   Layer {layer:2}: {value} ({}) [score: {score:.2}]", operation.name())
}

/// The printed line of a program that was not run.
pub fn skipped_line(layer: usize, reason: &str, operation: Operation, score: f64) -> String {
    format!("   Layer {layer:2}: SKIPPED - {reason} ({}) [score: {score:.2}]", operation.name())
}

/// The printed line of a program that failed.
pub fn error_line(layer: usize, message: &str, score: f64) -> String {
    format!("   Layer {layer:2}: ERROR - {message} [score: {score:.2}]")
}

#[expect(clippy::cast_precision_loss, reason = "layers are few")]
fn share(layer: usize) -> f64 {
    layer as f64 / LAST_LAYER
}

#[expect(clippy::cast_precision_loss, reason = "only its size matters")]
const fn number(answer: &Answer) -> Option<f64> {
    match answer {
        Answer::Integer(value) => Some(*value as f64),
        Answer::Decimal(value) => Some(*value),
        _ => None,
    }
}

/// How many arguments `compute` takes, by its text; of a program without one, its first function.
fn parameters(wat: &str) -> usize {
    let begins = |start: &str| wat.find(start).map(|at| at + start.len());
    let header =
        begins("(func (export \"compute\")").or_else(|| begins("(func $compute")).or_else(|| begins("(func"));
    let Some(mut rest) = header.and_then(|at| wat.get(at..)) else { return 0 };
    let mut count = 0;
    loop {
        rest = rest.trim_start();
        // A name and the types of the parameters; other things end the header.
        if let Some((types, behind)) = rest.strip_prefix("(param").and_then(|rest| rest.split_once(')')) {
            count += types.split_whitespace().filter(|word| !word.starts_with('$')).count();
            rest = behind;
        } else if rest.starts_with('$') {
            rest = rest
                .get(rest.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rest.len())..)
                .unwrap_or("");
        } else if let Some((_, behind)) = rest.strip_prefix("(export").and_then(|rest| rest.split_once(')')) {
            rest = behind;
        } else {
            return count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANONICAL: &str = "(module (func $compute (param f64 f64) (result f64) local.get 0 local.get 1 f64.mul) \
                             (export \"compute\" (func $compute)))";
    const SQUARE: &str = "(module (func $compute (param f64) (result f64) local.get 0 local.get 0 f64.mul) \
                          (export \"compute\" (func $compute)))";

    fn totals(question: &str, programs: [&str; 3]) -> Vec<f64> {
        let layers = [3, 7, 11].into_iter().zip(programs);
        layers.map(|(layer, wat)| before(question, 2, layer, wat).total).collect()
    }

    fn close(totals: &[f64], expected: [f64; 3]) {
        for (total, expected) in totals.iter().zip(expected) {
            assert!((total - expected).abs() < 0.005, "{totals:?}");
        }
    }

    #[test]
    fn twelve_times_eleven_is_144() {
        let question = "what is 12 * 11";
        close(&totals(question, [CANONICAL, CANONICAL, SQUARE]), [3.07, 3.44, 3.80]);
        let scores = [CANONICAL, CANONICAL, SQUARE].into_iter().zip([3, 7, 11]);
        let scores: Vec<Before> = scores.map(|(wat, layer)| before(question, 2, layer, wat)).collect();
        assert_eq!(to_run(&scores), [2, 1]);
        let afterwards = [
            after(question, 7, CANONICAL, &Answer::Decimal(132.0)),
            after(question, 11, SQUARE, &Answer::Decimal(144.0)),
        ];
        assert!((afterwards[0].total - 3.136).abs() < 0.0005);
        assert!((afterwards[1].total - 3.5).abs() < 0.0005);
        assert_eq!(winner(&afterwards), Some(1));
    }

    #[test]
    fn a_product_among_others() {
        let add = CANONICAL.replace("f64.mul", "f64.add");
        let sub = CANONICAL.replace("f64.mul", "f64.sub");
        close(&totals("what is 605 * 1213", [CANONICAL, &add, &sub]), [3.07, 1.64, 2.00]);
    }

    #[test]
    fn terms_are_what_they_say() {
        let score = before("What is the product?", 0, 7, SQUARE);
        assert_eq!((score.keyword, score.export, score.numbers), (2.0, 0.5, -0.2));
        let inline =
            "(module (func (result i32) i32.const 17 i32.const 23 i32.mul) (export \"main\" (func 0)))";
        let score = before("17 times 23", 2, 7, inline);
        assert_eq!((score.export, score.numbers), (0.0, 0.3));
        assert_eq!(before("12 * 11", 2, 3, " ").total, -1.0);
        assert!(to_run(&[before("12 * 11", 2, 3, "")]).is_empty());
        let ours = "(module (func (export \"compute\") (result i64) i64.const 12 i64.const 11 i64.mul))";
        assert_eq!(before("12 * 11", 2, 3, ours).total, before("12 * 11", 2, 3, CANONICAL).total);
    }

    #[test]
    fn the_operation_is_the_first_of_four() {
        let cases = [
            ("f64.add f64.mul", Operation::Multiply),
            ("f64.sub f64.add", Operation::Add),
            ("i64.div_s i64.sub", Operation::Subtract),
            ("f64.div", Operation::Divide),
            ("i64.rem_s", Operation::Unknown),
        ];
        for (wat, operation) in cases {
            assert_eq!(Operation::of(wat), operation);
        }
        assert_eq!(Operation::Add.keyword_in("What is the ADDRESS?"), Some("add"));
        assert_eq!(after("7 mod 3", 11, "i64.rem_s", &Answer::Integer(1)).keyword, 0.0);
        assert_eq!(after("7 mod 3", 11, "i64.add", &Answer::Integer(0)).reasonable, 0.05);
        assert_eq!(after("7 mod 3", 11, "i64.add", &Answer::yes(true)).reasonable, 0.05);
        assert_eq!(winner(&[]), None);
    }

    #[test]
    fn its_printed_lines() {
        let multiply = Operation::Multiply;
        assert_eq!(
            line(7, &Answer::Integer(132), multiply, 3.136),
            "   Layer  7:   132.000000 (multiply) [score: 3.14]"
        );
        assert_eq!(
            skipped_line(3, "lower score", Operation::Unknown, 1.0),
            "   Layer  3: SKIPPED - lower score (unknown) [score: 1.00]"
        );
        assert_eq!(
            error_line(11, "division by zero", 2.0),
            "   Layer 11: ERROR - division by zero [score: 2.00]"
        );
    }
}
