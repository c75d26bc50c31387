//! One conformance program and what its header expects.

use std::fs;
use std::path::{Path, PathBuf};

use engine::interpreter::classic::asm::assemble;
use engine::interpreter::classic::expected::Expected;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::classic::{Ending, MachineState};
use libtest_mimic::Failed;

/// A program with its expectations.
pub struct Case {
    /// `CATEGORY/NAME`.
    pub name: String,
    /// The program.
    pub program: Program,
    expected: Expected,
}

impl Case {
    fn read(category: &str, path: &Path) -> Result<Self, String> {
        let name = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let name = format!("{category}/{name}");
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        Self::parse(name.clone(), &text).map_err(|error| format!("{name}: {error}"))
    }

    fn parse(name: String, text: &str) -> Result<Self, String> {
        let program = assemble(text, OpenLoops::Refuse)
            .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?
            .program;
        Ok(Self { name, program, expected: Expected::read(text)? })
    }

    /// Compares the end of a run with the header.
    pub fn check(&self, state: &MachineState, ending: Ending) -> Result<(), Failed> {
        Ok(self.expected.check(state, ending)?)
    }

    /// The category.
    pub fn category(&self) -> &str {
        self.name.split_once('/').map_or("", |(category, _)| category)
    }

    /// The trap's message, if one is expected.
    pub fn trap(&self) -> Option<&str> {
        self.expected.trap.as_deref()
    }
}

/// All programs, in order of name.
pub fn all() -> Result<Vec<Case>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut cases = Vec::new();
    for folder in entries(&root)?.into_iter().filter(|path| path.is_dir()) {
        let category = folder.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        for path in entries(&folder)? {
            cases.push(Case::read(&category, &path)?);
        }
    }
    Ok(cases)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| error.to_string())?;
    paths.sort();
    Ok(paths)
}
