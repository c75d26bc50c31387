//! One output of a product, in the order of the file's weights: what [`super::linear`] computes, without its code.

use super::linear;
use crate::kernels::terms::{Inputs, Terms};
use crate::weights::Matrix;

/// Activations that share a scale.
const GROUP: usize = 32;

/// The terms of one output; `None` where there is no such row.
pub(super) fn terms(matrix: &Matrix, output: usize, x: &[f32]) -> Option<Terms> {
    let mut weights = vec![0.0; matrix.columns()];
    matrix.dequantize_row(output, &mut weights).ok()?;
    if matrix.encoding().block_weights() == 1 {
        return Some(Terms::of_floats(weights, x));
    }
    let offsets = linear::offsets(matrix.encoding(), matrix.row(output)?);
    let groups = weights.chunks_exact(GROUP).zip(x.chunks_exact(GROUP)).zip(offsets);
    let mut products = Vec::with_capacity(weights.len());
    for ((weights, x), offset) in groups {
        let offset = f64::from(offset);
        for ((weight, x), rounded) in weights.iter().zip(x).zip(rounded(x)) {
            // A weight is a multiple of an integer, and an offset, which meets the sum of what was not rounded.
            products.push((f64::from(*weight) - offset) * rounded + offset * f64::from(*x));
        }
    }
    Some(Terms { weights, products, inputs: Inputs::Integers })
}

/// Activations of one group as the integers stand for them.
fn rounded(x: &[f32]) -> impl Iterator<Item = f64> {
    let largest = x.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    let scale = largest / f32::from(i16::MAX);
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    x.iter().map(move |x| f64::from((x * inverse).round_ties_even()) * f64::from(scale))
}
