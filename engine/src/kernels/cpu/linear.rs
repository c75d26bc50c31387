//! `x · weightᵀ`: the operation that takes nine tenths of the time.

use super::dot::{self, Brain, Half, Single};
use super::formats::{Format, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
use super::quantized::Quantized;
use super::rows::Rows;
use crate::weights::{Encoding, Matrix};

/// Rows of activations that share one unpacking of the weights.
const TILE: usize = 4;

/// Activations in the two forms that weights are multiplied with.
pub(super) struct Input<'a> {
    rows: &'a Rows,
    quantized: Option<Quantized>,
}

impl<'a> Input<'a> {
    /// Quantizes the rows if one of the weights wants that.
    pub fn new(rows: &'a Rows, weights: &[&Matrix]) -> Self {
        let integers = weights.iter().any(|matrix| matrix.encoding().block_weights() > 1);
        Self { rows, quantized: integers.then(|| Quantized::new(rows.values(), rows.width())) }
    }
}

/// `input · matrixᵀ`, `[positions, matrix.rows()]`.
pub(super) fn linear(input: &Input<'_>, matrix: &Matrix) -> Rows {
    let (positions, outputs) = (input.rows.positions(), matrix.rows());
    // Output-major, so that a stretch of the matrix's rows writes one stretch of memory.
    let mut products = vec![0.0; outputs * positions];
    for (first, bytes) in matrix.shards() {
        let rows = bytes.len() / matrix.row_bytes().max(1);
        let Some(out) = products.get_mut(first * positions..(first + rows) * positions) else { continue };
        shard(input, matrix, bytes, out);
    }
    Rows::new(if positions == 1 { products } else { transposed(&products, positions) }, outputs)
}

/// Multiplies with the rows of one shard, on all threads.
fn shard(input: &Input<'_>, matrix: &Matrix, bytes: &[u8], out: &mut [f32]) {
    let (positions, row_bytes) = (input.rows.positions().max(1), matrix.row_bytes().max(1));
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        let rows = bytes.len() / row_bytes;
        // A few stretches a thread: one that is late does not keep the others waiting for long.
        let stretch = rows.div_ceil(4 * rayon::current_num_threads()).max(16);
        out.par_chunks_mut(stretch * positions)
            .zip(bytes.par_chunks(stretch * row_bytes))
            .for_each(|(out, bytes)| stretch_of(input, matrix.encoding(), bytes, row_bytes, out, positions));
    }
    #[cfg(not(feature = "threads"))]
    stretch_of(input, matrix.encoding(), bytes, row_bytes, out, positions);
}

/// Multiplies with a stretch of rows, on this thread.
fn stretch_of(
    input: &Input<'_>,
    encoding: Encoding,
    bytes: &[u8],
    row_bytes: usize,
    out: &mut [f32],
    positions: usize,
) {
    let rows = bytes.chunks_exact(row_bytes).zip(out.chunks_exact_mut(positions));
    match encoding {
        Encoding::F32 => scalars::<Single>(input, rows),
        Encoding::F16 => scalars::<Half>(input, rows),
        Encoding::BF16 => scalars::<Brain>(input, rows),
        Encoding::Q4_0 => blocks::<Q4_0>(input, rows),
        Encoding::Q4_1 => blocks::<Q4_1>(input, rows),
        Encoding::Q5_0 => blocks::<Q5_0>(input, rows),
        Encoding::Q5_1 => blocks::<Q5_1>(input, rows),
        Encoding::Q8_0 => blocks::<Q8_0>(input, rows),
        Encoding::Q4K => blocks::<Q4K>(input, rows),
        Encoding::Q5K => blocks::<Q5K>(input, rows),
        Encoding::Q6K => blocks::<Q6K>(input, rows),
    }
}

fn blocks<'a, F: Format>(input: &Input<'_>, rows: impl Iterator<Item = (&'a [u8], &'a mut [f32])>) {
    let Some(quantized) = &input.quantized else { return };
    for (weights, out) in rows {
        tiled(
            out,
            |first| dot::blocks::<F, TILE>(weights, std::array::from_fn(|i| quantized.row(first + i))),
            |at| dot::blocks::<F, 1>(weights, [quantized.row(at)]),
        );
    }
}

fn scalars<'a, S: dot::Scalar>(input: &Input<'_>, rows: impl Iterator<Item = (&'a [u8], &'a mut [f32])>) {
    for (weights, out) in rows {
        tiled(
            out,
            |first| dot::scalars::<S, TILE>(weights, std::array::from_fn(|i| input.rows.row(first + i))),
            |at| dot::scalars::<S, 1>(weights, [input.rows.row(at)]),
        );
    }
}

/// Fills `out` from tiles, and from single positions behind the last whole one.
#[inline(always)]
fn tiled(out: &mut [f32], tile: impl Fn(usize) -> [f32; TILE], single: impl Fn(usize) -> [f32; 1]) {
    let mut tiles = out.chunks_exact_mut(TILE);
    let mut first = 0;
    for out in &mut tiles {
        out.copy_from_slice(&tile(first));
        first += TILE;
    }
    for (at, out) in tiles.into_remainder().iter_mut().enumerate() {
        let [product] = single(first + at);
        *out = product;
    }
}

/// `[outputs, positions]` → `[positions, outputs]`.
fn transposed(products: &[f32], positions: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(products.len());
    for position in 0..positions {
        rows.extend(products.iter().skip(position).step_by(positions));
    }
    rows
}
