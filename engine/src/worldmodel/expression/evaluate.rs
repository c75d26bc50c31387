//! What a plan is worth, computed here and not by a program: the reference for programs.
//!
//! It shares no code with the compiler or with the helpers that programs bring along. It fails where they must fail: where a number
//! between leaves 64 bits, too.

mod numbers;
mod texts;

use super::{
    Comparison, Expression, Given, ListAction, ListFunction, Operator, Plan, Source, SystemNumber,
    SystemText, Test, TextAction,
};
use crate::worldmodel::answer::{Answer, Failure, exact};
use crate::worldmodel::numbers::Value;

/// What a plan is worth. What the host would tell (`date()`) is nothing that can be computed: it counts as refused.
///
/// # Errors
/// The same failures as those of the plan's program. Where several things fail, a program first refuses numbers that cannot be put in.
pub fn evaluate(plan: &Plan, given: &Given) -> Result<Answer, Failure> {
    let evaluator = Evaluator { given, decimal_list: decimal_list(plan, given) };
    match plan {
        Plan::Value(value) => evaluator.number(value)?.answer(),
        Plan::Compare(left, Comparison::Divides, right) => {
            let whole = evaluator.number(right)?.integer(right)?;
            let part = evaluator.number(left)?.integer(left)?;
            whole.checked_rem_euclid(part).map_or_else(
                || if part == 0 { Err(Failure::DivisionByZero) } else { Ok(Answer::yes(true)) },
                |rest| Ok(Answer::yes(rest == 0)),
            )
        }
        Plan::Compare(left, comparison, right) => {
            let (left, right) = (evaluator.number(left)?, evaluator.number(right)?);
            if let (Some(left), Some(right)) = (left.whole, right.whole) {
                return Ok(Answer::yes(compared(&left?, *comparison, &right?)));
            }
            let (left, right) = (left.decimal?, right.decimal?);
            if *comparison == Comparison::Equal {
                return Ok(Answer::yes((left - right).abs() < 1e-9));
            }
            Ok(Answer::yes(compared(&left, *comparison, &right)))
        }
        Plan::Test(test, value) => {
            let number = evaluator.number(value)?.integer(value)?;
            Ok(Answer::yes(match test {
                Test::IsEven => number % 2 == 0,
                Test::IsOdd => number % 2 != 0,
                Test::IsPrime => numbers::prime(number)?,
                Test::IsSquare => u64::try_from(number).is_ok_and(|number| number.isqrt().pow(2) == number),
                Test::IsLeap => (number % 4 == 0 && number % 100 != 0) || number % 400 == 0,
            }))
        }
        Plan::List(action) => evaluator.list_action(*action),
        Plan::Text(action, source) => {
            let text = evaluator.text(*source)?;
            let ascii = || if text.is_ascii() { Ok(text) } else { Err(Failure::Undefined) };
            Ok(Answer::Text(match action {
                TextAction::Reverse => text.chars().rev().collect(),
                TextAction::Upper => ascii()?.to_uppercase(),
                TextAction::Lower => ascii()?.to_lowercase(),
            }))
        }
        Plan::System(text) => Err(refused(text.name())),
    }
}

fn refused(name: &str) -> Failure {
    debug_assert!(SystemText::from_name(name).is_some() || SystemNumber::from_name(name).is_some());
    Failure::ImportRefused(format!("api.{name}"))
}

fn compared<T: PartialOrd>(left: &T, comparison: Comparison, right: &T) -> bool {
    match comparison {
        Comparison::Equal | Comparison::Divides => left == right,
        Comparison::Less => left < right,
        Comparison::Greater => left > right,
        Comparison::LessOrEqual => left <= right,
        Comparison::GreaterOrEqual => left >= right,
    }
}

/// A number computed both ways: exactly, if it is an integer, and in decimals, for an expression that wants them.
#[derive(Clone, Debug)]
struct Number {
    /// `None` for a number that is decimal by its form.
    whole: Option<Result<i64, Failure>>,
    decimal: Result<f64, Failure>,
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "what a decimal can hold of it")]
    fn whole(value: Result<i64, Failure>) -> Self {
        Self { decimal: value.clone().map(|value| value as f64), whole: Some(value) }
    }

    const fn decimal(value: f64) -> Self {
        Self { whole: None, decimal: Ok(value) }
    }

    const fn is_decimal(&self) -> bool {
        self.whole.is_none()
    }

    fn answer(self) -> Result<Answer, Failure> {
        match self.whole {
            Some(whole) => whole.map(Answer::Integer),
            None => Answer::decimal(self.decimal?),
        }
    }

    /// The exact integer, from what was rounded as well.
    fn integer(self, expression: &Expression) -> Result<i64, Failure> {
        if let Some(whole) = self.whole {
            return whole;
        }
        let rounded = matches!(
            expression,
            Expression::Call(super::Function::Floor | super::Function::Ceil | super::Function::Round, _)
        );
        if !rounded {
            return Err(Failure::NotAnInteger(expression.to_string()));
        }
        let value = self.decimal?;
        if value.is_nan() {
            return Err(Failure::Conversion);
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
        if (-(2.0_f64.powi(63))..2.0_f64.powi(63)).contains(&value) {
            Ok(value.trunc() as i64)
        } else {
            Err(Failure::Overflow)
        }
    }
}

/// Whether the list counts as decimal numbers in a plan.
fn decimal_list(plan: &Plan, given: &Given) -> bool {
    // By its form: a mean, a median and the like are decimal numbers, so everything of the list is.
    let text = plan.to_string();
    let decimal = ["mean(list)", "median(list)", "variance(list)", "stddev(list)"];
    given.list.iter().any(|value| matches!(value, Value::Decimal(_)))
        || decimal.iter().any(|name| text.contains(name))
}

struct Evaluator<'a> {
    given: &'a Given,
    decimal_list: bool,
}

impl Evaluator<'_> {
    fn number(&self, expression: &Expression) -> Result<Number, Failure> {
        Ok(match expression {
            Expression::Operand(letter) => match self.given.number(*letter) {
                None => return Err(Failure::Missing(format!("number {letter}"))),
                Some(Value::TooLarge) => return Err(Failure::TooLarge(letter.to_string())),
                Some(Value::Integer(value)) => Number { whole: Some(Ok(value)), decimal: exact(value) },
                Some(Value::Decimal(value)) => Number::decimal(value),
            },
            Expression::Constant(constant) => {
                let too_large = || Failure::TooLarge(constant.as_str().to_owned());
                let whole = constant.is_integer().then(|| constant.as_i64().ok_or_else(too_large));
                let decimal = Some(constant.as_f64()).filter(|value| value.is_finite()).ok_or_else(too_large);
                Number { whole, decimal }
            }
            Expression::Pi => Number::decimal(std::f64::consts::PI),
            Expression::Negative(inner) => {
                let Number { whole, decimal } = self.number(inner)?;
                Number {
                    whole: whole.map(|value| value?.checked_neg().ok_or(Failure::Overflow)),
                    decimal: decimal.map(|value| -value),
                }
            }
            Expression::Binary(operator, left, right) => self.joined(*operator, left, right)?,
            Expression::Call(function, arguments) => {
                let numbers: Vec<Number> =
                    arguments.iter().map(|argument| self.number(argument)).collect::<Result<_, _>>()?;
                numbers::call(*function, arguments, &numbers)
            }
            Expression::List(function) => self.of_list(*function)?,
            Expression::Text(function, source) => Number::whole(texts::of(*function, self.text(*source)?)),
            Expression::Occurrences => {
                let (text, wanted) = (self.text(Source::First)?, self.text(Source::Second)?);
                Number::whole(i64::try_from(text.matches(wanted).count()).map_err(|_| Failure::Overflow))
            }
            Expression::System(number) => return Err(refused(number.name())),
        })
    }

    fn joined(
        &self,
        operator: Operator,
        left_form: &Expression,
        right_form: &Expression,
    ) -> Result<Number, Failure> {
        let (left, right) = (self.number(left_form)?, self.number(right_form)?);
        let both = |exact: fn(i64, i64) -> Option<i64>, near: fn(f64, f64) -> f64| {
            let whole = match (&left.whole, &right.whole) {
                (Some(left), Some(right)) => Some(left.clone().and_then(|left| {
                    right.clone().and_then(|right| exact(left, right).ok_or(Failure::Overflow))
                })),
                _ => None,
            };
            let decimal = left.decimal.clone().and_then(|left| Ok(near(left, right.decimal.clone()?)));
            Number { whole, decimal }
        };
        Ok(match operator {
            Operator::Add => both(i64::checked_add, |left, right| left + right),
            Operator::Subtract => both(i64::checked_sub, |left, right| left - right),
            Operator::Multiply => both(i64::checked_mul, |left, right| left * right),
            Operator::Divide => Number {
                whole: None,
                decimal: left.decimal.and_then(|left| {
                    let right = right.decimal?;
                    if right == 0.0 { Err(Failure::DivisionByZero) } else { Ok(left / right) }
                }),
            },
            Operator::Remainder => Number::whole(left.integer(left_form).and_then(|left| {
                let right = right.integer(right_form)?;
                // What is left of i64::MIN by −1 is nothing, though the quotient would not fit.
                let rest = if right == -1 { Some(0) } else { left.checked_rem(right) };
                rest.ok_or(Failure::DivisionByZero)
            })),
            Operator::Power => self.power(left, right, right_form),
        })
    }

    fn power(&self, base: Number, exponent: Number, form: &Expression) -> Number {
        if matches!(form, Expression::Constant(half) if half.as_str() == "0.5") {
            return Number { whole: None, decimal: base.decimal.map(f64::sqrt) };
        }
        let Some(exact) = exponent.whole else {
            let decimal = exponent.decimal.and_then(|exponent| {
                let base = base.decimal?;
                if base > 0.0 { Ok(base.powf(exponent)) } else { Err(Failure::Undefined) }
            });
            return Number { whole: None, decimal };
        };
        let decimal = base.decimal.and_then(|base| {
            let exponent = exact.clone()?;
            if base == 0.0 && exponent < 0 {
                return Err(Failure::DivisionByZero);
            }
            #[expect(clippy::cast_precision_loss, reason = "no power of so much is a number")]
            Ok(base.powf(exponent as f64))
        });
        let negative = form.is_negative(&self.given.kinds());
        let whole = base.whole.filter(|_| !negative).map(|base| {
            let (base, exponent) = (base?, exact?);
            match u64::try_from(exponent) {
                Err(_) => Err(Failure::Undefined),
                Ok(exponent) => numbers::power(base, exponent).ok_or(Failure::Overflow),
            }
        });
        Number { whole, decimal }
    }

    fn values(&self) -> Result<&[Value], Failure> {
        let list = &self.given.list[..];
        if list.is_empty() {
            return Err(Failure::Missing("list of numbers".to_owned()));
        }
        if list.contains(&Value::TooLarge) {
            return Err(Failure::TooLarge("in the list".to_owned()));
        }
        Ok(list)
    }

    fn integers(&self) -> Result<Vec<i64>, Failure> {
        let values = self.values()?.iter().map(|value| match value {
            Value::Integer(value) => Ok(*value),
            other => Err(Failure::NotAnInteger(format!("{other:?}"))),
        });
        values.collect()
    }

    fn decimals(&self) -> Result<Vec<f64>, Failure> {
        let decimal = |value: &Value| match value {
            Value::Integer(value) => exact(*value),
            Value::Decimal(value) => Ok(*value),
            Value::TooLarge => Err(Failure::TooLarge("in the list".to_owned())),
        };
        self.values()?.iter().map(decimal).collect()
    }

    fn list_action(&self, action: ListAction) -> Result<Answer, Failure> {
        fn arrange<T: Copy>(
            mut values: Vec<T>,
            action: ListAction,
            order: fn(&T, &T) -> std::cmp::Ordering,
        ) -> Vec<T> {
            match action {
                ListAction::Sort => values.sort_by(order),
                ListAction::SortDown => values.sort_by(|left, right| order(right, left)),
                ListAction::Reverse => values.reverse(),
            }
            values
        }
        if self.decimal_list {
            Ok(Answer::Decimals(arrange(self.decimals()?, action, f64::total_cmp)))
        } else {
            Ok(Answer::Integers(arrange(self.integers()?, action, i64::cmp)))
        }
    }

    fn of_list(&self, function: ListFunction) -> Result<Number, Failure> {
        let values = self.values()?;
        if function == ListFunction::Count {
            return Ok(Number::whole(i64::try_from(values.len()).map_err(|_| Failure::Overflow)));
        }
        if self.decimal_list {
            return Ok(Number::decimal(numbers::of_decimals(function, self.decimals()?)));
        }
        Ok(Number::whole(numbers::of_integers(function, &self.integers()?)))
    }

    fn text(&self, source: Source) -> Result<&str, Failure> {
        let (text, name) = match source {
            Source::First => (&self.given.text, "text in quotes"),
            Source::Second => (&self.given.text2, "second text in quotes"),
        };
        let text = text.as_deref().filter(|text| !text.is_empty() || source == Source::First);
        text.ok_or_else(|| Failure::Missing(name.to_owned()))
    }
}
