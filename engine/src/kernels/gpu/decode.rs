//! Weights as floats again, on the device: 32 of them at a time. [`super::layout`] has the order.

#![allow(
    clippy::indexing_slicing,
    reason = "device code: an index outside is caught there by the launch's own checks"
)]

use cubecl::prelude::*;

use super::layout;
use crate::weights::Encoding;

/// A 16-bit float in the low half of a word. Its subnormals are spelled out: devices may flush those of 32 bits.
#[cube]
fn half(bits: u32) -> f32 {
    let magnitude = f32::reinterpret((bits & 0x7fff) << 13) * f32::new(5.192_296_9e33);
    let subnormal = f32::cast_from(bits & 0x3ff) * f32::new(5.960_464_5e-8);
    let positive = select((bits & 0x7c00) == 0, subnormal, magnitude);
    select((bits & 0x8000) == 0, positive, -positive)
}

/// A signed byte in the low quarter of a word.
#[cube]
fn signed(bits: u32) -> f32 {
    f32::cast_from((bits & 0xff) ^ 0x80) - f32::new(128.0)
}

/// The 32 weights of one group of one row.
#[cube]
#[allow(clippy::cognitive_complexity, reason = "one branch an encoding, and only one is compiled")]
pub fn decode(
    words: &[u32],
    group: usize,
    row: usize,
    rows: usize,
    groups: usize,
    weights: &mut Array<f32>,
    #[comptime] encoding: Encoding,
) {
    let group_words = comptime!(layout::group_words(encoding));
    let first = group * group_words * rows + row;
    match encoding {
        Encoding::F32 =>
        {
            #[unroll]
            for at in 0..32usize {
                weights[at] = f32::reinterpret(words[first + at * rows]);
            }
        }
        Encoding::F16 =>
        {
            #[unroll]
            for at in 0..16usize {
                let word = words[first + at * rows];
                weights[2 * at] = half(word & 0xffff);
                weights[2 * at + 1] = half(word >> 16);
            }
        }
        Encoding::BF16 =>
        {
            #[unroll]
            for at in 0..16usize {
                let word = words[first + at * rows];
                weights[2 * at] = f32::reinterpret(word << 16);
                weights[2 * at + 1] = f32::reinterpret(word & 0xffff_0000);
            }
        }
        Encoding::Q8_0 => {
            let scale = half(shared_half(words, group, row, rows, groups, group_words));
            #[unroll]
            for at in 0..8usize {
                let word = words[first + at * rows];
                #[unroll]
                for byte in 0..4usize {
                    weights[4 * at + byte] = scale * signed(word >> comptime!(8 * byte as u32));
                }
            }
        }
        Encoding::Q4_0 => {
            let scale = half(shared_half(words, group, row, rows, groups, group_words));
            nibbles(words, first, rows, scale, f32::new(-8.0) * scale, weights);
        }
        Encoding::Q4_1 => {
            let pair = words[(groups * group_words + group) * rows + row];
            nibbles(words, first, rows, half(pair & 0xffff), half(pair >> 16), weights);
        }
        Encoding::Q5_0 => {
            let scale = half(shared_half(words, group, row, rows, groups, group_words));
            five_bits(words, first, rows, scale, f32::new(-16.0) * scale, weights);
        }
        Encoding::Q5_1 => {
            let pair = words[(groups * group_words + group) * rows + row];
            five_bits(words, first, rows, half(pair & 0xffff), half(pair >> 16), weights);
        }
        Encoding::Q4K => {
            let own = shared_half(words, group, row, rows, groups, group_words);
            let shared = super_scale(words, group, row, rows, groups, group_words);
            let scale = half(shared & 0xffff) * f32::cast_from(own & 0xff);
            let offset = -half(shared >> 16) * f32::cast_from(own >> 8);
            nibbles(words, first, rows, scale, offset, weights);
        }
        Encoding::Q5K => {
            let own = shared_half(words, group, row, rows, groups, group_words);
            let shared = super_scale(words, group, row, rows, groups, group_words);
            let scale = half(shared & 0xffff) * f32::cast_from(own & 0xff);
            let offset = -half(shared >> 16) * f32::cast_from(own >> 8);
            five_bits(words, first, rows, scale, offset, weights);
        }
        Encoding::Q6K => {
            let own = shared_half(words, group, row, rows, groups, group_words);
            let shared = half(super_scale(words, group, row, rows, groups, group_words) & 0xffff);
            #[unroll]
            for part in 0..2usize {
                let scale = shared * signed(own >> comptime!(8 * part as u32));
                let upper = words[first + (4 + part) * rows];
                #[unroll]
                for nibble in 0..2usize {
                    let word = words[first + (2 * part + nibble) * rows];
                    #[unroll]
                    for at in 0..8usize {
                        let low = (word >> comptime!(4 * at as u32)) & 15;
                        let high = (upper >> comptime!(2 * (8 * nibble + at) as u32)) & 3;
                        weights[16 * part + 8 * nibble + at] =
                            scale * (f32::cast_from(low | (high << 4)) - f32::new(32.0));
                    }
                }
            }
        }
    }
}

/// Half of a word of scales that two groups share.
#[cube]
fn shared_half(
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

/// `scale · nibble + offset`
#[cube]
fn nibbles(words: &[u32], first: usize, rows: usize, scale: f32, offset: f32, weights: &mut Array<f32>) {
    #[unroll]
    for at in 0..4usize {
        let word = words[first + at * rows];
        #[unroll]
        for nibble in 0..8usize {
            let value = (word >> comptime!(4 * nibble as u32)) & 15;
            weights[8 * at + nibble] = scale * f32::cast_from(value) + offset;
        }
    }
}

/// `scale · (nibble, and 16 where the fifth bit is set) + offset`
#[cube]
fn five_bits(words: &[u32], first: usize, rows: usize, scale: f32, offset: f32, weights: &mut Array<f32>) {
    let fifths = words[first + 4 * rows];
    #[unroll]
    for at in 0..4usize {
        let word = words[first + at * rows];
        #[unroll]
        for nibble in 0..8usize {
            let fifth = (fifths >> comptime!((8 * at + nibble) as u32)) & 1;
            let value = ((word >> comptime!(4 * nibble as u32)) & 15) | (fifth << 4);
            weights[8 * at + nibble] = scale * f32::cast_from(value) + offset;
        }
    }
}
