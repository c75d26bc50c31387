//! Activations in memory.

/// `[positions, width]`, row after row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    width: usize,
    values: Vec<f32>,
}

impl Rows {
    /// Rows of `width` values; an incomplete last row is dropped.
    pub fn new(mut values: Vec<f32>, width: usize) -> Self {
        values.truncate(values.len() / width.max(1) * width);
        Self { width, values }
    }

    /// Values in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows there are.
    pub fn positions(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// One row; empty if there is no such row.
    pub fn row(&self, position: usize) -> &[f32] {
        let start = position * self.width;
        self.values.get(start..start + self.width).unwrap_or(&[])
    }
}
