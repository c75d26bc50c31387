//! How each encoding's blocks become small integers that SIMD multiplies.
//!
//! Every block format divides into *groups* of 32 weights, `weight = scale · q + offset`. A group's integers come in
//! *split order*: the even-numbered weights of the first 16, those of the second 16, then the odd-numbered ones of
//! either. 16 nibbles or bytes, seen as eight 16-bit lanes, fall into that order by masks and shifts alone;
//! `quantized.rs` brings the activations into it once.
//!
//! Integers are made for one row, scales for four rows at once: the same numbers of four blocks make a vector.

mod legacy;
mod super_blocks;

use wide::{f32x4, i32x4, u32x4};

use super::simd::Simd;

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
    /// Whether there is an offset.
    const OFFSET: bool = true;
    /// What a block says once for all its groups.
    type Header: Copy;

    /// Reads that, of a block in each of four rows.
    fn header(blocks: [&[u8]; 4]) -> Self::Header;

    /// What the integers of one group are worth, in each of the four rows.
    fn scales(blocks: [&[u8]; 4], header: Self::Header, group: usize) -> Scales;

    /// The integers of one group.
    fn integers<S: Simd>(simd: S, block: &[u8], group: usize) -> S::Integers;
}

/// What the integers of a group are worth, in each of four rows.
#[derive(Clone, Copy)]
pub(super) struct Scales {
    /// The factor of the first and of the second 16 (the same unless [`Format::HALVES`]).
    pub scale: [f32x4; 2],
    /// What is added to every weight; 0 unless [`Format::OFFSET`].
    pub offset: f32x4,
}

/// Four bytes of each block, as one number each.
#[inline(always)]
fn words(blocks: [&[u8]; 4], at: usize) -> u32x4 {
    let word = |block: &[u8]| {
        block.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
    };
    u32x4::new(blocks.map(word))
}

/// Two bytes of each block, as one number each.
#[inline(always)]
fn short_words(blocks: [&[u8]; 4], at: usize) -> u32x4 {
    u32x4::new(blocks.map(|block| u32::from(short_word(block, at))))
}

/// Two bytes of a block.
#[inline(always)]
fn short_word(block: &[u8], at: usize) -> u16 {
    block.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// The half-precision number in the low half of each word, as single precision; see [`widened`].
#[inline(always)]
fn low_half(words: u32x4) -> f32x4 {
    high_half(words << 16_u32)
}

/// The same of the high half.
#[inline(always)]
fn high_half(words: u32x4) -> f32x4 {
    // The sign's copies, which an arithmetic shift makes, are masked away with what stood in the low half.
    let words: i32x4 = bytemuck::cast(words);
    let magnitude: f32x4 = bytemuck::cast((words >> 3_u32) & i32x4::splat(0x8fff_e000_u32 as i32));
    magnitude * f32x4::splat(EXPONENT_STEP)
}

/// Byte `number` of each word.
#[inline(always)]
fn byte(words: u32x4, number: usize) -> f32x4 {
    let bytes = (words >> (8 * number as u32)) & u32x4::splat(0xff);
    f32x4::from_i32x4(bytemuck::cast(bytes))
}

/// 2¹¹²: what exponents of half and of single precision differ by.
const EXPONENT_STEP: f32 = f32::from_bits(0x7780_0000);

/// Half precision as single.
///
/// Not `half`'s conversion, which asks the processor what it can do at each call; several of these at once become
/// SIMD. Infinities and NaN, which no quantizer writes, come out as large finite numbers.
#[inline(always)]
pub(super) fn widened(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * EXPONENT_STEP;
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}
