//! Matrices and rows to compare devices with: made up, and the same each time.

use fastrand::Rng;

use crate::weights::{Encoding, Matrix, MatrixError};

/// A matrix whose blocks hold every bit pattern that a file may.
///
/// # Errors
/// For a shape that no matrix has.
pub fn matrix(
    encoding: Encoding,
    rows: usize,
    columns: usize,
    random: &mut Rng,
) -> Result<Matrix, MatrixError> {
    if matches!(encoding, Encoding::F32 | Encoding::BF16) {
        return Matrix::from_rows(rows, columns, encoding, |_, row| row.fill_with(|| random.f32() - 0.5));
    }
    Matrix::build(rows, columns, encoding, 1 << 20, |_, bytes| {
        random.fill(bytes);
        for block in bytes.chunks_exact_mut(encoding.block_bytes()) {
            for &at in halves(encoding) {
                // From 2⁻⁷ to 1, of either sign; among them one in sixteen below the smallest normal number.
                let magnitude =
                    if random.u8(..16) == 0 { random.u16(..0x400) } else { random.u16(0x2000..0x3c00) };
                let sign = u16::from(random.bool()) << 15;
                if let Some(half) = block.get_mut(at..at + 2) {
                    half.copy_from_slice(&(magnitude | sign).to_le_bytes());
                }
            }
        }
        Ok(())
    })
}

/// Where a block has half-precision numbers, which random bytes would make infinite or not a number.
const fn halves(encoding: Encoding) -> &'static [usize] {
    match encoding {
        Encoding::Q4_1 | Encoding::Q5_1 | Encoding::Q4K | Encoding::Q5K => &[0, 2],
        Encoding::Q6K => &[208],
        Encoding::Q4_0 | Encoding::Q5_0 | Encoding::Q8_0 | Encoding::F16 => &[0],
        Encoding::F32 | Encoding::BF16 => &[],
    }
}

/// Values between −1 and 1.
pub fn values(count: usize, random: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| 2.0 * random.f32() - 1.0).collect()
}
