//! The tokenizer that belongs to a checkpoint.

use crate::tokenizer::{GgufVocabulary, Tokenizer, TokenizerError};
use crate::weights::{Checkpoint, Format, Metadata};

/// The tokenizer of a model: from GGUF's own metadata, or from the `tokenizer.json` (and, for its chat template, the
/// `tokenizer_config.json`) beside safetensors.
///
/// # Errors
/// When there is none, or it is of a kind that is not supported.
pub fn tokenizer(
    checkpoint: &Checkpoint,
    json: Option<&[u8]>,
    config: Option<&[u8]>,
) -> Result<Tokenizer, TokenizerError> {
    let tokenizer = match (json, checkpoint.format()) {
        (Some(json), _) => Tokenizer::from_json(json)?,
        (None, Format::Gguf(_)) => return Tokenizer::from_gguf(from_metadata(checkpoint.metadata())),
        (None, Format::Safetensors(_)) => return Err(TokenizerError::Missing),
    };
    match config {
        Some(config) => tokenizer.with_config(config),
        None => Ok(tokenizer),
    }
}

/// What the metadata says under `tokenizer`; what is not there stays empty, and [`Tokenizer::from_gguf`] says so.
fn from_metadata(metadata: &Metadata) -> GgufVocabulary {
    let text = |key: &str| metadata.text(key).map(str::to_owned);
    let id = |key: &str| metadata.integer(key).and_then(|id| u32::try_from(id).ok());
    let texts = |key: &str| metadata.strings(key).map(|texts| texts.iter().map(str::to_owned).collect());
    let types = metadata.integers("tokenizer.ggml.token_type");
    GgufVocabulary {
        model: text("tokenizer.ggml.model").unwrap_or_default(),
        pre: text("tokenizer.ggml.pre"),
        tokens: texts("tokenizer.ggml.tokens").unwrap_or_default(),
        merges: texts("tokenizer.ggml.merges").unwrap_or_default(),
        token_types: types.map(|types| types.map(|kind| kind as i32).collect()).unwrap_or_default(),
        bos: id("tokenizer.ggml.bos_token_id"),
        eos: id("tokenizer.ggml.eos_token_id"),
        eot: id("tokenizer.ggml.eot_token_id"),
        add_bos: metadata.flag("tokenizer.ggml.add_bos_token"),
        add_eos: metadata.flag("tokenizer.ggml.add_eos_token"),
        chat_template: text("tokenizer.chat_template"),
    }
}
