//! Weights as floats again, on the device: eight at a time, the scales of their group by themselves. [`super::layout`] has
//! the order.
//!
//! What comes out are the small integers, as floats, in vectors as the input is read. A product multiplies with a scale
//! once a group, not once a weight. It also asks for no fused multiply-and-add, which a
//! software adapter computes by a call for each: vectors are multiplied by `dot`.

#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

use super::layout;
use crate::weights::Encoding;

/// Whether weights have an offset beside their scale.
pub const fn has_offset(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::Q4_1 | Encoding::Q5_1 | Encoding::Q4K | Encoding::Q5K)
}

/// Between the exponents of 16-bit floats and those of 32 bits.
const TWO_TO_112: f32 = f32::from_bits(0x7780_0000);

/// A 16-bit float in the low half of a word. Its subnormals are spelled out: devices may flush those of 32 bits.
#[cube]
fn half(bits: u32) -> f32 {
    let magnitude = f32::reinterpret((bits & 0x7fff) << 13) * f32::new(TWO_TO_112);
    let subnormal = f32::cast_from(bits & 0x3ff) * f32::new(5.960_464_5e-8);
    let positive = select((bits & 0x7c00) == 0, subnormal, magnitude);
    select((bits & 0x8000) == 0, positive, -positive)
}

/// A signed byte in the low quarter of a word.
#[cube]
fn signed(bits: u32) -> f32 {
    f32::cast_from((bits & 0xff) ^ 0x80) - f32::new(128.0)
}

/// The scale of a group's first half, that of its second, its offset, and 0.
pub type Scales = Vector<f32, Const<4>>;

/// The scales of a group of one row: each weight is `small · scale + offset`.
#[cube]
pub fn scales_of(
    words: &[u32],
    group: usize,
    row: usize,
    rows: usize,
    groups: usize,
    #[comptime] encoding: Encoding,
) -> Scales {
    let group_words = comptime!(layout::group_words(encoding));
    let mut scales = Scales::new(1.0f32);
    match encoding {
        Encoding::F32 | Encoding::F16 | Encoding::BF16 => {}
        Encoding::Q4_0 | Encoding::Q5_0 | Encoding::Q8_0 => {
            scales = Scales::new(half(own_scale(words, group, row, rows, groups, group_words)));
        }
        Encoding::Q4_1 | Encoding::Q5_1 => {
            let pair = words[(groups * group_words + group) * rows + row];
            scales = Scales::new(half(pair & 0xffff));
            scales.insert(2usize, half(pair >> 16));
        }
        Encoding::Q4K | Encoding::Q5K => {
            let own = own_scale(words, group, row, rows, groups, group_words);
            let shared = super_scale(words, group, row, rows, groups, group_words);
            scales = Scales::new(half(shared & 0xffff) * f32::cast_from(own & 0xff));
            scales.insert(2usize, -half(shared >> 16) * f32::cast_from(own >> 8));
        }
        Encoding::Q6K => {
            let own = own_scale(words, group, row, rows, groups, group_words);
            let shared = half(super_scale(words, group, row, rows, groups, group_words) & 0xffff);
            scales = Scales::new(shared * signed(own));
            scales.insert(1usize, shared * signed(own >> 8));
        }
    }
    scales
}

/// Eight neighbouring weights of a group of one row, as the small integers they are stored as, to `weights` from `to` on.
/// `octet` is 0 to 3; a vector has `vector` of the eight.
#[cube]
#[allow(clippy::too_many_arguments, reason = "device code")]
pub fn octet_of<N: Size>(
    words: &[u32],
    group: usize,
    row: usize,
    rows: usize,
    weights: &mut Array<Vector<f32, N>>,
    #[comptime] to: usize,
    #[comptime] octet: usize,
    #[comptime] encoding: Encoding,
    #[comptime] vector: usize,
) {
    let group_words = comptime!(layout::group_words(encoding));
    let first = group * group_words * rows + row;
    match encoding {
        Encoding::F32 =>
        {
            #[unroll]
            for at in 0..8usize {
                let weight = f32::reinterpret(words[first + comptime!(8 * octet + at) * rows]);
                put::<N>(weights, to, at, weight, vector);
            }
        }
        Encoding::F16 =>
        {
            #[unroll]
            for at in 0..4usize {
                let word = words[first + comptime!(4 * octet + at) * rows];
                put::<N>(weights, to, comptime!(2 * at), half(word & 0xffff), vector);
                put::<N>(weights, to, comptime!(2 * at + 1), half(word >> 16), vector);
            }
        }
        Encoding::BF16 =>
        {
            #[unroll]
            for at in 0..4usize {
                let word = words[first + comptime!(4 * octet + at) * rows];
                put::<N>(weights, to, comptime!(2 * at), f32::reinterpret(word << 16), vector);
                put::<N>(weights, to, comptime!(2 * at + 1), f32::reinterpret(word & 0xffff_0000), vector);
            }
        }
        Encoding::Q8_0 =>
        {
            #[unroll]
            for at in 0..2usize {
                let word = words[first + comptime!(2 * octet + at) * rows];
                #[unroll]
                for part in 0..comptime!(4 / vector) {
                    let bytes = fields::<N>(word >> comptime!(8 * (part * vector) as u32), 8u32, vector);
                    let bytes = bytes ^ Vector::<u32, N>::new(0x80u32);
                    weights[comptime!(to + at * (4 / vector) + part)] =
                        Vector::<f32, N>::cast_from(bytes) - Vector::<f32, N>::new(128.0f32);
                }
            }
        }
        Encoding::Q4_0 | Encoding::Q4_1 | Encoding::Q4K => {
            let zero = comptime!(if matches!(encoding, Encoding::Q4_0) { 8.0f32 } else { 0.0f32 });
            let word = words[first + octet * rows];
            #[unroll]
            for part in 0..comptime!(8 / vector) {
                let value = fields::<N>(word >> comptime!(4 * (part * vector) as u32), 4u32, vector);
                weights[comptime!(to + part)] = less::<N>(value, zero);
            }
        }
        Encoding::Q5_0 | Encoding::Q5_1 | Encoding::Q5K => {
            let zero = comptime!(if matches!(encoding, Encoding::Q5_0) { 16.0f32 } else { 0.0f32 });
            let word = words[first + octet * rows];
            let fifths = words[first + 4 * rows];
            #[unroll]
            for part in 0..comptime!(8 / vector) {
                let low = fields::<N>(word >> comptime!(4 * (part * vector) as u32), 4u32, vector);
                let upper = fifths >> comptime!((8 * octet + part * vector) as u32);
                let fifth = fields::<N>(upper, 1u32, vector) << Vector::<u32, N>::new(4u32);
                weights[comptime!(to + part)] = less::<N>(low | fifth, zero);
            }
        }
        Encoding::Q6K => {
            let word = words[first + octet * rows];
            let upper = words[first + comptime!(4 + octet / 2) * rows] >> comptime!(16 * (octet as u32 % 2));
            #[unroll]
            for part in 0..comptime!(8 / vector) {
                let low = fields::<N>(word >> comptime!(4 * (part * vector) as u32), 4u32, vector);
                let high = fields::<N>(upper >> comptime!(2 * (part * vector) as u32), 2u32, vector);
                let value = low | (high << Vector::<u32, N>::new(4u32));
                weights[comptime!(to + part)] = less::<N>(value, 32.0f32);
            }
        }
    }
}

/// Small integers as floats, less what stands for zero.
#[cube]
fn less<N: Size>(value: Vector<u32, N>, #[comptime] zero: f32) -> Vector<f32, N> {
    let mut weight = Vector::<f32, N>::cast_from(value);
    if comptime!(zero > 0.0) {
        weight -= Vector::<f32, N>::new(zero);
    }
    weight
}

/// Neighbouring fields of a word, the lowest first, each of so many bits.
#[cube]
fn fields<N: Size>(word: u32, #[comptime] bits: u32, #[comptime] vector: usize) -> Vector<u32, N> {
    let mut shifts = Vector::<u32, N>::new(0u32);
    #[unroll]
    for at in 0..vector {
        shifts.insert(at, comptime!(bits * at as u32).runtime());
    }
    (Vector::<u32, N>::new(word) >> shifts) & Vector::<u32, N>::new(comptime!((1 << bits) - 1))
}

/// Puts one weight where it belongs.
#[cube]
fn put<N: Size>(
    weights: &mut Array<Vector<f32, N>>,
    #[comptime] to: usize,
    #[comptime] at: usize,
    weight: f32,
    #[comptime] vector: usize,
) {
    let place = comptime!(to + at / vector);
    let mut all = weights[place];
    all.insert(comptime!(at % vector), weight);
    weights[place] = all;
}

/// A group's own scale, half of a word that two groups share.
#[cube]
fn own_scale(
    words: &[u32],
    group: usize,
    row: usize,
    rows: usize,
    groups: usize,
    #[comptime] group_words: usize,
) -> u32 {
    let word = words[(groups * group_words + group / 2) * rows + row];
    (word >> (u32::cast_from(group % 2) * 16)) & 0xffff
}

/// The word that eight groups share, behind the scales of each.
#[cube]
fn super_scale(
    words: &[u32],
    group: usize,
    row: usize,
    rows: usize,
    groups: usize,
    #[comptime] group_words: usize,
) -> u32 {
    words[(groups * group_words + groups.div_ceil(2) + group / 8) * rows + row]
}
