//! The largest values of a row.

use super::ComputeError;

/// The largest values of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Top {
    /// Column and value, the largest first; of equals, the first.
    pub largest: Vec<(u32, f32)>,
    /// The logarithm of the sum of the exponentials of the whole row.
    pub log_sum: f32,
}

impl Top {
    /// Column and value of the `count` largest, and what the softmax divides by.
    pub fn of(row: &[f32], count: usize) -> Self {
        let descending = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let count = count.min(row.len());
        // Most values are smaller than the smallest kept: one comparison each.
        let mut largest: Vec<(u32, f32)> = Vec::with_capacity(count + 1);
        for (column, &value) in (0..).zip(row) {
            if largest.len() < count || largest.last().is_some_and(|(_, smallest)| value > *smallest) {
                let place = largest.partition_point(|kept| descending(kept, &(column, value)).is_lt());
                largest.insert(place, (column, value));
                largest.truncate(count);
            }
        }
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = row.iter().map(|value| (value - highest).exp()).sum();
        Self { largest, log_sum: highest + sum.ln() }
    }

    /// The same, where every value of the row is a number.
    ///
    /// # Errors
    /// When one is infinite or NaN: then their order means nothing.
    pub fn of_numbers(self) -> Result<Self, ComputeError> {
        // The sum has met every value.
        if self.log_sum.is_finite() { Ok(self) } else { Err(ComputeError::NotNumbers) }
    }

    /// The softmax of a value of the row.
    pub fn probability(&self, value: f32) -> f32 {
        (value - self.log_sum).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_a_value_that_is_no_number_is_refused() {
        assert!(Top::of(&[1.0, -2.0], 1).of_numbers().is_ok());
        for wrong in [f32::NAN, f32::INFINITY] {
            for row in [[wrong, 1.0], [1.0, wrong], [wrong, wrong]] {
                assert_eq!(Top::of(&row, 1).of_numbers(), Err(ComputeError::NotNumbers), "{row:?}");
            }
        }
    }

    #[test]
    fn the_largest_come_first_and_of_equals_the_first() {
        let found = Top::of(&[1.0, 3.0, -2.0, 3.0, 2.0], 3);
        assert_eq!(found.largest, [(1, 3.0), (3, 3.0), (4, 2.0)]);
        let sum: f32 = [1.0_f32, 3.0, -2.0, 3.0, 2.0].iter().map(|value| value.exp()).sum();
        assert!((found.log_sum - sum.ln()).abs() < 1e-6);
        assert!((found.probability(3.0) - 3.0_f32.exp() / sum).abs() < 1e-6);
        assert_eq!(Top::of(&[5.0], 4).largest, [(0, 5.0)]);
        assert!(Top::of(&[1.0, 2.0], 0).largest.is_empty());
    }
}
