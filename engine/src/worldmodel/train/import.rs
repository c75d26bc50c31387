//! Weights that were learned before, read from the files that [`super::export`] and [`super::bundle`] write.
//!
//! What an optimizer remembered is in no such file: a run that starts from one goes on from its weights alone, rounded as the file
//! holds them.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use super::bundle;
use super::learner::Learner;
use super::slots::{self, Slot};
use crate::weights::{Checkpoint, Format, MatrixError, TensorError};

/// Weights that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A tensor is missing, misshapen or damaged.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A matrix cannot be decoded.
    #[error("{name} cannot be read: {error}")]
    Matrix {
        /// The tensor.
        name: String,
        /// Why.
        error: MatrixError,
    },
}

/// Puts a model's weights in place of these: the text stream's from a GGUF or safetensors file, the taps' from
/// `adapter.safetensors`.
///
/// # Errors
/// When a tensor is missing or has another shape. Some may have been replaced by then.
pub fn load(learner: &mut Learner, text: &Checkpoint, taps: &Checkpoint) -> Result<(), ImportError> {
    let is_gguf = matches!(text.format(), Format::Gguf(_));
    for (name, slot) in slots::text(&mut learner.decoder) {
        let name = bundle::name(&name).filter(|_| is_gguf).unwrap_or(name);
        replace(text, &name, slot)?;
    }
    for (name, slot) in slots::taps(&mut learner.taps) {
        replace(taps, &name, slot)?;
    }
    Ok(())
}

fn replace(from: &Checkpoint, name: &str, slot: Slot<'_>) -> Result<(), ImportError> {
    match slot {
        Slot::Vector(param) => {
            let (device, [width]) = (param.device(), param.dims());
            let values = from.vector(name, width)?;
            *param = learned(TensorData::new(values, [width]), &device, |tensor| tensor);
        }
        Slot::Table(param) => {
            let (device, [rows, columns]) = (param.device(), param.dims());
            *param = learned(matrix(from, name, rows, columns)?, &device, |tensor| tensor);
        }
        Slot::Matrix(param) => {
            let (device, [inputs, outputs]) = (param.device(), param.dims());
            *param = learned(matrix(from, name, outputs, inputs)?, &device, Tensor::transpose);
        }
    }
    Ok(())
}

fn learned<const D: usize>(
    data: TensorData,
    device: &Device,
    lie: impl FnOnce(Tensor<D>) -> Tensor<D>,
) -> Param<Tensor<D>> {
    Param::from_tensor(lie(Tensor::from_data(data, device)))
}

/// A matrix as numbers, row after row.
fn matrix(from: &Checkpoint, name: &str, rows: usize, columns: usize) -> Result<TensorData, ImportError> {
    let refused = |error| ImportError::Matrix { name: name.to_owned(), error };
    let held = from.matrix(name, rows, columns, None)?;
    let mut values = vec![0.0; rows * columns];
    for (row, into) in values.chunks_exact_mut(columns.max(1)).enumerate() {
        held.dequantize_row(row, into).map_err(refused)?;
    }
    Ok(TensorData::new(values, [rows, columns]))
}
