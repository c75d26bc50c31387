//! How weights lie in the graphics device's memory.
//!
//! A file's blocks are 18 or 34 bytes long, and a row is a row. Here 32 neighbouring weights of a row are a *group*: a few
//! whole 32-bit words. The words are ordered word by word, then row by row,
//! `words[(group · words_of_a_group + word) · rows + row]`, so that threads that compute neighbouring rows read
//! neighbouring words. Behind them come the scales, ordered in the same way:
//!
//! | encoding | words of a group | scales |
//! |---|---|---|
//! | F32 | 32: a weight each | |
//! | F16, BF16 | 16: two weights each | |
//! | Q4_0 | 4: eight weights each | a 16-bit float a group, two in a word |
//! | Q4_1 | 4 | two 16-bit floats a group: scale, offset |
//! | Q5_0 | 4, then 1: the fifth bits | as Q4_0 |
//! | Q5_1 | 4, then 1 | as Q4_1 |
//! | Q8_0 | 8: four weights each | as Q4_0 |
//! | Q4_K | 4 | 8 bits of scale and 8 of offset a group, two groups in a word; then a word for 8 groups, as Q4_1 |
//! | Q5_K | 4, then 1 | as Q4_K |
//! | Q6_K | 4, then 2: the upper two bits | 8 bits of scale for each half of a group, two groups in a word; then a 16-bit float a word for 8 groups |
//!
//! No encoding grows by this, but for rows of floats whose last group is filled up with zeros, and for the scales of
//! Q4_K and Q5_K, which take 8 bits in place of 6.

use crate::weights::Encoding;

/// Weights in a group.
pub const GROUP: usize = 32;

/// 32-bit words of a group's weights.
pub const fn group_words(encoding: Encoding) -> usize {
    match encoding {
        Encoding::F32 => 32,
        Encoding::F16 | Encoding::BF16 => 16,
        Encoding::Q4_0 | Encoding::Q4_1 | Encoding::Q4K => 4,
        Encoding::Q5_0 | Encoding::Q5_1 | Encoding::Q5K => 5,
        Encoding::Q6K => 6,
        Encoding::Q8_0 => 8,
    }
}

/// Groups that share a word of the first kind of scales; 0 where there are none.
pub const fn groups_per_scale(encoding: Encoding) -> usize {
    match encoding {
        Encoding::F32 | Encoding::F16 | Encoding::BF16 => 0,
        Encoding::Q4_1 | Encoding::Q5_1 => 1,
        _ => 2,
    }
}

/// Whether groups share a second scale, eight of them.
pub const fn has_super_scale(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::Q4K | Encoding::Q5K | Encoding::Q6K)
}

/// Groups of a row.
pub const fn groups(columns: usize) -> usize {
    columns.div_ceil(GROUP)
}

/// 32-bit words that rows take.
pub fn words(encoding: Encoding, rows: usize, columns: usize) -> usize {
    let groups = groups(columns);
    let scales = match groups_per_scale(encoding) {
        0 => 0,
        shared => groups.div_ceil(shared),
    };
    let supers = if has_super_scale(encoding) { groups.div_ceil(8) } else { 0 };
    (groups * group_words(encoding) + scales + supers) * rows
}

/// Brings whole rows, as a file has them, into this order. Bytes that are no whole rows are left out.
pub fn arrange(encoding: Encoding, bytes: &[u8], columns: usize) -> Vec<u32> {
    let row_bytes = encoding.bytes_for(columns).unwrap_or(0).max(1);
    let rows = bytes.len() / row_bytes;
    let mut all = vec![0; words(encoding, rows, columns)];
    let groups = groups(columns);
    let mut place = Placement {
        scales: groups * group_words(encoding),
        supers: groups * group_words(encoding) + groups.div_ceil(groups_per_scale(encoding).max(1)),
        words: &mut all,
        rows,
        row: 0,
    };
    for row in bytes.chunks_exact(row_bytes) {
        let blocks = row.chunks(encoding.block_bytes() * GROUP.div_ceil(encoding.block_weights()).max(1));
        for (block, bytes) in blocks.enumerate() {
            place.block(encoding, block, bytes);
        }
        place.row += 1;
    }
    all
}

/// The place of one row's words.
struct Placement<'a> {
    words: &'a mut [u32],
    /// Word of the row at which scales begin, and those that groups share.
    scales: usize,
    supers: usize,
    rows: usize,
    row: usize,
}

impl Placement<'_> {
    /// Sets bits of a word of this row.
    fn put(&mut self, word: usize, bits: u32) {
        if let Some(word) = self.words.get_mut(word * self.rows + self.row) {
            *word |= bits;
        }
    }

    /// Sets half of a word of scales that two groups share.
    fn put_half(&mut self, group: usize, bits: u32) {
        self.put(self.scales + group / 2, bits << (group % 2 * 16));
    }

    /// A weight of a few bits, the lowest four among the nibbles.
    fn nibble(&mut self, first: usize, at: usize, value: u32) {
        self.put(first + at / 8, (value & 15) << (at % 8 * 4));
    }

    /// Block number `block` of a row. Of floats, a block is what makes a group.
    fn block(&mut self, encoding: Encoding, block: usize, bytes: &[u8]) {
        let first = block * group_words(encoding);
        match encoding {
            Encoding::F32 => {
                for (at, value) in bytes.chunks_exact(4).enumerate() {
                    self.put(first + at, little_endian(value));
                }
            }
            Encoding::F16 | Encoding::BF16 => {
                for (at, value) in bytes.chunks_exact(2).enumerate() {
                    self.put(first + at / 2, little_endian(value) << (at % 2 * 16));
                }
            }
            Encoding::Q4_0 => {
                let (scale, quants) = bytes.split_at_checked(2).unwrap_or_default();
                self.put_half(block, little_endian(scale));
                self.halves(first, quants);
            }
            Encoding::Q4_1 => {
                let (scales, quants) = bytes.split_at_checked(4).unwrap_or_default();
                self.put(self.scales + block, little_endian(scales));
                self.halves(first, quants);
            }
            Encoding::Q5_0 => {
                let (scale, rest) = bytes.split_at_checked(2).unwrap_or_default();
                let (fifth, quants) = rest.split_at_checked(4).unwrap_or_default();
                self.put_half(block, little_endian(scale));
                self.put(first + 4, little_endian(fifth));
                self.halves(first, quants);
            }
            Encoding::Q5_1 => {
                let (scales, rest) = bytes.split_at_checked(4).unwrap_or_default();
                let (fifth, quants) = rest.split_at_checked(4).unwrap_or_default();
                self.put(self.scales + block, little_endian(scales));
                self.put(first + 4, little_endian(fifth));
                self.halves(first, quants);
            }
            Encoding::Q8_0 => {
                let (scale, quants) = bytes.split_at_checked(2).unwrap_or_default();
                self.put_half(block, little_endian(scale));
                for (at, four) in quants.chunks_exact(4).enumerate() {
                    self.put(first + at, little_endian(four));
                }
            }
            Encoding::Q4K | Encoding::Q5K => self.four_or_five_bits(encoding, block, bytes),
            Encoding::Q6K => self.six_bits(block, bytes),
        }
    }

    /// The sixteen bytes of a block of 32: low nibbles are the first half, high ones the second.
    fn halves(&mut self, first: usize, quants: &[u8]) {
        for (at, &byte) in quants.iter().enumerate() {
            self.nibble(first, at, u32::from(byte));
            self.nibble(first, at + 16, u32::from(byte >> 4));
        }
    }

    /// A super-block of Q4_K or Q5_K: two 16-bit floats, twelve bytes of 6-bit scales and offsets, fifth bits, nibbles.
    fn four_or_five_bits(&mut self, encoding: Encoding, block: usize, bytes: &[u8]) {
        let (shared, rest) = bytes.split_at_checked(4).unwrap_or_default();
        let (scales, rest) = rest.split_at_checked(12).unwrap_or_default();
        let fifths = if encoding == Encoding::Q5K { 32 } else { 0 };
        let (fifth, quants) = rest.split_at_checked(fifths).unwrap_or_default();
        self.put(self.supers + block, little_endian(shared));
        let byte = |at: usize| u32::from(scales.get(at).copied().unwrap_or(0));
        for part in 0..8 {
            let (scale, offset) = if part < 4 {
                (byte(part) & 63, byte(part + 4) & 63)
            } else {
                let (low, scale, offset) = (byte(part + 4), byte(part - 4) >> 6, byte(part) >> 6);
                ((low & 15) | (scale << 4), (low >> 4) | (offset << 4))
            };
            self.put_half(block * 8 + part, scale | (offset << 8));
        }
        for (at, &quant) in quants.iter().enumerate() {
            // 32 bytes hold two groups: the first in their low nibbles.
            let (pair, at) = (at / 32, at % 32);
            for (part, quant) in [(2 * pair, quant & 15), (2 * pair + 1, quant >> 4)] {
                let first = (block * 8 + part) * group_words(encoding);
                self.nibble(first, at, u32::from(quant));
                if let Some(bits) = fifth.get(at) {
                    self.put(first + 4, (u32::from(*bits >> part) & 1) << at);
                }
            }
        }
    }

    /// A super-block of Q6_K: 128 bytes of low nibbles, 64 of upper bits, 16 scales, a 16-bit float.
    fn six_bits(&mut self, block: usize, bytes: &[u8]) {
        let (low, rest) = bytes.split_at_checked(128).unwrap_or_default();
        let (high, rest) = rest.split_at_checked(64).unwrap_or_default();
        let (scales, shared) = rest.split_at_checked(16).unwrap_or_default();
        self.put(self.supers + block, little_endian(shared));
        for (part, pair) in scales.chunks_exact(2).enumerate() {
            self.put_half(block * 8 + part, little_endian(pair));
        }
        for weight in 0..256 {
            // 128 weights are four groups of 32: bytes 0 to 31 hold groups 0 and 2, bytes 32 to 63 groups 1 and 3.
            let (half, group, at) = (weight / 128, weight % 128 / 32, weight % 32);
            let byte = low.get(half * 64 + group % 2 * 32 + at).copied().unwrap_or(0);
            let upper = high.get(half * 32 + at).copied().unwrap_or(0) >> (2 * group) & 3;
            let first = (block * 8 + half * 4 + group) * group_words(Encoding::Q6K);
            self.nibble(first, at, u32::from(byte >> (group / 2 * 4)));
            self.put(first + 4 + at / 16, u32::from(upper) << (at % 16 * 2));
        }
    }
}

/// Up to four bytes, the lowest first.
fn little_endian(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
}
