//! Every `tests/plans/*.plan` is one test: a plan with what a question gives, and what must come of it.
//!
//! ```text
//! plan: <a> * <b>          or program: (module …, tokens as a model could write them
//! numbers: 12, 11          the numbers behind the letters
//! list: 5, 2, 8            the list
//! text: hello              the texts
//! text2: l
//! grant: date = 2026-11-21 a function of the host, and what it says; an integer where that is one
//! fuel: 1000               another limit than the usual one
//! wat: (module …)          the program on one line, where it is worth seeing
//! calls: date × 1          what was called of the host
//! answer: integer 132      what the program computes,
//! failure: …               why it computes nothing,
//! error: …                 or why there is no program
//! ```
//!
//! Programs of plans are compared with what `evaluate` says of the plan, too.

use std::fs;
use std::path::{Path, PathBuf};

use engine::sandbox::{Grant, Limits};
use engine::worldmodel::answer::{Answer, Failure};
use engine::worldmodel::expression::{Given, Plan, evaluate, parse};
use engine::worldmodel::numbers::Value;
use engine::worldmodel::program::{LIMITS, compile, run, text, vocabulary};
use libtest_mimic::{Arguments, Failed, Trial};

/// Cases there are at least.
const AT_LEAST: usize = 230;

fn main() {
    let arguments = Arguments::from_args();
    let cases = cases();
    // A folder that is not found must not pass.
    assert!(cases.len() >= AT_LEAST, "only {} cases in tests/plans", cases.len());
    let trials = cases.into_iter().map(|path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || check(&path))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "plan"))
        .collect();
    cases.sort();
    cases
}

struct Case {
    given: Given,
    granted: Vec<Grant>,
    limits: Limits,
}

fn check(path: &Path) -> Result<(), Failed> {
    let content = fs::read_to_string(path)?;
    let mut case = Case { given: Given::default(), granted: Vec::new(), limits: LIMITS };
    let mut expected = Vec::new();
    let (mut plan, mut program) = (None, None);
    for line in content.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line.split_once(": ").ok_or_else(|| format!("`{line}` has no key"))?;
        match key {
            "plan" => plan = Some(value),
            "program" => program = Some(value),
            "numbers" => case.given.numbers = value.split(", ").map(amount).collect(),
            "list" => case.given.list = value.split(", ").map(amount).collect(),
            "text" => case.given.text = Some(value.to_owned()),
            "text2" => case.given.text2 = Some(value.to_owned()),
            "fuel" => case.limits.fuel = value.parse()?,
            "grant" => {
                let (name, value) = value.split_once(" = ").ok_or("a grant is `name = value`")?;
                let integer = value.parse().map(|value| Grant::integer(name, value));
                case.granted.push(integer.unwrap_or_else(|_| Grant::text(name, value)));
            }
            "wat" | "calls" | "answer" | "failure" | "error" => expected.push((key, value.to_owned())),
            other => return Err(format!("`{other}` is no key").into()),
        }
    }
    let wanted = |key: &str| expected.iter().any(|(known, _)| *known == key);
    let mut found = match (plan, program) {
        (Some(plan), None) => of_plan(plan, &case)?,
        (None, Some(program)) => of_tokens(&vocabulary::read(program)?, &case),
        _ => return Err("a case has a plan or a program".into()),
    };
    found.retain(|(key, _)| wanted(key) || !matches!(*key, "wat" | "calls"));
    if found == expected { Ok(()) } else { Err(format!("expected {expected:#?}\ngot {found:#?}").into()) }
}

fn amount(text: &str) -> Value {
    let integer = text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    if integer {
        return text.parse().map_or(Value::TooLarge, Value::Integer);
    }
    text.parse().ok().filter(|value: &f64| value.is_finite()).map_or(Value::TooLarge, Value::Decimal)
}

fn of_plan(source: &str, case: &Case) -> Result<Vec<(&'static str, String)>, Failed> {
    let plan = match parse(source) {
        Ok(plan) => plan,
        Err(error) => return Ok(vec![("error", error.to_string())]),
    };
    if plan.to_string() != source {
        return Err(format!("`{source}` should be written `{plan}`").into());
    }
    let program = match compile(&plan, &case.given.kinds()) {
        Ok(program) => program,
        Err(error) => return Ok(vec![("error", error.to_string())]),
    };
    let read = vocabulary::read(&vocabulary::shown(&program))?;
    if read != program {
        return Err("the program is not read as it is shown".into());
    }
    if case.granted.is_empty() {
        compare(&plan, &run(&program, &case.given, case.limits, &[]).answer, &case.given)?;
    }
    Ok(of_tokens(&program, case))
}

/// Whether a program computes what its plan is worth.
fn compare(plan: &Plan, answer: &Result<Answer, Failure>, given: &Given) -> Result<(), Failed> {
    let worth = evaluate(plan, given);
    let same = match (answer, &worth) {
        // Nobody else runs out of fuel.
        (Err(Failure::OutOfFuel { .. } | Failure::TextTooLong { .. }), _) => true,
        (Ok(Answer::Decimal(left)), Ok(Answer::Decimal(right))) => {
            (left - right).abs() <= 1e-11 * left.abs().max(right.abs())
        }
        (Ok(left), Ok(right)) => left == right,
        (Err(left), Err(right)) => std::mem::discriminant(left) == std::mem::discriminant(right),
        _ => false,
    };
    if same {
        Ok(())
    } else {
        Err(format!("the program gives {answer:?}, the plan is worth {worth:?}").into())
    }
}

fn of_tokens(program: &[vocabulary::Token], case: &Case) -> Vec<(&'static str, String)> {
    let outcome = run(program, &case.given, case.limits, &case.granted);
    let mut found = Vec::new();
    if let Ok(wat) = text::compact(program, &case.given) {
        found.push(("wat", wat));
    }
    let calls: Vec<String> =
        outcome.host_calls.iter().map(|call| format!("{} × {}", call.name, call.count)).collect();
    found.push(("calls", calls.join(", ")));
    found.push(match outcome.answer {
        Ok(answer) => ("answer", format!("{} {answer}", kind(&answer))),
        Err(failure) => ("failure", failure.to_string()),
    });
    found
}

const fn kind(answer: &Answer) -> &'static str {
    match answer {
        Answer::Integer(_) => "integer",
        Answer::Decimal(_) => "decimal",
        Answer::Text(_) => "text",
        Answer::Integers(_) => "integers",
        Answer::Decimals(_) => "decimals",
    }
}
