//! Values by key.

use super::super::metadata::{Metadata, NumberKind, Numbers, Strings, Value};
use super::cursor::Cursor;
use super::{GgufError, MAX_HEADER_BYTES, MAX_KEY_BYTES, MAX_NESTING};

/// Bytes that a key and its value take at least: a length, a type, a byte.
pub(super) const SMALLEST: u64 = 8 + 4 + 1;

const TEXT: u32 = 8;
const ARRAY: u32 = 9;

/// The number types, by their numbers.
const fn number_kind(type_number: u32) -> Option<NumberKind> {
    Some(match type_number {
        0 => NumberKind::U8,
        1 => NumberKind::I8,
        2 => NumberKind::U16,
        3 => NumberKind::I16,
        4 => NumberKind::U32,
        5 => NumberKind::I32,
        6 => NumberKind::F32,
        7 => NumberKind::Bool,
        10 => NumberKind::U64,
        11 => NumberKind::I64,
        12 => NumberKind::F64,
        _ => return None,
    })
}

pub(super) fn read_all(cursor: &mut Cursor<'_>, count: u64) -> Result<Metadata, GgufError> {
    let mut metadata = Metadata::default();
    let mut scratch = Vec::new();
    for number in 1..=count {
        cursor.reading(format!("key {number} of {count}"));
        let key = cursor.text(MAX_KEY_BYTES, &mut scratch)?.to_owned();
        cursor.reading(format!("the value of `{key}`"));
        let value = value(cursor, &key, &mut scratch)?;
        metadata.insert(key, value).map_err(GgufError::KeyTwice)?;
    }
    Ok(metadata)
}

fn value(cursor: &mut Cursor<'_>, key: &str, scratch: &mut Vec<u8>) -> Result<Value, GgufError> {
    match cursor.u32()? {
        TEXT => Ok(Value::Text(cursor.text(MAX_HEADER_BYTES, scratch)?.to_owned())),
        ARRAY => array(cursor, key, scratch, MAX_NESTING),
        other => {
            let kind = number_kind(other)
                .ok_or_else(|| GgufError::ValueType { key: key.to_owned(), found: other })?;
            cursor.bytes(kind.bytes() as u64, scratch)?;
            Ok(kind.value(scratch))
        }
    }
}

/// An array: type and number of its elements, then these.
fn array(
    cursor: &mut Cursor<'_>,
    key: &str,
    scratch: &mut Vec<u8>,
    depth: usize,
) -> Result<Value, GgufError> {
    let element = cursor.u32()?;
    let count = cursor.u64()?;
    let expect = |cursor: &Cursor<'_>, smallest| {
        cursor.expect("elements", count, smallest, MAX_HEADER_BYTES).map_err(|error| cursor.inside(error))
    };
    match element {
        TEXT => {
            expect(cursor, 8)?;
            let mut texts = Strings::default();
            for _ in 0..count {
                texts.push(cursor.text(MAX_HEADER_BYTES, scratch)?);
            }
            Ok(Value::Texts(texts))
        }
        ARRAY => {
            expect(cursor, 4 + 8)?;
            let Some(depth) = depth.checked_sub(1) else {
                let what = format!("levels of arrays in the value of `{key}`");
                let limit = MAX_NESTING as u64;
                return Err(GgufError::Limit { what, found: limit + 1, limit });
            };
            for _ in 0..count {
                array(cursor, key, scratch, depth)?;
            }
            Ok(Value::Nested(count))
        }
        other => {
            let kind = number_kind(other)
                .ok_or_else(|| GgufError::ValueType { key: key.to_owned(), found: other })?;
            expect(cursor, kind.bytes() as u64)?;
            let mut bytes = Vec::new();
            cursor.bytes(count * kind.bytes() as u64, &mut bytes)?;
            Ok(Value::Numbers(Numbers::new(kind, bytes)))
        }
    }
}
