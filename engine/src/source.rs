//! Places in a source text, and the one error type that carries them.

use serde::{Deserialize, Serialize};

/// A stretch of a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Byte offset of its first character.
    pub start: usize,
    /// Byte offset just behind its last character.
    pub end: usize,
    /// Line of its first character, from 1.
    pub line: usize,
    /// Column of its first character, from 1, counted in characters.
    pub column: usize,
}

impl Span {
    /// The span of `text[start..end]`. Offsets beyond the text are cut to its end.
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let start = start.min(text.len());
        let before = text.get(..start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or("").chars().count() + 1;
        Self { start, end: end.clamp(start, text.len()), line, column }
    }
}

/// A text read from front to back for many spans: each costs only what lies between it and the one before.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    /// The place reached, as an empty span.
    at: Span,
}

impl<'a> Lines<'a> {
    /// A reader at the start of a text.
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: Span { start: 0, end: 0, line: 1, column: 1 } }
    }

    /// The span of some bytes, as [`Span::of`] gives it. One that starts before the last one is looked for
    /// from the text's start again.
    pub fn span(&mut self, bytes: std::ops::Range<usize>) -> Span {
        let start = bytes.start.min(self.text.len());
        if start < self.at.start {
            *self = Self::new(self.text);
        }
        let between = self.text.get(self.at.start..start).unwrap_or("");
        match between.rfind('\n') {
            Some(newline) => {
                self.at.line += between.matches('\n').count();
                self.at.column = between.get(newline + 1..).unwrap_or("").chars().count() + 1;
            }
            None => self.at.column += between.chars().count(),
        }
        self.at.start = start;
        Span { end: bytes.end.clamp(start, self.text.len()), ..self.at }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a text is not an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnInteger {
    /// It is written in another way.
    Form,
    /// It is one, but of more than 64 bits.
    TooLarge,
}

/// Reads an integer as WebAssembly's text format writes it: a sign or none, then decimal digits or `0x` and
/// hexadecimal ones, with single `_` between digits.
///
/// # Errors
/// When it is written otherwise, or its magnitude is above 2⁶⁴ − 1.
pub fn integer(text: &str) -> Result<i128, NotAnInteger> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, unsigned),
    };
    let well_formed =
        digits.split('_').all(|group| !group.is_empty() && group.chars().all(|digit| digit.is_digit(radix)));
    if !well_formed {
        return Err(NotAnInteger::Form);
    }
    // Nothing but digits is left, so the only way to fail is to be too large.
    let magnitude =
        u64::from_str_radix(&digits.replace('_', ""), radix).map_err(|_| NotAnInteger::TooLarge)?;
    Ok(if negative { -i128::from(magnitude) } else { i128::from(magnitude) })
}

/// A source text that cannot be used: where, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{span}: {message}")]
pub struct SourceError {
    /// The characters at fault.
    pub span: Span,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What would help, if there is something to say.
    pub help: Option<String>,
}

impl SourceError {
    /// An error without a remedy.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// The same error with a remedy.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_strictly() {
        let right = [
            ("0", 0),
            ("-0", 0),
            ("+7", 7),
            ("1_000", 1_000),
            ("0xfF", 255),
            ("0Xff_ff", 65_535),
            ("-0x80", -128),
            ("18446744073709551615", i128::from(u64::MAX)),
        ];
        for (text, value) in right {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
        for text in
            ["", "-", "+", "0x", "0x-5", "0x+5", "-0x-5", "--1", "_5", "5_", "1__0", "0x_5", "ff", "1.5", "٣"]
        {
            assert_eq!(integer(text), Err(NotAnInteger::Form), "{text}");
        }
        for text in ["18446744073709551616", "-0x80000000000000000000000000000000"] {
            assert_eq!(integer(text), Err(NotAnInteger::TooLarge), "{text}");
        }
    }

    #[test]
    fn spans_read_in_a_row_are_those_read_one_by_one() {
        let text = "one\n  två, drei\n\nfour";
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len(), 90]).collect();
        let mut lines = Lines::new(text);
        for start in places.iter().chain(places.iter().rev()).copied() {
            assert_eq!(lines.span(start..start + 2), Span::of(text, start, start + 2), "{start}");
        }
    }
}
