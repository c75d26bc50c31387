//! The taps in `assets/smollm2-135m-instruct` answer the published questions, and most of those in `unseen.txt`, whose wordings are
//! nobody's who wrote the training's; so does nano.
//!
//! Their base is not in this repository: its tests are ignored unless `WORLDMODEL_SMOLLM2_GGUF` says where it is; `cargo xtask test`
//! fetches it.

mod support;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use support::worldmodel;

/// Questions of `published.txt`, but for those whose answer the host says and that without a computation.
const PUBLISHED: usize = 26;
/// Questions of `unseen.txt`.
const UNSEEN: usize = 20;

fn main() {
    let arguments = Arguments::from_args();
    let base = std::env::var_os("WORLDMODEL_SMOLLM2_GGUF");
    let trial = |name: &str, questions: PathBuf, count: usize, wanted: usize| {
        let file = base.clone();
        let run = move || {
            let file = file.as_deref().ok_or("there is no model")?;
            let adapter = assets().join("smollm2-135m-instruct");
            answered(&questions, count, wanted, &[file, "--adapter".as_ref(), adapter.as_os_str()])
        };
        Trial::test(name, run).with_ignored_flag(base.is_none())
    };
    let published = assets().join("questions/published.txt");
    let unseen = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unseen.txt");
    let nano = assets().join("nano");
    let has_nano = nano.is_dir();
    let of_nano = Trial::test("nano answers 17 of 20 unseen wordings", move || {
        answered(&unseen(), UNSEEN, 17, &[nano.as_os_str()])
    });
    let trials = vec![
        trial("SmolLM2 with taps answers the published questions", published, PUBLISHED, PUBLISHED),
        trial("SmolLM2 with taps answers 18 of 20 unseen wordings", unseen(), UNSEEN, 18),
        of_nano.with_ignored_flag(!has_nano),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets")
}

/// So many questions of a file are asked, and of those so many answered rightly.
fn answered(questions: &Path, count: usize, wanted: usize, model: &[&OsStr]) -> Result<(), Failed> {
    let text = std::fs::read_to_string(questions)?;
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => "));
    let known: Vec<(&str, &str)> = lines.filter(|(_, answer)| !["…", "-"].contains(answer)).collect();
    let asked: String = known.iter().map(|(question, _)| format!("{question}\n")).collect();
    let file =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("asked-{}-{}.txt", known.len(), model.len()));
    std::fs::write(&file, asked)?;

    let options =
        ["ask".as_ref(), "--json".as_ref(), "--file".as_ref(), file.as_os_str(), "--model".as_ref()];
    let printed = worldmodel(&[&options[..], model].concat(), "");
    if printed.status != 0 {
        return Err(format!("status {}: {}", printed.status, printed.errors).into());
    }
    let answers: Vec<Value> = printed.output.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if known.len() != count || answers.len() != count {
        return Err(
            format!("{} questions are known, and {} were answered", known.len(), answers.len()).into()
        );
    }
    let wrong = known.iter().zip(&answers).filter(|((_, right), said)| !is_same(right, said.get("answer")));
    let wrong: Vec<String> =
        wrong.map(|((question, right), said)| format!("{question}: {right} is right: {said}\n")).collect();
    if wrong.len() + wanted <= count { Ok(()) } else { Err(wrong.concat().into()) }
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
