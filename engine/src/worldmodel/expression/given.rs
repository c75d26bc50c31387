//! What a question gives a plan.

use super::Letter;
use crate::worldmodel::numbers::{Operands, Value};

/// The values behind the letters, the list and the texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// The numbers `a`, `b`, …
    pub numbers: Vec<Value>,
    /// The numbers of `list`; empty where there is none.
    pub list: Vec<Value>,
    /// What `text` means.
    pub text: Option<String>,
    /// What `text2` means.
    pub text2: Option<String>,
}

/// What a program must know of a number to name the right instructions. The question shows it without computing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An integer, zero or more.
    Integer,
    /// An integer below zero: the same instructions, but a power with it as exponent is a decimal number.
    Negative,
    /// Anything with a decimal point.
    Decimal,
}

/// The kinds of everything that a question gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kinds {
    operands: [Kind; Letter::COUNT],
    /// Whether the list has decimal numbers.
    pub decimal_list: bool,
}

impl Default for Kinds {
    /// Integers everywhere.
    fn default() -> Self {
        Self { operands: [Kind::Integer; Letter::COUNT], decimal_list: false }
    }
}

impl Kinds {
    /// The kind of a letter's number. What is not there counts as an integer.
    pub fn of(&self, letter: Letter) -> Kind {
        self.operands.get(letter.index()).copied().unwrap_or(Kind::Integer)
    }

    /// The same, with another kind for a letter.
    #[must_use]
    pub fn with(mut self, letter: Letter, kind: Kind) -> Self {
        if let Some(place) = self.operands.get_mut(letter.index()) {
            *place = kind;
        }
        self
    }
}

impl Given {
    /// Nothing but integers, for the letters in order.
    pub fn integers(values: &[i64]) -> Self {
        Self { numbers: values.iter().copied().map(Value::Integer).collect(), ..Self::default() }
    }

    /// The number of a letter.
    pub fn number(&self, letter: Letter) -> Option<Value> {
        self.numbers.get(letter.index()).copied()
    }

    /// What a program must know of all this.
    pub fn kinds(&self) -> Kinds {
        let mut kinds = Kinds {
            decimal_list: self.list.iter().any(|value| matches!(value, Value::Decimal(_))),
            ..Kinds::default()
        };
        for (place, value) in kinds.operands.iter_mut().zip(&self.numbers) {
            *place = match value {
                Value::Integer(value) if *value < 0 => Kind::Negative,
                Value::Integer(_) | Value::TooLarge => Kind::Integer,
                Value::Decimal(_) => Kind::Decimal,
            };
        }
        kinds
    }
}

impl From<&Operands> for Given {
    fn from(operands: &Operands) -> Self {
        Self {
            numbers: operands.numbers.iter().take(Letter::COUNT).map(|number| number.value).collect(),
            list: operands.list().map(|number| number.value).collect(),
            text: operands.text().map(str::to_owned),
            text2: operands.text2().map(str::to_owned),
        }
    }
}
