//! A matrix on the device.

use std::rc::Rc;

use super::device::{Buffer, Device};
use super::layout;
use crate::kernels::ComputeError;
use crate::weights::{Encoding, Matrix};

/// A matrix on the device, `[rows, columns]`, in pieces that it can bind; a copy is the same matrix.
#[derive(Clone)]
pub struct Weight(Rc<Pieces>);

struct Pieces {
    rows: usize,
    columns: usize,
    encoding: Encoding,
    pieces: Vec<Piece>,
}

/// Some rows of a matrix.
pub struct Piece {
    /// The first of them.
    pub first: usize,
    /// How many.
    pub rows: usize,
    /// Their words, in the order of [`layout`].
    pub words: Buffer,
}

impl Weight {
    /// Copies a matrix over, a piece at a time.
    ///
    /// # Errors
    /// When a piece is larger than what the device can bind.
    pub fn new(device: &Device, matrix: &Matrix) -> Result<Self, ComputeError> {
        let (columns, encoding) = (matrix.columns(), matrix.encoding());
        let mut pieces = Vec::new();
        for (first, bytes) in matrix.shards() {
            let words = layout::arrange(encoding, bytes, columns);
            let size = 4 * words.len() as u64;
            if size > device.largest_buffer() {
                return Err(ComputeError::NoRoom {
                    device: device.name().to_owned(),
                    what: format!("a piece of a matrix of {} × {columns} {encoding}", matrix.rows()),
                    bytes: size,
                });
            }
            let rows = bytes.len() / matrix.row_bytes().max(1);
            pieces.push(Piece { first, rows, words: device.words(&words) });
            device.flush();
        }
        Ok(Self(Rc::new(Pieces { rows: matrix.rows(), columns, encoding, pieces })))
    }

    /// Rows: outputs of a product, tokens of an embedding.
    pub fn rows(&self) -> usize {
        self.0.rows
    }

    /// Numbers in a row.
    pub fn columns(&self) -> usize {
        self.0.columns
    }

    /// The form of its numbers.
    pub fn encoding(&self) -> Encoding {
        self.0.encoding
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0.pieces
    }

    /// The only piece, where there is but one.
    pub fn whole(&self) -> Option<&Piece> {
        match self.0.pieces.as_slice() {
            [piece] => Some(piece),
            _ => None,
        }
    }
}
