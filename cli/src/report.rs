//! What is printed: results on standard output, everything else on standard error.

use std::io::Write;

use engine::source::{SourceError, Span};
use serde::Serialize;

/// Longest source line shown under an error.
const SHOWN_COLUMNS: usize = 120;

/// Prints a line of the result. A reader that has gone away is no error.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints an object of the result on one line.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// Prints a line about what went wrong.
pub fn problem(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// One reason why a program is not run, as JSON.
#[derive(Serialize)]
pub struct Reason {
    /// Line in the source, from 1; `null` if the reason stands nowhere in it.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What would help.
    pub help: Option<String>,
}

impl Reason {
    /// A reason with or without a place.
    pub fn new(span: Option<Span>, message: String, help: Option<String>) -> Self {
        Self { line: span.map(|span| span.line), column: span.map(|span| span.column), message, help }
    }
}

impl From<&SourceError> for Reason {
    fn from(error: &SourceError) -> Self {
        Self::new(Some(error.span), error.message.clone(), error.help.clone())
    }
}

/// A message at a place of a text: the line, a caret under each character at fault, and the remedy.
///
/// ```text
/// program.wasmt:2:1: error: unknown instruction `i32.ad`
///   2 | i32.ad
///     | ^^^^^^
///   help: did you mean `i32.add`?
/// ```
pub fn underlined(name: &str, text: &str, span: Option<Span>, message: &str, help: Option<&str>) -> String {
    let mut shown = match span {
        Some(span) => format!("{name}:{span}: error: {message}"),
        None => format!("{name}: error: {message}"),
    };
    if let Some(span) = span
        && let Some(source) = text.lines().nth(span.line.saturating_sub(1))
        && span.column <= SHOWN_COLUMNS
        && !source.contains('\0')
    {
        let number = span.line.to_string();
        let margin = " ".repeat(number.len());
        let before: String =
            source.chars().take(span.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let rest = source.chars().count().saturating_sub(span.column - 1);
        let marked = text.get(span.start..span.end).unwrap_or("").chars().count();
        let carets = "^".repeat(marked.min(rest).clamp(1, SHOWN_COLUMNS));
        let source: String = source.chars().take(SHOWN_COLUMNS + 40).collect();
        shown.push_str(&format!("\n  {number} | {source}\n  {margin} | {before}{carets}"));
    }
    if let Some(help) = help {
        shown.push_str(&format!("\n  help: {help}"));
    }
    shown
}

/// Values for people, separated by spaces.
pub fn list<T: std::fmt::Display>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_characters_at_fault_are_underlined() {
        let text = "i32.const 1\n\té i32.ad 2\n";
        let start = text.find("i32.ad").unwrap();
        let shown = underlined("p", text, Some(Span::of(text, start, start + 6)), "unknown", Some("add"));
        assert_eq!(shown, "p:2:4: error: unknown\n  2 | \té i32.ad 2\n    | \t  ^^^^^^\n  help: add");
    }

    #[test]
    fn a_place_behind_the_text_has_no_line() {
        let span = Span { start: 9, end: 9, line: 7, column: 1 };
        assert_eq!(underlined("p", "x", Some(span), "gone", None), "p:7:1: error: gone");
        assert_eq!(underlined("p", "x", None, "gone", None), "p: error: gone");
    }
}
