//! What must come of a program, as comments above it say: the header of a conformance program.
//!
//! ```text
//! ;; Adds two constants.        what the program shows
//! ;; outputs: 8                 the bytes it emits, in order; may be empty
//! ;; stack: 5 1x1022            the stack at the end, bottom first; left out: empty
//! ;; file 0: 65 66              the bytes of a file at the end; left out: not compared
//! ;; trap: …                    why it was stopped; left out: it was not
//! ```
//!
//! `7x32` stands for 32 times 7.

use super::{Ending, MachineState};

/// What a header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// What the program shows.
    pub title: String,
    /// The bytes it emits.
    pub outputs: Vec<u8>,
    /// The stack at its end, bottom first.
    pub stack: Vec<u8>,
    /// Bytes of files at its end, by their numbers.
    pub files: Vec<(usize, Vec<u8>)>,
    /// Its trap's message, if it ends in one.
    pub trap: Option<String>,
}

impl Expected {
    /// Reads the header of a program's text.
    ///
    /// # Errors
    /// What of it means nothing, or is missing: a title and the outputs must be there.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut header = text.lines().map_while(|line| line.strip_prefix(";; "));
        let title = header.next().ok_or("the first line is no comment that says what it shows")?;
        if title.starts_with("outputs:") {
            return Err("there is no title".to_owned());
        }
        let mut expected = Self { title: title.to_owned(), ..Self::default() };
        let mut has_outputs = false;
        for line in header {
            let (key, value) = line.split_once(':').ok_or_else(|| format!("`{line}` has no `:`"))?;
            match key {
                "outputs" => {
                    expected.outputs = bytes(value)?;
                    has_outputs = true;
                }
                "stack" => expected.stack = bytes(value)?,
                "trap" => expected.trap = Some(value.trim().to_owned()),
                _ => {
                    let file = key.strip_prefix("file ").and_then(|file| file.parse().ok());
                    let file = file.ok_or_else(|| format!("`{key}` is no key of the header"))?;
                    expected.files.push((file, bytes(value)?));
                }
            }
        }
        if has_outputs { Ok(expected) } else { Err("the header has no outputs".to_owned()) }
    }

    /// Compares the end of a run with it.
    ///
    /// # Errors
    /// The first thing that is another: what was expected, and what was found.
    pub fn check(&self, state: &MachineState, ending: Ending) -> Result<(), String> {
        let trap = match ending {
            Ending::Trapped(trap) => Some(trap.to_string()),
            _ => None,
        };
        same("trap", &self.trap, &trap)?;
        same("outputs", &self.outputs, &state.outputs)?;
        same("stack", &self.stack, &state.stack)?;
        for (file, bytes) in &self.files {
            let found = state.files.get(*file).ok_or_else(|| format!("there is no file {file}"))?;
            same(&format!("file {file}"), bytes, &found.bytes)?;
        }
        Ok(())
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
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
