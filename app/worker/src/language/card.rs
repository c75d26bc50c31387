//! What a model is, read from its headers.

use std::collections::HashMap;

use engine::kernels::cpu::Cpu;
use engine::qwen::rope::Scaling;
use engine::qwen::{Config, LoadOptions, Loader};
use engine::tokenizer::Tokenizer;
use engine::tokenizer::chat::{ChatTemplate, Family};
use engine::weights::{Checkpoint, Encoding, Format, TensorInfo};
use protocol::AppError;
use protocol::language::LanguageCard;

use super::error;
use super::files::Opened;
use super::shipped;

/// Bytes of a number in the caches.
const CACHED: u64 = size_of::<f32>() as u64;
/// What a file may say of itself that a person wants to know.
const SAID: [(&str, &str); 6] = [
    ("general.basename", "base name"),
    ("general.finetune", "fine-tuned for"),
    ("general.size_label", "size"),
    ("general.organization", "made by"),
    ("general.quantized_by", "quantized by"),
    ("general.repo_url", "published at"),
];

/// The card of a model.
///
/// # Errors
/// When its shape is senseless or not supported.
pub fn card(opened: &Opened) -> Result<LanguageCard, AppError> {
    let Opened { checkpoint, tokenizer, name, adapter } = opened;
    // The shape is the same on every device.
    let loader =
        Loader::<Cpu>::new(checkpoint, LoadOptions::default()).map_err(|failure| error::load(&failure))?;
    let config = loader.config();
    let metadata = checkpoint.metadata();
    let bytes = |quantize| {
        let kept = checkpoint.tensors().iter().map(|tensor| kept_bytes(tensor, quantize));
        kept.fold(0, u64::saturating_add)
    };
    let named = metadata.text("general.name").filter(|name| !name.trim().is_empty());
    Ok(LanguageCard {
        name: named.unwrap_or(name).to_owned(),
        format: checkpoint.format().to_string(),
        facts: facts(config, checkpoint, tokenizer),
        encodings: encodings(checkpoint.tensors()),
        licence: metadata.text("general.license").or(metadata.text("license")).map(str::to_owned),
        layers: config.layers,
        heads: config.heads,
        neurons: config.ffn,
        width: config.hidden,
        context: config.context,
        parameters: checkpoint.tensors().iter().map(parameters).fold(0, u64::saturating_add),
        weight_bytes: bytes(None),
        quantized_bytes: [bytes(Some(Encoding::Q4_0)), bytes(Some(Encoding::Q8_0))],
        bytes_per_position: config.cache_values() as u64 * CACHED,
        chats: ChatTemplate::of(tokenizer).is_ok(),
        thinks: thinks(tokenizer),
        taps: if adapter.is_some() { None } else { shipped::offered(config.hidden, config.layers) },
    })
}

fn facts(config: &Config, checkpoint: &Checkpoint, tokenizer: &Tokenizer) -> Vec<(String, String)> {
    let output = match checkpoint.format() {
        Format::Gguf(_) => "output.weight",
        Format::Safetensors(_) => "lm_head.weight",
    };
    let tied = config.tied.unwrap_or(checkpoint.tensor(output).is_none());
    let kind = match Family::of(tokenizer) {
        Some(Family::Qwen3) => "byte-level BPE (Qwen3)",
        Some(Family::SmolLm2) => "byte-level BPE (SmolLM2)",
        None => "byte-level BPE",
    };
    let mut facts = vec![
        ("architecture", config.architecture.name().to_owned()),
        ("layers", config.layers.to_string()),
        ("hidden size", config.hidden.to_string()),
        ("query heads", config.heads.to_string()),
        ("key/value heads", config.kv_heads.to_string()),
        ("head width", config.head_dim.to_string()),
        ("neurons", config.ffn.to_string()),
        ("vocabulary", config.vocabulary.to_string()),
        ("context", config.context.to_string()),
        ("rotary base", config.rope_base.to_string()),
        ("rotary scaling", scaling(&config.scaling)),
        ("output matrix", if tied { "the embedding (tied)" } else { "its own" }.to_owned()),
        ("tokenizer", format!("{kind}, {} tokens", tokenizer.vocabulary_size())),
    ];
    let metadata = checkpoint.metadata();
    facts.extend(SAID.iter().filter_map(|(key, name)| Some((*name, metadata.get(key)?.to_string()))));
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn scaling(scaling: &Scaling) -> String {
    match scaling {
        Scaling::None => "none".to_owned(),
        Scaling::Linear { factor } => format!("linear, × {factor}"),
        Scaling::Llama3 { factor, .. } => format!("Llama 3, × {factor}"),
        Scaling::Yarn { factor, .. } => format!("YaRN, × {factor}"),
        Scaling::Divisors(_) => "a divisor for each pair".to_owned(),
    }
}

/// Tensors by form: how many and their bytes in the file, the most bytes first.
fn encodings(tensors: &[TensorInfo]) -> Vec<(String, usize, u64)> {
    let mut found: HashMap<Encoding, (usize, u64)> = HashMap::new();
    for tensor in tensors {
        let (count, bytes) = found.entry(tensor.encoding).or_default();
        (*count, *bytes) = (*count + 1, bytes.saturating_add(tensor.bytes));
    }
    let mut found: Vec<_> =
        found.into_iter().map(|(encoding, (count, bytes))| (encoding.to_string(), count, bytes)).collect();
    found.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    found
}

/// The numbers of a tensor.
pub fn parameters(tensor: &TensorInfo) -> u64 {
    tensor.shape.iter().fold(1, |product: u64, dimension| product.saturating_mul(*dimension as u64))
}

/// Bytes that a tensor takes in memory: vectors become `f32`, matrices of floats what they are brought to.
fn kept_bytes(tensor: &TensorInfo, quantize: Option<Encoding>) -> u64 {
    match (tensor.shape.as_slice(), quantize) {
        ([rows, columns], Some(wanted)) if tensor.encoding.is_float() => match wanted.bytes_for(*columns) {
            Some(row) => (row as u64).saturating_mul(*rows as u64),
            None => tensor.bytes,
        },
        ([_, _], _) => tensor.bytes,
        _ => parameters(tensor).saturating_mul(size_of::<f32>() as u64),
    }
}

/// Whether the template has a switch for thinking.
fn thinks(tokenizer: &Tokenizer) -> bool {
    match tokenizer.chat_template() {
        Some(template) => template.contains("enable_thinking"),
        None => Family::of(tokenizer) == Some(Family::Qwen3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], encoding: Encoding, bytes: u64) -> TensorInfo {
        TensorInfo { name: String::new(), shape: shape.to_vec(), encoding, bytes, offset: 0, file: 0 }
    }

    #[test]
    fn bytes_in_memory_follow_the_quantization() {
        let matrix = tensor(&[3, 64], Encoding::F16, 384);
        assert_eq!(kept_bytes(&matrix, None), 384);
        assert_eq!(kept_bytes(&matrix, Some(Encoding::Q4_0)), 3 * 36);
        assert_eq!(kept_bytes(&tensor(&[3, 40], Encoding::F16, 240), Some(Encoding::Q4_0)), 240);
        assert_eq!(kept_bytes(&tensor(&[3, 64], Encoding::Q8_0, 204), Some(Encoding::Q4_0)), 204);
        assert_eq!(kept_bytes(&tensor(&[64], Encoding::F16, 128), None), 256);
    }

    #[test]
    fn forms_are_counted_the_largest_first() {
        let tensors = [
            tensor(&[64], Encoding::F32, 256),
            tensor(&[8, 64], Encoding::Q8_0, 544),
            tensor(&[64], Encoding::F32, 256),
        ];
        assert_eq!(encodings(&tensors), [("Q8_0".to_owned(), 1, 544), ("F32".to_owned(), 2, 512)]);
    }
}
