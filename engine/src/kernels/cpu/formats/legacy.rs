//! The formats of one group a block: a scale, perhaps an offset, 32 weights.

use wide::{i16x8, u16x8};

use super::{Format, Group, half, high_nibbles, lanes, low_nibbles, signed};

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

    /// The block's weights.
    fn only_group(block: &[u8]) -> Group;
}

impl<F: OneGroup> Format for F {
    const BYTES: usize = <F as OneGroup>::BYTES;
    const GROUPS: usize = 1;
    type Header = ();

    #[inline(always)]
    fn header(_: &[u8]) {}

    #[inline(always)]
    fn group(block: &[u8], (): (), _: usize) -> Group {
        F::only_group(block)
    }
}

impl OneGroup for Q4_0 {
    const BYTES: usize = 18;

    #[inline(always)]
    fn only_group(block: &[u8]) -> Group {
        let scale = half(block, 0);
        Group { q: nibbles(lanes(block, 2)), scale: [scale; 2], offset: -8.0 * scale }
    }
}

impl OneGroup for Q4_1 {
    const BYTES: usize = 20;

    #[inline(always)]
    fn only_group(block: &[u8]) -> Group {
        Group { q: nibbles(lanes(block, 4)), scale: [half(block, 0); 2], offset: half(block, 2) }
    }
}

impl OneGroup for Q5_0 {
    const BYTES: usize = 22;

    #[inline(always)]
    fn only_group(block: &[u8]) -> Group {
        let scale = half(block, 0);
        let q = with_fifth_bits(nibbles(lanes(block, 6)), block, 2);
        Group { q, scale: [scale; 2], offset: -16.0 * scale }
    }
}

impl OneGroup for Q5_1 {
    const BYTES: usize = 24;

    #[inline(always)]
    fn only_group(block: &[u8]) -> Group {
        let q = with_fifth_bits(nibbles(lanes(block, 8)), block, 4);
        Group { q, scale: [half(block, 0); 2], offset: half(block, 2) }
    }
}

impl OneGroup for Q8_0 {
    const BYTES: usize = 34;

    #[inline(always)]
    fn only_group(block: &[u8]) -> Group {
        let (first, second) = (signed(lanes(block, 2)), signed(lanes(block, 18)));
        // Arithmetic shifts carry the sign of either byte through its lane.
        let q = [(first << 8_u32) >> 8_u32, first >> 8_u32, (second << 8_u32) >> 8_u32, second >> 8_u32];
        Group { q, scale: [half(block, 0); 2], offset: 0.0 }
    }
}

/// Weight `j` is the low nibble of byte `j`, weight `16 + j` its high nibble.
#[inline(always)]
fn nibbles(bytes: u16x8) -> [i16x8; 4] {
    let ([a, b], [c, d]) = (low_nibbles(bytes), high_nibbles(bytes));
    [signed(a), signed(b), signed(c), signed(d)]
}

/// Adds 16 where the weight's bit is set: bit `j` of the 32 at `at` belongs to weight `j`.
#[inline(always)]
fn with_fifth_bits(q: [i16x8; 4], block: &[u8], at: usize) -> [i16x8; 4] {
    // Multiplying by these brings bit `2i` of the lane to its top; the odd bits follow after one shift.
    let to_top = u16x8::new([1 << 15, 1 << 13, 1 << 11, 1 << 9, 1 << 7, 1 << 5, 1 << 3, 1 << 1]);
    let fifth = |bits: u16x8| signed(((bits * to_top) >> 15_u32) << 4_u32);
    let word = |at| match block.get(at..at + 2) {
        Some(&[low, high]) => u16x8::splat(u16::from_le_bytes([low, high])),
        _ => u16x8::splat(0),
    };
    let (first, second) = (word(at), word(at + 2));
    let [a, b, c, d] = q;
    [a + fifth(first), b + fifth(first >> 1_u32), c + fifth(second), d + fifth(second >> 1_u32)]
}
