//! Q5_0 and Q5_1: like the 4-bit forms, with the fifth bit of number `i` in bit `i` of a 32-bit word.

use super::scale;

/// A scale, the fifth bits, then the rest of the quants; 16 stands for zero.
pub(super) fn decode_q5_0(block: &[u8; 22], into: &mut [f32; 32]) {
    let [low, high, h0, h1, h2, h3, quants @ ..] = block;
    let step = scale(*low, *high);
    let fifth = u32::from_le_bytes([*h0, *h1, *h2, *h3]);
    join(fifth, quants, into, |quant| f32::from(quant.cast_signed() - 16) * step);
}

/// A scale, an offset, the fifth bits, then the rest of the quants.
pub(super) fn decode_q5_1(block: &[u8; 24], into: &mut [f32; 32]) {
    let [low, high, offset_low, offset_high, h0, h1, h2, h3, quants @ ..] = block;
    let (step, offset) = (scale(*low, *high), scale(*offset_low, *offset_high));
    let fifth = u32::from_le_bytes([*h0, *h1, *h2, *h3]);
    join(fifth, quants, into, |quant| f32::from(quant) * step + offset);
}

fn join(fifth: u32, quants: &[u8; 16], into: &mut [f32; 32], value: impl Fn(u8) -> f32) {
    let bit = |number: usize| if fifth >> number & 1 == 1 { 16 } else { 0 };
    let (first, second) = into.split_at_mut(16);
    for (number, ((first, second), pair)) in first.iter_mut().zip(second).zip(quants).enumerate() {
        *first = value(pair & 15 | bit(number));
        *second = value(pair >> 4 | bit(number + 16));
    }
}
