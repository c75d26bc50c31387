//! Computes plans, with a made-up host for those that ask one.

use fastrand::Rng;

use super::draw::Rejected;
use crate::sandbox::Grant;
use crate::worldmodel::answer::{Answer, Failure};
use crate::worldmodel::expression::{Constant, Expression, Given, Plan, SystemNumber, SystemText, evaluate};
use crate::worldmodel::program::{LIMITS, Token, compile, run};

/// A plan that was computed.
#[derive(Default)]
pub(super) struct Computed {
    pub program: Vec<Token>,
    /// What the program gives, or how it fails: the same that the plan is worth. Nothing where there was no plan.
    pub outcome: Option<Result<Answer, Failure>>,
    /// What the host told it.
    pub granted: Vec<Grant>,
}

/// Computes a plan twice, by its program and without.
pub(super) fn compute(plan: &Plan, given: &Given, rng: &mut Rng) -> Result<Computed, Rejected> {
    let moment = Moment::draw(rng);
    let mut granted = Vec::new();
    let worth = match plan {
        Plan::System(what) => {
            let text = moment.text(*what, rng);
            granted.push(Grant::text(what.name(), &text));
            Ok(Answer::Text(text))
        }
        plan => {
            let mut told = plan.clone();
            replace_in(&mut told, &moment, &mut granted);
            evaluate(&told, given)
        }
    };
    if matches!(worth, Err(Failure::OutOfFuel { .. })) {
        // How much it was given is not known here.
        return Err(Rejected::NoResult);
    }
    let program =
        compile(plan, &given.kinds()).map_err(|error| Rejected::Plan(format!("`{plan}`: {error}")))?;
    let answer = run(&program, given, LIMITS, &granted).answer;
    let agree = match (&answer, &worth) {
        (Ok(answer), Ok(worth)) => answer.close(worth),
        (answer, worth) => answer == worth,
    };
    if agree {
        return Ok(Computed { program, outcome: Some(worth), granted });
    }
    Err(Rejected::Program(format!("`{plan}` gives {answer:?} instead of {worth:?}")))
}

/// Puts what the host would tell into a plan.
fn replace_in(plan: &mut Plan, moment: &Moment, granted: &mut Vec<Grant>) {
    match plan {
        Plan::Value(value) | Plan::Test(_, value) => replace(value, moment, granted),
        Plan::Compare(left, _, right) => {
            replace(left, moment, granted);
            replace(right, moment, granted);
        }
        Plan::List(_) | Plan::Text(..) | Plan::System(_) => {}
    }
}

fn replace(expression: &mut Expression, moment: &Moment, granted: &mut Vec<Grant>) {
    match expression {
        Expression::System(number) => {
            let value = moment.number(*number);
            granted.push(Grant::integer(number.name(), i64::try_from(value).unwrap_or(0)));
            if let Some(constant) = Constant::new(&value.to_string()) {
                *expression = Expression::Constant(constant);
            }
        }
        Expression::Negative(inner) => replace(inner, moment, granted),
        Expression::Binary(_, left, right) => {
            replace(left, moment, granted);
            replace(right, moment, granted);
        }
        Expression::Call(_, arguments) => {
            arguments.iter_mut().for_each(|argument| replace(argument, moment, granted))
        }
        _ => {}
    }
}

/// A point in time that nobody has looked up.
struct Moment {
    /// Since 1970.
    seconds: u64,
}

impl Moment {
    /// Somewhere from 2020 to 2050.
    fn draw(rng: &mut Rng) -> Self {
        Self { seconds: rng.u64(1_577_836_800..2_524_608_000) }
    }

    /// Year, month and day, after Howard Hinnant's `civil_from_days`.
    const fn date(&self) -> (u64, u64, u64) {
        let days = self.seconds / 86_400 + 719_468;
        let era = days / 146_097;
        let of_era = days % 146_097;
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    const fn number(&self, what: SystemNumber) -> u64 {
        let (year, month, day) = self.date();
        match what {
            SystemNumber::Timestamp => self.seconds,
            SystemNumber::Year => year,
            SystemNumber::Month => month,
            SystemNumber::Day => day,
            SystemNumber::Hour => self.seconds % 86_400 / 3600,
        }
    }

    fn text(&self, what: SystemText, rng: &mut Rng) -> String {
        let (year, month, day) = self.date();
        let date = format!("{year}-{month:02}-{day:02}");
        let second = self.seconds % 86_400;
        let time = format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        let one_of = |texts: &[&str], rng: &mut Rng| {
            texts.get(rng.usize(..texts.len())).copied().unwrap_or("").to_owned()
        };
        match what {
            SystemText::Date => date,
            SystemText::Time => time,
            SystemText::DateTime => format!("{date} {time}"),
            SystemText::Weekday => {
                // 1 January 1970 was a Thursday.
                let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
                let index = usize::try_from(self.seconds / 86_400 % 7).unwrap_or(0);
                days.get(index).copied().unwrap_or("Thursday").to_owned()
            }
            SystemText::Platform => one_of(
                &[
                    "Linux",
                    "Windows",
                    "macOS",
                    "Android",
                    "iOS",
                    "Firefox on Linux",
                    "Chrome on Windows",
                    "Safari on macOS",
                ],
                rng,
            ),
            SystemText::TimeZone => one_of(
                &[
                    "UTC",
                    "Europe/Berlin",
                    "Europe/Moscow",
                    "America/New_York",
                    "Asia/Tokyo",
                    "Asia/Shanghai",
                    "Africa/Cairo",
                ],
                rng,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        let date = |seconds| Moment { seconds }.date();
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(951_782_400), (2000, 2, 29));
        assert_eq!(date(1_795_219_200), (2026, 11, 21));
    }
}
