//! A trace as text.

use crate::format::LineOf;
use crate::{Run, Trace};

/// The file: a line for each object. The same trace is the same text, byte by byte.
///
/// # Errors
/// None that is known: every part of a trace has a form in JSON.
pub fn write(trace: &Trace) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for line in lines(&trace.run, trace) {
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
    }
    Ok(text)
}

/// Its objects, in the order of the file, with this one as the first.
pub(crate) fn lines<'a>(run: &'a Run, trace: &'a Trace) -> impl Iterator<Item = LineOf<'a>> {
    let tokens = trace.tokens.iter().map(LineOf::Token);
    let candidates = trace.candidates.iter().map(LineOf::Candidate);
    std::iter::once(LineOf::Run(run))
        .chain(tokens)
        .chain(candidates)
        .chain(std::iter::once(LineOf::End(&trace.end)))
}
