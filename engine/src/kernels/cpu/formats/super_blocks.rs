//! The "K" formats: 256 weights a block, whose groups' scales are themselves quantized.

use wide::{f32x4, i32x4, u32x4};

use super::{Format, Scales, byte, high_half, low_half, short_words, words};
use crate::kernels::cpu::simd::Simd;

/// 4 bits and an offset.
pub(in super::super) struct Q4K;
/// 5 bits and an offset.
pub(in super::super) struct Q5K;
/// 6 bits, from −32 to 31, a scale for every 16.
pub(in super::super) struct Q6K;

/// Scale and smallest value of all groups, and of each group in their steps: a byte each, four in a word.
#[derive(Clone, Copy)]
pub(in super::super) struct ScaleAndMinimum {
    scale: f32x4,
    minimum: f32x4,
    scales: [u32x4; 2],
    minima: [u32x4; 2],
}

impl ScaleAndMinimum {
    /// Six bits for each step, packed into twelve bytes: of groups 0 to 3 the low bits of two words, of groups 4 to
    /// 7 the nibbles of a third word, and above them the bits that are left in the other two.
    #[inline(always)]
    fn of(blocks: [&[u8]; 4]) -> Self {
        let (both, a, b, c) = (words(blocks, 0), words(blocks, 4), words(blocks, 8), words(blocks, 12));
        let (six, nibble, two) =
            (u32x4::splat(0x3f3f_3f3f), u32x4::splat(0x0f0f_0f0f), u32x4::splat(0x0303_0303));
        let left = |word: u32x4| ((word >> 6_u32) & two) << 4_u32;
        Self {
            scale: low_half(both),
            minimum: high_half(both),
            scales: [a & six, (c & nibble) | left(a)],
            minima: [b & six, ((c >> 4_u32) & nibble) | left(b)],
        }
    }

    #[inline(always)]
    fn group(self, group: usize) -> Scales {
        let of = |[first, second]: [u32x4; 2]| byte(if group < 4 { first } else { second }, group % 4);
        Scales { scale: [self.scale * of(self.scales); 2], offset: -self.minimum * of(self.minima) }
    }
}

impl Format for Q4K {
    const BYTES: usize = 144;
    const GROUPS: usize = 8;
    type Header = ScaleAndMinimum;

    #[inline(always)]
    fn header(blocks: [&[u8]; 4]) -> ScaleAndMinimum {
        ScaleAndMinimum::of(blocks)
    }

    #[inline(always)]
    fn scales(_: [&[u8]; 4], header: ScaleAndMinimum, group: usize) -> Scales {
        header.group(group)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8], group: usize) -> S::Integers {
        simd.unsigned(nibbles(simd, block, 16 + 32 * (group / 2), group % 2 == 1))
    }
}

impl Format for Q5K {
    const BYTES: usize = 176;
    const GROUPS: usize = 8;
    type Header = ScaleAndMinimum;

    #[inline(always)]
    fn header(blocks: [&[u8]; 4]) -> ScaleAndMinimum {
        ScaleAndMinimum::of(blocks)
    }

    #[inline(always)]
    fn scales(_: [&[u8]; 4], header: ScaleAndMinimum, group: usize) -> Scales {
        header.group(group)
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8], group: usize) -> S::Integers {
        let low = nibbles(simd, block, 48 + 32 * (group / 2), group % 2 == 1);
        // Bit `group` of byte `l` is the fifth bit of weight `l`.
        let fifth = simd.and(simd.shift_right(simd.bytes(block, 16), group as u32), 0x0101);
        simd.unsigned(simd.or(low, simd.shift_left(fifth, 4)))
    }
}

impl Format for Q6K {
    const BYTES: usize = 210;
    const GROUPS: usize = 8;
    const HALVES: bool = true;
    const OFFSET: bool = false;
    type Header = f32x4;

    #[inline(always)]
    fn header(blocks: [&[u8]; 4]) -> f32x4 {
        low_half(short_words(blocks, 208))
    }

    #[inline(always)]
    fn scales(blocks: [&[u8]; 4], scale: f32x4, group: usize) -> Scales {
        let steps: i32x4 = bytemuck::cast(short_words(blocks, 192 + 2 * group));
        // Signed bytes: the shifts carry the sign.
        let (first, second) = ((steps << 24_u32) >> 24_u32, (steps << 16_u32) >> 24_u32);
        let scale = [scale * f32x4::from_i32x4(first), scale * f32x4::from_i32x4(second)];
        Scales { scale, offset: f32x4::ZERO }
    }

    #[inline(always)]
    fn integers<S: Simd>(simd: S, block: &[u8], group: usize) -> S::Integers {
        // Each 128 weights: 64 bytes of low nibbles (of groups 0 and 1, above them those of 2 and 3), and 32 bytes
        // in which every group has two bits.
        let (half_block, within) = (group / 4, group % 4);
        let low = nibbles(simd, block, 64 * half_block + 32 * (within % 2), within >= 2);
        let bits = simd.bytes(block, 128 + 32 * half_block);
        let high = match within {
            0 => simd.shift_left(simd.and(bits, 0x0303), 4),
            1 => simd.shift_left(simd.and(bits, 0x0c0c), 2),
            2 => simd.and(bits, 0x3030),
            _ => simd.shift_right(simd.and(bits, 0xc0c0), 2),
        };
        simd.minus(simd.unsigned(simd.or(low, high)), 32)
    }
}

/// The nibbles of 32 bytes, low or high.
#[inline(always)]
fn nibbles<S: Simd>(simd: S, block: &[u8], at: usize, high: bool) -> S::Lanes {
    let bytes = simd.bytes(block, at);
    simd.and(if high { simd.shift_right(bytes, 4) } else { bytes }, 0x0f0f)
}
