//! What a file says about itself: values by key.

use std::collections::BTreeMap;

/// Values by key, such as `general.architecture`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    values: BTreeMap<String, Value>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An integer without sign.
    Unsigned(u64),
    /// An integer with sign.
    Signed(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(String),
    /// An array of numbers.
    Numbers(Numbers),
    /// An array of texts.
    Texts(Strings),
    /// An array of arrays: no model is known to need one, so only how many it has is kept.
    Nested(u64),
}

impl Value {
    /// What it is, for messages: "an integer".
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unsigned(_) | Self::Signed(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Flag(_) => "a flag",
            Self::Text(_) => "a text",
            Self::Numbers(_) => "an array of numbers",
            Self::Texts(_) => "an array of texts",
            Self::Nested(_) => "an array of arrays",
        }
    }
}

impl std::fmt::Display for Value {
    /// As a model card shows it: arrays by their length.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsigned(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            // Most come from 32 bits, where fewer digits say the same: 0.00001, not 0.000009999999747378752.
            Self::Float(value) if f64::from(*value as f32) == *value => (*value as f32).fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Flag(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Numbers(values) => write!(f, "{} numbers", values.len()),
            Self::Texts(values) => write!(f, "{} texts", values.len()),
            Self::Nested(count) => write!(f, "{count} arrays"),
        }
    }
}

impl Metadata {
    /// Adds a value; gives the key back if it has one already.
    pub(super) fn insert(&mut self, key: String, value: Value) -> Result<(), String> {
        if self.values.contains_key(&key) {
            return Err(key);
        }
        self.values.insert(key, value);
        Ok(())
    }

    /// All keys and their values, by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The value of a key, of whatever kind.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// The text of a key; `None` if it has none, or something else.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer of a key; `None` if it has none, something else, or more than 2⁶³ − 1.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Unsigned(value) => i64::try_from(*value).ok(),
            Value::Signed(value) => Some(*value),
            _ => None,
        }
    }

    /// The number of a key, whole or not; `None` if it has none, or something else.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Float(value) => Some(*value),
            Value::Unsigned(value) => Some(*value as f64),
            Value::Signed(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The flag of a key; `None` if it has none, or something else.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Flag(value) => Some(*value),
            _ => None,
        }
    }

    /// The texts of a key; `None` if it has none, or something else.
    pub fn strings(&self, key: &str) -> Option<&Strings> {
        match self.get(key)? {
            Value::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    /// The array of integers of a key; `None` if it has none, or something else. What is beyond 2⁶³ − 1 becomes
    /// that.
    pub fn integers(&self, key: &str) -> Option<impl ExactSizeIterator<Item = i64>> {
        match self.get(key)? {
            Value::Numbers(numbers) if numbers.kind.is_integer() => Some(numbers.iter_integers()),
            _ => None,
        }
    }

    /// The array of numbers of a key, whole or not; `None` if it has none, or something else.
    pub fn floats(&self, key: &str) -> Option<impl ExactSizeIterator<Item = f64>> {
        match self.get(key)? {
            Value::Numbers(numbers) => Some(numbers.iter_floats()),
            _ => None,
        }
    }
}

/// Many texts in one piece of memory: a vocabulary has 150,000.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings {
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
}

impl Strings {
    /// Adds a text; `false`, and nothing added, when all together exceed 4 GiB.
    pub(super) fn push(&mut self, text: &str) -> bool {
        let Ok(end) = u32::try_from(self.text.len() + text.len()) else { return false };
        self.text.push_str(text);
        self.ends.push(end);
        true
    }

    /// Texts there are.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A text, counted from 0; `None` if there are not so many.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start as usize..end as usize)
    }

    /// All texts, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }
}

/// Many numbers of one kind, packed as the file has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    kind: NumberKind,
    bytes: Vec<u8>,
}

/// A kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Rust's types")]
pub enum NumberKind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
    Bool,
}

impl NumberKind {
    /// Bytes of one.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Whether it is whole.
    pub const fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F64 | Self::Bool)
    }

    /// The number in its bytes, least significant first. Bytes that are missing count as 0.
    pub(super) fn value(self, bytes: &[u8]) -> Value {
        fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
            bytes.first_chunk().copied().unwrap_or([0; N])
        }
        match self {
            Self::U8 => Value::Unsigned(u8::from_le_bytes(first(bytes)).into()),
            Self::I8 => Value::Signed(i8::from_le_bytes(first(bytes)).into()),
            Self::U16 => Value::Unsigned(u16::from_le_bytes(first(bytes)).into()),
            Self::I16 => Value::Signed(i16::from_le_bytes(first(bytes)).into()),
            Self::U32 => Value::Unsigned(u32::from_le_bytes(first(bytes)).into()),
            Self::I32 => Value::Signed(i32::from_le_bytes(first(bytes)).into()),
            Self::U64 => Value::Unsigned(u64::from_le_bytes(first(bytes))),
            Self::I64 => Value::Signed(i64::from_le_bytes(first(bytes))),
            Self::F32 => Value::Float(f32::from_le_bytes(first(bytes)).into()),
            Self::F64 => Value::Float(f64::from_le_bytes(first(bytes))),
            Self::Bool => Value::Flag(u8::from_le_bytes(first(bytes)) != 0),
        }
    }
}

impl Numbers {
    /// Numbers of a kind in their bytes; a rest that makes no number is dropped.
    pub(super) const fn new(kind: NumberKind, bytes: Vec<u8>) -> Self {
        Self { kind, bytes }
    }

    /// What they are.
    pub const fn kind(&self) -> NumberKind {
        self.kind
    }

    /// Numbers there are.
    pub const fn len(&self) -> usize {
        self.bytes.len() / self.kind.bytes()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        self.bytes.chunks_exact(self.kind.bytes()).map(|bytes| self.kind.value(bytes))
    }

    fn iter_integers(&self) -> impl ExactSizeIterator<Item = i64> {
        self.iter().map(|value| match value {
            Value::Unsigned(value) => i64::try_from(value).unwrap_or(i64::MAX),
            Value::Signed(value) => value,
            _ => 0,
        })
    }

    fn iter_floats(&self) -> impl ExactSizeIterator<Item = f64> {
        self.iter().map(|value| match value {
            Value::Unsigned(value) => value as f64,
            Value::Signed(value) => value as f64,
            Value::Float(value) => value,
            Value::Flag(value) => f64::from(u8::from(value)),
            _ => 0.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_number() {
        let mut texts = Strings::default();
        assert!(["", "Ġde", "f"].iter().all(|text| texts.push(text)));
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["", "Ġde", "f"]);
        assert_eq!((texts.get(1), texts.get(3)), (Some("Ġde"), None));
    }

    #[test]
    fn a_value_is_shown_as_it_was_written() {
        assert_eq!(Value::Float(1e-5_f32.into()).to_string(), "0.00001");
        assert_eq!(Value::Float(0.1).to_string(), "0.1");
        assert_eq!(Value::Signed(-7).to_string(), "-7");
    }

    #[test]
    fn a_key_answers_only_with_its_own_kind() {
        let mut metadata = Metadata::default();
        metadata.insert("n".into(), Value::Unsigned(u64::MAX)).unwrap();
        metadata.insert("m".into(), Value::Signed(-3)).unwrap();
        let numbers = Numbers::new(NumberKind::I16, vec![1, 0, 255, 255]);
        metadata.insert("a".into(), Value::Numbers(numbers)).unwrap();
        assert_eq!(metadata.insert("n".into(), Value::Flag(true)), Err("n".into()));
        assert_eq!((metadata.integer("n"), metadata.integer("m")), (None, Some(-3)));
        assert_eq!((metadata.text("m"), metadata.float("m"), metadata.flag("x")), (None, Some(-3.0), None));
        assert_eq!(metadata.integers("a").unwrap().collect::<Vec<_>>(), [1, -1]);
        assert_eq!(metadata.floats("a").unwrap().sum::<f64>(), 0.0);
        assert!(metadata.integers("m").is_none());
    }
}
