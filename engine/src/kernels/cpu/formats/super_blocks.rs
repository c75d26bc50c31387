//! The "K" formats: 256 weights a block, whose groups' scales are themselves quantized.

use wide::{i16x8, u16x8};

use super::{Format, Group, half, high_nibbles, lanes, low_nibbles, signed};

/// 4 bits and an offset.
pub(in super::super) struct Q4K;
/// 5 bits and an offset.
pub(in super::super) struct Q5K;
/// 6 bits, from −32 to 31, a scale for every 16.
pub(in super::super) struct Q6K;

/// Scale and smallest value of all groups.
#[derive(Clone, Copy)]
pub(in super::super) struct ScaleAndMinimum {
    scale: f32,
    minimum: f32,
}

impl ScaleAndMinimum {
    #[inline(always)]
    fn of(block: &[u8]) -> Self {
        Self { scale: half(block, 0), minimum: half(block, 2) }
    }
}

impl Format for Q4K {
    const BYTES: usize = 144;
    const GROUPS: usize = 8;
    type Header = ScaleAndMinimum;

    #[inline(always)]
    fn header(block: &[u8]) -> ScaleAndMinimum {
        ScaleAndMinimum::of(block)
    }

    #[inline(always)]
    fn group(block: &[u8], header: ScaleAndMinimum, group: usize) -> Group {
        let at = 16 + 32 * (group / 2);
        let [[a, b], [c, d]] = nibble_pairs(block, at, group % 2 == 1);
        scaled([signed(a), signed(b), signed(c), signed(d)], block, header, group)
    }
}

impl Format for Q5K {
    const BYTES: usize = 176;
    const GROUPS: usize = 8;
    type Header = ScaleAndMinimum;

    #[inline(always)]
    fn header(block: &[u8]) -> ScaleAndMinimum {
        ScaleAndMinimum::of(block)
    }

    #[inline(always)]
    fn group(block: &[u8], header: ScaleAndMinimum, group: usize) -> Group {
        let at = 48 + 32 * (group / 2);
        let [[a, b], [c, d]] = nibble_pairs(block, at, group % 2 == 1);
        // Bit `group` of byte `l` is the fifth bit of weight `l`.
        let one = u16x8::splat(1);
        let fifth = |bytes: u16x8, shift: u32| ((bytes >> shift) & one) << 4_u32;
        let (first, second, bit) = (lanes(block, 16), lanes(block, 32), group as u32);
        let q = [
            signed(a + fifth(first, bit)),
            signed(b + fifth(first, bit + 8)),
            signed(c + fifth(second, bit)),
            signed(d + fifth(second, bit + 8)),
        ];
        scaled(q, block, header, group)
    }
}

impl Format for Q6K {
    const BYTES: usize = 210;
    const GROUPS: usize = 8;
    const HALVES: bool = true;
    type Header = f32;

    #[inline(always)]
    fn header(block: &[u8]) -> f32 {
        half(block, 208)
    }

    #[inline(always)]
    fn group(block: &[u8], scale: f32, group: usize) -> Group {
        // Each 128 weights: 64 bytes of low nibbles (of groups 0 and 1, above them those of 2 and 3), and 32 bytes
        // in which every group has two bits.
        let (half_block, within) = (group / 4, group % 4);
        let low = nibble_pairs(block, 64 * half_block + 32 * (within % 2), within >= 2);
        let two = u16x8::splat(0b11);
        let shift = 2 * within as u32;
        let high = [lanes(block, 128 + 32 * half_block), lanes(block, 144 + 32 * half_block)];
        let centre = i16x8::splat(32);
        let weight =
            |low: u16x8, bytes: u16x8, shift: u32| signed(low | (((bytes >> shift) & two) << 4_u32)) - centre;
        let ([[a, b], [c, d]], [first, second]) = (low, high);
        let q = [
            weight(a, first, shift),
            weight(b, first, shift + 8),
            weight(c, second, shift),
            weight(d, second, shift + 8),
        ];
        let of = |half: usize| match block.get(192 + 2 * group + half) {
            Some(&byte) => scale * f32::from(byte as i8),
            None => 0.0,
        };
        Group { q, scale: [of(0), of(1)], offset: 0.0 }
    }
}

/// The nibbles of 32 bytes, low or high, as even and odd bytes of the first and of the second 16.
#[inline(always)]
fn nibble_pairs(block: &[u8], at: usize, high: bool) -> [[u16x8; 2]; 2] {
    let (first, second) = (lanes(block, at), lanes(block, at + 16));
    if high { [high_nibbles(first), high_nibbles(second)] } else { [low_nibbles(first), low_nibbles(second)] }
}

/// Adds a group's own scale and minimum: six bits each, packed into twelve bytes behind the header.
#[inline(always)]
fn scaled(q: [i16x8; 4], block: &[u8], header: ScaleAndMinimum, group: usize) -> Group {
    let byte = |at: usize| block.get(4 + at).copied().unwrap_or(0);
    let (scale, minimum) = if group < 4 {
        (byte(group) & 63, byte(group + 4) & 63)
    } else {
        let shared = byte(group + 4);
        ((shared & 0x0f) | (byte(group - 4) >> 6) << 4, (shared >> 4) | (byte(group) >> 6) << 4)
    };
    let scale = header.scale * f32::from(scale);
    Group { q, scale: [scale; 2], offset: -header.minimum * f32::from(minimum) }
}
