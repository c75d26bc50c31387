//! Q8_0: a scale, then 32 signed bytes.

use super::{scale, scale_bytes};

pub(super) fn decode(block: &[u8; 34], into: &mut [f32; 32]) {
    let [low, high, quants @ ..] = block;
    let step = scale(*low, *high);
    for (weight, quant) in into.iter_mut().zip(quants) {
        *weight = f32::from(quant.cast_signed()) * step;
    }
}

/// The largest number becomes ±127; the others are rounded, halves away from zero.
pub(super) fn encode(weights: &[f32; 32]) -> Option<[u8; 34]> {
    let step = weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs())) / 127.0;
    // `max` passes over NaN.
    if weights.iter().any(|weight| weight.is_nan()) {
        return None;
    }
    let per_step = if step == 0.0 { 0.0 } else { 1.0 / step };
    let mut block = [0; 34];
    let [low, high, quants @ ..] = &mut block;
    [*low, *high] = scale_bytes(step)?;
    for (quant, weight) in quants.iter_mut().zip(weights) {
        *quant = ((weight * per_step).round() as i8).cast_unsigned();
    }
    Some(block)
}
