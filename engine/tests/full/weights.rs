//! The compiled weights against the reference: the reference writes a trace, and at each of its tokens the transformer must say the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use engine::interpreter::full::compile::compile;
use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::layout::Dim;
use engine::interpreter::full::machine::{Machine, Stub};
use engine::interpreter::full::program::Program;
use engine::interpreter::full::prompt::prompt;
use engine::interpreter::full::token::Token;
use engine::interpreter::full::{Roots, lower};
use engine::interpreter::model::Transformer;
use engine::wat::Module;
use libtest_mimic::Failed;

use crate::forward::Forward;
use crate::traces::called;

/// Tokens a trace may have here.
const LONGEST: usize = 4_000;

static MODEL: LazyLock<Transformer> = LazyLock::new(compile);

/// A run of a function from its prompt on, as the reference writes it, and where the trace begins.
fn written(
    program: &Program,
    function: usize,
    arguments: &[u32],
    longest: usize,
) -> Result<(Vec<Token>, usize), Failed> {
    let stub = Stub::run(program, function, arguments)?;
    let mut tokens = prompt(program, &stub);
    let begins = tokens.len();
    let mut machine = Machine::new(program);
    machine.begin(stub);
    machine.run(longest as u64, |token| tokens.push(token));
    tokens.truncate(begins + longest);
    Ok((tokens, begins))
}

/// Has the engine follow a run: at each token it must say the next. Says how many it said.
pub fn follow(
    program: &Program,
    function: usize,
    arguments: &[u32],
    longest: usize,
) -> Result<usize, Failed> {
    let (tokens, begins) = written(program, function, arguments, longest)?;
    let mut engine = FullEngine::new(&MODEL)?;
    let mut said = None;
    for (at, token) in tokens.iter().enumerate() {
        if at >= begins && said != Some(*token) {
            return Err(format!("token {}: the engine says {said:?}, not {token}", at - begins).into());
        }
        said = engine.read(*token)?;
    }
    Ok(tokens.len() - begins)
}

/// Checks a run of a function, by plain attention and by the engine.
fn check(program: &Program, function: usize, arguments: &[u32]) -> Result<usize, Failed> {
    let (tokens, begins) = written(program, function, arguments, LONGEST)?;
    let mut engine = FullEngine::new(&MODEL)?;
    let mut transformer = Forward::new(MODEL.clone());
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
        let (function, arguments) = called(&program, call)?;
        check(&program, function, &arguments).map_err(|failed| format!("{call}: {failed:?}"))?;
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
