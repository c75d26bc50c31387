//! The suite's calls as a browser gets them (`assets/checks/suite.json`): those that reach no state of another call, each to be made on
//! a new instance.

use std::collections::BTreeMap;
use std::path::PathBuf;

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::suite;

/// What a call comes to.
#[derive(Clone, Debug)]
pub enum Expected {
    /// These results.
    Results(Vec<u32>),
    /// A trap, in the suite's words.
    Trap(String),
}

/// A call of a module.
#[derive(Clone, Debug)]
pub struct Call {
    /// The module, by its place among those of its file.
    pub module: usize,
    /// The export.
    pub name: String,
    /// With what.
    pub arguments: Vec<u32>,
    /// What it comes to.
    pub expected: Expected,
}

/// A file's modules as text, and the calls of each.
pub type Calls = (Vec<Option<String>>, Vec<Call>);

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets/checks/suite.json")
}

fn value(call: &Call) -> Value {
    let signed = |value: &u32| value.cast_signed();
    let arguments: Vec<String> = call.arguments.iter().map(|value| signed(value).to_string()).collect();
    let expected = match &call.expected {
        Expected::Results(results) => json!(results.iter().map(signed).collect::<Vec<_>>()),
        Expected::Trap(message) => json!(message),
    };
    json!([call.name, arguments.join(" "), expected])
}

/// The file's text.
fn text(files: &BTreeMap<String, &'static str>) -> Result<String, Failed> {
    let mut lines = Vec::new();
    for (name, text) in files {
        let (modules, calls) = suite::calls(text)?;
        for (index, module) in modules.iter().enumerate() {
            let of_module: Vec<Value> = calls.iter().filter(|call| call.module == index).map(value).collect();
            if let (Some(text), false) = (module, of_module.is_empty()) {
                lines.push(json!({ "file": name, "text": text, "calls": of_module }).to_string());
            }
        }
    }
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

/// What the browser gets is what the suite says. `WORLDMODEL_WRITE=1` writes it anew.
pub fn check(files: &BTreeMap<String, &'static str>) -> Result<(), Failed> {
    let text = text(files)?;
    if std::env::var_os("WORLDMODEL_WRITE").is_some() {
        std::fs::create_dir_all(path().parent().unwrap_or(&path()))?;
        std::fs::write(path(), &text)?;
    }
    let calls: usize = serde_json::from_str::<Vec<Value>>(&text)?
        .iter()
        .map(|module| module["calls"].as_array().map_or(0, Vec::len))
        .sum();
    println!("{calls} calls, {} bytes", text.len());
    if std::fs::read_to_string(path())? == text {
        return Ok(());
    }
    Err("assets/checks/suite.json is another; WORLDMODEL_WRITE=1 writes it anew".into())
}
