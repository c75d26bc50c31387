//! Plans as text, with as few parentheses as there can be.

use std::fmt::{Display, Formatter, Result};

use super::{Expression, Letter, Operator, Plan};

/// How strongly a form binds, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Sign,
    Power,
    Atom,
}

const fn binding(expression: &Expression) -> Binding {
    match expression {
        Expression::Binary(Operator::Add | Operator::Subtract, ..) => Binding::Sum,
        Expression::Binary(Operator::Power, ..) => Binding::Power,
        Expression::Binary(..) => Binding::Product,
        Expression::Negative(_) => Binding::Sign,
        _ => Binding::Atom,
    }
}

impl Display for Letter {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "<{}>", self.as_char())
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Operand(letter) => letter.fmt(f),
            Self::Constant(constant) => f.write_str(constant.as_str()),
            Self::Pi => f.write_str("pi"),
            Self::Negative(inner) => {
                f.write_str("-")?;
                at_least(f, inner, Binding::Sign)
            }
            Self::Binary(operator, left, right) => {
                // A chain of sums or of products is read from the left; a power has one sign or power above it.
                let (to_left, to_right) = match binding(self) {
                    Binding::Sum => (Binding::Sum, Binding::Product),
                    Binding::Product => (Binding::Product, Binding::Sign),
                    _ => (Binding::Atom, Binding::Sign),
                };
                at_least(f, left, to_left)?;
                write!(f, " {} ", operator.symbol())?;
                at_least(f, right, to_right)
            }
            Self::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (index, argument) in arguments.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    argument.fmt(f)?;
                }
                f.write_str(")")
            }
            Self::List(function) => write!(f, "{}(list)", function.name()),
            Self::Text(function, source) => write!(f, "{}({})", function.name(), source.name()),
            Self::Occurrences => f.write_str("count(text, text2)"),
            Self::System(number) => write!(f, "{}()", number.name()),
        }
    }
}

/// An expression, in parentheses if it binds more weakly than its place wants.
fn at_least(f: &mut Formatter<'_>, expression: &Expression, wanted: Binding) -> Result {
    if binding(expression) < wanted { write!(f, "({expression})") } else { expression.fmt(f) }
}

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Compare(left, comparison, right) => write!(f, "{left} {} {right}", comparison.name()),
            Self::Test(test, value) => write!(f, "{}({value})", test.name()),
            Self::List(action) => write!(f, "{}(list)", action.name()),
            Self::Text(action, source) => write!(f, "{}({})", action.name(), source.name()),
            Self::System(text) => write!(f, "{}()", text.name()),
        }
    }
}
