//! Writing GGUF, version 3: what was trained here, in a file that others read, too.

use super::super::matrix::Matrix;
use super::types;
use super::{DEFAULT_ALIGNMENT, MAGIC};
use crate::weights::Encoding;

const VERSION: u32 = 3;

/// A value that is written under a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A text.
    Text(String),
    /// An integer of 32 bits.
    U32(u32),
    /// A number of 32 bits.
    F32(f32),
    /// Yes or no.
    Flag(bool),
    /// Texts.
    Texts(Vec<String>),
    /// Integers of 32 bits.
    Integers(Vec<i32>),
}

/// A file that is put together in memory.
#[derive(Debug, Default)]
pub struct Writer {
    entries: Vec<(String, Entry)>,
    tensors: Vec<Tensor>,
}

#[derive(Debug)]
struct Tensor {
    name: String,
    /// Outermost first.
    shape: Vec<usize>,
    encoding: Encoding,
    bytes: Vec<u8>,
}

impl Writer {
    /// Adds a value.
    pub fn entry(&mut self, key: &str, entry: Entry) {
        self.entries.push((key.to_owned(), entry));
    }

    /// Adds a vector, in 32-bit floats.
    pub fn vector(&mut self, name: &str, values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let shape = vec![values.len()];
        self.tensors.push(Tensor { name: name.to_owned(), shape, encoding: Encoding::F32, bytes });
    }

    /// Adds a matrix, encoded as it is.
    pub fn matrix(&mut self, name: &str, matrix: &Matrix) {
        let bytes = matrix.shards().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        let shape = vec![matrix.rows(), matrix.columns()];
        self.tensors.push(Tensor { name: name.to_owned(), shape, encoding: matrix.encoding(), bytes });
    }

    /// The file.
    pub fn finish(self) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(MAGIC);
        file.extend(VERSION.to_le_bytes());
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((self.entries.len() as u64).to_le_bytes());
        for (key, entry) in &self.entries {
            text(&mut file, key);
            value(&mut file, entry);
        }
        let mut offset = 0;
        for tensor in &self.tensors {
            text(&mut file, &tensor.name);
            file.extend((tensor.shape.len() as u32).to_le_bytes());
            for size in tensor.shape.iter().rev() {
                file.extend((*size as u64).to_le_bytes());
            }
            file.extend(types::number(tensor.encoding).to_le_bytes());
            file.extend(u64::to_le_bytes(offset));
            offset += (tensor.bytes.len() as u64).next_multiple_of(DEFAULT_ALIGNMENT);
        }
        for tensor in &self.tensors {
            pad(&mut file);
            file.extend(&tensor.bytes);
        }
        pad(&mut file);
        file
    }
}

/// Up to the next place where a tensor may begin.
fn pad(file: &mut Vec<u8>) {
    let aligned = (file.len() as u64).next_multiple_of(DEFAULT_ALIGNMENT);
    file.resize(usize::try_from(aligned).unwrap_or(file.len()), 0);
}

fn text(file: &mut Vec<u8>, text: &str) {
    file.extend((text.len() as u64).to_le_bytes());
    file.extend(text.as_bytes());
}

/// The value behind the number of its type.
fn value(file: &mut Vec<u8>, entry: &Entry) {
    const ARRAY: u32 = 9;
    const TEXT: u32 = 8;
    const I32: u32 = 5;
    match entry {
        Entry::U32(value) => {
            file.extend(4_u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        Entry::F32(value) => {
            file.extend(6_u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        Entry::Flag(value) => {
            file.extend(7_u32.to_le_bytes());
            file.push(u8::from(*value));
        }
        Entry::Text(value) => {
            file.extend(TEXT.to_le_bytes());
            text(file, value);
        }
        Entry::Texts(values) => {
            file.extend(ARRAY.to_le_bytes());
            file.extend(TEXT.to_le_bytes());
            file.extend((values.len() as u64).to_le_bytes());
            values.iter().for_each(|value| text(file, value));
        }
        Entry::Integers(values) => {
            file.extend(ARRAY.to_le_bytes());
            file.extend(I32.to_le_bytes());
            file.extend((values.len() as u64).to_le_bytes());
            values.iter().for_each(|value| file.extend(value.to_le_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::weights::{Checkpoint, WeightsFile};

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::default();
        writer.entry("general.architecture", Entry::Text("qwen3".to_owned()));
        writer.entry("qwen3.block_count", Entry::U32(12));
        writer.entry("qwen3.rope.freq_base", Entry::F32(10_000.0));
        writer.entry("tokenizer.ggml.add_bos_token", Entry::Flag(false));
        writer.entry("tokenizer.ggml.tokens", Entry::Texts(vec!["a".to_owned(), "é".to_owned()]));
        writer.entry("tokenizer.ggml.token_type", Entry::Integers(vec![1, -3]));
        let values: Vec<f32> = (0..5 * 64).map(|at| (at as f32).sin()).collect();
        writer.vector("norm.weight", &values[..7]);
        for (name, encoding) in [("f", Encoding::F32), ("h", Encoding::F16), ("q", Encoding::Q8_0)] {
            writer.matrix(name, &Matrix::from_f32(5, 64, encoding, &values).unwrap());
        }
        let file = Checkpoint::gguf(WeightsFile::new("w.gguf", writer.finish()), None).unwrap();
        let metadata = file.metadata();
        assert_eq!(metadata.text("general.architecture"), Some("qwen3"));
        assert_eq!(metadata.integer("qwen3.block_count"), Some(12));
        assert_eq!(metadata.flag("tokenizer.ggml.add_bos_token"), Some(false));
        assert_eq!(metadata.strings("tokenizer.ggml.tokens").unwrap().iter().collect::<Vec<_>>(), ["a", "é"]);
        assert_eq!(metadata.integers("tokenizer.ggml.token_type").unwrap().collect::<Vec<_>>(), [1, -3]);
        assert_eq!(file.vector("norm.weight", 7).unwrap(), values[..7]);
        for name in ["f", "h", "q"] {
            let written = Matrix::from_f32(5, 64, file.tensor(name).unwrap().encoding, &values).unwrap();
            let read = file.matrix(name, 5, 64, None).unwrap();
            assert!((0..5).all(|row| read.row(row) == written.row(row)), "{name}");
        }
    }
}
