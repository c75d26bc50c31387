//! A weight matrix as it stays in memory: encoded, in pieces.

use super::blocks::{self, BlockError};
use super::encoding::Encoding;

/// Bytes a shard aims at: large enough that there are few, small enough that a browser's heap, which is
/// fragmented and at most 4 GiB, has room for it.
pub const SHARD_BYTES: usize = 64 << 20;
/// The longest row: decoded to `f32`, it is as large as a shard. So no allocation is larger than that.
pub const MAX_COLUMNS: usize = SHARD_BYTES / size_of::<f32>();

/// A matrix of weights, `[rows, columns]`, row by row.
///
/// Rows are whole blocks of its encoding and lie one after the other in shards of about [`SHARD_BYTES`]; a row
/// never crosses from one shard into the next. Every shard begins at an address that 8 divides, so that
/// `bytemuck` casts one of `F32` to `&[f32]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    encoding: Encoding,
    row_bytes: usize,
    rows_per_shard: usize,
    shards: Vec<Shard>,
}

/// A matrix that cannot be made, or read that way.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MatrixError {
    /// It has no rows, or no columns.
    #[error("a matrix of {rows} × {columns} holds nothing")]
    Empty {
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        columns: usize,
    },
    /// A row is no whole number of blocks.
    #[error("rows of {columns} do not make whole blocks of {encoding}, which hold {}", encoding.block_weights())]
    Partial {
        /// Numbers in a row.
        columns: usize,
        /// The form asked for.
        encoding: Encoding,
    },
    /// A row is larger than the largest piece of memory taken at once.
    #[error("a row holds at most {MAX_COLUMNS} numbers, not {0}")]
    RowTooLong(usize),
    /// There is not enough memory for it.
    #[error("{bytes} bytes of memory cannot be had for a matrix of {rows} × {columns}")]
    OutOfMemory {
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        columns: usize,
        /// Bytes it takes in all.
        bytes: u64,
    },
    /// There is no such row.
    #[error("there is no row {row} in a matrix of {rows} rows")]
    NoSuchRow {
        /// The row asked for, from 0.
        row: usize,
        /// Rows there are.
        rows: usize,
    },
    /// Numbers given and numbers it holds differ.
    #[error("{given} numbers given for {expected}")]
    Length {
        /// Numbers it takes.
        expected: usize,
        /// Numbers given.
        given: usize,
    },
    /// The numbers do not fit the form.
    #[error("row {row}: {error}")]
    Block {
        /// The row, from 0.
        row: usize,
        /// Why.
        error: BlockError,
    },
}

impl Matrix {
    /// A matrix whose bytes `fill` writes, piece by piece, in order: it is given the number of the piece's first
    /// row and the piece, which is whole rows of zeros, `at_once` bytes or less (but one row at least).
    ///
    /// # Errors
    /// For a shape that no matrix has, when there is not enough memory, and whatever `fill` says.
    pub fn build<E: From<MatrixError>>(
        rows: usize,
        columns: usize,
        encoding: Encoding,
        at_once: usize,
        mut fill: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut matrix = Self::without_rows(rows, columns, encoding)?;
        let rows_at_once = (at_once / matrix.row_bytes).max(1);
        let mut first = 0;
        while first < rows {
            let here = matrix.rows_per_shard.min(rows - first);
            let shard = Shard::zeros(here * matrix.row_bytes).ok_or_else(|| matrix.out_of_memory())?;
            matrix.shards.push(shard);
            let Some(shard) = matrix.shards.last_mut() else { break };
            let pieces = shard.bytes_mut().chunks_mut(rows_at_once * matrix.row_bytes);
            for (number, piece) in pieces.enumerate() {
                fill(first + number * rows_at_once, piece)?;
            }
            first += here;
        }
        Ok(matrix)
    }

    /// A matrix whose numbers `fill` writes, row by row: it is given the row's number and the row, `columns` zeros.
    ///
    /// # Errors
    /// For a shape that no matrix has, an encoding that is only read, a number that it cannot hold, or when
    /// there is not enough memory.
    pub fn from_rows(
        rows: usize,
        columns: usize,
        encoding: Encoding,
        mut fill: impl FnMut(usize, &mut [f32]),
    ) -> Result<Self, MatrixError> {
        let mut weights = vec![0.0; Self::without_rows(rows, columns, encoding)?.columns];
        let mut encoded = Vec::new();
        Self::build(rows, columns, encoding, 1, |row, bytes| {
            weights.fill(0.0);
            fill(row, &mut weights);
            encoded.clear();
            blocks::quantize(encoding, &weights, &mut encoded)
                .map_err(|error| MatrixError::Block { row, error })?;
            bytes.copy_from_slice(&encoded);
            Ok(())
        })
    }

    /// A matrix of the numbers given, `rows` × `columns`, row by row.
    ///
    /// # Errors
    /// As [`Matrix::from_rows`], and when there are more or fewer numbers than that.
    pub fn from_f32(
        rows: usize,
        columns: usize,
        encoding: Encoding,
        weights: &[f32],
    ) -> Result<Self, MatrixError> {
        let expected = rows.saturating_mul(columns);
        if weights.len() != expected {
            return Err(MatrixError::Length { expected, given: weights.len() });
        }
        let mut given = weights.chunks_exact(columns.max(1));
        Self::from_rows(rows, columns, encoding, |_, row| {
            if let Some(weights) = given.next() {
                row.copy_from_slice(weights);
            }
        })
    }

    /// A matrix of that shape that has no memory yet.
    fn without_rows(rows: usize, columns: usize, encoding: Encoding) -> Result<Self, MatrixError> {
        if rows == 0 || columns == 0 {
            return Err(MatrixError::Empty { rows, columns });
        }
        if columns > MAX_COLUMNS {
            return Err(MatrixError::RowTooLong(columns));
        }
        let row_bytes = encoding.bytes_for(columns).ok_or(MatrixError::Partial { columns, encoding })?;
        let rows_per_shard = (SHARD_BYTES / row_bytes).max(1);
        let matrix = Self { rows, columns, encoding, row_bytes, rows_per_shard, shards: Vec::new() };
        if isize::try_from(matrix.bytes()).is_err() {
            return Err(matrix.out_of_memory());
        }
        Ok(matrix)
    }

    fn out_of_memory(&self) -> MatrixError {
        MatrixError::OutOfMemory { rows: self.rows, columns: self.columns, bytes: self.bytes() }
    }

    /// Rows: for a linear layer, its outputs; for an embedding, its tokens.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers in a row: for a linear layer, its inputs.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The form of its numbers.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Bytes of a row.
    pub const fn row_bytes(&self) -> usize {
        self.row_bytes
    }

    /// Bytes of all rows.
    pub const fn bytes(&self) -> u64 {
        (self.rows as u64).saturating_mul(self.row_bytes as u64)
    }

    /// The bytes of a row, counted from 0; `None` if there are not so many.
    pub fn row(&self, row: usize) -> Option<&[u8]> {
        let shard = self.shards.get(row / self.rows_per_shard)?;
        let start = row % self.rows_per_shard * self.row_bytes;
        shard.bytes().get(start..start + self.row_bytes)
    }

    /// The shards, each with the number of its first row: whole rows, in order.
    pub fn shards(&self) -> impl ExactSizeIterator<Item = (usize, &[u8])> {
        self.shards.iter().enumerate().map(|(number, shard)| (number * self.rows_per_shard, shard.bytes()))
    }

    /// Decodes a row, counted from 0, into `columns` numbers.
    ///
    /// # Errors
    /// When there is no such row, or `into` is not `columns` long.
    pub fn dequantize_row(&self, row: usize, into: &mut [f32]) -> Result<(), MatrixError> {
        let bytes = self.row(row).ok_or(MatrixError::NoSuchRow { row, rows: self.rows })?;
        if into.len() != self.columns {
            return Err(MatrixError::Length { expected: self.columns, given: into.len() });
        }
        blocks::dequantize(self.encoding, bytes, into).map_err(|error| MatrixError::Block { row, error })
    }
}

impl std::fmt::Debug for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Matrix({} × {} {})", self.rows, self.columns, self.encoding)
    }
}

/// A piece of memory whose address 8 divides.
#[derive(Clone, PartialEq, Eq)]
struct Shard {
    words: Vec<u64>,
    bytes: usize,
}

impl Shard {
    /// Zeros, or `None` if there is not enough memory: a browser's heap ends at 4 GiB, and that is no reason to
    /// lose the page.
    fn zeros(bytes: usize) -> Option<Self> {
        let count = bytes.div_ceil(size_of::<u64>());
        let mut words = Vec::new();
        words.try_reserve_exact(count).ok()?;
        words.resize(count, 0);
        Some(Self { words, bytes })
    }

    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.words).get(..self.bytes).unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.words).get_mut(..self.bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(rows: usize, columns: usize, encoding: Encoding) -> Matrix {
        Matrix::from_rows(rows, columns, encoding, |row, weights| {
            for (column, weight) in weights.iter_mut().enumerate() {
                *weight = (row as f32) + (column % 8) as f32 / 8.0;
            }
        })
        .unwrap()
    }

    #[test]
    fn rows_are_found_and_decoded() {
        let matrix = counted(5, 64, Encoding::Q8_0);
        assert_eq!((matrix.rows(), matrix.columns(), matrix.row_bytes(), matrix.bytes()), (5, 64, 68, 340));
        let mut row = [0.0; 64];
        matrix.dequantize_row(4, &mut row).unwrap();
        assert!((row[7] - 4.875).abs() < 0.02, "{row:?}");
        assert_eq!(matrix.row(5), None);
        assert_eq!(matrix.dequantize_row(5, &mut row), Err(MatrixError::NoSuchRow { row: 5, rows: 5 }));
        assert!(matrix.dequantize_row(0, &mut row[1..]).is_err());
    }

    #[test]
    fn a_large_matrix_lies_in_several_shards_and_no_row_in_two() {
        let columns = 1 << 20;
        let rows = 36;
        let matrix = Matrix::build(rows, columns, Encoding::F32, 8 << 20, |first, bytes| {
            assert!(bytes.len() <= 8 << 20);
            for (number, row) in bytes.chunks_mut(4 * columns).enumerate() {
                row[..4].copy_from_slice(&((first + number) as f32).to_le_bytes());
            }
            Ok::<(), MatrixError>(())
        })
        .unwrap();
        let shards: Vec<(usize, usize)> = matrix.shards().map(|(row, bytes)| (row, bytes.len())).collect();
        assert_eq!(shards, [(0, SHARD_BYTES), (16, SHARD_BYTES), (32, SHARD_BYTES / 4)]);
        for row in 0..rows {
            let start = &matrix.row(row).unwrap()[..4];
            assert_eq!(f32::from_le_bytes(start.try_into().unwrap()), row as f32);
        }
        for (row, bytes) in matrix.shards() {
            assert_eq!(bytemuck::try_cast_slice::<u8, f32>(bytes).unwrap()[0], row as f32);
        }
    }

    #[test]
    fn shapes_that_no_matrix_has_are_refused() {
        let refused = |rows, columns, encoding| Matrix::without_rows(rows, columns, encoding).unwrap_err();
        assert!(matches!(refused(0, 32, Encoding::F32), MatrixError::Empty { .. }));
        assert!(matches!(refused(1, 33, Encoding::Q4_0), MatrixError::Partial { .. }));
        assert!(matches!(refused(1, usize::MAX, Encoding::F32), MatrixError::RowTooLong(_)));
        assert!(matches!(refused(usize::MAX, 32, Encoding::F32), MatrixError::OutOfMemory { .. }));
        assert!(Matrix::from_f32(2, 2, Encoding::F32, &[0.0; 3]).is_err());
        assert!(matches!(
            Matrix::from_f32(1, 256, Encoding::Q4K, &[0.0; 256]),
            Err(MatrixError::Block { row: 0, error: BlockError::NotWritten(Encoding::Q4K) })
        ));
    }
}
