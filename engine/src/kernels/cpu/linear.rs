//! `x · weightᵀ`: the operation that takes nine tenths of the time.

use std::marker::PhantomData;

#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
use super::dot::{self, Brain, Half, Single, Unpacked};
use super::formats::{Format, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
use super::quantized::{Quantized, QuantizedGroup, TILE, Tiles};
use super::rows::Rows;
use super::simd::{Portable, Simd, Work};
use crate::weights::{Encoding, Matrix};

/// Rows of weights that are multiplied at once.
const ROWS: usize = 4;

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
    let encoding = matrix.encoding();
    #[cfg(feature = "threads")]
    if rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        let rows = bytes.len() / row_bytes;
        // A few stretches a thread: one that is late does not keep the others waiting for long.
        let stretch = rows.div_ceil(4 * rayon::current_num_threads()).max(16).next_multiple_of(ROWS);
        let stretches = out.par_chunks_mut(stretch * positions).zip(bytes.par_chunks(stretch * row_bytes));
        stretches.for_each(|(out, bytes)| {
            Stretch { input, encoding, bytes, row_bytes, out, positions }.multiply();
        });
        return;
    }
    Stretch { input, encoding, bytes, row_bytes, out, positions }.multiply();
}

/// A stretch of a matrix's rows, which one thread multiplies.
struct Stretch<'a> {
    input: &'a Input<'a>,
    encoding: Encoding,
    bytes: &'a [u8],
    row_bytes: usize,
    out: &'a mut [f32],
    positions: usize,
}

impl Stretch<'_> {
    /// With the best that this processor has.
    fn multiply(self) {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = Avx2::new() {
            return self.multiply_with(simd);
        }
        self.multiply_with(Portable);
    }

    fn multiply_with<S: Simd>(self, simd: S) {
        match self.encoding {
            Encoding::F32 => self.scalars::<Single>(),
            Encoding::F16 => self.scalars::<Half>(),
            Encoding::BF16 => self.scalars::<Brain>(),
            Encoding::Q4_0 => self.blocks::<S, Q4_0>(simd),
            Encoding::Q4_1 => self.blocks::<S, Q4_1>(simd),
            Encoding::Q5_0 => self.blocks::<S, Q5_0>(simd),
            Encoding::Q5_1 => self.blocks::<S, Q5_1>(simd),
            Encoding::Q8_0 => self.blocks::<S, Q8_0>(simd),
            Encoding::Q4K => self.blocks::<S, Q4K>(simd),
            Encoding::Q5K => self.blocks::<S, Q5K>(simd),
            Encoding::Q6K => self.blocks::<S, Q6K>(simd),
        }
    }

    /// A function for each format: in one of all formats' loops, compilers of WebAssembly run out of registers.
    #[inline(never)]
    fn blocks<S: Simd, F: Format>(self, simd: S) {
        let format = PhantomData::<F>;
        match self.input.quantized.as_ref() {
            Some(Quantized::One(x)) => simd.run(OnePosition { simd, format, x, stretch: self }),
            Some(Quantized::Tiles(x)) => self.tiles(simd, format, x),
            None => {}
        }
    }

    #[inline(never)]
    fn tiles<S: Simd, F: Format>(self, simd: S, format: PhantomData<F>, x: &Tiles) {
        simd.run(Positions { simd, format, x, stretch: self });
    }

    fn scalars<T: dot::Scalar>(self) {
        let rows = self.bytes.chunks_exact(self.row_bytes);
        for (weights, out) in rows.zip(self.out.chunks_exact_mut(self.positions)) {
            let row = |at| self.input.rows.row(at);
            let mut tiles = out.chunks_exact_mut(TILE);
            let mut first = 0;
            for out in &mut tiles {
                let x = std::array::from_fn(|i| row(first + i));
                out.copy_from_slice(&dot::scalars::<T, TILE>(weights, x));
                first += TILE;
            }
            for (at, out) in tiles.into_remainder().iter_mut().enumerate() {
                let [product] = dot::scalars::<T, 1>(weights, [row(first + at)]);
                *out = product;
            }
        }
    }
}

/// A stretch of rows of blocks, times one position.
struct OnePosition<'a, S, F> {
    simd: S,
    format: PhantomData<F>,
    x: &'a [QuantizedGroup],
    stretch: Stretch<'a>,
}

impl<S: Simd, F: Format> Work for OnePosition<'_, S, F> {
    #[inline(always)]
    fn call(self) {
        let Stretch { bytes, row_bytes, out, .. } = self.stretch;
        for (rows, out) in bytes.chunks(ROWS * row_bytes).zip(out.chunks_mut(ROWS)) {
            let products = dot::four_rows::<S, F>(self.simd, four(rows, row_bytes), self.x);
            for (out, product) in out.iter_mut().zip(products.to_array()) {
                *out = product;
            }
        }
    }
}

/// A stretch of rows of blocks, times several positions.
struct Positions<'a, S, F> {
    simd: S,
    format: PhantomData<F>,
    x: &'a Tiles,
    stretch: Stretch<'a>,
}

impl<S: Simd, F: Format> Work for Positions<'_, S, F> {
    #[inline(always)]
    fn call(self) {
        let Stretch { bytes, row_bytes, out, positions, .. } = self.stretch;
        let mut unpacked: [Vec<Unpacked>; ROWS] = Default::default();
        for (rows, out) in bytes.chunks(ROWS * row_bytes).zip(out.chunks_mut(ROWS * positions)) {
            dot::unpack::<S, F>(self.simd, four(rows, row_bytes), &mut unpacked);
            let [a, b, c, d] = &unpacked;
            for (rows, out) in [[a, b], [c, d]].into_iter().zip(out.chunks_mut(2 * positions)) {
                let (first, second) = out.split_at_mut(positions.min(out.len()));
                let mut second = second.chunks_mut(TILE);
                for (x, first) in self.x.tiles().zip(first.chunks_mut(TILE)) {
                    let products = dot::tile::<S, F>(self.simd, rows.map(Vec::as_slice), x);
                    let outs = [Some(first), second.next()].into_iter().flatten();
                    for (out, products) in outs.zip(products) {
                        for (out, product) in out.iter_mut().zip(products.to_array()) {
                            *out = product;
                        }
                    }
                }
            }
        }
    }
}

/// What is added to every weight of each group of 32 in a row of blocks; nothing of plain numbers.
pub(super) fn offsets(encoding: Encoding, row: &[u8]) -> Vec<f32> {
    fn of<F: Format>(row: &[u8]) -> Vec<f32> {
        let mut offsets = Vec::new();
        for block in row.chunks_exact(F::BYTES) {
            let header = F::header([block; ROWS]);
            for group in 0..F::GROUPS {
                let [offset, ..] = F::scales([block; ROWS], header, group).offset.to_array();
                offsets.push(if F::OFFSET { offset } else { 0.0 });
            }
        }
        offsets
    }
    match encoding {
        Encoding::F32 | Encoding::F16 | Encoding::BF16 => Vec::new(),
        Encoding::Q4_0 => of::<Q4_0>(row),
        Encoding::Q4_1 => of::<Q4_1>(row),
        Encoding::Q5_0 => of::<Q5_0>(row),
        Encoding::Q5_1 => of::<Q5_1>(row),
        Encoding::Q8_0 => of::<Q8_0>(row),
        Encoding::Q4K => of::<Q4K>(row),
        Encoding::Q5K => of::<Q5K>(row),
        Encoding::Q6K => of::<Q6K>(row),
    }
}

/// Four rows; behind the last one, that one again.
#[inline(always)]
fn four(rows: &[u8], row_bytes: usize) -> [&[u8]; ROWS] {
    let mut last = rows;
    std::array::from_fn(|row| {
        last = rows.get(row * row_bytes..(row + 1) * row_bytes).unwrap_or(last);
        last
    })
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
    use crate::kernels::sample;

    fn portable(input: &Input<'_>, matrix: &Matrix) -> Rows {
        let (positions, encoding) = (input.rows.positions(), matrix.encoding());
        let (_, bytes) = matrix.shards().next().unwrap();
        let mut out = vec![0.0; matrix.rows() * positions];
        let row_bytes = matrix.row_bytes();
        Stretch { input, encoding, bytes, row_bytes, out: &mut out, positions }.multiply_with(Portable);
        Rows::new(transposed(&out, positions), matrix.rows())
    }

    #[test]
    fn every_encoding_multiplies_as_its_decoded_weights_do() {
        let mut rng = fastrand::Rng::with_seed(5);
        for encoding in Encoding::ALL {
            let matrix = sample::matrix(encoding, 37, 512, &mut rng).unwrap();
            // A tile and what is behind it.
            for positions in [1, TILE, TILE + 3] {
                let values = (0..positions * 512).map(|_| rng.f32() - 0.5).collect();
                let x = Rows::new(values, 512);
                let input = Input::new(&x, &[&matrix]);
                let products = linear(&input, &matrix);
                // What processors compute with that have nothing better.
                let portable = portable(&input, &matrix);
                let mut row = vec![0.0; 512];
                for output in 0..matrix.rows() {
                    matrix.dequantize_row(output, &mut row).unwrap();
                    for position in 0..positions {
                        let terms =
                            || row.iter().zip(x.row(position)).map(|(w, x)| f64::from(*w) * f64::from(*x));
                        let (sum, size): (f64, f64) = (terms().sum(), terms().map(f64::abs).sum());
                        for products in [&products, &portable] {
                            let ours = f64::from(products.row(position)[output]);
                            assert!((ours - sum).abs() <= 2e-5 * size, "{encoding}: {ours} is not {sum}");
                        }
                        // Its terms round as the kernel does: what is left is the rounding of sums.
                        let terms = super::super::terms::terms(&matrix, output, x.row(position)).unwrap();
                        let ours = f64::from(products.row(position)[output]);
                        assert!(
                            (ours - terms.sum()).abs() <= 5e-7 * size,
                            "{encoding}: {ours}, {}",
                            terms.sum()
                        );
                    }
                }
            }
        }
    }
}
