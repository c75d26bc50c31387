//! The text stream as one GGUF file: quantized, with its vocabulary inside, for the page and for anything that reads GGUF.

use serde_json::Value;

use super::export::Named;
use crate::qwen::Config;
use crate::weights::gguf::{Entry, Writer};
use crate::weights::{Encoding, Matrix, MatrixError};

/// A bundle that cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BundleError {
    /// A matrix cannot be held in that encoding.
    #[error("{name} cannot be quantized: {error}")]
    Matrix {
        /// The tensor.
        name: String,
        /// Why.
        error: MatrixError,
    },
    /// A tensor that no decoder has.
    #[error("no decoder has a tensor {0}")]
    Name(String),
    /// `tokenizer.json` is none of ours.
    #[error("the tokenizer cannot be read: {0}")]
    Tokenizer(String),
    /// A size beyond 32 bits.
    #[error("{0} is too large for GGUF")]
    Size(&'static str),
}

/// What a model is called and how it may be used.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its licence, by its SPDX expression.
    pub licence: &'a str,
    /// The token that ends a text.
    pub end: u32,
}

/// The file of a text stream: its tensors as [`super::export::text`] gives them, matrices in `encoding` where their rows are
/// whole blocks of it, else in 16-bit floats.
///
/// # Errors
/// When a tensor is none of a decoder's, or the tokenizer is not byte-level BPE.
pub fn gguf(
    config: &Config,
    tensors: &[Named],
    tokenizer: &[u8],
    encoding: Encoding,
    label: Label<'_>,
) -> Result<Vec<u8>, BundleError> {
    let mut writer = Writer::default();
    describe(&mut writer, config, label)?;
    vocabulary(&mut writer, tokenizer, label.end)?;
    for tensor in tensors {
        let name = name(&tensor.name).ok_or_else(|| BundleError::Name(tensor.name.clone()))?;
        match tensor.shape[..] {
            [rows, columns] => {
                let fits = encoding.bytes_for(columns).is_some();
                let encoding = if fits { encoding } else { Encoding::F16 };
                let matrix = Matrix::from_f32(rows, columns, encoding, &tensor.values)
                    .map_err(|error| BundleError::Matrix { name: name.clone(), error })?;
                writer.matrix(&name, &matrix);
            }
            _ => writer.vector(&name, &tensor.values),
        }
    }
    Ok(writer.finish())
}

fn describe(writer: &mut Writer, config: &Config, label: Label<'_>) -> Result<(), BundleError> {
    writer.entry("general.architecture", Entry::Text(config.architecture.name().to_owned()));
    writer.entry("general.name", Entry::Text(label.name.to_owned()));
    writer.entry("general.license", Entry::Text(label.licence.to_owned()));
    let sizes = [
        ("block_count", config.layers),
        ("embedding_length", config.hidden),
        ("feed_forward_length", config.ffn),
        ("context_length", config.context),
        ("attention.head_count", config.heads),
        ("attention.head_count_kv", config.kv_heads),
        ("attention.key_length", config.head_dim),
        ("attention.value_length", config.head_dim),
    ];
    let prefix = config.architecture.name();
    for (key, size) in sizes {
        let size = u32::try_from(size).map_err(|_| BundleError::Size(key))?;
        writer.entry(&format!("{prefix}.{key}"), Entry::U32(size));
    }
    writer.entry(&format!("{prefix}.attention.layer_norm_rms_epsilon"), Entry::F32(config.epsilon));
    writer.entry(&format!("{prefix}.rope.freq_base"), Entry::F32(config.rope_base));
    Ok(())
}

/// The vocabulary of a `tokenizer.json` that [`super::vocabulary`] made: digits apart, then GPT-2's words.
fn vocabulary(writer: &mut Writer, tokenizer: &[u8], end: u32) -> Result<(), BundleError> {
    const NORMAL: i32 = 1;
    const CONTROL: i32 = 3;
    let wrong = |what: &str| BundleError::Tokenizer(what.to_owned());
    let json: Value =
        serde_json::from_slice(tokenizer).map_err(|error| BundleError::Tokenizer(error.to_string()))?;
    let words = json
        .pointer("/model/vocab")
        .and_then(Value::as_object)
        .ok_or_else(|| wrong("it has no vocabulary"))?;
    let mut tokens: Vec<(u64, &str)> =
        words.iter().filter_map(|(word, id)| Some((id.as_u64()?, word.as_str()))).collect();
    tokens.sort_unstable();
    if tokens.iter().enumerate().any(|(at, (id, _))| *id != at as u64) {
        return Err(wrong("its numbers have gaps"));
    }
    let special: Vec<&str> = json
        .pointer("/added_tokens")
        .and_then(Value::as_array)
        .map(|added| added.iter().filter_map(|token| token.get("content")?.as_str()).collect())
        .unwrap_or_default();
    let kind = |word: &str| if special.contains(&word) { CONTROL } else { NORMAL };
    let merge = |merge: &Value| match merge {
        Value::String(merge) => Some(merge.clone()),
        Value::Array(pair) => Some(format!("{} {}", pair.first()?.as_str()?, pair.get(1)?.as_str()?)),
        _ => None,
    };
    let merges =
        json.pointer("/model/merges").and_then(Value::as_array).ok_or_else(|| wrong("it has no merges"))?;
    writer.entry("tokenizer.ggml.model", Entry::Text("gpt2".to_owned()));
    writer.entry("tokenizer.ggml.pre", Entry::Text("smollm".to_owned()));
    let kinds = tokens.iter().map(|(_, word)| kind(word)).collect();
    writer.entry(
        "tokenizer.ggml.tokens",
        Entry::Texts(tokens.iter().map(|(_, word)| (*word).to_owned()).collect()),
    );
    writer.entry("tokenizer.ggml.token_type", Entry::Integers(kinds));
    writer.entry("tokenizer.ggml.merges", Entry::Texts(merges.iter().filter_map(merge).collect()));
    writer.entry("tokenizer.ggml.eos_token_id", Entry::U32(end));
    writer.entry("tokenizer.ggml.add_bos_token", Entry::Flag(false));
    Ok(())
}

/// What GGUF calls a tensor that `transformers` calls so.
pub(super) fn name(of: &str) -> Option<String> {
    match of {
        "model.embed_tokens.weight" => return Some("token_embd.weight".to_owned()),
        "model.norm.weight" => return Some("output_norm.weight".to_owned()),
        _ => {}
    }
    let (layer, part) = of.strip_prefix("model.layers.")?.split_once('.')?;
    let part = match part.strip_suffix(".weight")? {
        "input_layernorm" => "attn_norm",
        "post_attention_layernorm" => "ffn_norm",
        "self_attn.q_norm" => "attn_q_norm",
        "self_attn.k_norm" => "attn_k_norm",
        "self_attn.q_proj" => "attn_q",
        "self_attn.k_proj" => "attn_k",
        "self_attn.v_proj" => "attn_v",
        "self_attn.o_proj" => "attn_output",
        "mlp.gate_proj" => "ffn_gate",
        "mlp.up_proj" => "ffn_up",
        "mlp.down_proj" => "ffn_down",
        _ => return None,
    };
    Some(format!("blk.{layer}.{part}.weight"))
}
