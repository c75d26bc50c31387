//! What was learned, as files that anything can load: the text stream as a Qwen3 model, the taps as an adapter.

use std::collections::HashMap;

use burn::module::Param;
use burn::tensor::Tensor;
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

use super::decoder::Decoder;
use super::learner::Learner;
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
    let Decoder { embedding, layers, norm } = &learner.decoder;
    let mut tensors = vec![as_is("model.embed_tokens.weight", embedding)?, as_is("model.norm.weight", norm)?];
    for (at, block) in layers.iter().enumerate() {
        let name = |part: &str| format!("model.layers.{at}.{part}.weight");
        for (part, gain) in [
            ("input_layernorm", &block.attention_norm),
            ("self_attn.q_norm", &block.q_norm),
            ("self_attn.k_norm", &block.k_norm),
            ("post_attention_layernorm", &block.ffn_norm),
        ] {
            tensors.push(as_is(&name(part), gain)?);
        }
        for (part, matrix) in [
            ("self_attn.q_proj", &block.q),
            ("self_attn.k_proj", &block.k),
            ("self_attn.v_proj", &block.v),
            ("self_attn.o_proj", &block.o),
            ("mlp.gate_proj", &block.gate),
            ("mlp.up_proj", &block.up),
            ("mlp.down_proj", &block.down),
        ] {
            tensors.push(turned(&name(part), matrix)?);
        }
    }
    Ok(tensors)
}

/// The taps' tensors, named as [`crate::worldmodel::taps::Taps::load`] wants them.
///
/// # Errors
/// When the device does not give them.
pub fn taps(taps: &Taps) -> Result<Vec<Named>, ExportError> {
    let mut tensors =
        vec![as_is("embedding.weight", &taps.embedding)?, as_is("operands.weight", &taps.operands)?];
    for (at, tap) in taps.taps.iter().enumerate() {
        tensors.push(as_is(&format!("taps.{at}.memory_norm.weight"), &tap.memory_norm)?);
        tensors.push(as_is(&format!("taps.{at}.norm.weight"), &tap.norm)?);
        for (number, layer) in tap.layers.iter().enumerate() {
            let name = |part: &str| format!("taps.{at}.layers.{number}.{part}.weight");
            for (part, gain) in [
                ("attention_norm", &layer.attention_norm),
                ("cross_norm", &layer.cross_norm),
                ("cross_gate", &layer.cross_gate),
                ("ffn_norm", &layer.ffn_norm),
            ] {
                tensors.push(as_is(&name(part), gain)?);
            }
            for (part, matrix) in [
                ("q", &layer.q),
                ("k", &layer.k),
                ("v", &layer.v),
                ("o", &layer.o),
                ("cross_q", &layer.cross_q),
                ("cross_k", &layer.cross_k),
                ("cross_v", &layer.cross_v),
                ("cross_o", &layer.cross_o),
                ("gate", &layer.gate),
                ("up", &layer.up),
                ("down", &layer.down),
            ] {
                tensors.push(turned(&name(part), matrix)?);
            }
        }
    }
    Ok(tensors)
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

/// `[rows, columns]` or `[width]` as it lies.
fn as_is<const D: usize>(name: &str, param: &Param<Tensor<D>>) -> Result<Named, ExportError> {
    named(name, param.val())
}

/// `[inputs, outputs]` as `[outputs, inputs]`.
fn turned(name: &str, param: &Param<Tensor<2>>) -> Result<Named, ExportError> {
    named(name, param.val().transpose())
}

fn named<const D: usize>(name: &str, tensor: Tensor<D>) -> Result<Named, ExportError> {
    let shape = tensor.dims().to_vec();
    let values = tensor.into_data().try_to_vec::<f32>().map_err(|error| ExportError(format!("{error:?}")))?;
    Ok(Named { name: name.to_owned(), shape, values })
}
