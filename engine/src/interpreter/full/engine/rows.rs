//! Sparse rows, and what is computed with them: columns are bytes, vectors have a fixed room.

use crate::interpreter::model::Matrix;

/// Room for a residual stream: an index of one byte is never outside.
pub(super) const WIDTH: usize = 256;
/// Components of a head's queries and values at most.
pub(super) const COMPONENTS: usize = 8;

/// A residual stream.
pub(super) type Stream = [f32; WIDTH];
/// A head's query, key or value.
pub(super) type Vector = [f32; COMPONENTS];
/// The entries of a row, or of a column, that are not 0.
pub(super) type Row = Vec<(u8, f32)>;

/// Rows without zeros. Whoever calls it has seen to it that a column is a byte.
pub(super) fn rows(matrix: &Matrix) -> Vec<Row> {
    matrix
        .sparse_rows()
        .map(|row| row.into_iter().map(|(column, weight)| (column as u8, weight)).collect())
        .collect()
}

/// Columns without zeros.
pub(super) fn columns(matrix: &Matrix) -> Vec<Row> {
    let [rows, columns] = matrix.shape();
    let column = |column| {
        let entries = (0..rows).map(|row| (row as u8, matrix.get(row, column)));
        entries.filter(|(_, weight)| *weight != 0.0).collect()
    };
    (0..columns).map(column).collect()
}

/// Row times stream.
pub(super) fn dot(row: &[(u8, f32)], x: &Stream) -> f32 {
    row.iter().map(|(column, weight)| weight * x.get(usize::from(*column)).copied().unwrap_or(0.0)).sum()
}

/// Adds to a dimension.
pub(super) fn at(x: &mut Stream, dim: u8, value: f32) {
    if let Some(cell) = x.get_mut(usize::from(dim)) {
        *cell += value;
    }
}

/// `x += scale · row`
pub(super) fn add(x: &mut Stream, row: &[(u8, f32)], scale: f32) {
    row.iter().for_each(|(dim, weight)| at(x, *dim, weight * scale));
}

/// Rows times stream.
pub(super) fn apply(rows: &[Row], x: &Stream) -> Vector {
    let mut out = [0.0; COMPONENTS];
    out.iter_mut().zip(rows).for_each(|(out, row)| *out = dot(row, x));
    out
}

/// q · k
pub(super) fn product(query: &Vector, key: &Vector) -> f32 {
    query.iter().zip(key).map(|(q, k)| q * k).sum()
}
