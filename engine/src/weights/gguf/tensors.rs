//! The tensors' names, shapes, forms and places.

use std::collections::HashSet;

use super::super::tensor::{MAX_DIMENSIONS, MAX_NAME_BYTES, TensorError, TensorInfo, check_shape};
use super::GgufError;
use super::cursor::Cursor;
use super::types;

/// Bytes that a tensor's entry takes at least: the name's length, the number of dimensions, type and place.
pub(super) const SMALLEST: u64 = 8 + 4 + 4 + 8;

/// A tensor as the header claims it. Its place is relative to where tensors begin, which only the end of the
/// header tells.
pub(super) struct Claim {
    name: String,
    /// Outermost first; the file has it the other way round.
    shape: Vec<u64>,
    type_number: u32,
    offset: u64,
}

pub(super) fn read_all(cursor: &mut Cursor<'_>, count: u64) -> Result<Vec<Claim>, GgufError> {
    let mut claims = Vec::new();
    let mut names = HashSet::new();
    let mut scratch = Vec::new();
    for number in 1..=count {
        cursor.reading(format!("the name of tensor {number} of {count}"));
        let name = cursor.text(MAX_NAME_BYTES, &mut scratch)?.to_owned();
        cursor.reading(format!("the entry of the tensor `{name}`"));
        let dimensions = cursor.u32()?;
        if dimensions as usize > MAX_DIMENSIONS {
            return Err(TensorError::Dimensions { name, found: dimensions.into() }.into());
        }
        let mut shape = Vec::with_capacity(MAX_DIMENSIONS);
        for _ in 0..dimensions {
            shape.push(cursor.u64()?);
        }
        shape.reverse();
        let type_number = cursor.u32()?;
        let offset = cursor.u64()?;
        if !names.insert(name.clone()) {
            return Err(TensorError::Twice { name }.into());
        }
        claims.push(Claim { name, shape, type_number, offset });
    }
    Ok(claims)
}

/// The claims as tensors in the file, each for itself in order.
pub(super) fn place(
    claims: Vec<Claim>,
    data_start: u64,
    alignment: u64,
) -> Result<Vec<TensorInfo>, TensorError> {
    claims.into_iter().map(|claim| claim.place(data_start, alignment)).collect()
}

impl Claim {
    fn place(self, data_start: u64, alignment: u64) -> Result<TensorInfo, TensorError> {
        let Self { name, shape, type_number, offset } = self;
        let encoding = match types::encoding(type_number) {
            Ok(encoding) => encoding,
            Err(found) => return Err(TensorError::Encoding { name, found }),
        };
        let (shape, bytes) = check_shape(&name, &shape, encoding)?;
        if !offset.is_multiple_of(alignment) {
            return Err(TensorError::Alignment { name, offset, alignment });
        }
        Ok(TensorInfo { name, shape, encoding, bytes, offset: data_start.saturating_add(offset), file: 0 })
    }
}
