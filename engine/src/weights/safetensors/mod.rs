//! Safetensors: what models are published in (<https://github.com/huggingface/safetensors>).
//!
//! A file is the length of its header, the header, a JSON object, and the tensors. A large model is several such
//! files and an index that says which holds what.
//!
//! The crate of the same name wants a file in memory as a whole and, in a browser, counts places with 32 bits, where
//! files of a model have up to 5 GB; so the header is read here, and the crate says what number types there are.

mod error;
mod header;
mod index;

pub use error::SafetensorsError;
pub use index::Index;

use std::collections::{HashMap, HashSet};

use super::checkpoint::WeightsFile;
use super::error::WeightsError;
use super::metadata::{Metadata, Value};
use super::tensor::{MAX_TENSORS, TensorError, TensorInfo, check_places};

/// Bytes of a header. One of 300 tensors has 35 KB.
pub const MAX_HEADER_BYTES: u64 = 16 << 20;
/// Bytes of an index or a configuration.
pub const MAX_JSON_BYTES: usize = 16 << 20;
/// Files of a model.
pub const MAX_FILES: usize = 1024;

/// What the headers of all files of a model say.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The texts under `__metadata__`.
    pub metadata: Metadata,
    /// The tensors in a form that is read, in the order of the files, with their places checked.
    pub tensors: Vec<TensorInfo>,
    /// Name and form of the others.
    pub unreadable: HashMap<String, String>,
}

impl Header {
    /// Reads the headers of all files.
    ///
    /// # Errors
    /// When one cannot be read, ends early, exceeds a limit or contradicts itself, when two have a tensor of the same
    /// name, or when the index names a file or tensor that is not there.
    pub fn read(files: &[WeightsFile], index: Option<&str>) -> Result<Self, SafetensorsError> {
        let index = index.map(Index::parse).transpose()?;
        let given = files.iter().map(|file| file.name.as_str());
        match &index {
            Some(index) => index.check_files(given)?,
            None => index::check_count(given)?,
        }
        let mut all = Self { metadata: Metadata::default(), tensors: Vec::new(), unreadable: HashMap::new() };
        let mut names = HashSet::new();
        for (number, file) in files.iter().enumerate() {
            let found = header::read(file, number)?;
            for (key, text) in found.texts {
                // The files of one model repeat each other.
                let _ = all.metadata.insert(key, Value::Text(text));
            }
            for name in found.tensors.iter().map(|tensor| &tensor.name).chain(found.unreadable.keys()) {
                if let Some(expected) = index.as_ref().and_then(|index| index.file_of(name))
                    && expected != file.name
                {
                    let (tensor, expected) = (name.clone(), expected.to_owned());
                    return Err(SafetensorsError::OtherFile { tensor, expected, found: file.name.clone() });
                }
                if !names.insert(name.clone()) {
                    return Err(TensorError::Twice { name: name.clone() }.into());
                }
            }
            all.tensors.extend(found.tensors);
            all.unreadable.extend(found.unreadable);
            if names.len() as u64 > MAX_TENSORS {
                let found = names.len() as u64;
                let what = format!("tensors up to `{}`", file.name);
                return Err(SafetensorsError::Limit { what, found, limit: MAX_TENSORS });
            }
        }
        if let Some(missing) = index.as_ref().and_then(|index| index.first_missing(&names)) {
            return Err(missing);
        }
        let lengths: Vec<u64> = files.iter().map(|file| file.source.len()).collect();
        check_places(&all.tensors, &lengths)?;
        Ok(all)
    }
}

/// Whether a file's first bytes can be those of safetensors: a length, then a JSON object.
pub(super) fn begins_like(start: &[u8]) -> bool {
    let Some((length, rest)) = start.split_first_chunk() else { return false };
    rest.first() == Some(&b'{') || u64::from_le_bytes(*length) <= MAX_HEADER_BYTES
}

/// The text of a `config.json` as an object.
pub(super) fn parse_config(text: &str) -> Result<serde_json::Value, WeightsError> {
    if text.len() > MAX_JSON_BYTES {
        return Err(WeightsError::Config(format!("larger than {} MiB", MAX_JSON_BYTES >> 20)));
    }
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| WeightsError::Config(error.to_string()))?;
    if value.is_object() { Ok(value) } else { Err(WeightsError::Config("is no JSON object".to_owned())) }
}
