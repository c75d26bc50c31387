//! Every `tests/sandbox/*.wat` is one test: a module, and in its first comment lines what to call and what
//! must come out of it.
//!
//! ```text
//! ;; invoke: NAME        which export (left out: the default)
//! ;; args: 1, 2          its arguments
//! ;; fuel: N  memory-kib: N  output-bytes: N     limits other than the default ones
//! ;; result: 3           values returned
//! ;; outputs: 1 2        values put out
//! ;; trap: …             why the run was stopped
//! ;; error: 3:5: …       why it was not run at all, and where
//! ```
//!
//! `WORLDMODEL_BLESS=1 cargo test --test sandbox` writes what comes out now: read the difference before you
//! commit it.

use std::fs;
use std::path::{Path, PathBuf};

use engine::sandbox::{self, HostFunction, Limits, Value};
use engine::wat::Module;
use libtest_mimic::{Arguments, Failed, Trial};

/// Modules there are at least.
const AT_LEAST: usize = 45;

/// The keys of the header that say what must come out.
const OUTCOME: [&str; 4] = ["result", "outputs", "trap", "error"];

fn main() {
    let arguments = Arguments::from_args();
    let cases = cases();
    // A folder that is not found must not pass.
    assert!(cases.len() >= AT_LEAST, "only {} modules in tests/sandbox", cases.len());
    let trials = cases.into_iter().map(|path| {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || check(&path))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "wat"))
        .collect();
    cases.sort();
    cases
}

fn check(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let header: Vec<(&str, &str)> = text
        .lines()
        .map_while(|line| line.strip_prefix(";; "))
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key, value.trim()))
        .collect();
    let expected: Vec<(&str, String)> = header
        .iter()
        .filter(|(key, _)| OUTCOME.contains(key))
        .map(|(key, value)| (*key, (*value).to_owned()))
        .collect();
    let actual = outcome(&text, &header)?;
    if expected == actual {
        return Ok(());
    }
    if std::env::var_os("WORLDMODEL_BLESS").is_some() {
        let told: String = actual.iter().map(|(key, value)| format!(";; {key}: {value}\n")).collect();
        let rest = text.lines().filter(|line| {
            !OUTCOME
                .iter()
                .any(|key| line.strip_prefix(";; ").is_some_and(|line| line.starts_with(&format!("{key}: "))))
        });
        let (comments, module): (Vec<&str>, Vec<&str>) = rest.partition(|line| line.starts_with(";; "));
        let comments: String = comments.iter().map(|line| format!("{line}\n")).collect();
        fs::write(path, format!("{comments}{told}{}\n", module.join("\n")))?;
        return Ok(());
    }
    Err(format!("expected {expected:#?}\ngot {actual:#?}").into())
}

/// What comes out, in the words of the header.
fn outcome(text: &str, header: &[(&str, &str)]) -> Result<Vec<(&'static str, String)>, Failed> {
    let get = |key: &str| header.iter().find(|(found, _)| *found == key).map(|(_, value)| *value);
    let module = match Module::from_text(text) {
        Ok(module) => module,
        Err(error) => return Ok(vec![("error", error.to_string())]),
    };
    let mut limits = Limits::default();
    if let Some(fuel) = get("fuel") {
        limits.fuel = fuel.parse()?;
    }
    if let Some(memory) = get("memory-kib") {
        limits.memory_bytes = memory.parse::<u64>()? << 10;
    }
    if let Some(output) = get("output-bytes") {
        limits.output_bytes = output.parse()?;
    }
    let granted: &[HostFunction] = if get("grant") == Some("nothing") { &[] } else { &HostFunction::OUTPUT };
    let run = || {
        let function = sandbox::entry(&module, get("invoke"))?;
        let texts = get("args").map(|args| args.split(',').collect::<Vec<_>>()).unwrap_or_default();
        let types = function.signature.params.iter().map(Some).chain(std::iter::repeat(None));
        let args: Vec<Value> = texts
            .iter()
            .zip(types)
            .filter_map(|(text, ty)| Value::parse(text, ty.copied().unwrap_or(engine::wat::ValueType::I32)))
            .collect();
        sandbox::run(&module, get("invoke"), &args, limits, granted)
    };
    let outcome = match run() {
        Ok(outcome) => outcome,
        Err(error) => {
            let place = error.span().map(|span| format!("{span}: ")).unwrap_or_default();
            return Ok(vec![("error", format!("{place}{error}"))]);
        }
    };
    let list = |values: &[Value]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mut lines = Vec::new();
    if outcome.trap.is_none() {
        lines.push(("result", list(&outcome.result)));
    }
    if !outcome.outputs.is_empty() {
        lines.push(("outputs", list(&outcome.outputs)));
    }
    if let Some(trap) = outcome.trap {
        lines.push(("trap", trap.to_string()));
    }
    Ok(lines)
}
