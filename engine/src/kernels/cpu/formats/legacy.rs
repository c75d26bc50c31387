//! The formats of one group a block: a scale, perhaps an offset, 32 weights.

use wide::f32x4;

use super::{Format, Scales, high_half, low_half, short_word, short_words, words};
use crate::kernels::cpu::simd::Simd;

/// 4 bits, from −8 to 7.
pub(in super::super) struct Q4_0;
/// 4 bits from 0 to 15, and an offset.
pub(in super::super) struct Q4_1;
/// 5 bits, from −16 to 15.
pub(in super::super) struct Q5_0;
/// 5 bits from 0 to 31, and an offset.
pub(in super::super) struct Q5_1;
/// 8 bits.
pub(in super::super) struct Q8_0;

/// A block that is one group, and so has nothing to say for several.
trait OneGroup {
    /// Bytes of a block.
    const BYTES: usize;
    /// See [`Format::OFFSET`].
    const OFFSET: bool = true;

    /// See [`Format::scales`].
    fn scales(blocks: [&[u8]; 4]) -> Scales;

    /// See [`Format::integers`].
    fn integers<S: Simd>(simd: S, block: &[u8]) -> S::Integers;
}

impl<F: OneGroup> Format for F {
    const BYTES: usize = <F as OneGroup>::BYTES;
    const GROUPS: usize = 1;
    const OFFSET: bool = <F as OneGroup>::OFFSET;
    type Header = ();

    #[inline(always)]
    fn header(_: [&[u8]; 4]) {}

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4], (): (), _: usize) -> Scales {
        <F as OneGroup>::scales(blocks)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8], _: usize) -> S::Integers {
        <F as OneGroup>::integers(simd, block)
    }
}

impl OneGroup for Q4_0 {
    const BYTES: usize = 18;

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4]) -> Scales {
        from_scale(blocks, -8.0)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8]) -> S::Integers {
        simd.unsigned(simd.nibbles(block, 2))
    }
}

impl OneGroup for Q4_1 {
    const BYTES: usize = 20;

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4]) -> Scales {
        scale_and_offset(blocks)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8]) -> S::Integers {
        simd.unsigned(simd.nibbles(block, 4))
    }
}

impl OneGroup for Q5_0 {
    const BYTES: usize = 22;

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4]) -> Scales {
        from_scale(blocks, -16.0)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8]) -> S::Integers {
        simd.unsigned(with_fifth_bits(simd, block, 2))
    }
}

impl OneGroup for Q5_1 {
    const BYTES: usize = 24;

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4]) -> Scales {
        scale_and_offset(blocks)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8]) -> S::Integers {
        simd.unsigned(with_fifth_bits(simd, block, 4))
    }
}

impl OneGroup for Q8_0 {
    const BYTES: usize = 34;
    const OFFSET: bool = false;

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4]) -> Scales {
        from_scale(blocks, 0.0)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8]) -> S::Integers {
        simd.signed(simd.bytes(block, 2))
    }
}

/// The offset is the scale times what integers are above what they stand for, negative.
#[inline(always)]
fn from_scale(blocks: [&[u8]; 4], above: f32) -> Scales {
    let scale = low_half(short_words(blocks, 0));
    Scales { scale: [scale; 2], offset: scale * f32x4::splat(above) }
}

/// Both stand at the start of the block.
#[inline(always)]
fn scale_and_offset(blocks: [&[u8]; 4]) -> Scales {
    let both = words(blocks, 0);
    Scales { scale: [low_half(both); 2], offset: high_half(both) }
}

/// The nibbles that follow 32 bits at `at`, plus 16 where the weight's bit is set: bit `j` belongs to weight `j`.
#[inline(always)]
fn with_fifth_bits<S: Simd>(simd: S, block: &[u8], at: usize) -> S::Lanes {
    // Multiplying by these brings bit `2i` of a lane to its top; after one shift, they bring the odd bits there.
    let to_top = [1 << 15, 1 << 13, 1 << 11, 1 << 9, 1 << 7, 1 << 5, 1 << 3, 1 << 1];
    let (first, second) = (short_word(block, at), short_word(block, at + 2));
    let even = simd.times(simd.halves(first, second), to_top);
    let odd = simd.times(simd.halves(first >> 1, second >> 1), to_top);
    let even = simd.and(simd.shift_right(even, 11), 0x0010);
    let odd = simd.and(simd.shift_right(odd, 3), 0x1000);
    simd.or(simd.nibbles(block, at + 4), simd.or(even, odd))
}
