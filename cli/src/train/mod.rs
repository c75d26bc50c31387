//! `worldmodel train`: nano, or taps on a base that stays as it is; from questions to weights.
//!
//! A run lives in a folder and goes on where it stopped, however it was stopped: each step's samples depend on its number
//! alone, and the last checkpoint has the weights and the optimizer's memory. Interrupting it saves first.

mod base;
mod cache;
pub mod curves;
mod folder;
mod nano;
mod origin;
mod pace;
mod sitting;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use engine::worldmodel::train::{self, Rate};

use crate::Status;
use folder::Folder;
use nano::Size;

/// What trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// The processor.
    Cpu,
    /// The graphics device.
    #[cfg(feature = "gpu")]
    Gpu,
}

/// The options of `worldmodel train`.
#[derive(Args)]
pub struct Options {
    /// Trains taps on this base, which stays as it is, instead of nano: a .gguf file, a .safetensors file, or a folder of
    /// .safetensors with config.json and tokenizer.json.
    #[arg(long, value_name = "PATH")]
    base: Option<PathBuf>,
    /// Starts from the weights of this WorldModel (a folder, as `assets/nano`) instead of new ones; a run that is there goes on from
    /// its own.
    #[arg(long, value_name = "FOLDER", conflicts_with = "base")]
    from: Option<PathBuf>,
    /// The run's folder [default: nano-run, or adapter-run]. A run that is there goes on.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The folder of questions.
    #[arg(long, default_value = "assets/questions")]
    questions: PathBuf,
    /// Steps of the whole run; the rate goes down towards the last.
    #[arg(long, default_value_t = 20_000)]
    steps: u64,
    /// Samples a step.
    #[arg(long, default_value_t = 48)]
    batch: usize,
    /// How large a model.
    #[arg(long, value_enum, default_value_t = Size::Nano, conflicts_with = "base")]
    size: Size,
    /// Makes another run of the same options.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps until all stages of the curriculum have come.
    #[arg(long, default_value_t = 2000, conflicts_with = "base")]
    curriculum: u64,
    #[command(flatten)]
    adapter: base::TapOptions,
    /// The learning rate while it is level.
    #[arg(long, default_value_t = Rate::default().level)]
    rate: f64,
    /// Steps at the end over which the rate goes down.
    #[arg(long, default_value_t = Rate::default().cool_down)]
    cool_down: u64,
    /// Stops after so many minutes, with a checkpoint; the run can go on later.
    #[arg(long)]
    minutes: Option<f64>,
    /// What trains.
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

impl Options {
    /// The run's folder, made if it is not there.
    fn folder(&self, default: &str) -> Result<Folder> {
        Folder::open(self.out.as_deref().unwrap_or(Path::new(default)))
    }

    fn device(&self) -> train::Device {
        match self.device {
            Device::Cpu => train::processor(),
            #[cfg(feature = "gpu")]
            Device::Gpu => train::graphics(),
        }
    }
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    if options.batch == 0 {
        bail!("--batch must be at least 1");
    }
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        // Whoever asks twice does not want to wait for the checkpoint.
        if asked.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .context("interrupts cannot be caught")?;
    match &options.base {
        Some(base) => base::run(options, base, &stop),
        None => nano::run(options, &stop),
    }
}
