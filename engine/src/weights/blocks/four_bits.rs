//! Q4_0 and Q4_1: 32 numbers of 4 bits. Byte `i` holds number `i` in its low half and number `i + 16` in its
//! high half.

use super::{scale, scale_bytes};

/// A scale, then the quants; 8 stands for zero.
pub(super) fn decode_q4_0(block: &[u8; 18], into: &mut [f32; 32]) {
    let [low, high, quants @ ..] = block;
    let step = scale(*low, *high);
    halves(quants, into, |quant| f32::from(quant.cast_signed() - 8) * step);
}

/// A scale, an offset, then the quants.
pub(super) fn decode_q4_1(block: &[u8; 20], into: &mut [f32; 32]) {
    let [low, high, offset_low, offset_high, quants @ ..] = block;
    let (step, offset) = (scale(*low, *high), scale(*offset_low, *offset_high));
    halves(quants, into, |quant| f32::from(quant) * step + offset);
}

fn halves(quants: &[u8; 16], into: &mut [f32; 32], value: impl Fn(u8) -> f32) {
    let (first, second) = into.split_at_mut(16);
    for ((first, second), pair) in first.iter_mut().zip(second).zip(quants) {
        *first = value(pair & 15);
        *second = value(pair >> 4);
    }
}

/// The number that is largest in size, the first of several, becomes −8: the side that has one step more.
pub(super) fn encode_q4_0(weights: &[f32; 32]) -> Option<[u8; 18]> {
    let [mut extreme, ..] = *weights;
    for weight in weights {
        if !weight.is_finite() {
            return None;
        }
        if weight.abs() > extreme.abs() {
            extreme = *weight;
        }
    }
    let step = extreme / -8.0;
    let per_step = if step == 0.0 { 0.0 } else { 1.0 / step };
    // The half rounds; the conversion cuts, and keeps what lies outside at the border.
    let quant = |weight: &f32| ((weight * per_step + 8.5) as u8).min(15);
    let mut block = [0; 18];
    let [low, high, quants @ ..] = &mut block;
    [*low, *high] = scale_bytes(step)?;
    let (first, second) = weights.split_at(16);
    for ((pair, first), second) in quants.iter_mut().zip(first).zip(second) {
        *pair = quant(first) | quant(second) << 4;
    }
    Some(block)
}
