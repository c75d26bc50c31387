//! What was learned, as files that anything can load: the text stream as a Qwen3 model, the taps as an adapter.

use std::collections::HashMap;

use burn::tensor::Tensor;
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use super::learner::Learner;
use super::slots::{self, Slot};
use super::taps::Taps;
use crate::qwen::Config;

/// A tensor with a name, `shape` long in each dimension, row after row.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

/// Weights that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the weights cannot be written: {0}")]
pub struct ExportError(String);

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits.
    F32,
    /// 16 bits.
    F16,
}

/// The text stream's tensors, named as `transformers` names Qwen3's.
///
/// # Errors
/// When the device does not give them.
pub fn text(learner: &Learner) -> Result<Vec<Named>, ExportError> {
    slots::text(&mut learner.decoder.clone()).into_iter().map(named).collect()
}

/// The taps' tensors, named as [`crate::worldmodel::taps::Taps::load`] wants them.
///
/// # Errors
/// When the device does not give them.
pub fn taps(taps: &Taps) -> Result<Vec<Named>, ExportError> {
    slots::taps(&mut taps.clone()).into_iter().map(named).collect()
}

/// A `.safetensors` file. With [`Precision::F16`] matrices have 16 bits and vectors 32.
///
/// # Errors
/// When the library refuses.
pub fn safetensors(tensors: &[Named], precision: Precision) -> Result<Vec<u8>, ExportError> {
    let stored: Vec<(Dtype, Vec<u8>)> = tensors
        .iter()
        .map(|tensor| match precision {
            Precision::F16 if tensor.shape.len() > 1 => (
                Dtype::F16,
                tensor.values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
            ),
            _ => (Dtype::F32, tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        })
        .collect();
    let refused = |error: safetensors::SafeTensorError| ExportError(error.to_string());
    let views = tensors
        .iter()
        .zip(&stored)
        .map(|(tensor, (dtype, bytes))| {
            let view = TensorView::new(*dtype, tensor.shape.clone(), bytes).map_err(refused)?;
            Ok((tensor.name.clone(), view))
        })
        .collect::<Result<Vec<_>, ExportError>>()?;
    safetensors::serialize(views, None::<HashMap<String, String>>).map_err(refused)
}

/// The text stream's `config.json`, as `transformers` reads it.
pub fn config(config: &Config, end: u32) -> serde_json::Value {
    json!({
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "hidden_act": "silu",
        "hidden_size": config.hidden,
        "intermediate_size": config.ffn,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "max_position_embeddings": config.context,
        "vocab_size": config.vocabulary,
        "rms_norm_eps": config.epsilon,
        "rope_theta": config.rope_base,
        "tie_word_embeddings": true,
        "attention_bias": false,
        "eos_token_id": end,
    })
}

fn named((name, slot): (String, Slot<'_>)) -> Result<Named, ExportError> {
    match slot {
        Slot::Vector(param) => read(name, param.val()),
        Slot::Table(param) => read(name, param.val()),
        Slot::Matrix(param) => read(name, param.val().transpose()),
    }
}

fn read<const D: usize>(name: String, tensor: Tensor<D>) -> Result<Named, ExportError> {
    let shape = tensor.dims().to_vec();
    let values = tensor.into_data().try_to_vec::<f32>().map_err(|error| ExportError(format!("{error:?}")))?;
    Ok(Named { name, shape, values })
}
