//! The bundled model reaches its bars: `worldmodel bench` on `assets/nano`, each bar one test.
//!
//! What is counted, and how, is said in `engine/src/worldmodel/measure/bars.rs`. The tests are ignored where the model is not there at
//! all, and where its own files say that its training has not come to its end; any other model that is there is measured.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use support::{Printed, worldmodel};

/// The bars, by how the benchmark names them. Of a set that has no held-out numbers there is one bar less.
const BARS: [&str; 15] = [
    "arithmetic, held-out wordings",
    "arithmetic, held-out numbers",
    "paraphrases, held-out wordings",
    "paraphrases, held-out numbers",
    "word problems, held-out wordings",
    "word problems, held-out numbers",
    "formulas and loops, held-out wordings",
    "formulas and loops, held-out numbers",
    "system, held-out wordings",
    "system, held-out numbers",
    "none, held-out wordings",
    "none, held-out numbers",
    "a right candidate is chosen where there is one",
    "published questions",
    "nothing forced on a question",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Measured once, whichever tests are run.
static MEASURED: LazyLock<Printed> = LazyLock::new(|| {
    let (model, questions) = (root().join("assets/nano"), root().join("assets/questions"));
    let arguments =
        ["bench", "--share", "0", "--threads", "1", "--wrong", "--json", "--model"].map(AsRef::as_ref);
    let arguments = [&arguments[..], &[model.as_ref(), "--questions".as_ref(), questions.as_ref()]].concat();
    worldmodel(&arguments, "")
});

fn main() {
    let arguments = Arguments::from_args();
    // Any of its files makes it a model: one that is not whole is no reason to skip anything.
    let here = root().join("assets/nano").is_dir();
    let unfinished = here.then(unfinished).flatten();
    if !here {
        eprintln!("the bars are not tested: assets/nano is not there, which holds the bundled model");
    }
    if let Some((steps, planned)) = unfinished {
        eprintln!(
            "the bars are not tested: the bundled model was stopped at step {steps} of {planned} of its training"
        );
    }
    let mut trials: Vec<Trial> = BARS.map(|name| Trial::test(name, move || reached(name))).into();
    trials.push(Trial::test("there are no other bars", no_others));
    let trials =
        trials.into_iter().map(|trial| trial.with_ignored_flag(!here || unfinished.is_some())).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Where the training stopped of which the bundled model is a part, if that is not its end: the steps made, and the steps planned.
fn unfinished() -> Option<(u64, u64)> {
    let json = std::fs::read(root().join("assets/nano/adapter.json")).ok()?;
    let training = &serde_json::from_slice::<Value>(&json).ok()?["training"];
    let stopped = training["finished"] == false;
    Some((training["steps"].as_u64()?, training["planned"].as_u64()?)).filter(|_| stopped)
}

fn figures() -> Result<Value, Failed> {
    let printed = &*MEASURED;
    match printed.status {
        0 => Ok(printed.json()),
        status => Err(format!("status {status}: {}", printed.errors).into()),
    }
}

fn reached(name: &str) -> Result<(), Failed> {
    let figures = figures()?;
    let bars = figures["bars"].as_array().ok_or("no bars were measured")?;
    let bar = bars.iter().find(|bar| bar["name"] == name).ok_or("this bar was not measured")?;
    let count = |key: &str| bar[key].as_f64().unwrap_or(0.0);
    let (right, of, wanted) = (count("right"), count("of"), count("wanted"));
    if of > 0.0 && wanted > 0.0 && right >= wanted * of - 1e-9 {
        return Ok(());
    }
    // What was wrong stands on standard error; of published questions, in the figures.
    let mut why = MEASURED.errors.clone();
    if name.starts_with("published") || name.starts_with("nothing") {
        let rows = figures["published"].as_array().map(Vec::as_slice).unwrap_or_default();
        why = rows.iter().filter(|row| row["right"] == false).map(|row| format!("{row}\n")).collect();
    }
    Err(format!("{right} of {of} are right, and {wanted} of them must be\n{why}").into())
}

fn no_others() -> Result<(), Failed> {
    let figures = figures()?;
    let bars = figures["bars"].as_array().ok_or("no bars were measured")?;
    let unknown: Vec<&Value> =
        bars.iter().map(|bar| &bar["name"]).filter(|name| !BARS.iter().any(|known| *name == known)).collect();
    if unknown.is_empty() && bars.len() == BARS.len() {
        return Ok(());
    }
    Err(format!("{} bars; not tested: {unknown:?}", bars.len()).into())
}
