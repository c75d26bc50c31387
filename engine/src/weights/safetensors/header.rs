//! The header of one file.

use std::collections::{BTreeMap, HashMap, HashSet};

use ::safetensors::Dtype;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::super::checkpoint::WeightsFile;
use super::super::encoding::Encoding;
use super::super::tensor::{MAX_NAME_BYTES, MAX_TENSORS, TensorError, TensorInfo, check_shape};
use super::{MAX_HEADER_BYTES, SafetensorsError};

/// What one file's header says.
pub(super) struct FileHeader {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) tensors: Vec<TensorInfo>,
    /// Name and form of the tensors that cannot be read.
    pub(super) unreadable: HashMap<String, String>,
}

/// Reads the header of file `number`.
pub(super) fn read(file: &WeightsFile, number: usize) -> Result<FileHeader, SafetensorsError> {
    let name = || file.name.clone();
    let len = file.source.len();
    let read = |offset, into: &mut [u8]| {
        file.source.read_at(offset, into).map_err(|error| SafetensorsError::Read { file: name(), error })
    };
    let mut length = [0; 8];
    if len < 8 {
        return Err(SafetensorsError::Truncated { file: name(), end: 8, len });
    }
    read(0, &mut length)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER_BYTES {
        let what = format!("bytes of header claimed by `{}`", file.name);
        return Err(SafetensorsError::Limit { what, found: length, limit: MAX_HEADER_BYTES });
    }
    let data_start = 8 + length;
    if data_start > len {
        return Err(SafetensorsError::Truncated { file: name(), end: data_start, len });
    }
    let mut json = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    read(8, &mut json)?;
    let json: Json = serde_json::from_slice(&json)
        .map_err(|error| SafetensorsError::Header { file: name(), error: error.to_string() })?;

    let mut header = FileHeader { texts: json.texts, tensors: Vec::new(), unreadable: HashMap::new() };
    for (name, entry) in json.entries {
        match entry.place(&name, data_start, number)? {
            Ok(tensor) => header.tensors.push(tensor),
            Err(dtype) => {
                header.unreadable.insert(name, dtype);
            }
        }
    }
    header.tensors.sort_by_key(|tensor| tensor.offset);
    Ok(header)
}

/// The JSON object: tensors by name, and the texts.
struct Json {
    texts: BTreeMap<String, String>,
    entries: Vec<(String, Entry)>,
}

/// A tensor, as the header claims it.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    /// First byte and the one behind the last, counted from the header's end.
    data_offsets: (u64, u64),
}

impl Entry {
    /// The tensor in its file; for one whose form is not read, the form.
    fn place(
        self,
        name: &str,
        data_start: u64,
        file: usize,
    ) -> Result<Result<TensorInfo, String>, TensorError> {
        let Self { dtype, shape, data_offsets: (start, end) } = self;
        let encoding = match Dtype::deserialize(StrDeserializer::<serde::de::value::Error>::new(&dtype)) {
            Ok(Dtype::F32) => Encoding::F32,
            Ok(Dtype::F16) => Encoding::F16,
            Ok(Dtype::BF16) => Encoding::BF16,
            // A tensor that nobody asks for, such as a buffer of positions, does no harm.
            Ok(other) => return Ok(Err(other.to_string())),
            Err(_) => {
                let found = format!("the unknown type {:?}", dtype.chars().take(32).collect::<String>());
                return Err(TensorError::Encoding { name: name.to_owned(), found });
            }
        };
        let (shape, bytes) = check_shape(name, &shape, encoding)?;
        match end.checked_sub(start) {
            Some(found) if found == bytes => {}
            found => {
                let found = found.unwrap_or_default();
                return Err(TensorError::Size { name: name.to_owned(), expected: bytes, found });
            }
        }
        let offset = data_start.saturating_add(start);
        Ok(Ok(TensorInfo { name: name.to_owned(), shape, encoding, bytes, offset, file }))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Json;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut json = Json { texts: BTreeMap::new(), entries: Vec::new() };
                let mut names = HashSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        json.texts = map.next_value()?;
                        continue;
                    }
                    if name.len() as u64 > MAX_NAME_BYTES {
                        let start: String = name.chars().take(64).collect();
                        return Err(A::Error::custom(format!(
                            "the name of a tensor has {} bytes, the limit is {MAX_NAME_BYTES}: `{start}…`",
                            name.len()
                        )));
                    }
                    let entry: Entry = map
                        .next_value()
                        .map_err(|error| A::Error::custom(format!("the tensor `{name}`: {error}")))?;
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("the tensor `{name}` is there twice")));
                    }
                    json.entries.push((name, entry));
                    if json.entries.len() as u64 > MAX_TENSORS {
                        return Err(A::Error::custom(format!("more than {MAX_TENSORS} tensors")));
                    }
                }
                Ok(json)
            }
        }

        deserializer.deserialize_map(Object)
    }
}
