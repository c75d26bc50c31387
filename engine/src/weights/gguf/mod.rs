//! GGUF, versions 2 and 3, little-endian: what llama.cpp and its kin keep models in
//! (<https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>).
//!
//! A file is a magic number, a version, two counts, values by key, the tensors' names and places, and then, at the
//! next place that the alignment divides, the tensors. All lengths are 64 bits.

mod cursor;
mod error;
mod tensors;
mod types;
mod value;
mod write;

pub use error::GgufError;
pub use write::{Entry, Writer};

use super::metadata::Metadata;
use super::source::ReadAt;
use super::tensor::{MAX_TENSORS, TensorInfo, check_places};
use cursor::Cursor;

/// A file's first four bytes.
pub const MAGIC: [u8; 4] = *b"GGUF";
/// Bytes that may come before the tensors. A vocabulary of 150,000 tokens and its merges take 6 MiB.
pub const MAX_HEADER_BYTES: u64 = 64 << 20;
/// Values a file may hold.
pub const MAX_VALUES: u64 = 1 << 16;
/// Bytes of a key.
pub const MAX_KEY_BYTES: u64 = 1024;
/// Depth to which arrays of arrays are followed.
pub const MAX_NESTING: usize = 4;
/// What divides the tensors' places, when the file doesn't say.
pub const DEFAULT_ALIGNMENT: u64 = 32;

/// All that comes before the tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// 2 or 3.
    pub version: u32,
    /// Values by key.
    pub metadata: Metadata,
    /// The tensors, in the order of the file, with their places checked.
    pub tensors: Vec<TensorInfo>,
    /// What divides the place of every tensor.
    pub alignment: u64,
    /// The byte at which tensors begin.
    pub data_start: u64,
}

impl Header {
    /// Reads a file's header.
    ///
    /// # Errors
    /// When it cannot be read, ends early, exceeds a limit or contradicts itself.
    pub fn read(source: &dyn ReadAt) -> Result<Self, GgufError> {
        let mut cursor = Cursor::new(source);
        cursor.reading("the magic number");
        let magic = cursor.array::<4>()?;
        if magic != MAGIC {
            return Err(GgufError::Magic(magic));
        }
        cursor.reading("the version");
        let version = version(cursor.u32()?)?;
        cursor.reading("the number of tensors");
        let tensor_count = cursor.u64()?;
        cursor.reading("the number of values");
        let value_count = cursor.u64()?;
        cursor.expect("tensors", tensor_count, tensors::SMALLEST, MAX_TENSORS)?;
        cursor.expect("values", value_count, value::SMALLEST, MAX_VALUES)?;

        let metadata = value::read_all(&mut cursor, value_count)?;
        refuse_parts(&metadata)?;
        let alignment = alignment(&metadata)?;
        let claims = tensors::read_all(&mut cursor, tensor_count)?;
        let data_start = cursor.position().next_multiple_of(alignment);
        let tensors = tensors::place(claims, data_start, alignment)?;
        check_places(&tensors, &[source.len()])?;
        Ok(Self { version, metadata, tensors, alignment, data_start })
    }
}

fn version(found: u32) -> Result<u32, GgufError> {
    match found {
        2 | 3 => Ok(found),
        _ if matches!(found.swap_bytes(), 1..=3) => Err(GgufError::BigEndian),
        _ => Err(GgufError::Version(found)),
    }
}

/// Refuses a file that is one of several: its tensors would be missing one by one.
fn refuse_parts(metadata: &Metadata) -> Result<(), GgufError> {
    match metadata.integer("split.count") {
        Some(count) if count > 1 => {
            let part = metadata.integer("split.no").unwrap_or_default().saturating_add(1);
            Err(GgufError::Part { part, count })
        }
        _ => Ok(()),
    }
}

fn alignment(metadata: &Metadata) -> Result<u64, GgufError> {
    const KEY: &str = "general.alignment";
    let Some(value) = metadata.get(KEY) else { return Ok(DEFAULT_ALIGNMENT) };
    metadata
        .integer(KEY)
        .and_then(|alignment| u64::try_from(alignment).ok())
        .filter(|alignment| alignment.is_power_of_two() && *alignment <= MAX_HEADER_BYTES)
        .ok_or_else(|| GgufError::Alignment(value.to_string()))
}
