//! Whole runs as files: what the page asks for, and what it hears of a file that is opened. The engine's `trace` reads and writes them.

use engine::source::Span;
use serde::{Deserialize, Serialize};

use crate::asking::Asked;
use crate::{AppError, Problem, RunOptions};

/// Bytes of the largest file that is opened on the page: all of it is in memory, as text and as what it says.
pub const MOST_BYTES: u64 = 128 << 20;
/// Tokens of the longest run that the page writes: a file of it is a little more than half as large.
pub const MOST_TOKENS: usize = 1_000_000;

/// A file that was read, before its run is made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// What was run.
    pub input: Input,
    /// What the file calls the model.
    pub model: String,
    /// What had computed it, in words.
    pub engine: String,
    /// Tokens of the run.
    pub tokens: usize,
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// A program of the classic machine.
    Classic {
        /// Its text.
        program: String,
        /// How it was run.
        options: RunOptions,
    },
    /// A call on the full machine.
    Full {
        /// The module.
        text: String,
        /// The function.
        function: String,
        /// Its arguments, as they are typed.
        arguments: String,
        /// Tokens that the transformer may write.
        max_tokens: u32,
    },
    /// A question to a language model, whose worker reads the rest.
    Question {
        /// Its text.
        text: String,
    },
}

/// The first place where a file says something else than its run, made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The file's line, from 1.
    pub line: usize,
    /// What differs there: `token.id`.
    pub place: String,
    /// What the file says.
    pub file: String,
    /// What came of it now.
    pub again: String,
}

/// A question that was asked again as a file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replayed {
    /// The answer with nothing replaced.
    pub asked: Asked,
    /// With what the file says is replaced, if something is.
    pub changed: Option<Asked>,
    /// Where the file's run differs from this one.
    pub difference: Option<Difference>,
}

/// A file that cannot be opened.
pub fn not_opened(message: impl Into<String>, remedy: impl Into<String>) -> AppError {
    AppError { problem: Problem::BadRequest, message: message.into(), remedy: remedy.into() }
}

/// A file that is wrong in a line.
pub fn wrong_line(line: usize, message: &str, help: &str) -> AppError {
    let mut letters = help.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let span = Span { line, column: 1, ..Span::default() };
    AppError {
        problem: Problem::Source(vec![engine::source::SourceError::new(span, message.to_owned())]),
        message: format!("line {line}: {message}"),
        remedy: format!("{first}{}.", letters.as_str()),
    }
}
