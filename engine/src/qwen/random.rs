//! Models of random weights: as large and as fast as trained ones of their shape, and of no other use.

use fastrand::Rng;

use super::config::{Architecture, Config};
use super::model::{Layer, Model};
use super::rope::Scaling;
use crate::kernels::{Compute, ComputeError};
use crate::weights::{Encoding, Matrix, MatrixError};

/// Why there is no such model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RandomError {
    /// The encoding cannot hold it, or memory cannot.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The device.
    #[error(transparent)]
    Compute(#[from] ComputeError),
}

/// The shape of Qwen3-0.6B (Qwen3 technical report, 2025).
pub fn qwen3_0_6b() -> Config {
    Config {
        architecture: Architecture::Qwen3,
        layers: 28,
        hidden: 1024,
        heads: 16,
        kv_heads: 8,
        head_dim: 128,
        ffn: 3072,
        vocabulary: 151_936,
        context: 40_960,
        epsilon: 1e-6,
        rope_base: 1e6,
        scaling: Scaling::None,
        tied: Some(true),
        neighbours: false,
    }
}

/// A model of that shape, always the same.
///
/// # Errors
/// When weights cannot be put into that encoding, or there is no room for them.
pub fn model<C: Compute>(
    compute: &mut C,
    config: Config,
    encoding: Encoding,
) -> Result<Model<C>, RandomError> {
    let mut rng = Rng::with_seed(1);
    let Config { hidden, ffn, vocabulary, head_dim, .. } = config;
    let (queries, keys) = (config.heads * head_dim, config.kv_heads * head_dim);
    let mut matrix = |compute: &mut C, rows: usize, columns: usize| -> Result<C::Weight, RandomError> {
        // As wide as keeps a product as large as what it is a product of.
        let width = (12.0 / columns as f32).sqrt();
        let matrix = Matrix::from_rows(rows, columns, encoding, |_, row| {
            row.fill_with(|| (rng.f32() - 0.5) * width);
        })?;
        Ok(compute.weight(matrix)?)
    };
    let embedding = matrix(compute, vocabulary, hidden)?;
    let mut layers = Vec::with_capacity(config.layers);
    for _ in 0..config.layers {
        layers.push(Layer {
            attention_norm: compute.gain(vec![1.0; hidden]),
            q: matrix(compute, queries, hidden)?,
            k: matrix(compute, keys, hidden)?,
            v: matrix(compute, keys, hidden)?,
            head_norms: (config.architecture == Architecture::Qwen3)
                .then(|| (compute.gain(vec![1.0; head_dim]), compute.gain(vec![1.0; head_dim]))),
            o: matrix(compute, hidden, queries)?,
            ffn_norm: compute.gain(vec![1.0; hidden]),
            gate: matrix(compute, ffn, hidden)?,
            up: matrix(compute, ffn, hidden)?,
            down: matrix(compute, hidden, ffn)?,
        });
    }
    let norm = compute.gain(vec![1.0; hidden]);
    let output = match config.tied {
        Some(true) => None,
        _ => Some(matrix(compute, vocabulary, hidden)?),
    };
    Ok(Model { config, embedding, layers, norm, output })
}
