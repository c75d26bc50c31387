//! Q4_K, Q5_K and Q6_K: 256 numbers in groups, whose small scales share the block's.
//!
//! `split_at` cuts arrays of known length here: it cannot fail.

use super::scale;

/// Scale and offset of the 8 groups, 6 bits each, in 12 bytes: bytes 0–3 hold the scales of groups 0–3 and in
/// their upper two bits those of groups 4–7; bytes 4–7 the same for the offsets; bytes 8–11 the lower four
/// bits of groups 4–7, scale and offset side by side.
fn group_scales(packed: &[u8; 12]) -> [(u8, u8); 8] {
    let [s0, s1, s2, s3, o0, o1, o2, o3, r0, r1, r2, r3] = *packed;
    let early = |scale: u8, offset: u8| (scale & 63, offset & 63);
    let late =
        |scale: u8, offset: u8, rest: u8| (rest & 15 | (scale & 0xc0) >> 2, rest >> 4 | (offset & 0xc0) >> 2);
    [
        early(s0, o0),
        early(s1, o1),
        early(s2, o2),
        early(s3, o3),
        late(s0, o0, r0),
        late(s1, o1, r1),
        late(s2, o2, r2),
        late(s3, o3, r3),
    ]
}

/// Step and offset of each group, as numbers.
fn groups(step: f32, offset: f32, packed: &[u8]) -> [(f32, f32); 8] {
    let packed = packed.first_chunk().copied().unwrap_or_default();
    group_scales(&packed).map(|(scale, min)| (step * f32::from(scale), offset * f32::from(min)))
}

/// Scale of the scales, scale of the offsets, both for 8 groups, then the quants: 32 bytes hold group 2 `g` in
/// their low halves and group 2 `g` + 1 in their high halves.
pub(super) fn decode_q4_k(block: &[u8; 144], into: &mut [f32; 256]) {
    let [low, high, min_low, min_high, rest @ ..] = block;
    let (packed, quants) = rest.split_at(12);
    let groups = groups(scale(*low, *high), scale(*min_low, *min_high), packed);
    let pairs = into.as_chunks_mut::<64>().0.iter_mut().zip(quants.as_chunks::<32>().0);
    for ((weights, quants), pair) in pairs.zip(groups.as_chunks::<2>().0) {
        let [first, second] = *pair;
        let (low, high) = weights.split_at_mut(32);
        for ((low, high), byte) in low.iter_mut().zip(high).zip(quants) {
            *low = first.0 * f32::from(byte & 15) - first.1;
            *high = second.0 * f32::from(byte >> 4) - second.1;
        }
    }
}

/// Like Q4_K; before the quants, 32 bytes hold the fifth bits: bit `g` of byte `i` is that of number `i` of
/// group `g`.
pub(super) fn decode_q5_k(block: &[u8; 176], into: &mut [f32; 256]) {
    let [low, high, min_low, min_high, rest @ ..] = block;
    let (packed, rest) = rest.split_at(12);
    let (fifths, quants) = rest.split_at(32);
    let groups = groups(scale(*low, *high), scale(*min_low, *min_high), packed);
    let pairs = into.as_chunks_mut::<64>().0.iter_mut().zip(quants.as_chunks::<32>().0);
    for (number, ((weights, quants), pair)) in pairs.zip(groups.as_chunks::<2>().0).enumerate() {
        let [first, second] = *pair;
        let (low, high) = weights.split_at_mut(32);
        for (((low, high), byte), fifth) in low.iter_mut().zip(high).zip(quants).zip(fifths) {
            let fifth = fifth >> (2 * number);
            *low = first.0 * f32::from(byte & 15 | (fifth & 1) << 4) - first.1;
            *high = second.0 * f32::from(byte >> 4 | (fifth & 2) << 3) - second.1;
        }
    }
}

/// The lower four bits, the upper two, 16 signed scales, their scale. Each half of the block holds four runs
/// of 32 numbers: byte `i` of its 64 low bytes has run 0 or 1 in its low half, run 2 or 3 in its high half;
/// byte `i` of its 32 high bytes has two bits of each run. 32 stands for zero.
pub(super) fn decode_q6_k(block: &[u8; 210], into: &mut [f32; 256]) {
    let [rest @ .., low, high] = block;
    let step = scale(*low, *high);
    let (lows, rest) = rest.split_at(128);
    let (highs, scales) = rest.split_at(64);
    let halves = lows.as_chunks::<64>().0.iter().zip(highs.as_chunks::<32>().0);
    let halves = halves.zip(scales.as_chunks::<8>().0).zip(into.as_chunks_mut::<128>().0);
    for (((lows, highs), scales), weights) in halves {
        let (low_01, low_23) = lows.split_at(32);
        let (run_01, run_23) = weights.split_at_mut(64);
        let (run_0, run_1) = run_01.split_at_mut(32);
        let (run_2, run_3) = run_23.split_at_mut(32);
        let [s0, s1, s2, s3, s4, s5, s6, s7] = scales.map(|scale| step * f32::from(scale.cast_signed()));
        six_bits(run_0, [s0, s1], low_01.iter().zip(highs).map(|(low, high)| low & 15 | (high & 3) << 4));
        six_bits(run_1, [s2, s3], low_23.iter().zip(highs).map(|(low, high)| low & 15 | (high & 12) << 2));
        six_bits(run_2, [s4, s5], low_01.iter().zip(highs).map(|(low, high)| low >> 4 | high & 48));
        six_bits(run_3, [s6, s7], low_23.iter().zip(highs).map(|(low, high)| low >> 4 | (high & 192) >> 2));
    }
}

/// A run of 32 numbers: two groups of 16, each with its step.
fn six_bits(run: &mut [f32], steps: [f32; 2], quants: impl Iterator<Item = u8>) {
    let steps = steps.into_iter().flat_map(|step| std::iter::repeat_n(step, 16));
    for ((weight, step), quant) in run.iter_mut().zip(steps).zip(quants) {
        *weight = step * f32::from(quant.cast_signed() - 32);
    }
}
