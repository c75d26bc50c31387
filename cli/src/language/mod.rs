//! Language models from files: opening them, completing texts, measuring the speed.

pub mod bench;
mod files;
pub mod generate;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use engine::kernels::Compute;
use engine::kernels::cpu::{self, Cpu};
use engine::qwen::{Decoder, LoadError, LoadOptions, Loader, vocabulary};
use engine::tokenizer::Tokenizer;
use engine::weights::{Checkpoint, Encoding, WeightsError};

use crate::Status;
use crate::engines::Device;

/// How a language model is computed.
#[derive(Args, Default)]
pub struct ComputeOptions {
    /// Where a language model is computed [default: cpu].
    #[arg(long)]
    device: Option<Device>,
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

impl ComputeOptions {
    /// On that device, and all else by default.
    pub fn on(device: Device) -> Self {
        Self { device: Some(device), ..Self::default() }
    }

    /// An option that was given, if one was.
    pub fn named(&self) -> Option<&'static str> {
        let given = [
            ("--device", self.device.is_some()),
            ("--threads", self.threads.is_some()),
            ("--quantize", self.quantize.is_some()),
            ("--context", self.context.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    fn device(&self) -> Device {
        self.device.unwrap_or(Device::Cpu)
    }

    /// Before anything is computed; the first model's stay.
    fn set_threads(&self) -> Result<()> {
        static SET: Mutex<bool> = Mutex::new(false);
        let mut set = SET.lock().unwrap_or_else(PoisonError::into_inner);
        if *set {
            return Ok(());
        }
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.map_or_else(cores, usize::from);
        cpu::set_threads(threads).map_err(|reason| anyhow!("{threads} threads: {reason}"))?;
        *set = true;
        Ok(())
    }
}

/// An encoding by its name.
pub fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::by_name(name).ok_or_else(|| "there is no such encoding".to_owned())
}

fn quantization(name: &str) -> Result<Encoding, String> {
    match Encoding::by_name(name) {
        Some(encoding @ (Encoding::Q8_0 | Encoding::Q4_0)) => Ok(encoding),
        _ => Err("weights can be quantized to q8_0 or q4_0".to_owned()),
    }
}

/// A model with what belongs to it, on a device.
pub struct Loaded<C: Compute> {
    /// Its decoder, at the start of a text.
    pub decoder: Decoder<C>,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// Seconds it took to load.
    pub seconds: f64,
    /// Bytes of its tensors in the file.
    pub bytes: u64,
}

/// Opens a file of weights that stands by itself.
pub fn open_weights(path: &Path) -> Result<Checkpoint> {
    Ok(files::open(path)?.checkpoint)
}

/// Opens a model's weights, and the tokenizer that belongs to them.
pub fn open_with_tokenizer(path: &Path) -> Result<(Checkpoint, Tokenizer)> {
    let opened = files::open(path)?;
    let tokenizer = tokenizer(&opened).with_context(|| path.display().to_string())?;
    Ok((opened.checkpoint, tokenizer))
}

fn tokenizer(opened: &files::Opened) -> Result<Tokenizer> {
    let files::Opened { checkpoint, tokenizer, tokenizer_config } = opened;
    Ok(vocabulary::tokenizer(checkpoint, tokenizer.as_deref(), tokenizer_config.as_deref())?)
}

/// Something to be done with a model, whatever the device.
pub trait Errand {
    /// Does it.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn run<C: Compute>(self, loaded: Loaded<C>) -> Result<Status>;
}

/// Loads a model (a .gguf file, a .safetensors file, or a folder of .safetensors with config.json and tokenizer.json)
/// and does something with it.
pub fn with_model(path: &Path, options: &ComputeOptions, errand: impl Errand) -> Result<Status> {
    if options.device() == Device::Gpu && cfg!(not(feature = "gpu")) {
        return Err(crate::engines::no_gpu());
    }
    options.set_threads()?;
    let start = Instant::now();
    let opened = files::open(path)?;
    match options.device() {
        Device::Cpu => errand.run(load(path, options, &opened, start, |_| Ok(Cpu))?),
        #[cfg(feature = "gpu")]
        Device::Gpu => errand.run(load(path, options, &opened, start, |loader| {
            graphics_device(&loader.shape(&opened.checkpoint))
        })?),
        #[cfg(not(feature = "gpu"))]
        Device::Gpu => Err(crate::engines::no_gpu()),
    }
}

/// Loads a model to a device, which may be started for its shape.
fn load<C: Compute>(
    path: &Path,
    options: &ComputeOptions,
    opened: &files::Opened,
    start: Instant,
    device: impl FnOnce(&Loader<C>) -> Result<C>,
) -> Result<Loaded<C>> {
    let name = || path.display().to_string();
    let tokenizer = tokenizer(opened).with_context(name)?;
    let mut loader = Loader::new(&opened.checkpoint, LoadOptions { quantize: options.quantize })
        .map_err(explained)
        .with_context(name)?;
    let mut compute = device(&loader)?;
    while loader.step(&opened.checkpoint, &mut compute).map_err(explained).with_context(name)? {}
    let model = loader.finish().ok_or_else(|| anyhow!("the model is not complete"))?;
    let context = options.context.unwrap_or(model.config.context);
    Ok(Loaded {
        decoder: Decoder::new(compute, Arc::new(model), context),
        tokenizer,
        seconds: start.elapsed().as_secs_f64(),
        bytes: opened.checkpoint.bytes(),
    })
}

/// A graphics device whose operations are those of the processor.
#[cfg(feature = "gpu")]
fn graphics_device(shape: &engine::kernels::gpu::self_test::Shape) -> Result<engine::kernels::gpu::Gpu> {
    let clock = Instant::now();
    let checked = engine::kernels::gpu::self_test::checked(shape, || clock.elapsed().as_secs_f64(), &|| true);
    let (gpu, findings) = pollster::block_on(checked)?;
    if findings.failures.is_empty() {
        return Ok(gpu);
    }
    let failures = findings.failures.join("\n  ");
    Err(anyhow!("the graphics device computes wrongly; leave out --device gpu\n  {failures}"))
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
