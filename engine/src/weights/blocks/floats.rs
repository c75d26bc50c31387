//! Floats, each by itself, least significant byte first.

use half::{bf16, f16};

pub(super) fn decode_f32(bytes: &[u8], into: &mut [f32]) {
    for (weight, raw) in into.iter_mut().zip(bytes.as_chunks().0) {
        *weight = f32::from_le_bytes(*raw);
    }
}

pub(super) fn decode_f16(bytes: &[u8], into: &mut [f32]) {
    for (weight, raw) in into.iter_mut().zip(bytes.as_chunks().0) {
        *weight = f16::from_le_bytes(*raw).to_f32();
    }
}

pub(super) fn decode_bf16(bytes: &[u8], into: &mut [f32]) {
    for (weight, raw) in into.iter_mut().zip(bytes.as_chunks().0) {
        *weight = bf16::from_le_bytes(*raw).to_f32();
    }
}

pub(super) fn encode_f16([weight]: &[f32; 1]) -> Option<[u8; 2]> {
    let stored = f16::from_f32(*weight);
    stored.is_finite().then(|| stored.to_le_bytes())
}

pub(super) fn encode_bf16([weight]: &[f32; 1]) -> Option<[u8; 2]> {
    let stored = bf16::from_f32(*weight);
    stored.is_finite().then(|| stored.to_le_bytes())
}
