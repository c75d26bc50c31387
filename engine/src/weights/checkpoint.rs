//! A model's weights: one face for GGUF and safetensors.

use std::collections::HashMap;

use super::blocks;
use super::encoding::Encoding;
use super::error::{WeightsError, looks_like};
use super::gguf;
use super::matrix::{MAX_COLUMNS, Matrix, MatrixError};
use super::metadata::Metadata;
use super::safetensors;
use super::source::ReadAt;
use super::tensor::{TensorError, TensorInfo};

/// Bytes read, or numbers converted (as `f32`), at once.
const AT_ONCE: usize = 4 << 20;

/// A file of weights that is open for reading.
pub struct WeightsFile {
    /// Its name, without folders: what an index of several files calls it.
    pub name: String,
    /// Its bytes.
    pub source: Box<dyn ReadAt>,
}

impl WeightsFile {
    /// A file of that name.
    pub fn new(name: impl Into<String>, source: impl ReadAt + 'static) -> Self {
        Self { name: name.into(), source: Box::new(source) }
    }
}

/// What kind of file the weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// GGUF of this version.
    Gguf(u32),
    /// So many safetensors files.
    Safetensors(usize),
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gguf(version) => write!(f, "GGUF v{version}"),
            Self::Safetensors(1) => f.write_str("safetensors"),
            Self::Safetensors(files) => write!(f, "safetensors in {files} files"),
        }
    }
}

/// A model's weights in their files. Opening it reads headers; a tensor is read when it is asked for.
pub struct Checkpoint {
    format: Format,
    metadata: Metadata,
    config: Option<serde_json::Value>,
    tensors: Vec<TensorInfo>,
    /// Place in `tensors` of each name.
    by_name: HashMap<String, usize>,
    /// Form of each tensor that is there, but in a form that is not read.
    unreadable: HashMap<String, String>,
    files: Vec<WeightsFile>,
}

impl Checkpoint {
    /// Opens weights of either kind, which the first file's first bytes tell.
    ///
    /// `index` is the text of `model.safetensors.index.json`, `config` that of `config.json`, if there are such.
    ///
    /// # Errors
    /// When the files are neither, cannot be read, are damaged or do not belong together.
    pub fn open(
        mut files: Vec<WeightsFile>,
        index: Option<&str>,
        config: Option<&str>,
    ) -> Result<Self, WeightsError> {
        for (number, file) in files.iter().enumerate() {
            let mut start = vec![0; usize::try_from(file.source.len()).unwrap_or(usize::MAX).min(64)];
            file.source
                .read_at(0, &mut start)
                .map_err(|error| WeightsError::Read { file: file.name.clone(), error })?;
            if start.starts_with(&gguf::MAGIC) {
                let count = files.len();
                let file = files.swap_remove(number);
                return match count {
                    1 => Self::gguf(file, config),
                    _ => Err(WeightsError::OneFile { file: file.name, count }),
                };
            }
            if !safetensors::begins_like(&start) {
                let found = looks_like(&start);
                return Err(WeightsError::Unknown { file: file.name.clone(), found });
            }
        }
        Self::safetensors(files, index, config)
    }

    /// Opens a GGUF file.
    ///
    /// # Errors
    /// When it cannot be read or is damaged, or `config` is no JSON.
    pub fn gguf(file: WeightsFile, config: Option<&str>) -> Result<Self, WeightsError> {
        let header = gguf::Header::read(&file.source)?;
        Self::assemble(
            Format::Gguf(header.version),
            header.metadata,
            config,
            header.tensors,
            HashMap::new(),
            vec![file],
        )
    }

    /// Opens the safetensors files of a model; `index` is needed only to know that none is missing.
    ///
    /// # Errors
    /// When one cannot be read, is damaged or missing, or `config` is no JSON.
    pub fn safetensors(
        files: Vec<WeightsFile>,
        index: Option<&str>,
        config: Option<&str>,
    ) -> Result<Self, WeightsError> {
        if files.is_empty() {
            return Err(WeightsError::NoFile);
        }
        let header = safetensors::Header::read(&files, index)?;
        Self::assemble(
            Format::Safetensors(files.len()),
            header.metadata,
            config,
            header.tensors,
            header.unreadable,
            files,
        )
    }

    fn assemble(
        format: Format,
        metadata: Metadata,
        config: Option<&str>,
        tensors: Vec<TensorInfo>,
        unreadable: HashMap<String, String>,
        files: Vec<WeightsFile>,
    ) -> Result<Self, WeightsError> {
        let config = config.map(safetensors::parse_config).transpose()?;
        let by_name =
            tensors.iter().enumerate().map(|(place, tensor)| (tensor.name.clone(), place)).collect();
        Ok(Self { format, metadata, config, tensors, by_name, unreadable, files })
    }

    /// What kind of file it is.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// What the file says about itself: all of GGUF's keys, or the few texts that safetensors may carry.
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// `config.json`, an object, if there was one.
    pub const fn config(&self) -> Option<&serde_json::Value> {
        self.config.as_ref()
    }

    /// All tensors that can be read, in the order of their files.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// The tensor of that name; `None` if there is none, or in a form that is not read.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(*self.by_name.get(name)?)
    }

    /// Bytes of all tensors, as the files hold them.
    pub fn bytes(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.bytes))
    }

    /// A tensor of one dimension, decoded.
    ///
    /// # Errors
    /// When it is missing, has another shape than `[len]` or cannot be read.
    pub fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, TensorError> {
        let tensor = self.expect(name, &[len])?;
        let refused = |error| TensorError::Matrix { name: name.to_owned(), error };
        if len > MAX_COLUMNS {
            return Err(refused(MatrixError::RowTooLong(len)));
        }
        let mut bytes = vec![0; usize::try_from(tensor.bytes).unwrap_or(usize::MAX)];
        self.read(tensor, 0, &mut bytes)?;
        let mut weights = vec![0.0; len];
        blocks::dequantize(tensor.encoding, &bytes, &mut weights)
            .map_err(|error| refused(MatrixError::Block { row: 0, error }))?;
        Ok(weights)
    }

    /// A tensor of two dimensions, kept as it is stored, or in another form that [`blocks::quantize`] writes. It
    /// is read and converted a few MiB at a time.
    ///
    /// # Errors
    /// When it is missing, has another shape than `[rows, columns]`, cannot be read or be kept in that form, or
    /// there is not enough memory.
    pub fn matrix(
        &self,
        name: &str,
        rows: usize,
        columns: usize,
        keep: Option<Encoding>,
    ) -> Result<Matrix, TensorError> {
        let tensor = self.expect(name, &[rows, columns])?;
        let keep = keep.unwrap_or(tensor.encoding);
        let matrix = if keep == tensor.encoding {
            self.stored(tensor, rows, columns)
        } else {
            self.converted(tensor, rows, columns, keep)
        };
        matrix.map_err(|failure| match failure {
            Failure::Tensor(error) => error,
            Failure::Matrix(error) => TensorError::Matrix { name: name.to_owned(), error },
        })
    }

    fn stored(&self, tensor: &TensorInfo, rows: usize, columns: usize) -> Result<Matrix, Failure> {
        let row_bytes = tensor.encoding.bytes_for(columns).unwrap_or_default() as u64;
        Matrix::build(rows, columns, tensor.encoding, AT_ONCE, |row, bytes| {
            Ok(self.read(tensor, row as u64 * row_bytes, bytes)?)
        })
    }

    fn converted(
        &self,
        tensor: &TensorInfo,
        rows: usize,
        columns: usize,
        keep: Encoding,
    ) -> Result<Matrix, Failure> {
        let partial = || MatrixError::Partial { columns, encoding: keep };
        let stored_row = tensor.encoding.bytes_for(columns).ok_or_else(partial)?;
        let kept_row = keep.bytes_for(columns).ok_or_else(partial)?;
        if columns > MAX_COLUMNS {
            return Err(MatrixError::RowTooLong(columns).into());
        }
        let rows_at_once =
            (AT_ONCE / size_of::<f32>()).checked_div(columns).unwrap_or(1).clamp(1, rows.max(1));
        let mut raw = vec![0; rows_at_once * stored_row];
        let mut weights = vec![0.0; columns];
        let mut encoded = Vec::with_capacity(kept_row);
        Matrix::build(rows, columns, keep, rows_at_once * kept_row, |first, piece| {
            let count = piece.len() / kept_row;
            let raw = raw.get_mut(..count * stored_row).unwrap_or_default();
            self.read(tensor, first as u64 * stored_row as u64, raw)?;
            for (number, (stored, kept)) in
                raw.chunks_exact(stored_row).zip(piece.chunks_exact_mut(kept_row)).enumerate()
            {
                let refused = |error| MatrixError::Block { row: first + number, error };
                blocks::dequantize(tensor.encoding, stored, &mut weights).map_err(refused)?;
                encoded.clear();
                blocks::quantize(keep, &weights, &mut encoded).map_err(refused)?;
                kept.copy_from_slice(&encoded);
            }
            Ok(())
        })
    }

    /// The tensor of that name, if it has that shape.
    fn expect(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo, TensorError> {
        let Some(tensor) = self.tensor(name) else {
            return Err(match self.unreadable.get(name) {
                Some(found) => TensorError::Encoding { name: name.to_owned(), found: found.clone() },
                None => TensorError::Missing { name: name.to_owned(), count: self.tensors.len() },
            });
        };
        if tensor.shape == shape {
            Ok(tensor)
        } else {
            let (expected, found) = (shape.to_vec(), tensor.shape.clone());
            Err(TensorError::Shape { name: name.to_owned(), expected, found })
        }
    }

    /// Fills `into` with the tensor's bytes from `from` on.
    fn read(&self, tensor: &TensorInfo, from: u64, into: &mut [u8]) -> Result<(), TensorError> {
        let Some(file) = self.files.get(tensor.file) else { return Ok(()) };
        file.source
            .read_at(tensor.offset.saturating_add(from), into)
            .map_err(|error| TensorError::Read { name: tensor.name.clone(), error })
    }
}

impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checkpoint({}, {} tensors, {} bytes)", self.format, self.tensors.len(), self.bytes())
    }
}

/// What ends the reading of a matrix.
enum Failure {
    Tensor(TensorError),
    Matrix(MatrixError),
}

impl From<TensorError> for Failure {
    fn from(error: TensorError) -> Self {
        Self::Tensor(error)
    }
}

impl From<MatrixError> for Failure {
    fn from(error: MatrixError) -> Self {
        Self::Matrix(error)
    }
}
