//! Language models from files: opening them, completing texts, measuring the speed.

pub mod bench;
mod files;
pub mod generate;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use engine::kernels::cpu::{self, Cpu};
use engine::qwen::{Decoder, LoadError, LoadOptions, Loader, Model, vocabulary};
use engine::tokenizer::Tokenizer;
use engine::weights::{Encoding, WeightsError};

use crate::engines::Device;

/// How a language model is computed.
#[derive(Args)]
pub struct ComputeOptions {
    /// Where a language model is computed.
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// Threads of the processor [default: one for each core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Quantizes what a model's file holds as floats: q8_0 or q4_0.
    #[arg(long, value_name = "FORM", value_parser = quantization)]
    quantize: Option<Encoding>,
    /// Positions the text may have [default: what the model was made for].
    #[arg(long, value_name = "N")]
    context: Option<usize>,
}

fn quantization(name: &str) -> Result<Encoding, String> {
    match Encoding::by_name(name) {
        Some(encoding @ (Encoding::Q8_0 | Encoding::Q4_0)) => Ok(encoding),
        _ => Err("weights can be quantized to q8_0 or q4_0".to_owned()),
    }
}

/// A model with what belongs to it.
pub struct Loaded {
    /// Its weights.
    pub model: Arc<Model<Cpu>>,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// Seconds it took to load.
    pub seconds: f64,
    /// Bytes of its tensors in the file.
    pub bytes: u64,
    context: usize,
}

impl Loaded {
    /// A decoder at the start of a text.
    pub fn decoder(&self) -> Decoder<Cpu> {
        Decoder::new(Cpu, Arc::clone(&self.model), self.context)
    }
}

/// Loads a model: a .gguf file, a .safetensors file, or a folder of .safetensors with config.json and tokenizer.json.
pub fn load(path: &Path, options: &ComputeOptions) -> Result<Loaded> {
    if options.device == Device::Gpu {
        bail!("language models run on the CPU only so far; leave out --device gpu");
    }
    if let Some(threads) = options.threads {
        cpu::set_threads(threads.into()).map_err(|reason| anyhow!("--threads {threads}: {reason}"))?;
    }
    let start = Instant::now();
    let opened = files::open(path)?;
    let name = || path.display().to_string();
    let tokenizer = vocabulary::tokenizer(
        &opened.checkpoint,
        opened.tokenizer.as_deref(),
        opened.tokenizer_config.as_deref(),
    );
    let tokenizer = tokenizer.with_context(name)?;
    let mut loader = Loader::new(&opened.checkpoint, LoadOptions { quantize: options.quantize })
        .map_err(explained)
        .with_context(name)?;
    while loader.step(&opened.checkpoint, &mut Cpu).map_err(explained).with_context(name)? {}
    let model = loader.finish().ok_or_else(|| anyhow!("the model is not complete"))?;
    Ok(Loaded {
        context: options.context.unwrap_or(model.config.context),
        model: Arc::new(model),
        tokenizer,
        seconds: start.elapsed().as_secs_f64(),
        bytes: opened.checkpoint.bytes(),
    })
}

/// An error with its remedy.
fn explained(error: LoadError) -> anyhow::Error {
    with_help(error.to_string(), error.help())
}

/// The same of an error of the file.
fn explained_file(error: &WeightsError) -> anyhow::Error {
    with_help(error.to_string(), error.help())
}

fn with_help(message: String, help: Option<String>) -> anyhow::Error {
    match help {
        Some(help) => anyhow!("{message}\n  help: {help}"),
        None => anyhow!(message),
    }
}
