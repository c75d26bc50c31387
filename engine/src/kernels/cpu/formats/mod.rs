//! How each encoding's blocks become small integers that SIMD multiplies.
//!
//! Every block format divides into *groups* of 32 weights, `weight = scale · q + offset`. [`Format::group`] hands a
//! group out as 32 integers in *split order*: the even-numbered weights of the first 16, the odd-numbered ones,
//! then the same of the second 16. A 16-byte load of nibbles or bytes, seen as eight 16-bit lanes, falls into that
//! order by masks and shifts alone; `quantized.rs` brings the activations into it once.

mod legacy;
mod super_blocks;

use wide::{i16x8, u16x8};

pub(super) use legacy::{Q4_0, Q4_1, Q5_0, Q5_1, Q8_0};
pub(super) use super_blocks::{Q4K, Q5K, Q6K};

/// Weights in a group.
pub(super) const GROUP: usize = 32;

/// A block format.
pub(super) trait Format {
    /// Bytes of a block.
    const BYTES: usize;
    /// Groups in a block.
    const GROUPS: usize;
    /// Whether the two halves of a group have scales of their own.
    const HALVES: bool = false;
    /// What a block says once for all its groups.
    type Header: Copy;

    /// Reads that.
    fn header(block: &[u8]) -> Self::Header;

    /// One group of a block.
    fn group(block: &[u8], header: Self::Header, group: usize) -> Group;
}

/// 32 weights.
#[derive(Clone, Copy)]
pub(super) struct Group {
    /// The integers, in split order.
    pub q: [i16x8; 4],
    /// The factor of the first and of the second 16 (the same unless [`Format::HALVES`]).
    pub scale: [f32; 2],
    /// What is added to every weight.
    pub offset: f32,
}

/// A half-precision number of a block's header.
#[inline(always)]
pub(super) fn half(bytes: &[u8], at: usize) -> f32 {
    match bytes.get(at..at + 2) {
        Some(&[low, high]) => widened(u16::from_le_bytes([low, high])),
        _ => 0.0,
    }
}

/// Half precision as single.
///
/// Not `half`'s conversion, which asks the processor what it can do at each call; several of these at once become
/// SIMD. Infinities and NaN, which no quantizer writes, come out as large finite numbers.
#[inline(always)]
pub(super) fn widened(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

/// 16 bytes of a block as eight lanes: byte `2i` is the low half of lane `i`.
#[inline(always)]
pub(super) fn lanes(bytes: &[u8], at: usize) -> u16x8 {
    let bytes: [u8; 16] = bytes.get(at..at + 16).and_then(|b| b.try_into().ok()).unwrap_or([0; 16]);
    bytemuck::cast(bytes)
}

/// The same bits as signed lanes.
#[inline(always)]
pub(super) fn signed(lanes: u16x8) -> i16x8 {
    bytemuck::cast(lanes)
}

/// The low nibbles of the even and of the odd bytes.
#[inline(always)]
pub(super) fn low_nibbles(bytes: u16x8) -> [u16x8; 2] {
    let nibble = u16x8::splat(0x0f);
    [bytes & nibble, (bytes >> 8_u32) & nibble]
}

/// The high nibbles of the even and of the odd bytes.
#[inline(always)]
pub(super) fn high_nibbles(bytes: u16x8) -> [u16x8; 2] {
    let nibble = u16x8::splat(0x0f);
    [(bytes >> 4_u32) & nibble, bytes >> 12_u32]
}
