//! A program as a `.wat` module, with a question's numbers, list and texts put in.

use super::shape::{Misplaced, Shape};
use super::vocabulary::{Class, Fill, NumberType, SCRATCH, SECOND_TEXT, Size, Token};
use crate::worldmodel::answer::{Failure, exact};
use crate::worldmodel::expression::{Given, Letter, Source};
use crate::worldmodel::numbers::Value;

/// Tokens a program may have: a model that does not stop is stopped. Programs of plans have some hundred.
pub const MAX_TOKENS: usize = 2_000;

/// A program that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A token stands where it cannot.
    #[error("token {}: {error}", index + 1)]
    Misplaced {
        /// Tokens before it.
        index: usize,
        /// What is wrong.
        error: Misplaced,
    },
    /// It has more than [`MAX_TOKENS`].
    #[error("the program has more than {MAX_TOKENS} tokens")]
    TooLong,
    /// The sequence ends before the module does.
    #[error("the program ends before its module does")]
    Unfinished,
    /// A number of the question cannot stand where the program wants it, or is not there.
    #[error("token {}: {failure}", index + 1)]
    Given {
        /// Tokens before it.
        index: usize,
        /// What is wrong.
        failure: Failure,
    },
}

impl From<TextError> for Failure {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Given { failure, .. } => failure,
            error => Self::Malformed(error.to_string()),
        }
    }
}

/// A piece of text that stands on a line of its own when a program is written with line breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// How far it is indented.
    pub depth: usize,
    /// What it says.
    pub text: String,
    /// The tokens before it.
    pub index: usize,
    /// What it is a number of, if it is one.
    pub constant: Option<NumberType>,
}

/// A program on lines that are indented by what they stand in.
///
/// # Errors
/// See [`TextError`].
pub fn pretty(program: &[Token], given: &Given) -> Result<String, TextError> {
    Ok(join_lines(&lines(program, given)?))
}

/// A program on one line.
///
/// # Errors
/// See [`TextError`].
pub fn compact(program: &[Token], given: &Given) -> Result<String, TextError> {
    let mut text = String::new();
    for line in lines(program, given)? {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&line.text);
    }
    Ok(text)
}

pub(super) fn join_lines(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&"  ".repeat(line.depth));
        text.push_str(&line.text);
    }
    text
}

/// Reads a program token by token and writes its lines.
pub(super) fn lines(program: &[Token], given: &Given) -> Result<Vec<Line>, TextError> {
    if program.len() > MAX_TOKENS {
        return Err(TextError::TooLong);
    }
    let mut shape = Shape::default();
    let mut lines: Vec<Line> = Vec::new();
    let mut in_function = false;
    let mut constant = NumberType::I64;
    for (index, &token) in program.iter().enumerate() {
        let joins = shape.in_number();
        shape.push(token).map_err(|error| TextError::Misplaced { index, error })?;
        let Some(class) = token.class() else { continue };
        let failed = |failure| TextError::Given { index, failure };
        let text = token.text().unwrap_or("");
        // What continues the line before: with a space, or without.
        let mut append = |text: &str, space: bool| {
            if let Some(line) = lines.last_mut() {
                line.text.push_str(if space { " " } else { "" });
                line.text.push_str(text);
            }
        };
        match class {
            Class::End | Class::Start => {}
            Class::Close => {
                append(")", false);
                in_function = false;
            }
            Class::Param | Class::Result | Class::Local => append(text, true),
            Class::Piece => append(text, !joins),
            Class::Operand(letter) => append(&operand(letter, constant, given).map_err(failed)?, true),
            Class::Size(size) => append(&size_of(size, given).map_err(failed)?.to_string(), true),
            _ => {
                let inside = usize::from(in_function);
                let outer = matches!(class, Class::Block | Class::If | Class::Else);
                let depth = match class {
                    Class::Module => 0,
                    _ => 1 + inside + shape.depth() - usize::from(outer),
                };
                let number = match class {
                    Class::Const(ty) => Some(ty),
                    _ => None,
                };
                constant = number.unwrap_or(constant);
                in_function |= class == Class::Function;
                let text = match class {
                    Class::Fill(fill) => data(fill, given).map_err(failed)?,
                    _ => text.to_owned(),
                };
                lines.push(Line { depth, text, index, constant: number });
            }
        }
    }
    if !shape.is_closed() {
        return Err(TextError::Unfinished);
    }
    lines.iter().try_for_each(fits)?;
    Ok(lines)
}

/// Whether the number on a line, if there is one, has its type's size. WebAssembly would round one of 400 digits to infinity.
fn fits(line: &Line) -> Result<(), TextError> {
    let Some((ty, (_, number))) = line.constant.zip(line.text.split_once(' ')) else { return Ok(()) };
    let number = number.trim_end_matches(')');
    let fits = match ty {
        NumberType::I32 => number.parse::<i32>().is_ok() || number.parse::<u32>().is_ok(),
        NumberType::I64 => number.parse::<i64>().is_ok(),
        NumberType::F64 => number.parse::<f64>().is_ok_and(f64::is_finite),
    };
    if fits {
        return Ok(());
    }
    let digits = number.len();
    let shown = match number.get(..12) {
        Some(start) if digits > 40 => format!("{start}… of {digits} digits"),
        _ => number.to_owned(),
    };
    Err(TextError::Given { index: line.index, failure: Failure::TooLarge(shown) })
}

/// A number of the question as it stands behind `i64.const` or `f64.const`.
fn operand(letter: Letter, ty: NumberType, given: &Given) -> Result<String, Failure> {
    let value = given.number(letter).ok_or_else(|| Failure::Missing(format!("number {letter}")))?;
    match (value, ty) {
        (Value::Integer(value), NumberType::I64) => Ok(value.to_string()),
        (Value::Integer(value), NumberType::F64) => exact(value).map(|_| value.to_string()),
        (Value::Integer(value), NumberType::I32) => match i32::try_from(value) {
            Ok(value) => Ok(value.to_string()),
            Err(_) => Err(Failure::TooLarge(format!("{letter}"))),
        },
        (Value::Decimal(value), NumberType::F64) if value.is_finite() => Ok(format!("{value:?}")),
        (Value::Decimal(value), NumberType::I32 | NumberType::I64) => {
            Err(Failure::NotAnInteger(value.to_string()))
        }
        (Value::Decimal(_) | Value::TooLarge, _) => Err(Failure::TooLarge(format!("{letter}"))),
    }
}

/// A size in numbers or bytes.
fn size_of(size: Size, given: &Given) -> Result<usize, Failure> {
    match size {
        Size::ListCount => list(given).map(<[Value]>::len),
        Size::ListBytes => list(given).map(|list| list.len() * 8),
        Size::TextBytes(source) => text_of(source, given).map(str::len),
    }
}

fn list(given: &Given) -> Result<&[Value], Failure> {
    if given.list.is_empty() { Err(Failure::Missing("list of numbers".to_owned())) } else { Ok(&given.list) }
}

/// A text that fits. The second is what the first is searched for, so there must be something in it.
fn text_of(source: Source, given: &Given) -> Result<&str, Failure> {
    let (text, limit, name) = match source {
        Source::First => (&given.text, SECOND_TEXT, "text in quotes"),
        Source::Second => (&given.text2, SCRATCH - SECOND_TEXT, "second text in quotes"),
    };
    let text = text.as_deref().filter(|text| !text.is_empty() || source == Source::First);
    let text = text.ok_or_else(|| Failure::Missing(name.to_owned()))?;
    let bytes = text.len();
    if bytes > limit { Err(Failure::TextTooLong { bytes, limit }) } else { Ok(text) }
}

/// A data segment.
fn data(fill: Fill, given: &Given) -> Result<String, Failure> {
    let (address, content, comment) = match fill {
        Fill::Integers | Fill::Decimals => {
            let decimal = fill == Fill::Decimals;
            // Nobody reads bytes.
            (0, list_bytes(given, decimal)?, format!(" (; {} ;)", list_shown(given)))
        }
        Fill::Text(Source::First) => (0, escaped(text_of(Source::First, given)?), String::new()),
        Fill::Text(Source::Second) => (SECOND_TEXT, escaped(text_of(Source::Second, given)?), String::new()),
    };
    Ok(format!("(data (i32.const {address}) \"{content}\"){comment}"))
}

fn list_shown(given: &Given) -> String {
    let shown = given.list.iter().map(|value| match value {
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => format!("{value:?}"),
        Value::TooLarge => "?".to_owned(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// The list as it stands in memory, eight bytes a number, lowest first.
fn list_bytes(given: &Given, decimal: bool) -> Result<String, Failure> {
    let mut content = String::new();
    for value in list(given)? {
        let bytes = match (value, decimal) {
            (Value::TooLarge, _) => return Err(Failure::TooLarge("in the list".to_owned())),
            (Value::Integer(value), false) => value.to_le_bytes(),
            (Value::Decimal(value), false) => return Err(Failure::NotAnInteger(value.to_string())),
            (Value::Integer(value), true) => exact(*value)?.to_le_bytes(),
            (Value::Decimal(value), true) => value.to_le_bytes(),
        };
        for byte in bytes {
            content.push_str(&format!("\\{byte:02x}"));
        }
    }
    Ok(content)
}

/// A text as the text format writes it in quotes: letters as they are, what could end the quotes or hide in them by its number.
fn escaped(text: &str) -> String {
    let mut content = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || (c.is_ascii_graphic() && !matches!(c, '"' | '\\')) || c == ' ' {
            content.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                content.push_str(&format!("\\{byte:02x}"));
            }
        }
    }
    content
}

#[cfg(test)]
mod tests;
