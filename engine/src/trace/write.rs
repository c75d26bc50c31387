//! A trace as text.

use super::Trace;
use super::format::LineOf;

/// The file: a line for each object. The same trace is the same text, byte by byte.
///
/// # Errors
/// When a number is none: JSON has no infinity.
pub fn write(trace: &Trace) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for line in lines(trace) {
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
    }
    Ok(text)
}

/// Its objects, in the order of the file.
pub(super) fn lines(trace: &Trace) -> impl Iterator<Item = LineOf<'_>> {
    let tokens = trace.tokens.iter().map(LineOf::Token);
    let candidates = trace.candidates.iter().map(LineOf::Candidate);
    std::iter::once(LineOf::Run(&trace.run))
        .chain(tokens)
        .chain(candidates)
        .chain(std::iter::once(LineOf::End(&trace.end)))
}
