//! The operands of a question: its numbers, the row of them that is a list, and what it quotes.
//!
//! No digit passes through the model: it sees a letter for each number and writes programs that name letters. So what
//! counts as a number is decided here, once, for training and for use. The rules, where a question could be read in two ways:
//!
//! - `-` before a number is its sign unless something stands before it that it could be subtracted from: `25-7` and `5 -4`
//!   are two numbers without a sign, `5 - -4`, `(-3)`, `from -3 to 7` and `[5 -4 3]` have one. The word `minus` follows the same rule.
//! - `1,000` is a thousand, `1,000,2` are three numbers. In `[…]` and in `name(…)` a comma without a space separates,
//!   `[100,200]`, unless others there have a space or are semicolons: `[1,000, 2]`.
//! - `1 000 000` is a million when every group behind the first has three digits; in `[…]` spaces always separate.
//! - `3,5` is three and a half in a text with Cyrillic letters, and two numbers in any other.
//! - `1.2.3` and what follows a letter (`v2`, `abc123`, `COVID-19`) are names, not numbers. `3x4` are two numbers.
//! - Number words count in English, Russian and Chinese, with ordinals from `third` on; a lone `one` only beside an operator.

mod chinese;
mod digits;
mod lexer;
mod list;
mod sign;
mod texts;
mod words;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use lexer::{Kind, Token};

/// How many numbers of a question have a letter, `a` to `p`.
pub const LETTERS: usize = 16;

/// What a number of a question is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// An integer that fits.
    Integer(i64),
    /// Anything with a decimal point or a negative exponent, as the nearest `f64`.
    Decimal(f64),
    /// An integer of more than 64 bits, or more than any finite `f64`.
    TooLarge,
}

impl Value {
    /// The value as a decimal number, unless it is too large.
    pub fn as_f64(self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "what a decimal can hold of it")]
            Self::Integer(value) => Some(value as f64),
            Self::Decimal(value) => Some(value),
            Self::TooLarge => None,
        }
    }
}

/// One number of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// The bytes it takes, with its sign, without currency or unit behind it.
    pub span: Range<usize>,
    /// What it is worth.
    pub value: Value,
    /// As it stands in the question.
    pub spelled: String,
}

/// A text that a question speaks of: what stands in quotes, unless it is arithmetic, or one word behind `the word`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The bytes it takes, without quotes.
    pub span: Range<usize>,
    /// The text.
    pub value: String,
}

/// Everything in a question that a program can be given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Operands {
    /// All numbers, in order. The first [`LETTERS`] have a letter.
    pub numbers: Vec<Number>,
    /// The row of numbers that `list` means in a plan, as indices into `numbers`: the longest run of at least two separated
    /// by nothing but commas, semicolons, spaces, brackets and "and", or what stands in square brackets.
    pub list: Vec<usize>,
    /// The texts: the first is `text` in a plan, the second `text2`. They are in order, but for the longer of the first
    /// two, which comes first: "How often does 'l' occur in 'hello'?" searches `text` for `text2`, like "In 'hello', how often …".
    pub texts: Vec<Text>,
}

impl Operands {
    /// Reads a question.
    pub fn find(question: &str) -> Self {
        let tokens = lexer::tokens(question);
        let tokens = words::join(tokens);
        let tokens = sign::join(tokens);
        let numbers: Vec<Number> = tokens.iter().filter_map(|token| number(question, token)).collect();
        let list = list::find(question, &numbers);
        Self { list, texts: texts::find(question), numbers }
    }

    /// The letter of the number with an index, if it has one.
    pub fn letter(index: usize) -> Option<char> {
        let offset = u8::try_from(index).ok().filter(|&offset| usize::from(offset) < LETTERS)?;
        Some(char::from(b'a' + offset))
    }

    /// The number with a letter.
    pub fn by_letter(&self, letter: char) -> Option<&Number> {
        let offset = u32::from(letter).checked_sub(u32::from('a'))?;
        self.numbers.get(usize::try_from(offset).ok().filter(|&offset| offset < LETTERS)?)
    }

    /// The numbers of the list, in order.
    pub fn list(&self) -> impl Iterator<Item = &Number> {
        self.list.iter().filter_map(|&index| self.numbers.get(index))
    }

    /// What `text` means in a plan.
    pub fn text(&self) -> Option<&str> {
        self.texts.first().map(|text| text.value.as_str())
    }

    /// What `text2` means in a plan.
    pub fn text2(&self) -> Option<&str> {
        self.texts.get(1).map(|text| text.value.as_str())
    }
}

fn number(question: &str, token: &Token) -> Option<Number> {
    let Kind::Number(amount) = &token.kind else { return None };
    let spelled = question.get(token.span.clone())?.to_owned();
    Some(Number { span: token.span.clone(), value: amount.value(), spelled })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whatever is typed: places that can be sliced, in order, and indices that exist.
    fn check(question: &str) {
        let operands = Operands::find(question);
        let mut end = 0;
        for number in &operands.numbers {
            assert!(number.span.start >= end, "{question:?}");
            assert_eq!(question.get(number.span.clone()), Some(number.spelled.as_str()), "{question:?}");
            end = number.span.end;
        }
        assert_eq!(operands.list().count(), operands.list.len(), "{question:?}");
        for text in &operands.texts {
            assert_eq!(question.get(text.span.clone()), Some(text.value.as_str()), "{question:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(question in ".{0,80}") {
            check(&question);
        }

        #[test]
        fn anything_like_numbers_is_read(
            question in "([0-9]{1,4}|[,. '\"+*x−-]|and|minus|twenty|five|hundred|a |one|\\(|\\)|\\[|\\]|二|十|万|сто|пять|%|\\$){0,30}"
        ) {
            check(&question);
        }

        #[test]
        fn integers_are_found_again(value in any::<i64>()) {
            let operands = Operands::find(&format!("What is {value}?"));
            let values: Vec<_> = operands.numbers.iter().map(|number| number.value).collect();
            prop_assert_eq!(values, [Value::Integer(value)]);
        }
    }

    /// Nothing takes long: each of these was once read again from every place in it.
    #[test]
    fn long_questions_are_read() {
        for piece in [
            "[",
            "1,",
            "1 ",
            "'",
            "'a ",
            "one and ",
            "a hundred and ",
            "-",
            "1.",
            "minus, ",
            "二",
            "the word ",
            "((1)",
        ] {
            check(&piece.repeat(10_000 / piece.len()));
        }
    }

    #[test]
    fn letters_end_at_p() {
        assert_eq!(Operands::letter(0), Some('a'));
        assert_eq!(Operands::letter(15), Some('p'));
        assert_eq!(Operands::letter(16), None);
        let operands = Operands::find("1 plus 2");
        assert_eq!(operands.by_letter('b').map(|number| number.value), Some(Value::Integer(2)));
        assert_eq!(operands.by_letter('c'), None);
        assert_eq!(operands.by_letter('A'), None);
    }
}
