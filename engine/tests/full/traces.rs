//! Programs with the trace that they must write: `traces/NAME.wat`.
//!
//! Lines that begin with `;; call`, `;; gives`, `;; traps` and `;; |` say which function is called with what, what it gives or why it stops, and
//! the trace, token by token.

use std::fs;
use std::path::{Path, PathBuf};

use engine::interpreter::full::machine::{Machine, State, Stub};
use engine::interpreter::full::program::Program;
use engine::interpreter::full::{Roots, lower};
use engine::wat::Module;
use libtest_mimic::Failed;

/// Instructions a program may take.
const MOST: u64 = 10_000;

/// All files.
pub fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/full/traces");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.sort();
    files
}

/// The function and the arguments of a line `;; call NAME ARGUMENTS`.
pub fn called(program: &Program, call: &str) -> Result<(usize, Vec<u32>), Failed> {
    let mut words = call.split_whitespace();
    let name = words.next().unwrap_or("");
    let arguments = words.map(|word| word.parse::<i64>().map(|value| value as u32));
    let (_, function) = program.exports.iter().find(|(known, _)| known == name).ok_or("no such function")?;
    Ok((*function, arguments.collect::<Result<_, _>>()?))
}

/// Checks a file.
pub fn check(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let lines = |key: &str| -> Vec<String> {
        let key = format!(";; {key}");
        text.lines().filter_map(|line| line.strip_prefix(&key)).map(|rest| rest.trim().to_owned()).collect()
    };
    let module = Module::from_text(&text)?;
    let program = lower(&module, Roots::Exported)?;
    let call = lines("call ").pop().ok_or("no line `;; call NAME ARGUMENTS`")?;
    let (function, arguments) = called(&program, &call)?;
    let mut machine = Machine::new(&program);
    machine.begin(Stub::run(&program, function, &arguments)?);
    let mut trace: Vec<String> = Vec::new();
    let mut line = String::new();
    let state = machine.run(MOST, |token| {
        line.push_str(&format!("{}{token}", if line.is_empty() { "" } else { " " }));
        if token.ends() {
            trace.push(std::mem::take(&mut line));
        }
    });
    let ending = match state {
        State::Trapped(trap) => format!("traps {trap}"),
        State::Halted => {
            let results: Vec<String> = machine.results().iter().map(u32::to_string).collect();
            format!("gives {}", results.join(" "))
        }
        State::Runs => "does not end".to_owned(),
    };
    let wanted: Vec<String> = lines("gives ").into_iter().map(|value| format!("gives {value}")).collect();
    let wanted: Vec<String> =
        wanted.into_iter().chain(lines("traps ").into_iter().map(|why| format!("traps {why}"))).collect();
    let expected = lines("| ");
    if wanted != [ending.clone()] || trace != expected {
        let lines: Vec<String> = trace.iter().map(|line| format!(";; | {line}")).collect();
        return Err(format!("it {ending}, not {wanted:?}, with the trace\n{}", lines.join("\n")).into());
    }
    Ok(())
}
