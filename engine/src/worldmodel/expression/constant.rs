//! Numbers that a plan brings.

use serde::{Deserialize, Serialize};

/// A decimal number without a sign, kept as it is written: digits, and perhaps a point and more digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Constant(String);

/// A text that is no constant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no decimal number")]
pub struct NoConstant(String);

impl Constant {
    /// Reads digits with at most one point, which has digits on both sides. Zeros in front are left out.
    pub fn new(text: &str) -> Option<Self> {
        let (whole, fraction) =
            text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !fraction.is_none_or(digits) {
            return None;
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        Some(Self(fraction.map_or_else(|| whole.to_owned(), |fraction| format!("{whole}.{fraction}"))))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is written without a point.
    pub fn is_integer(&self) -> bool {
        !self.0.contains('.')
    }

    /// Its value, if it is an integer of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest `f64`; infinite if there is none.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl From<u32> for Constant {
    fn from(value: u32) -> Self {
        Self(value.to_string())
    }
}

impl TryFrom<String> for Constant {
    type Error = NoConstant;

    fn try_from(text: String) -> Result<Self, NoConstant> {
        Self::new(&text).ok_or(NoConstant(text))
    }
}

impl From<Constant> for String {
    fn from(constant: Constant) -> Self {
        constant.0
    }
}
