//! The training of taps on a base that stays as it is.
//!
//! The base reads a number of questions once; what it holds of them at the taps is kept. The taps are then trained on that, in
//! many passes, and the base is not needed any more.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use engine::kernels::cpu::Cpu;
use engine::qwen::{LoadOptions, Loader};
use engine::worldmodel::adapter::{AdapterConfig, Base, fingerprint, words};
use engine::worldmodel::nano;
use engine::worldmodel::selection::Selection;
use engine::worldmodel::taps::TapConfig;
use engine::worldmodel::train::{Cached, POOL, Passes, TapTrainer, export};
use serde::{Deserialize, Serialize};

use super::cache::{Cache, Fill};
use super::folder::Folder;
use super::sitting::Sitting;
use crate::language::{self, ComputeOptions};
use crate::{Status, questions, report};

/// Width of a head of a tap.
const HEAD: usize = 64;
/// Questions by which the taps learn how large a base's stream is.
const SCALE: usize = 256;

/// Options of taps on a base.
#[derive(Args)]
pub struct TapOptions {
    /// Questions that the base reads; the taps see them many times.
    #[arg(long, value_name = "N", default_value_t = 20_000, requires = "base")]
    cached: u64,
    /// Behind which layers of the base the taps sit, first to last.
    #[arg(long, value_name = "LAYERS", value_delimiter = ',', default_value = "3,7,11", requires = "base")]
    behind: Vec<usize>,
    /// Width of the taps: with no plan to read they need more than nano's.
    #[arg(long, value_name = "N", default_value_t = 192, requires = "base")]
    tap_width: usize,
    /// Layers of each tap.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "base")]
    tap_layers: usize,
}

/// What makes a run this run and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    base: String,
    fingerprint: String,
    hidden: usize,
    layers: usize,
    seed: u64,
    batch: usize,
    cached: u64,
    taps: TapConfig,
}

/// Trains them.
pub fn run(options: &super::Options, base: &Path, stop: &AtomicBool) -> Result<Status> {
    let folder = options.folder("adapter-run")?;
    let families = questions::read(&options.questions)?;
    let settings = settings(options, base)?;
    folder.settle(settings.clone())?;
    let Settings { ref taps, hidden, cached: wanted, seed, .. } = settings;
    if wanted == 0 {
        bail!("--cached must be at least 1");
    }
    let cache = Cache { folder: &folder, behind: &taps.behind, hidden, wanted };
    if !cache.is_full() {
        let limit = options.minutes.map(|minutes| Duration::from_secs_f64(60.0 * minutes.max(0.0)));
        let until = limit.map(|limit| Instant::now() + limit);
        let fill = Fill { cache: &cache, families: &families, seed, stop, until };
        if language::with_model(base, &ComputeOptions::default(), fill)? != Status::Done {
            report::line("stopped while the base reads; the same command goes on");
            return Ok(Status::Done);
        }
    }
    let entries = cache.entries()?;
    let scale: Vec<Cached> =
        entries.iter().take(SCALE).map(|entry| cache.read(entry)).collect::<Result<_>>()?;
    let mut trainer = TapTrainer::new(taps.clone(), hidden, seed, options.device(), &scale);
    let mut sitting = Sitting::resume(&folder, &mut trainer)?;
    sitting.begin(&folder, &families, &trainer, options)?;
    let lengths =
        entries.iter().map(|entry| (entry.question.operands.len(), entry.question.program.len())).collect();
    let passes = Passes::new(lengths, seed, options.batch);
    let pool = |number: u64| -> Result<Vec<Vec<Cached>>> {
        let read = |batch: Vec<usize>| -> Result<Vec<Cached>> {
            batch.into_iter().filter_map(|at| entries.get(at)).map(|entry| cache.read(entry)).collect()
        };
        passes.pool(number).into_iter().map(read).collect()
    };
    let finished = std::thread::scope(|scope| -> Result<bool> {
        let (send, pools) = sync_channel(1);
        let first = sitting.state.step / POOL;
        scope.spawn(move || {
            // Ends when nobody takes the pools any more.
            for number in first.. {
                if send.send(pool(number)).is_err() {
                    break;
                }
            }
        });
        sitting.steps(&folder, &mut trainer, &pools, options, stop)
    })?;
    write_adapter(&folder, &sitting, &trainer, &settings, options)?;
    sitting.end(finished, options);
    Ok(Status::Done)
}

/// What a run with these options is, of a base whose weights are not read for it.
fn settings(options: &super::Options, base: &Path) -> Result<Settings> {
    let checkpoint = language::open_weights(base)?;
    let loader = Loader::<Cpu>::new(&checkpoint, LoadOptions::default())
        .with_context(|| format!("{} is no base that can be run", base.display()))?;
    let config = loader.config();
    let TapOptions { behind, tap_width: width, tap_layers: layers, cached } = &options.adapter;
    let taps = TapConfig {
        behind: behind.clone(),
        width: *width,
        heads: (width / HEAD).max(1),
        layers: *layers,
        ffn: 2 * width,
        ..nano::taps()
    };
    taps.check()?;
    if let Some(beyond) = behind.iter().find(|layer| **layer > config.layers) {
        bail!("--behind names layer {beyond}; {} has {}", base.display(), config.layers);
    }
    let stem = base.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let named = checkpoint.metadata().text("general.name").map(str::to_owned);
    Ok(Settings {
        base: stem.or(named).unwrap_or_else(|| "a base".to_owned()),
        fingerprint: fingerprint(&checkpoint).unwrap_or_default(),
        hidden: config.hidden,
        layers: config.layers,
        seed: options.seed,
        batch: options.batch,
        cached: *cached,
        taps,
    })
}

/// The taps as an adapter that belongs to the base.
fn write_adapter(
    folder: &Folder,
    sitting: &Sitting,
    trainer: &TapTrainer,
    settings: &Settings,
    options: &super::Options,
) -> Result<()> {
    let place = folder.path("adapter");
    std::fs::create_dir_all(&place).with_context(|| format!("{} cannot be made", place.display()))?;
    let adapter = AdapterConfig {
        kind: Base::Frozen,
        base: settings.base.clone(),
        hidden: settings.hidden,
        layers: settings.layers,
        fingerprint: settings.fingerprint.clone(),
        training: sitting.training(folder, options)?,
        taps: settings.taps.clone(),
        vocabulary: words(),
        selection: Selection::untrained(settings.taps.behind.len()),
    };
    let weights = export::safetensors(&export::taps(trainer.taps())?, export::Precision::F16)?;
    folder.write("adapter/adapter.safetensors", &weights)?;
    folder.write("adapter/adapter.json", &serde_json::to_vec_pretty(&adapter)?)
}
