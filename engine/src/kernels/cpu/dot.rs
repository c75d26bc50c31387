//! Rows of weights times rows of activations.

use wide::{f32x4, f32x8, i16x8};

use super::formats::{Format, Scales, widened};
use super::quantized::{QuantizedGroup, TileGroup};
use super::simd::Simd;

/// The products of four rows of blocks with one row of activations.
#[inline(always)]
pub(super) fn four_rows<S: Simd, F: Format>(simd: S, rows: [&[u8]; 4], x: &[QuantizedGroup]) -> f32x4 {
    let (mut totals, mut offsets) = (simd.zero(), f32x4::ZERO);
    let [a, b, c, d] = rows.map(|row| row.chunks_exact(F::BYTES));
    for ((((a, b), c), d), x) in a.zip(b).zip(c).zip(d).zip(x.chunks_exact(F::GROUPS)) {
        let blocks = Blocks::<F> { blocks: [a, b, c, d], header: F::header([a, b, c, d]) };
        match x {
            [x] => blocks.multiply(simd, 0, x, &mut totals, &mut offsets),
            // Written out, so that shifts and places are numbers that the compiler knows.
            [x0, x1, x2, x3, x4, x5, x6, x7] => {
                blocks.multiply(simd, 0, x0, &mut totals, &mut offsets);
                blocks.multiply(simd, 1, x1, &mut totals, &mut offsets);
                blocks.multiply(simd, 2, x2, &mut totals, &mut offsets);
                blocks.multiply(simd, 3, x3, &mut totals, &mut offsets);
                blocks.multiply(simd, 4, x4, &mut totals, &mut offsets);
                blocks.multiply(simd, 5, x5, &mut totals, &mut offsets);
                blocks.multiply(simd, 6, x6, &mut totals, &mut offsets);
                blocks.multiply(simd, 7, x7, &mut totals, &mut offsets);
            }
            // No format has other numbers of groups.
            _ => {}
        }
    }
    simd.total(totals) + offsets
}

/// A block of each of four rows.
struct Blocks<'a, F: Format> {
    blocks: [&'a [u8]; 4],
    header: F::Header,
}

impl<F: Format> Blocks<'_, F> {
    /// Adds the products of one group.
    #[inline(always)]
    fn multiply<S: Simd>(
        &self,
        simd: S,
        group: usize,
        x: &QuantizedGroup,
        totals: &mut S::Totals,
        offsets: &mut f32x4,
    ) {
        let Scales { scale: [first, second], offset } = F::scales(self.blocks, self.header, group);
        let [a, b, c, d] = self.blocks;
        let sums = [
            simd.dot(&F::integers(simd, a, group), &x.q),
            simd.dot(&F::integers(simd, b, group), &x.q),
            simd.dot(&F::integers(simd, c, group), &x.q),
            simd.dot(&F::integers(simd, d, group), &x.q),
        ];
        let x_scale = f32x4::splat(x.scale);
        simd.add(totals, sums, [first * x_scale, second * x_scale], F::HALVES);
        if F::OFFSET {
            *offsets += offset * f32x4::splat(x.sum);
        }
    }
}

/// A group of weights whose integers are no longer packed.
#[derive(Clone, Copy)]
pub(super) struct Unpacked {
    /// The integers in split order.
    q: [i16x8; 4],
    /// See [`Scales`].
    scale: [f32; 2],
    /// See [`Scales`].
    offset: f32,
}

/// Unpacks four rows of blocks.
#[inline(always)]
pub(super) fn unpack<S: Simd, F: Format>(simd: S, rows: [&[u8]; 4], into: &mut [Vec<Unpacked>; 4]) {
    for row in into.iter_mut() {
        row.clear();
    }
    let [a, b, c, d] = rows.map(|row| row.chunks_exact(F::BYTES));
    for (((a, b), c), d) in a.zip(b).zip(c).zip(d) {
        let blocks = [a, b, c, d];
        let header = F::header(blocks);
        for group in 0..F::GROUPS {
            let Scales { scale: [first, second], offset } = F::scales(blocks, header, group);
            let scales = first.to_array().into_iter().zip(second.to_array()).zip(offset.to_array());
            for ((row, block), ((first, second), offset)) in into.iter_mut().zip(blocks).zip(scales) {
                let q = simd.store(F::integers(simd, block, group));
                row.push(Unpacked { q, scale: [first, second], offset });
            }
        }
    }
}

/// The products of `N` unpacked rows with a tile of activations.
#[inline(always)]
pub(super) fn tile<S: Simd, F: Format>(simd: S, rows: [&[Unpacked]; 2], x: &[TileGroup]) -> [f32x4; 2] {
    let (mut totals, mut offsets) = ([simd.zero(); 2], [f32x4::ZERO; 2]);
    let [a, b] = rows;
    for ((a, b), x) in a.iter().zip(b).zip(x) {
        for ((weights, totals), offsets) in [a, b].into_iter().zip(&mut totals).zip(&mut offsets) {
            let q = simd.load(&weights.q);
            let [first, second, third, fourth] = &x.q;
            let sums = [simd.dot(&q, first), simd.dot(&q, second), simd.dot(&q, third), simd.dot(&q, fourth)];
            let scales = weights.scale.map(|scale| x.scale * f32x4::splat(scale));
            simd.add(totals, sums, scales, F::HALVES);
            if F::OFFSET {
                *offsets += x.sum * f32x4::splat(weights.offset);
            }
        }
    }
    let [a, b] = totals;
    let [a_offset, b_offset] = offsets;
    [simd.total(a) + a_offset, simd.total(b) + b_offset]
}

/// A number type that weights are stored in.
pub(super) trait Scalar {
    /// Bytes of a number.
    const BYTES: usize;

    /// Eight numbers.
    fn eight(bytes: &[u8]) -> f32x8;

    /// One number.
    fn one(bytes: &[u8]) -> f32;
}

/// 32-bit floats.
pub(super) struct Single;
/// 16-bit floats with the exponent of 32-bit ones.
pub(super) struct Brain;
/// IEEE half precision.
pub(super) struct Half;

impl Scalar for Single {
    const BYTES: usize = 4;

    #[inline(always)]
    fn eight(bytes: &[u8]) -> f32x8 {
        let bytes: [u8; 32] = bytes.try_into().unwrap_or([0; 32]);
        bytemuck::cast(bytes)
    }

    #[inline(always)]
    fn one(bytes: &[u8]) -> f32 {
        bytes.try_into().map_or(0.0, f32::from_le_bytes)
    }
}

impl Scalar for Brain {
    const BYTES: usize = 2;

    #[inline(always)]
    fn eight(bytes: &[u8]) -> f32x8 {
        let bits: [u16; 8] = bytes.try_into().map_or([0; 8], |bytes: [u8; 16]| bytemuck::cast(bytes));
        f32x8::new(bits.map(|bits| f32::from_bits(u32::from(bits) << 16)))
    }

    #[inline(always)]
    fn one(bytes: &[u8]) -> f32 {
        let bits = bytes.try_into().map_or(0, u16::from_le_bytes);
        f32::from_bits(u32::from(bits) << 16)
    }
}

impl Scalar for Half {
    const BYTES: usize = 2;

    #[inline(always)]
    fn eight(bytes: &[u8]) -> f32x8 {
        let bits: [u16; 8] = bytes.try_into().map_or([0; 8], |bytes: [u8; 16]| bytemuck::cast(bytes));
        f32x8::new(bits.map(widened))
    }

    #[inline(always)]
    fn one(bytes: &[u8]) -> f32 {
        widened(bytes.try_into().map_or(0, u16::from_le_bytes))
    }
}

/// The products of a row of plain numbers with `T` rows of activations.
#[inline(always)]
pub(super) fn scalars<S: Scalar, const T: usize>(row: &[u8], x: [&[f32]; T]) -> [f32; T] {
    let mut sums = [[f32x8::ZERO; 2]; T];
    let pairs = row.chunks_exact(16 * S::BYTES);
    let tail = pairs.remainder();
    let whole = (row.len() - tail.len()) / S::BYTES.max(1);
    for (at, weights) in pairs.enumerate() {
        let (low, high) = weights.split_at(8 * S::BYTES);
        let weights = [S::eight(low), S::eight(high)];
        for (sums, x) in sums.iter_mut().zip(x) {
            let x: Option<[f32; 16]> = x.get(16 * at..16 * at + 16).and_then(|x| x.try_into().ok());
            if let Some(x) = x {
                let x: [f32x8; 2] = bytemuck::cast(x);
                for ((sum, weight), x) in sums.iter_mut().zip(weights).zip(x) {
                    *sum += weight * x;
                }
            }
        }
    }
    let mut products = sums.map(|[a, b]| (a + b).reduce_add());
    for (product, x) in products.iter_mut().zip(x) {
        for (weight, x) in tail.chunks_exact(S::BYTES).zip(x.get(whole..).unwrap_or(&[])) {
            *product += S::one(weight) * x;
        }
    }
    products
}

/// `Σ a · b` of two stretches of activations.
#[inline(always)]
pub(super) fn activations(a: &[f32], b: &[f32]) -> f32 {
    let mut sum = f32x8::ZERO;
    let (eights, others) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = eights.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in eights.zip(others) {
        sum += f32x8::from(a) * f32x8::from(b);
    }
    sum.reduce_add() + tail
}

/// `Σ weight · row`, one row of `values` for each weight, added to `out`.
#[inline(always)]
pub(super) fn weighted_sum(weights: &[f32], values: &[f32], out: &mut [f32]) {
    let width = out.len().max(1);
    let (blocks, tail) = out.as_chunks_mut::<32>();
    for (at, out) in blocks.iter_mut().enumerate() {
        // So many columns stay in registers all the way down.
        let mut sums: [f32x8; 4] = bytemuck::cast(*out);
        for (weight, row) in weights.iter().zip(values.chunks_exact(width)) {
            let Some(row) = row.as_chunks::<32>().0.get(at) else { continue };
            let row: [f32x8; 4] = bytemuck::cast(*row);
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += f32x8::splat(*weight) * value;
            }
        }
        *out = bytemuck::cast(sums);
    }
    let first = width - tail.len();
    for (weight, row) in weights.iter().zip(values.chunks_exact(width)) {
        for (out, value) in tail.iter_mut().zip(row.get(first..).unwrap_or(&[])) {
            *out += weight * value;
        }
    }
}
