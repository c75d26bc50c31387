//! Activations as integers, once for all the weights they are multiplied with.

use wide::i16x8;

use super::formats::GROUP;

/// Rows of 16-bit integers with a scale for each group of 32.
///
/// 16 bits where others take 8: the multiply-and-add of two 16-bit lanes costs the same for both, and the steps are a
/// 256th as wide.
pub(super) struct Quantized {
    groups_per_row: usize,
    groups: Vec<QuantizedGroup>,
}

/// 32 activations.
#[derive(Clone, Copy)]
pub(super) struct QuantizedGroup {
    /// The integers in split order (see [`super::formats`]).
    pub q: [i16x8; 4],
    /// What one of them is worth.
    pub scale: f32,
    /// The sum of the activations: what an offset of the weights is multiplied with.
    pub sum: f32,
}

impl Quantized {
    /// Rows of `width` activations, which must be a multiple of 32 (what is left over is ignored).
    pub fn new(values: &[f32], width: usize) -> Self {
        let groups_per_row = width / GROUP;
        let groups = values
            .chunks_exact(width.max(1))
            .flat_map(|row| row.chunks_exact(GROUP))
            .map(QuantizedGroup::new)
            .collect();
        Self { groups_per_row, groups }
    }

    /// The groups of one row.
    pub fn row(&self, row: usize) -> &[QuantizedGroup] {
        let start = row * self.groups_per_row;
        self.groups.get(start..start + self.groups_per_row).unwrap_or(&[])
    }
}

impl QuantizedGroup {
    fn new(values: &[f32]) -> Self {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = largest / f32::from(i16::MAX);
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        // `as` is what is wanted of NaN and of rounding past the end: it saturates.
        let integer =
            |at: usize| values.get(at).map_or(0, |value| (value * inverse).round_ties_even() as i16);
        let lane = |first: usize| i16x8::new(std::array::from_fn(|i| integer(first + 2 * i)));
        Self { q: [lane(0), lane(1), lane(16), lane(17)], scale, sum: values.iter().sum() }
    }
}
