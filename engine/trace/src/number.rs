//! Numbers as JSON has them; those that it does not have as texts: `"NaN"`, `"Infinity"` and `"-Infinity"`.

use std::fmt::Formatter;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NAN: &str = "NaN";
const INFINITY: &str = "Infinity";
const MINUS_INFINITY: &str = "-Infinity";

/// Whether a text stands for a number that JSON does not have.
pub fn is_name(text: &str) -> bool {
    [NAN, INFINITY, MINUS_INFINITY].contains(&text)
}

/// A number in a file.
struct Number(f32);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            number if number.is_finite() => serializer.serialize_f32(number),
            number if number.is_nan() => serializer.serialize_str(NAN),
            number if number > 0.0 => serializer.serialize_str(INFINITY),
            _ => serializer.serialize_str(MINUS_INFINITY),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = f32;

            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                write!(f, "a number, \"{NAN}\", \"{INFINITY}\" or \"{MINUS_INFINITY}\"")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<f32, E> {
                let rounded = number as f32;
                if rounded.is_finite() {
                    Ok(rounded)
                } else {
                    Err(E::custom(format!("{number} is too large")))
                }
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<f32, E> {
                Ok(number as f32)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<f32, E> {
                Ok(number as f32)
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<f32, E> {
                match name {
                    NAN => Ok(f32::NAN),
                    INFINITY => Ok(f32::INFINITY),
                    MINUS_INFINITY => Ok(f32::NEG_INFINITY),
                    other => Err(E::custom(format!("\"{other}\" is no number"))),
                }
            }

            /// Version 1 wrote `null` for each of the three.
            fn visit_unit<E: Error>(self) -> Result<f32, E> {
                Ok(f32::NAN)
            }
        }
        deserializer.deserialize_any(Digits).map(Self)
    }
}

/// Writes one.
pub fn serialize<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    Number(*number).serialize(serializer)
}

/// Reads one.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    Number::deserialize(deserializer).map(|number| number.0)
}

/// Several of them.
pub mod list {
    use super::{Deserialize, Deserializer, Number, Serializer};

    /// Writes them.
    pub fn serialize<S: Serializer>(numbers: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(numbers.iter().copied().map(Number))
    }

    /// Reads them.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        let numbers = Vec::<Number>::deserialize(deserializer)?;
        Ok(numbers.into_iter().map(|number| number.0).collect())
    }
}
