//! The taps' weights, and how they come from an adapter's file.

use super::config::TapConfig;
use crate::kernels::{Compute, ComputeError, Rotation};
use crate::weights::{Checkpoint, Encoding, Matrix, MatrixError, TensorError};

/// The weights of all taps, on a device.
pub struct Taps<C: Compute> {
    /// Their shape.
    pub config: TapConfig,
    /// A row for each WAT token, `[vocabulary, width]`; also the output matrix.
    pub embedding: C::Weight,
    /// What is added to the text stream where an operand stands, a row for each: `[operands + 1, hidden]`.
    pub operands: C::Weight,
    /// The taps, first to last.
    pub taps: Vec<Tap<C>>,
    /// How positions of a program turn queries and keys.
    pub rotation: Rotation,
}

/// One tap.
pub struct Tap<C: Compute> {
    /// Gain of the norm of the text stream, `[hidden]`.
    pub memory_norm: C::Gain,
    /// The layers, first to last.
    pub layers: Vec<TapLayer<C>>,
    /// Gain of the last norm, `[width]`.
    pub norm: C::Gain,
}

/// One layer of a tap.
pub struct TapLayer<C: Compute> {
    /// `[width]`
    pub attention_norm: C::Gain,
    /// `[width, width]`
    pub q: C::Weight,
    /// `[width, width]`
    pub k: C::Weight,
    /// `[width, width]`
    pub v: C::Weight,
    /// `[width, width]`
    pub o: C::Weight,
    /// `[width]`
    pub cross_norm: C::Gain,
    /// `[width, width]`
    pub cross_q: C::Weight,
    /// `[width, hidden]`
    pub cross_k: C::Weight,
    /// `[width, hidden]`
    pub cross_v: C::Weight,
    /// `[width, width]`, times the gate: it is multiplied in once, here, instead of at every token.
    pub cross_o: C::Weight,
    /// tanh of the gate: the share of the text that passes.
    pub gate: f32,
    /// `[width]`
    pub ffn_norm: C::Gain,
    /// `[ffn, width]`
    pub ffn_gate: C::Weight,
    /// `[ffn, width]`
    pub ffn_up: C::Weight,
    /// `[width, ffn]`
    pub ffn_down: C::Weight,
}

/// Why taps cannot be loaded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TapError {
    /// One of their tensors.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A matrix that cannot be held.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The device.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// A shape that no taps have.
    #[error("the adapter's `{key}` is {value}; it must be {must}")]
    Config {
        /// Its key in `config.json`.
        key: &'static str,
        /// What the file says.
        value: String,
        /// What it must be.
        must: &'static str,
    },
}

impl<C: Compute> Taps<C> {
    /// Reads the taps of an adapter for a decoder `hidden` wide.
    ///
    /// # Errors
    /// When the shape is senseless, a tensor is missing or misshapen, or the device has no room.
    pub fn load(
        checkpoint: &Checkpoint,
        config: TapConfig,
        hidden: usize,
        compute: &mut C,
    ) -> Result<Self, TapError> {
        config.check()?;
        let reader = Reader { checkpoint, config: &config, hidden };
        let embedding = reader.matrix(compute, "embedding.weight", config.vocabulary, config.width)?;
        let operands = reader.matrix(compute, "operands.weight", config.operands + 1, hidden)?;
        let taps = (0..config.behind.len()).map(|at| reader.tap(compute, at)).collect::<Result<_, _>>()?;
        let rotation = config.rotation();
        Ok(Self { embedding, operands, taps, rotation, config })
    }
}

/// The gate of a tap's layer, as trained: the share of the text that passes, between −1 and 1.
///
/// # Errors
/// When the checkpoint has no such gate.
pub fn trained_gate(checkpoint: &Checkpoint, tap: usize, layer: usize) -> Result<f32, TensorError> {
    let gate = checkpoint.vector(&format!("taps.{tap}.layers.{layer}.cross_gate.weight"), 1)?;
    Ok(gate.first().copied().unwrap_or(0.0).tanh())
}

struct Reader<'a> {
    checkpoint: &'a Checkpoint,
    config: &'a TapConfig,
    hidden: usize,
}

impl Reader<'_> {
    fn tap<C: Compute>(&self, compute: &mut C, at: usize) -> Result<Tap<C>, TapError> {
        let of = |part: &str| format!("taps.{at}.{part}.weight");
        let memory_norm = compute.gain(self.checkpoint.vector(&of("memory_norm"), self.hidden)?);
        let layers =
            (0..self.config.layers).map(|layer| self.layer(compute, at, layer)).collect::<Result<_, _>>()?;
        let norm = compute.gain(self.checkpoint.vector(&of("norm"), self.config.width)?);
        Ok(Tap { memory_norm, layers, norm })
    }

    fn layer<C: Compute>(&self, compute: &mut C, tap: usize, layer: usize) -> Result<TapLayer<C>, TapError> {
        let of = |part: &str| format!("taps.{tap}.layers.{layer}.{part}.weight");
        let TapConfig { width, ffn, .. } = *self.config;
        let gain = |compute: &mut C, part: &str| -> Result<C::Gain, TapError> {
            Ok(compute.gain(self.checkpoint.vector(&of(part), width)?))
        };
        let gate = trained_gate(self.checkpoint, tap, layer)?;
        let cross_o = self.checkpoint.matrix(&of("cross_o"), width, width, None)?;
        let cross_o = compute.weight(scaled(&cross_o, gate)?)?;
        let (attention_norm, cross_norm, ffn_norm) =
            (gain(compute, "attention_norm")?, gain(compute, "cross_norm")?, gain(compute, "ffn_norm")?);
        let mut matrix = |part: &str, rows, columns| self.matrix(compute, &of(part), rows, columns);
        Ok(TapLayer {
            attention_norm,
            q: matrix("q", width, width)?,
            k: matrix("k", width, width)?,
            v: matrix("v", width, width)?,
            o: matrix("o", width, width)?,
            cross_norm,
            cross_q: matrix("cross_q", width, width)?,
            cross_k: matrix("cross_k", width, self.hidden)?,
            cross_v: matrix("cross_v", width, self.hidden)?,
            cross_o,
            gate,
            ffn_norm,
            ffn_gate: matrix("gate", ffn, width)?,
            ffn_up: matrix("up", ffn, width)?,
            ffn_down: matrix("down", width, ffn)?,
        })
    }

    fn matrix<C: Compute>(
        &self,
        compute: &mut C,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<C::Weight, TapError> {
        Ok(compute.weight(self.checkpoint.matrix(name, rows, columns, None)?)?)
    }
}

/// A matrix times a number, as 32-bit floats.
fn scaled(matrix: &Matrix, by: f32) -> Result<Matrix, MatrixError> {
    let mut values = vec![0.0; matrix.rows() * matrix.columns()];
    for (row, values) in values.chunks_exact_mut(matrix.columns().max(1)).enumerate() {
        matrix.dequantize_row(row, values)?;
        values.iter_mut().for_each(|value| *value *= by);
    }
    Matrix::from_f32(matrix.rows(), matrix.columns(), Encoding::F32, &values)
}
