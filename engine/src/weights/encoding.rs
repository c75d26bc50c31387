//! How numbers are stored: as floats, or in blocks that share a scale.

/// The form in which a tensor's numbers are stored. Floats are blocks of one.
///
/// The block formats are those of GGML (`ggml-common.h`, `ggml-quants.c`): a block holds a few numbers of one
/// row, next to each other, as small integers, and a scale (the `_1` and `_K` forms also an offset) as `f16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// The upper half of 32-bit floats.
    BF16,
    /// 32 numbers of 4 bits, −8 to 7, and a scale.
    Q4_0,
    /// 32 numbers of 4 bits, 0 to 15, a scale and an offset.
    Q4_1,
    /// 32 numbers of 5 bits, −16 to 15, and a scale.
    Q5_0,
    /// 32 numbers of 5 bits, 0 to 31, a scale and an offset.
    Q5_1,
    /// 32 numbers of 8 bits and a scale.
    Q8_0,
    /// 256 numbers of 4 bits in 8 groups, whose 6-bit scales and offsets share a scale each.
    Q4K,
    /// 256 numbers of 5 bits in 8 groups, whose 6-bit scales and offsets share a scale each.
    Q5K,
    /// 256 numbers of 6 bits in 16 groups, whose 8-bit scales share a scale.
    Q6K,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::F32,
        Self::F16,
        Self::BF16,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// Its name as users of GGUF write it: "Q4_K".
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        }
    }

    /// The encoding of that name, in upper or lower case.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    /// Numbers in a block.
    pub const fn block_weights(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::BF16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of a block.
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Bytes of a row of so many numbers; `None` if they do not make whole blocks, or the bytes no `usize`.
    pub const fn bytes_for(self, columns: usize) -> Option<usize> {
        if !columns.is_multiple_of(self.block_weights()) {
            return None;
        }
        (columns / self.block_weights()).checked_mul(self.block_bytes())
    }

    /// Whether the numbers are floats, each by itself.
    pub const fn is_float(self) -> bool {
        self.block_weights() == 1
    }

    /// Bits a number takes, its share of the block's scales included: 4.5 for Q4_0.
    pub fn bits_per_weight(self) -> f32 {
        (self.block_bytes() * 8) as f32 / self.block_weights() as f32
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back() {
        for encoding in Encoding::ALL {
            assert_eq!(Encoding::by_name(&encoding.to_string().to_lowercase()), Some(encoding));
        }
        assert_eq!(Encoding::by_name("Q3_K"), None);
    }

    #[test]
    fn a_row_is_whole_blocks() {
        assert_eq!(Encoding::Q4_0.bytes_for(64), Some(36));
        assert_eq!(Encoding::Q4_0.bytes_for(65), None);
        assert_eq!(Encoding::F16.bytes_for(3), Some(6));
        assert_eq!(Encoding::F32.bytes_for(usize::MAX), None);
        assert_eq!(Encoding::Q6K.bits_per_weight(), 6.5625);
    }
}
