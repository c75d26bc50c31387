//! The values that go in and come out.

use serde::{Serialize, Serializer};

use crate::source::integer;
use crate::wat::ValueType;

/// A WebAssembly value. Serialized as a number; what JSON has no number for (NaN, infinities) as a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A 32-bit integer, shown signed.
    I32(i32),
    /// A 64-bit integer, shown signed.
    I64(i64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
    /// A reference that is null.
    Null,
    /// A reference to something; it means nothing outside the sandbox.
    Reference,
}

impl Value {
    /// Its type.
    pub const fn ty(self) -> ValueType {
        match self {
            Self::I32(_) => ValueType::I32,
            Self::I64(_) => ValueType::I64,
            Self::F32(_) => ValueType::F32,
            Self::F64(_) => ValueType::F64,
            Self::Null | Self::Reference => ValueType::Reference,
        }
    }

    /// Reads a value of a type. Integers are decimal or `0x` hexadecimal, signed or unsigned, with single `_`
    /// between digits; a reference can only be `null`.
    pub fn parse(text: &str, ty: ValueType) -> Option<Self> {
        let text = text.trim();
        match ty {
            ValueType::I32 => {
                let value = integer(text).ok()?;
                let unsigned = || u32::try_from(value).ok().map(u32::cast_signed);
                i32::try_from(value).ok().or_else(unsigned).map(Self::I32)
            }
            ValueType::I64 => {
                let value = integer(text).ok()?;
                let unsigned = || u64::try_from(value).ok().map(u64::cast_signed);
                i64::try_from(value).ok().or_else(unsigned).map(Self::I64)
            }
            ValueType::F32 => text.parse().ok().map(Self::F32),
            ValueType::F64 => text.parse().ok().map(Self::F64),
            ValueType::Reference => (text == "null").then_some(Self::Null),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::I32(value) => write!(f, "{value}"),
            Self::I64(value) => write!(f, "{value}"),
            Self::F32(value) => write!(f, "{value:?}"),
            Self::F64(value) => write!(f, "{value:?}"),
            Self::Null => f.write_str("null"),
            Self::Reference => f.write_str("ref"),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::I32(value) => serializer.serialize_i32(value),
            Self::I64(value) => serializer.serialize_i64(value),
            Self::F32(value) if value.is_finite() => serializer.serialize_f32(value),
            Self::F64(value) if value.is_finite() => serializer.serialize_f64(value),
            Self::F32(_) | Self::F64(_) | Self::Reference => serializer.collect_str(self),
            Self::Null => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_by_type() {
        assert_eq!(Value::parse("-1", ValueType::I32), Some(Value::I32(-1)));
        assert_eq!(Value::parse("0xffff_ffff", ValueType::I32), Some(Value::I32(-1)));
        assert_eq!(Value::parse("4294967296", ValueType::I32), None);
        assert_eq!(Value::parse("4294967296", ValueType::I64), Some(Value::I64(1 << 32)));
        assert_eq!(Value::parse(" 0.5", ValueType::F32), Some(Value::F32(0.5)));
        assert_eq!(Value::parse("1.5", ValueType::I32), None);
        assert_eq!(Value::parse("", ValueType::I64), None);
        for text in
            ["--1", "0x-5", "0x+5", "-0x-5", "_5", "5_", "1__0", "-0x80000000000000000000000000000000"]
        {
            assert_eq!(Value::parse(text, ValueType::I64), None, "{text}");
        }
        assert_eq!(Value::parse("-0x8000000000000000", ValueType::I64), Some(Value::I64(i64::MIN)));
        assert_eq!(Value::parse("null", ValueType::Reference), Some(Value::Null));
    }
}
