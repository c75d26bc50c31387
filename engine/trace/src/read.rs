//! Text as a trace, or the line that is wrong.

use serde::Deserialize;

use crate::format::Line;
use crate::{Candidate, End, FORMAT, Input, Run, Token, Trace, VERSION};

/// A file that is no trace, or a damaged one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TraceError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What would help.
    pub help: &'static str,
}

const NO_TRACE: &str = "choose a file that the page or worldmodel trace wrote";
const DAMAGED: &str = "the file was changed or damaged: export the run once more";
const CUT_OFF: &str = "the file was cut off: copy it once more, or export the run again";
const NEWER: &str = "update the page or worldmodel to a version that knows this one";

/// The little that every version says.
#[derive(Deserialize)]
struct First {
    run: Head,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// What was read so far.
#[derive(Default)]
struct Parts {
    run: Option<Run>,
    tokens: Vec<Token>,
    candidates: Vec<Candidate>,
    end: Option<End>,
}

/// Reads a file of any version.
///
/// # Errors
/// The first line that is wrong, and the remedy.
pub fn read(text: &str) -> Result<Trace, TraceError> {
    let mut parts = Parts::default();
    let mut last = 0;
    for (number, line) in (1..).zip(text.lines()) {
        last = number;
        let wrong = |message: String, help| TraceError { line: number, message, help };
        if number == 1 {
            version(line).map_err(|(message, help)| wrong(message, help))?;
        }
        if parts.end.is_some() {
            if line.trim().is_empty() {
                continue;
            }
            return Err(wrong("something stands behind the end".to_owned(), DAMAGED));
        }
        let line: Line = serde_json::from_str(line).map_err(|error| {
            let message = error.to_string();
            let what = message.split(" at line ").next().unwrap_or(&message);
            wrong(
                format!("column {}: {what}", error.column()),
                if error.is_eof() { CUT_OFF } else { DAMAGED },
            )
        })?;
        parts.take(line).map_err(|message| wrong(message, DAMAGED))?;
    }
    let missing = |message: &str, help| TraceError { line: last.max(1), message: message.to_owned(), help };
    match parts {
        Parts { run: Some(run), tokens, candidates, end: Some(end) } => {
            Ok(Trace { run, tokens, candidates, end })
        }
        Parts { run: None, .. } => Err(missing("the file is empty", NO_TRACE)),
        Parts { end: None, .. } => Err(missing("the end is missing", CUT_OFF)),
    }
}

/// Whether the first line is one of a version that is known.
fn version(line: &str) -> Result<(), (String, &'static str)> {
    match serde_json::from_str::<First>(line) {
        Ok(First { run }) if run.format != FORMAT => {
            Err((format!("the format is \"{}\", not \"{FORMAT}\"", run.format), NO_TRACE))
        }
        Ok(First { run }) if run.version == 0 || run.version > VERSION => {
            Err((format!("this is version {}; versions up to {VERSION} are known", run.version), NEWER))
        }
        Ok(_) => Ok(()),
        Err(_) => Err(("this is no trace file: it does not begin with a run's line".to_owned(), NO_TRACE)),
    }
}

impl Parts {
    fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Run(_) if self.run.is_some() => return Err("a second run begins".to_owned()),
            Line::Run(run) => self.run = Some(*run),
            Line::Token(token) => {
                let place = self.tokens.len();
                if token.position != place {
                    return Err(format!("position {} where {place} should follow", token.position));
                }
                self.tokens.push(token);
            }
            Line::Candidate(candidate) => {
                let place = self.candidates.len();
                if candidate.index != place {
                    return Err(format!("candidate {} where {place} should follow", candidate.index));
                }
                self.candidates.push(*candidate);
            }
            Line::End(end) => {
                if end.tokens != self.tokens.len() {
                    return Err(format!("{} tokens, and the end counts {}", self.tokens.len(), end.tokens));
                }
                let of_question = matches!(self.run.as_ref().map(|run| &run.input), Some(Input::Question(_)));
                if of_question != end.answer.is_some() || of_question == end.machine.is_some() {
                    return Err("the end is not one of such a run".to_owned());
                }
                self.end = Some(*end);
            }
        }
        Ok(())
    }
}
