//! Numbers before they are written into a question.

use fastrand::Rng;

use super::spoken::{Language, words};
use crate::worldmodel::numbers::Value;

/// A decimal number exactly as it will be written: `units` tenths, hundredths … by `places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity {
    pub units: i64,
    pub places: u32,
    /// Digits behind those of `units`, which follow from them: an integer may be longer than any type. None where there are places.
    pub more: u16,
}

impl Quantity {
    pub(super) const fn integer(units: i64) -> Self {
        Self::decimal(units, 0)
    }

    pub(super) const fn decimal(units: i64, places: u32) -> Self {
        Self { units, places, more: 0 }
    }

    /// An integer of so many digits, which need not fit anywhere.
    pub(super) fn long(rng: &mut Rng, digits: u16) -> Self {
        let own = digits.clamp(1, 18);
        let least = 10_i64.pow(u32::from(own) - 1);
        Self { units: rng.i64(least..least * 10), places: 0, more: digits.max(1) - own }
    }

    /// Reads `12`, `-3` or `2.50`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let units = format!("{whole}{fraction}").parse().ok()?;
        Some(Self::decimal(units, u32::try_from(fraction.len()).ok()?))
    }

    /// With more places, in smaller units.
    pub(super) fn with_places(self, places: u32) -> Option<i64> {
        let more = places.checked_sub(self.places).filter(|_| self.more == 0)?;
        self.units.checked_mul(10_i64.checked_pow(more)?)
    }

    /// In digits with a point.
    pub(super) fn plain(self) -> String {
        let mut digits = self.units.unsigned_abs().to_string();
        let mut tail = Rng::with_seed(self.units.unsigned_abs());
        digits.extend((0..self.more).map(|_| tail.digit(10)));
        let places = usize::try_from(self.places).unwrap_or(0);
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        let sign = if self.units < 0 { "-" } else { "" };
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The value that the question's reader finds.
    pub(super) fn value(self) -> Value {
        if self.places == 0 {
            return self.plain().parse().map_or(Value::TooLarge, Value::Integer);
        }
        self.plain().parse().map_or(Value::TooLarge, Value::Decimal)
    }

    /// How many digits it has.
    pub(super) fn digits(self) -> usize {
        self.units.unsigned_abs().to_string().len() + usize::from(self.more)
    }

    /// As it stands in a question: in digits, at times with separators or in words.
    pub(super) fn written(self, rng: &mut Rng, language: Language, dress: Dress) -> String {
        let plain = self.plain();
        let roll = rng.u32(..100);
        let magnitude = self.units.unsigned_abs();
        // Most of these are years.
        let dress = if self.places == 0 && (1600..2200).contains(&magnitude) { Dress::PLAIN } else { dress };
        // Zero and one stay digits: "one" alone is no number. Long numbers in words are rare.
        if dress.words
            && roll < 8
            && self.places == 0
            && self.more == 0
            && magnitude > 1
            && (magnitude < 1000 || roll < 1)
        {
            let and = rng.bool();
            if let Some(words) = words(magnitude, language, and) {
                return match (self.units < 0, language) {
                    (false, _) => words,
                    (true, Language::English) => {
                        format!("{} {words}", if and { "minus" } else { "negative" })
                    }
                    (true, Language::Russian) => format!("минус {words}"),
                    (true, Language::Chinese) => format!("负{words}"),
                };
            }
        }
        let whole = plain.split('.').next().unwrap_or("").trim_start_matches('-').len();
        if dress.groups && (10..24).contains(&roll) && whole > 3 {
            let russian = language == Language::Russian;
            let separator = if russian || roll == 10 { ' ' } else { ',' };
            return grouped(&plain, separator, if russian { ',' } else { '.' });
        }
        if language == Language::Russian && !roll.is_multiple_of(3) { plain.replace('.', ",") } else { plain }
    }
}

/// What may be done to a number besides its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dress {
    /// It may be written in words.
    pub words: bool,
    /// It may have separators between its thousands.
    pub groups: bool,
}

impl Dress {
    pub(super) const PLAIN: Self = Self { words: false, groups: false };
}

/// 1,234,567.5.
fn grouped(plain: &str, separator: char, point: char) -> String {
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_read() {
        for text in ["0", "12", "-3", "2.50", "-0.05", "1234567.125"] {
            assert_eq!(Quantity::parse(text).unwrap().plain(), text);
        }
        assert_eq!(grouped("-1234567.25", ',', '.'), "-1,234,567.25");
        assert_eq!(grouped("1000", ' ', ','), "1 000");
    }

    #[test]
    fn long_quantities_have_their_digits_and_keep_them() {
        let mut rng = Rng::with_seed(1);
        for digits in [1, 16, 18, 19, 40, 400] {
            let long = Quantity::long(&mut rng, digits);
            assert_eq!((long.plain().len(), long.digits()), (usize::from(digits), usize::from(digits)));
            assert_eq!(long.plain(), long.plain());
            assert_eq!(long.value() == Value::TooLarge, digits > 19 || long.plain().parse::<i64>().is_err());
        }
    }
}
