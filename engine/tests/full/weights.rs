//! The compiled weights against the reference: the reference writes a trace, and at each of its tokens the transformer must say the next.

use std::fs;
use std::path::{Path, PathBuf};

use engine::interpreter::full::compile::compile;
use engine::interpreter::full::engine::Engine;
use engine::interpreter::full::layout::Dim;
use engine::interpreter::full::machine::{Machine, Stub};
use engine::interpreter::full::program::Program;
use engine::interpreter::full::prompt::prompt;
use engine::interpreter::full::token::Token;
use engine::interpreter::full::{Roots, lower};
use engine::wat::Module;
use libtest_mimic::Failed;

use crate::forward::Forward;

/// Tokens a trace may have here.
const LONGEST: usize = 4_000;

/// Checks a run of a function.
pub fn check(program: &Program, function: usize, arguments: &[u32]) -> Result<usize, Failed> {
    let stub = Stub::run(program, function, arguments)?;
    let mut tokens = prompt(program, &stub);
    let begins = tokens.len();
    let mut machine = Machine::new(program);
    machine.begin(stub);
    machine.run(LONGEST as u64, |token| tokens.push(token));
    tokens.truncate(begins + LONGEST);
    let model = compile();
    let mut engine = Engine::new(&model)?;
    let mut transformer = Forward::new(model);
    let mut said = None;
    let mut residual = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if at >= begins && said != Some(*token) {
            let from = at.saturating_sub(12).max(begins);
            let before: Vec<String> = tokens[from..at].iter().map(ToString::to_string).collect();
            let dims = Dim::all().into_iter().zip(&residual).filter(|(_, value)| **value != 0.0);
            let dims: Vec<String> = dims.map(|(dim, value)| format!("{} {value}", dim.label())).collect();
            return Err(format!(
                "token {}: {} is said, not {token}, behind {}\n{}",
                at - begins,
                said.map_or_else(|| "nothing".to_owned(), |token: Token| token.to_string()),
                before.join(" "),
                dims.join(", ")
            )
            .into());
        }
        let (next, stream) = transformer.read(token.id());
        said = Token::of(next);
        let fast = engine.read(*token)?;
        if (begins..tokens.len()).contains(&(at + 1)) && fast != said {
            return Err(format!("token {at}: the engine says {fast:?}, plain attention {said:?}").into());
        }
        residual = stream;
    }
    Ok(tokens.len() - begins)
}

/// Checks the call that a file of traces names.
pub fn check_file(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let module = Module::from_text(&text)?;
    let program = lower(&module, Roots::Exported)?;
    let calls = text.lines().filter_map(|line| line.strip_prefix(";; call "));
    for call in calls {
        let mut words = call.split_whitespace();
        let name = words.next().unwrap_or("");
        let arguments: Vec<u32> =
            words.map(|word| word.parse::<i64>().map(|value| value as u32)).collect::<Result<_, _>>()?;
        let (_, function) =
            program.exports.iter().find(|(known, _)| known == name).ok_or("no such function")?;
        check(&program, *function, &arguments).map_err(|failed| format!("{call}: {failed:?}"))?;
    }
    Ok(())
}

/// Programs with calls that reach every instruction and every ending of it.
pub fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/full/weights");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
    files.sort();
    files
}
