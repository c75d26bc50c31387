//! Every line of `tests/numbers/THEME.txt`: a question, `⇒`, and the operands that are to be found in it.
//!
//! `25-7 ⇒ 25 7 | list none | text hello`: the numbers in order, integers without a point, decimals with one, `large` for what
//! fits in nothing, `none` for no number. A list and texts are only looked at where the line names them.

use engine::worldmodel::numbers::{Operands, Value};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> Result<(), String> {
    let arguments = Arguments::from_args();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/numbers");
    let mut trials = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let theme = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let line = line.to_owned();
            trials.push(Trial::test(format!("{theme}:{}", number + 1), move || check(&line)));
        }
    }
    if trials.len() < 120 {
        return Err(format!("{} cases in {folder}", trials.len()));
    }
    libtest_mimic::run(&arguments, trials).exit()
}

fn check(line: &str) -> Result<(), Failed> {
    let (question, expected) = line.split_once('⇒').ok_or("a case needs ⇒")?;
    // `\n` for a new line; spaces at the end belong to the file, not to the question.
    let question = question.trim().replace("\\n", "\n");
    let operands = Operands::find(&question);
    for number in &operands.numbers {
        if question.get(number.span.clone()) != Some(number.spelled.as_str()) {
            return Err(format!("{:?} is not what stands at {:?}", number.spelled, number.span).into());
        }
    }
    let mut parts = expected.split('|').map(str::trim);
    let numbers = operands.numbers.iter().map(|number| shown(number.value));
    same("numbers", &joined(numbers), parts.next().unwrap_or(""))?;
    for part in parts {
        let (what, value) = part.split_once(' ').ok_or_else(|| format!("{part:?} has no value"))?;
        match what {
            "list" => same("list", &joined(operands.list().map(|number| shown(number.value))), value)?,
            "text" => same("text", operands.text().unwrap_or("none"), value)?,
            "text2" => same("text2", operands.text2().unwrap_or("none"), value)?,
            "texts" => same("texts", &operands.texts.len().to_string(), value)?,
            "spelled" => {
                let spelled: Vec<_> = operands.numbers.iter().map(|number| number.spelled.as_str()).collect();
                same("spelled", &spelled.join(" / "), value)?;
            }
            other => return Err(format!("{other:?} is nothing that can be expected").into()),
        }
    }
    Ok(())
}

fn shown(value: Value) -> String {
    match value {
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => format!("{value:?}"),
        Value::TooLarge => "large".to_owned(),
    }
}

fn joined(values: impl Iterator<Item = String>) -> String {
    let values: Vec<_> = values.collect();
    if values.is_empty() { "none".to_owned() } else { values.join(" ") }
}

fn same(what: &str, found: &str, expected: &str) -> Result<(), Failed> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} instead of {expected:?}").into()) }
}
