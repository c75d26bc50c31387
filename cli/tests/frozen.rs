//! The taps in `assets/smollm2-135m-instruct` answer every published question that has an answer of its own.
//!
//! Their base is not in this repository: the test is ignored unless `WORLDMODEL_SMOLLM2_GGUF` says where it is; `cargo xtask test` fetches
//! it.

mod support;

use std::ffi::OsStr;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use support::worldmodel;

/// Questions of `published.txt`, but for those whose answer the host says and that without a computation.
const PUBLISHED: usize = 26;

fn main() {
    let arguments = Arguments::from_args();
    let base = std::env::var_os("WORLDMODEL_SMOLLM2_GGUF");
    let file = base.clone();
    let trial = Trial::test("SmolLM2 with taps answers the published questions", move || {
        published(file.as_deref().ok_or("there is no model")?)
    });
    libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(base.is_none())]).exit();
}

fn published(base: &OsStr) -> Result<(), Failed> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets");
    let text = std::fs::read_to_string(assets.join("questions/published.txt"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => "));
    let known: Vec<(&str, &str)> = lines.filter(|(_, answer)| !["…", "-"].contains(answer)).collect();
    let asked: String = known.iter().map(|(question, _)| format!("{question}\n")).collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("published-questions.txt");
    std::fs::write(&file, asked)?;

    let adapter = assets.join("smollm2-135m-instruct");
    let options =
        ["ask".as_ref(), "--json".as_ref(), "--file".as_ref(), file.as_os_str(), "--model".as_ref()];
    let printed =
        worldmodel(&[&options[..], &[base, "--adapter".as_ref(), adapter.as_os_str()]].concat(), "");
    if printed.status != 0 {
        return Err(format!("status {}: {}", printed.status, printed.errors).into());
    }
    let answers: Vec<Value> = printed.output.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if known.len() != PUBLISHED || answers.len() != PUBLISHED {
        return Err(
            format!("{} questions are known, and {} were answered", known.len(), answers.len()).into()
        );
    }
    let wrong = known.iter().zip(&answers).filter(|((_, right), said)| !is_same(right, said.get("answer")));
    let wrong: Vec<String> =
        wrong.map(|((question, right), said)| format!("{question}: {right} is right: {said}\n")).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.concat().into()) }
}

/// Whether an answer is the one in the file, where decimals have twelve digits.
fn is_same(right: &str, said: Option<&Value>) -> bool {
    let text = match said {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) => all.iter().map(Value::to_string).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
        None => return false,
    };
    match (right.parse::<f64>(), text.parse::<f64>()) {
        (Ok(right), Ok(said)) => (right - said).abs() <= 1e-11 * right.abs(),
        _ => right == text,
    }
}
