//! What comes of a question: an answer, or why there is none.

use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};
#[cfg(feature = "language")]
use serde_json::{Value, json};

/// Significant digits of a decimal number that are shown: the last few of `f64`'s 17 are rounding errors.
const DIGITS: usize = 12;
/// Of large numbers more are shown, up to these: every digit before the point, and two behind it.
const MOST_DIGITS: usize = 16;
/// From here on not every integer is an `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a program computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// An exact integer.
    Integer(i64),
    /// A decimal number, always finite.
    Decimal(f64),
    /// A text; after a comparison "yes" or "no".
    Text(String),
    /// A list of integers.
    Integers(Vec<i64>),
    /// A list of decimal numbers, each finite.
    Decimals(Vec<f64>),
}

impl Answer {
    /// Yes or no.
    pub fn yes(yes: bool) -> Self {
        Self::Text(if yes { "yes" } else { "no" }.to_owned())
    }

    /// A decimal number.
    ///
    /// # Errors
    /// [`Failure::NotANumber`], [`Failure::Infinite`].
    pub fn decimal(value: f64) -> Result<Self, Failure> {
        finite(value).map(Self::Decimal)
    }

    /// As JSON: a number, a text or a list.
    #[cfg(feature = "language")]
    pub fn json(&self) -> Value {
        match self {
            Self::Integer(value) => json!(value),
            Self::Decimal(value) => json!(value),
            Self::Text(text) => json!(text),
            Self::Integers(values) => json!(values),
            Self::Decimals(values) => json!(values),
        }
    }
}

/// A number that is one.
///
/// # Errors
/// [`Failure::NotANumber`], [`Failure::Infinite`].
pub const fn finite(value: f64) -> Result<f64, Failure> {
    if value.is_nan() {
        Err(Failure::NotANumber)
    } else if value.is_infinite() {
        Err(Failure::Infinite)
    } else {
        Ok(value)
    }
}

/// An integer as a decimal number, if it is one without being rounded.
///
/// # Errors
/// [`Failure::NotExact`].
pub fn exact(value: i64) -> Result<f64, Failure> {
    #[expect(clippy::cast_precision_loss, reason = "this is what is looked at")]
    let decimal = value as f64;
    #[expect(clippy::cast_possible_truncation, reason = "it is an integer of at most 64 bits")]
    if decimal as i128 == i128::from(value) { Ok(decimal) } else { Err(Failure::NotExact(value)) }
}

impl Display for Answer {
    /// As a person writes it: at most 12 significant digits (of large numbers 16, and of integers all), no zeros at the end, an exponent from 2⁵³ on and below 10⁻⁹.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(value) => f.write_str(&shown(*value)),
            Self::Text(text) => f.write_str(text),
            Self::Integers(values) => f.write_str(&list(values, i64::to_string)),
            Self::Decimals(values) => f.write_str(&list(values, |value| shown(*value))),
        }
    }
}

fn list<T>(values: &[T], shown: impl Fn(&T) -> String) -> String {
    values.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < EXACT {
        // An integer after all; adding zero takes the sign off zero.
        return format!("{:.0}", value + 0.0);
    }
    // An estimate is enough: at the edge one digit more or less is shown.
    let whole_digits = value.abs().log10().max(0.0) as usize + 1;
    let digits = if value.abs() >= EXACT { DIGITS } else { (whole_digits + 2).clamp(DIGITS, MOST_DIGITS) };
    let scientific = format!("{value:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(exponent) = exponent.parse::<i32>() else { return scientific };
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    if exponent < -9 || value.abs() >= EXACT {
        return format!("{mantissa}e{exponent}");
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    if mantissa == "0" {
        return "0".to_owned();
    }
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let Ok(whole) = usize::try_from(exponent + 1) else {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    };
    match digits.split_at_checked(whole) {
        Some(("", fraction)) => format!("{sign}0.{fraction}"),
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
    }
}

impl Answer {
    /// Whether it is the same number, text or list, written in the same type; decimals may differ by the rounding of nine digits.
    pub fn close(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Decimal(a), Self::Decimal(b)) => nearly(*a, *b),
            (Self::Decimals(a), Self::Decimals(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| nearly(*a, *b))
            }
            _ => self == other,
        }
    }

    /// The same, but an integer may be written as a decimal.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            #[expect(clippy::cast_precision_loss, reason = "an integer beside a decimal is compared as one")]
            (Self::Integer(a), Self::Decimal(b)) | (Self::Decimal(b), Self::Integer(a)) => {
                nearly(*a as f64, *b)
            }
            _ => self.close(other),
        }
    }
}

fn nearly(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9)
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Failure {
    /// There is no program, because none is wanted.
    #[error("there is nothing to compute")]
    NothingToCompute,
    /// An integer left the range of 64 bits.
    #[error("the result is too large: it does not fit into 64 bits")]
    Overflow,
    /// Division by zero, of integers or decimals.
    #[error("division by zero")]
    DivisionByZero,
    /// A function that has no value there, as the factorial of −3.
    #[error("this is not defined for these values")]
    Undefined,
    /// The root of a negative number, or the like.
    #[error("the result is not a number")]
    NotANumber,
    /// Beyond the largest decimal number.
    #[error("the result is too large: it is beyond the range of decimal numbers")]
    Infinite,
    /// What is not a number was to become an integer.
    #[error("what is not a number has no integer")]
    Conversion,
    /// It used the fuel it was given.
    #[error("the program did not come to an end: it was stopped after {limit} units of fuel")]
    OutOfFuel {
        /// The fuel it was given.
        limit: u64,
    },
    /// Memory outside of its own.
    #[error("the program reached outside of its memory")]
    OutOfBounds,
    /// More memory than it may have.
    #[error("the program wants more than the {limit} bytes of memory that it may have")]
    OutOfMemory {
        /// Bytes it may have.
        limit: u64,
    },
    /// Calls nest too deeply.
    #[error("the program's calls nest too deeply")]
    StackOverflow,
    /// A number of the question that no program can be given.
    #[error("the number {0} does not fit into 64 bits")]
    TooLarge(String),
    /// An integer that a decimal number could only hold rounded.
    #[error("the integer {0} is too large to be computed with as a decimal without rounding")]
    NotExact(i64),
    /// A decimal number where an integer is wanted.
    #[error("an integer is wanted, and {0} is none")]
    NotAnInteger(String),
    /// The plan or the program names something that the question does not have.
    #[error("the question has no {0}")]
    Missing(String),
    /// A text of the question that does not fit into a program's memory.
    #[error("the text is too long: it has {bytes} bytes, and {limit} are the most")]
    TextTooLong {
        /// Bytes it has.
        bytes: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// It wants something of the host that was not granted.
    #[error("the program asks for `{0}`, which is not granted")]
    ImportRefused(String),
    /// It is no WebAssembly.
    #[error("the program does not compile: {0}")]
    DoesNotCompile(String),
    /// Its tokens do not make a module.
    #[error("the program is malformed: {0}")]
    Malformed(String),
    /// It exports no `compute`.
    #[error("the program exports no function `compute`")]
    ExportsNothing,
    /// Its `compute` takes arguments; there are none to be given.
    #[error("the program's function `compute` takes arguments")]
    WantsArguments,
    /// It returns something that means nothing.
    #[error("the program returns {0}, which is no answer")]
    WrongType(String),
    /// The bytes it returns as a text are none.
    #[error("the program returns bytes that are no text")]
    NotAText,
    /// It was stopped for another reason.
    #[error("the program was stopped: {0}")]
    Stopped(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_shown_as_people_write_them() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (24.0, "24"),
            (-2.5, "-2.5"),
            (0.1 + 0.2, "0.3"),
            (78.539_816_339_744_83, "78.5398163397"),
            (1_157.625, "1157.625"),
            (0.001_25, "0.00125"),
            (123_456_789_012_345.0, "123456789012345"),
            (435_863_217_287_212.5, "435863217287212.5"),
            (1_234_567_890_123.456, "1234567890123.46"),
            (1e20 / 3.0, "3.33333333333e19"),
            (1e15, "1000000000000000"),
            (9_876_543_210_987_654.0 / 2.0, "4938271605493827"),
            (-9_007_199_254_740_991.0, "-9007199254740991"),
            (9_007_199_254_740_992.0, "9.00719925474e15"),
            (2_251_799_813_685_248.5 + 1e15, "3251799813685248"),
            (1e16, "1e16"),
            (6.022e23, "6.022e23"),
            (1.6e-19, "1.6e-19"),
            (2.999_999_999_999_999_6, "3"),
            (0.999_999_999_999_99, "1"),
            (100.0, "100"),
        ];
        for (value, text) in cases {
            assert_eq!(Answer::Decimal(value).to_string(), text);
        }
    }

    #[test]
    fn lists_and_texts_are_shown_plainly() {
        assert_eq!(Answer::Integers(vec![1, -2]).to_string(), "1, -2");
        assert_eq!(Answer::Decimals(vec![0.5, 2.0]).to_string(), "0.5, 2");
        assert_eq!(Answer::yes(true).to_string(), "yes");
    }

    #[test]
    fn integers_are_decimals_only_without_rounding() {
        for value in [0, -7, 1 << 53, -(1 << 53), (1 << 53) + 2, i64::MIN, 1_000_000_000_000_000_000] {
            assert_eq!(exact(value).map(|decimal| format!("{decimal:.0}")), Ok(value.to_string()));
        }
        for value in [(1 << 53) + 1, -(1 << 53) - 1, i64::MAX, i64::MIN + 1] {
            assert_eq!(exact(value), Err(Failure::NotExact(value)));
        }
    }

    #[test]
    fn what_is_no_number_is_a_failure() {
        assert_eq!(Answer::decimal(f64::NAN), Err(Failure::NotANumber));
        assert_eq!(Answer::decimal(f64::NEG_INFINITY), Err(Failure::Infinite));
    }
}
