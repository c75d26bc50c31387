//! Functions of numbers and of the list.

use super::Number;
use crate::worldmodel::answer::Failure;
use crate::worldmodel::expression::{Domain, Expression, Function, ListFunction};

/// Calls a function. A failure is kept in the number: what stands before it may have failed first.
pub(super) fn call(function: Function, forms: &[Expression], numbers: &[Number]) -> Number {
    match function.domain() {
        Domain::Integers => {
            let exact = |(form, number): (&Expression, &Number)| number.clone().integer(form);
            let values: Result<Vec<i64>, Failure> = forms.iter().zip(numbers).map(exact).collect();
            Number::whole(values.and_then(|values| {
                let at = |index: usize| values.get(index).copied().unwrap_or(0);
                of_exact(function, at(0), at(1))
            }))
        }
        Domain::Decimals => {
            let values: Result<Vec<f64>, Failure> =
                numbers.iter().map(|number| number.decimal.clone()).collect();
            let decimal = values.and_then(|values| {
                let at = |index: usize| values.get(index).copied().unwrap_or(0.0);
                of_decimal(function, at(0), at(1))
            });
            Number { whole: None, decimal }
        }
        Domain::Any => {
            let decimal = numbers.iter().any(Number::is_decimal);
            let exact = |index: usize| numbers.get(index).and_then(|number| number.whole.clone());
            let near = |index: usize| numbers.get(index).map(|number| number.decimal.clone());
            let whole = if decimal {
                None
            } else {
                exact(0).map(|first| {
                    let first = first?;
                    let second = exact(1).unwrap_or(Ok(0));
                    Ok(match function {
                        Function::Abs => first.checked_abs().ok_or(Failure::Overflow)?,
                        Function::Min => first.min(second?),
                        Function::Max => first.max(second?),
                        _ => first,
                    })
                })
            };
            let near = near(0).unwrap_or(Ok(0.0)).and_then(|first| {
                let second = near(1).unwrap_or(Ok(0.0))?;
                Ok(match function {
                    Function::Abs => first.abs(),
                    Function::Min => least(first, second),
                    Function::Max => -least(-first, -second),
                    // In decimals an integer is not rounded: beyond 2⁵³ a half is nothing to be added.
                    _ if !decimal => first,
                    Function::Floor => first.floor(),
                    Function::Ceil => first.ceil(),
                    _ => (first + 0.5).floor(),
                })
            });
            Number { whole, decimal: near }
        }
    }
}

/// As WebAssembly has it: what is not a number stays none.
fn least(first: f64, second: f64) -> f64 {
    if first.is_nan() || second.is_nan() { f64::NAN } else { first.min(second) }
}

/// A power by squaring, in 128 bits until it does not fit into 64.
pub(super) fn power(base: i64, exponent: u64) -> Option<i64> {
    match base {
        0 => return Some(i64::from(exponent == 0)),
        1 => return Some(1),
        -1 => return Some(if exponent.is_multiple_of(2) { 1 } else { -1 }),
        _ => {}
    }
    i128::from(base).checked_pow(u32::try_from(exponent).ok()?).and_then(|power| i64::try_from(power).ok())
}

/// What takes a program longer than it may take is not computed here either.
const TOO_LONG: Failure = Failure::OutOfFuel { limit: 0 };

/// Whether a number is prime.
pub(super) fn prime(number: i64) -> Result<bool, Failure> {
    if number > 10_i64.pow(13) { Err(TOO_LONG) } else { Ok(is_prime(number)) }
}

fn is_prime(number: i64) -> bool {
    let Ok(number) = u64::try_from(number) else { return false };
    match number {
        0 | 1 => false,
        2 | 3 => true,
        _ if number.is_multiple_of(2) || number.is_multiple_of(3) => false,
        _ => (5..=number.isqrt())
            .step_by(6)
            .all(|divisor| !number.is_multiple_of(divisor) && !number.is_multiple_of(divisor + 2)),
    }
}

/// The factors come one after the other, so that a product that leaves 64 bits is found as a program finds it.
fn product(mut factors: impl Iterator<Item = i64>) -> Result<i64, Failure> {
    factors.try_fold(1_i64, i64::checked_mul).ok_or(Failure::Overflow)
}

fn of_exact(function: Function, first: i64, second: i64) -> Result<i64, Failure> {
    let negative = |number: i64| if number < 0 { Err(Failure::Undefined) } else { Ok(number) };
    let counted = |count: usize| i64::try_from(count).map_err(|_| Failure::Overflow);
    match function {
        Function::Factorial => product((1..=negative(first)?).rev().take(100)),
        Function::Fibonacci => {
            let (mut last, mut before) = (0_i64, 1_i64);
            for _ in 0..negative(first)? {
                (last, before) = (last.checked_add(before).ok_or(Failure::Overflow)?, last);
            }
            Ok(last)
        }
        Function::Quotient if second == 0 => Err(Failure::DivisionByZero),
        Function::Quotient => first.checked_div(second).ok_or(Failure::Overflow),
        Function::Gcd => i64::try_from(gcd(first, second)).map_err(|_| Failure::Overflow),
        Function::Lcm => {
            let divisor = i64::try_from(gcd(first, second)).map_err(|_| Failure::Overflow)?;
            let part = first.checked_div(divisor).ok_or(Failure::DivisionByZero)?;
            part.checked_mul(second).and_then(i64::checked_abs).ok_or(Failure::Overflow)
        }
        Function::Choose => {
            if negative(first | second).map(|_| second)? > 1_000_000 {
                return Err(TOO_LONG);
            }
            (1..=second).try_fold(1_i64, |ways, step| {
                let factor = first - second + step;
                Ok(ways.checked_mul(factor).ok_or(Failure::Overflow)? / step)
            })
        }
        Function::SumTo => {
            let number = negative(first)?;
            Ok(product([number, number.saturating_add(1)].into_iter())? / 2)
        }
        Function::SumOfSquares => {
            let number = negative(first)?;
            let next = number.checked_add(1).ok_or(Failure::Overflow)?;
            let odd =
                number.checked_mul(2).and_then(|double| double.checked_add(1)).ok_or(Failure::Overflow)?;
            Ok(product([number, next, odd].into_iter())? / 6)
        }
        Function::DigitSum => {
            let digits = negative(first)?.to_string();
            Ok(digits.bytes().map(|digit| i64::from(digit - b'0')).sum())
        }
        Function::Divisors => {
            let number = u64::try_from(first).ok().filter(|number| *number > 0).ok_or(Failure::Undefined)?;
            if number > 10_u64.pow(13) {
                return Err(TOO_LONG);
            }
            let small = (1..=number.isqrt()).filter(|divisor| number.is_multiple_of(*divisor)).count();
            let square = number.isqrt().pow(2) == number;
            counted(2 * small - usize::from(square))
        }
        Function::CountPrimes if first > 1_000_000 => Err(TOO_LONG),
        Function::NthPrime if first > 100_000 => Err(TOO_LONG),
        Function::CountPrimes => counted((2..=first).filter(|number| is_prime(*number)).count()),
        Function::NthPrime => {
            let index = usize::try_from(first).ok().and_then(|index| index.checked_sub(1));
            let index = index.ok_or(Failure::Undefined)?;
            (2..).filter(|number| is_prime(*number)).nth(index).ok_or(Failure::Overflow)
        }
        _ => Err(Failure::Undefined),
    }
}

fn gcd(first: i64, second: i64) -> u64 {
    let (mut first, mut second) = (first.unsigned_abs(), second.unsigned_abs());
    while second != 0 {
        (first, second) = (second, first % second);
    }
    first
}

/// To 14 decimals, as programs have it, so that sin(pi) is 0.
fn rounded(value: f64) -> f64 {
    (value * 1e14).round_ties_even() / 1e14
}

fn of_decimal(function: Function, first: f64, second: f64) -> Result<f64, Failure> {
    let logarithm = || if first > 0.0 { Ok(first.ln()) } else { Err(Failure::Undefined) };
    Ok(match function {
        Function::Sqrt => first.sqrt(),
        Function::Sin => rounded(first.sin()),
        Function::Cos => rounded(first.cos()),
        Function::Tan if rounded(first.cos()) == 0.0 => return Err(Failure::DivisionByZero),
        Function::Tan => rounded(first.sin()) / rounded(first.cos()),
        Function::Exp => first.exp(),
        Function::Ln => logarithm()?,
        Function::Log10 => logarithm()? / std::f64::consts::LN_10,
        Function::Projectile | Function::ProjectileHeight | Function::ProjectileTime => {
            flight(function, first, second)?
        }
        _ => return Err(Failure::Undefined),
    })
}

/// Something thrown at a speed and an angle, in steps of a millisecond.
fn flight(function: Function, speed: f64, degrees: f64) -> Result<f64, Failure> {
    const STEP: f64 = 0.001;
    const GRAVITY: f64 = 9.81;
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let (across, mut up) = (speed * rounded(cosine), speed * rounded(sine));
    let (mut height, mut highest, mut steps) = (0.0_f64, 0.0_f64, 0_u32);
    // As many as no program has the fuel for.
    while steps < 10_000_000 {
        steps += 1;
        up -= GRAVITY * STEP;
        height += up * STEP;
        highest = highest.max(height);
        if height <= 0.0 {
            let time = f64::from(steps) * STEP;
            return Ok(match function {
                Function::Projectile => across * time,
                Function::ProjectileHeight => highest,
                _ => time,
            });
        }
    }
    Err(TOO_LONG)
}

/// A number that a list of integers gives.
pub(super) fn of_integers(function: ListFunction, values: &[i64]) -> Result<i64, Failure> {
    let least = values.iter().copied().min().unwrap_or(0);
    let most = values.iter().copied().max().unwrap_or(0);
    match function {
        ListFunction::Sum => {
            values.iter().try_fold(0_i64, |sum, value| sum.checked_add(*value)).ok_or(Failure::Overflow)
        }
        ListFunction::Product => product(values.iter().copied()),
        ListFunction::Min => Ok(least),
        ListFunction::Max => Ok(most),
        ListFunction::Range => most.checked_sub(least).ok_or(Failure::Overflow),
        _ => Err(Failure::Undefined),
    }
}

/// A number that a list of decimal numbers gives.
#[expect(clippy::cast_precision_loss, reason = "lists are short")]
pub(super) fn of_decimals(function: ListFunction, mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = || values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    match function {
        ListFunction::Sum => values.iter().sum(),
        ListFunction::Product => values.iter().product(),
        ListFunction::Mean => mean,
        ListFunction::Median => f64::midpoint(at((values.len() - 1) / 2), at(values.len() / 2)),
        ListFunction::Min => at(0),
        ListFunction::Max => at(values.len() - 1),
        ListFunction::Count => count,
        ListFunction::Range => at(values.len() - 1) - at(0),
        ListFunction::Variance => variance(),
        ListFunction::Deviation => variance().sqrt(),
    }
}
