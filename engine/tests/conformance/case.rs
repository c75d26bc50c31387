//! One conformance program and what its header expects.

use std::fs;
use std::path::{Path, PathBuf};

use engine::interpreter::classic::asm::assemble;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::classic::{Ending, MachineState};
use libtest_mimic::Failed;

/// A program with its expectations.
pub struct Case {
    /// `CATEGORY/NAME`.
    pub name: String,
    /// The program.
    pub program: Program,
    outputs: Vec<u8>,
    stack: Vec<u8>,
    files: Vec<(usize, Vec<u8>)>,
    trap: Option<String>,
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
        let mut header = text.lines().map_while(|line| line.strip_prefix(";; "));
        let title = header.next().ok_or("the first line is no comment that says what it shows")?;
        if title.starts_with("outputs:") {
            return Err("there is no title".to_owned());
        }
        let mut case = Self { name, program, outputs: vec![], stack: vec![], files: vec![], trap: None };
        let mut has_outputs = false;
        for line in header {
            let (key, value) = line.split_once(':').ok_or_else(|| format!("`{line}` has no `:`"))?;
            match key {
                "outputs" => {
                    case.outputs = bytes(value)?;
                    has_outputs = true;
                }
                "stack" => case.stack = bytes(value)?,
                "trap" => case.trap = Some(value.trim().to_owned()),
                _ => {
                    let file = key.strip_prefix("file ").and_then(|file| file.parse().ok());
                    let file = file.ok_or_else(|| format!("`{key}` is no key of the header"))?;
                    case.files.push((file, bytes(value)?));
                }
            }
        }
        if has_outputs { Ok(case) } else { Err("the header has no outputs".to_owned()) }
    }

    /// Compares the end of a run with the header.
    pub fn check(&self, state: &MachineState, ending: Ending) -> Result<(), Failed> {
        let trap = match ending {
            Ending::Trapped(trap) => Some(trap.to_string()),
            _ => None,
        };
        expect("trap", &self.trap, &trap)?;
        expect("outputs", &self.outputs, &state.outputs)?;
        expect("stack", &self.stack, &state.stack)?;
        for (file, bytes) in &self.files {
            let found = state.files.get(*file).ok_or_else(|| format!("there is no file {file}"))?;
            expect(&format!("file {file}"), bytes, &found.bytes)?;
        }
        Ok(())
    }

    /// The category.
    pub fn category(&self) -> &str {
        self.name.split_once('/').map_or("", |(category, _)| category)
    }

    /// The trap's message, if one is expected.
    pub fn trap(&self) -> Option<&str> {
        self.trap.as_deref()
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what}: expected {expected:?}, found {found:?}")) }
}

/// Bytes separated by spaces; `7x32` is 32 times 7.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let (byte, count) = word.split_once('x').unwrap_or((word, "1"));
        let byte = byte.parse().map_err(|error| format!("`{word}`: {error}"))?;
        let count = count.parse().map_err(|error| format!("`{word}`: {error}"))?;
        bytes.extend(std::iter::repeat_n::<u8>(byte, count));
    }
    Ok(bytes)
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
