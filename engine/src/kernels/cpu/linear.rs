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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::MatrixError;

    /// Where a block has half-precision numbers, which random bytes would make infinite or not a number.
    fn halves(encoding: Encoding) -> &'static [usize] {
        match encoding {
            Encoding::Q4_1 | Encoding::Q5_1 | Encoding::Q4K | Encoding::Q5K => &[0, 2],
            Encoding::Q6K => &[208],
            Encoding::Q4_0 | Encoding::Q5_0 | Encoding::Q8_0 | Encoding::F16 => &[0],
            Encoding::F32 | Encoding::BF16 => &[],
        }
    }

    /// A matrix whose blocks hold every bit pattern that a file may.
    fn random(encoding: Encoding, random: &mut fastrand::Rng) -> Matrix {
        if matches!(encoding, Encoding::F32 | Encoding::BF16) {
            return Matrix::from_rows(37, 512, encoding, |_, row| row.fill_with(|| random.f32() - 0.5))
                .unwrap();
        }
        Matrix::build::<MatrixError>(37, 512, encoding, 1 << 20, |_, bytes| {
            random.fill(bytes);
            for block in bytes.chunks_exact_mut(encoding.block_bytes()) {
                for &at in halves(encoding) {
                    // From 2⁻⁷ to 1, of either sign; among them one in sixteen below the smallest normal number.
                    let magnitude =
                        if random.u8(..16) == 0 { random.u16(..0x400) } else { random.u16(0x2000..0x3c00) };
                    let sign = u16::from(random.bool()) << 15;
                    block[at..at + 2].copy_from_slice(&(magnitude | sign).to_le_bytes());
                }
            }
            Ok(())
        })
        .unwrap()
    }

    #[test]
    fn every_encoding_multiplies_as_its_decoded_weights_do() {
        let mut rng = fastrand::Rng::with_seed(5);
        for encoding in Encoding::ALL {
            let matrix = random(encoding, &mut rng);
            // A tile and what is behind it.
            for positions in [1, TILE, TILE + 3] {
                let values = (0..positions * 512).map(|_| rng.f32() - 0.5).collect();
                let x = Rows::new(values, 512);
                let products = linear(&Input::new(&x, &[&matrix]), &matrix);
                let mut row = vec![0.0; 512];
                for output in 0..matrix.rows() {
                    matrix.dequantize_row(output, &mut row).unwrap();
                    for position in 0..positions {
                        let terms =
                            || row.iter().zip(x.row(position)).map(|(w, x)| f64::from(*w) * f64::from(*x));
                        let (sum, size): (f64, f64) = (terms().sum(), terms().map(f64::abs).sum());
                        let ours = f64::from(products.row(position)[output]);
                        assert!((ours - sum).abs() <= 2e-5 * size, "{encoding}: {ours} is not {sum}");
                    }
                }
            }
        }
    }
}
