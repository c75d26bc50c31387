//! One row of weights times a few rows of activations.

use wide::{f32x4, f32x8, i32x4};

use super::formats::{Format, Group, widened};
use super::quantized::QuantizedGroup;

/// The products of a row of blocks with `T` rows of activations: each block is unpacked once.
#[inline(always)]
pub(super) fn blocks<F: Format, const T: usize>(row: &[u8], x: [&[QuantizedGroup]; T]) -> [f32; T] {
    let mut sums = [f32x4::ZERO; T];
    let mut offsets = [0.0; T];
    for (at, block) in row.chunks_exact(F::BYTES).enumerate() {
        let header = F::header(block);
        for within in 0..F::GROUPS {
            let weights = F::group(block, header, within);
            for ((sum, offset), x) in sums.iter_mut().zip(&mut offsets).zip(x) {
                if let Some(x) = x.get(at * F::GROUPS + within) {
                    *sum += product::<F>(&weights, x);
                    *offset += weights.offset * x.sum;
                }
            }
        }
    }
    let mut products = offsets;
    for (product, sum) in products.iter_mut().zip(sums) {
        *product += sum.reduce_add();
    }
    products
}

/// `Σ scale · q`, in four partial sums.
#[inline(always)]
fn product<F: Format>(weights: &Group, x: &QuantizedGroup) -> f32x4 {
    let [a, b, c, d] = weights.q;
    let [xa, xb, xc, xd] = x.q;
    let first = a.dot(xa) + b.dot(xb);
    let second = c.dot(xc) + d.dot(xd);
    let scaled = |integers: i32x4, scale: f32| f32x4::from_i32x4(integers) * f32x4::splat(scale * x.scale);
    let [first_scale, second_scale] = weights.scale;
    if F::HALVES {
        scaled(first, first_scale) + scaled(second, second_scale)
    } else {
        scaled(first + second, first_scale)
    }
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
