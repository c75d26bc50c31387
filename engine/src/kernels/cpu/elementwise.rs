//! What is not a product of matrices.

use wide::f32x8;

use super::rows::Rows;
use crate::kernels::Rotation;

/// `x / √(mean(x²) + ε) · gain` for each stretch of `x` as long as the gain.
pub(super) fn norm(x: &mut [f32], gain: &[f32], epsilon: f32) {
    let width = gain.len().max(1);
    for stretch in x.chunks_exact_mut(width) {
        let mean = super::dot::activations(stretch, stretch) / width as f32;
        let scale = 1.0 / (mean + epsilon).sqrt();
        for (x, gain) in stretch.iter_mut().zip(gain) {
            *x *= scale * gain;
        }
    }
}

/// Turns each pair of each head by `position · frequency`.
pub(super) fn rotate(x: &mut Rows, rotation: &Rotation, first: usize) {
    let (width, head_dim) = (x.width().max(1), rotation.head_dim.max(1));
    let half = rotation.frequencies.len();
    for (row, values) in x.values_mut().chunks_exact_mut(width).enumerate() {
        let position = (first + row) as f64;
        // In 64 bits: at position 100,000 neighbouring 32-bit angles are 1/128 of a radian apart.
        let turns: Vec<(f32, f32)> = rotation
            .frequencies
            .iter()
            .map(|&frequency| {
                let (sin, cos) = (position * f64::from(frequency)).sin_cos();
                (sin as f32 * rotation.magnitude, cos as f32 * rotation.magnitude)
            })
            .collect();
        for head in values.chunks_exact_mut(head_dim) {
            if rotation.neighbours {
                for (pair, &(sin, cos)) in head.chunks_exact_mut(2).zip(&turns) {
                    if let [a, b] = pair {
                        (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
                    }
                }
            } else if let Some((low, high)) = head.split_at_mut_checked(half) {
                for ((a, b), &(sin, cos)) in low.iter_mut().zip(high).zip(&turns) {
                    (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
                }
            }
        }
    }
}

/// `gate ← silu(gate) · up`, with `silu(x) = x / (1 + e⁻ˣ)`.
pub(super) fn gate(gate: &mut [f32], up: &[f32]) {
    let silu = |x: f32x8| x / (f32x8::ONE + (-x).exp());
    let (gates, tail) = gate.as_chunks_mut::<8>();
    let (ups, up_tail) = up.as_chunks::<8>();
    for (gate, up) in gates.iter_mut().zip(ups) {
        *gate = (silu(f32x8::new(*gate)) * f32x8::new(*up)).to_array();
    }
    for (gate, up) in tail.iter_mut().zip(up_tail) {
        *gate = *gate / (1.0 + (-*gate).exp()) * up;
    }
}

/// `e^(x − max) / Σ`, in place.
pub(super) fn softmax(scores: &mut [f32]) {
    // Not `f32::max`, which is a call in WebAssembly.
    let larger = |largest, &score| if score > largest { score } else { largest };
    let largest = scores.iter().fold(f32::NEG_INFINITY, larger);
    let shift = f32x8::splat(largest);
    let (eights, tail) = scores.as_chunks_mut::<8>();
    let mut sum = f32x8::ZERO;
    for eight in eights {
        let powers = (f32x8::new(*eight) - shift).exp();
        sum += powers;
        *eight = powers.to_array();
    }
    let mut total = sum.reduce_add();
    for score in tail {
        *score = (*score - largest).exp();
        total += *score;
    }
    let inverse = 1.0 / total;
    for score in scores {
        *score *= inverse;
    }
}
