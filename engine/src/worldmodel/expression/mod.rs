//! The plan language: what the model writes between `<think>` and `</think>`.
//!
//! ```text
//! plan     := value | value compare value | action
//! compare  := "=" | "<" | ">" | "<=" | ">=" | "divides"
//! value    := product (("+" | "-") product)*
//! product  := unary (("*" | "/" | "%") unary)*
//! unary    := "-" unary | power
//! power    := atom ("^" unary)?
//! atom     := <a> … <p> | 3.6 | pi | ( value ) | name(value, …) | name(list) | name(text) | count(text, text2) | year()
//! action   := is_prime(value) | sort(list) | reverse(text) | date() …
//! ```
//!
//! [`parse()`] reads a plan and [`Plan`]'s `Display` writes it, with as few parentheses as there can be: what is written is
//! read as the same plan again. [`Given`] is what a question gives, and [`evaluate()`] says what a plan is worth, without WebAssembly:
//! it is what programs are checked against.
//!
//! ```
//! use engine::worldmodel::answer::Answer;
//! use engine::worldmodel::expression::{Given, evaluate, parse};
//!
//! let plan = parse("<a> * (<b> + 1)").unwrap();
//! assert_eq!(plan.to_string(), "<a> * (<b> + 1)");
//! assert_eq!(evaluate(&plan, &Given::integers(&[12, 10])), Ok(Answer::Integer(132)));
//! ```
//!
//! Integers are exact in 64 bits. A value is a decimal number (`f64`) where one of its operands is decimal, where it divides or takes a root,
//! and where a function gives decimals; then its sums and products are computed in decimals as well, and an integer of the question that
//! is no `f64` is refused ([`Failure::NotExact`](super::answer::Failure::NotExact)), not rounded. `%`, `divides` and functions of
//! integers want integers; `floor`, `ceil` and `round` make them. `%` has the sign of its left side, and `quotient` is the quotient that
//! it is the remainder of. `count(text, text2)` tells capital letters from small ones; `vowels(text)` does not.

mod constant;
mod display;
mod evaluate;
mod given;
mod names;
mod order;
mod parse;

pub use constant::Constant;
pub use evaluate::evaluate;
pub use given::{Given, Kind, Kinds};
pub use names::{
    Comparison, Domain, Function, ListAction, ListFunction, Source, SystemNumber, SystemText, Test,
    TextAction, TextFunction,
};
pub use parse::{MAX_CHARACTERS, MAX_DEPTH, PlanError, PlanErrorKind, parse};

use serde::{Deserialize, Serialize};

/// A plan: what is to be found out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Plan {
    /// A number.
    Value(Expression),
    /// Whether two numbers compare so: yes or no.
    Compare(Expression, Comparison, Expression),
    /// Whether a number is such a one: yes or no.
    Test(Test, Expression),
    /// The list, rearranged.
    List(ListAction),
    /// A text, changed.
    Text(TextAction, Source),
    /// A text that the host tells.
    System(SystemText),
}

/// A number, and how it is computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Expression {
    /// A number of the question.
    Operand(Letter),
    /// A number that the plan brings.
    Constant(Constant),
    /// π.
    Pi,
    /// With the other sign.
    Negative(Box<Expression>),
    /// Two numbers joined.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// A function of numbers, with as many arguments as it takes.
    Call(Function, Vec<Expression>),
    /// A number that the list gives.
    List(ListFunction),
    /// A number that a text gives.
    Text(TextFunction, Source),
    /// How often `text2` occurs in `text`, without overlaps.
    Occurrences,
    /// A number that the host tells.
    System(SystemNumber),
}

/// A letter, `a` to `p`, that stands for a number of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8")]
pub struct Letter(u8);

/// A number that no letter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no letter {0}")]
pub struct NoLetter(u8);

impl TryFrom<u8> for Letter {
    type Error = NoLetter;

    fn try_from(index: u8) -> Result<Self, NoLetter> {
        Self::new(index.into()).ok_or(NoLetter(index))
    }
}

impl Letter {
    /// How many there are.
    pub const COUNT: usize = 16;

    /// The letter of the number with an index, from 0.
    pub fn new(index: usize) -> Option<Self> {
        u8::try_from(index).ok().filter(|_| index < Self::COUNT).map(Self)
    }

    /// The letter that is written so.
    pub fn from_char(letter: char) -> Option<Self> {
        let offset = u32::from(letter).checked_sub(u32::from('a'))?;
        Self::new(usize::try_from(offset).ok()?)
    }

    /// The index of its number.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// As it is written.
    pub const fn as_char(self) -> char {
        (b'a' + self.0) as char
    }
}

/// What joins two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`, always in decimals.
    Divide,
    /// `%`, of integers.
    Remainder,
    /// `^`
    Power,
}

impl Operator {
    /// As it is written.
    pub const fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
            Self::Remainder => '%',
            Self::Power => '^',
        }
    }
}

impl Expression {
    /// Whether this is a number below zero as it stands: `-3`, or an operand that is one. A power with such an exponent is a decimal number.
    pub fn is_negative(&self, kinds: &Kinds) -> bool {
        match self {
            Self::Operand(letter) => kinds.of(*letter) == Kind::Negative,
            Self::Negative(inner) => matches!(**inner, Self::Constant(_)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
