//! Numbers that a text gives.

use crate::worldmodel::answer::Failure;
use crate::worldmodel::expression::TextFunction;

/// A number that a text gives.
pub fn of(function: TextFunction, text: &str) -> Result<i64, Failure> {
    let characters = |belongs: fn(&char) -> bool| text.chars().filter(belongs).count();
    let count = match function {
        TextFunction::Length => characters(|_| true),
        TextFunction::Vowels if !text.is_ascii() => return Err(Failure::Undefined),
        TextFunction::Vowels => characters(|c| "aeiouAEIOU".contains(*c)),
        TextFunction::Letters => characters(|c| c.is_ascii_alphabetic() || !c.is_ascii()),
        TextFunction::Words => text.split(|c| c <= ' ').filter(|word| !word.is_empty()).count(),
        TextFunction::Digits => characters(char::is_ascii_digit),
    };
    i64::try_from(count).map_err(|_| Failure::Overflow)
}
