//! `worldmodel train`: nano, from questions to weights.
//!
//! A run lives in a folder and goes on where it stopped, however it was stopped: each step's samples depend on its number
//! alone, and the last checkpoint has the weights and the optimizer's memory. Interrupting it saves first.

pub mod curves;
mod folder;
mod pace;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use engine::tokenizer::Tokenizer;
use engine::weights::Encoding;
use engine::worldmodel::adapter::{AdapterConfig, fingerprint_of, words};
use engine::worldmodel::data::Families;
use engine::worldmodel::nano;
use engine::worldmodel::selection::Selection;
use engine::worldmodel::train::{
    self, POOL, Rate, Sample, Sampler, SamplerError, Score, Shape, Trainer, bundle, export, learn_vocabulary,
    vocabulary_texts,
};
use engine::worldmodel::transcript::{END, Writer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::{Status, questions, report};
use curves::Point;
use folder::{Folder, State};
use pace::Pace;

/// Steps between two points of the curves.
const POINT_EVERY: u64 = 20;

/// What trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// The processor.
    Cpu,
    /// The graphics device.
    #[cfg(feature = "gpu")]
    Gpu,
}

/// What is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Size {
    /// The model that comes with the page.
    Nano,
    /// A model for trying things out.
    Tiny,
}

impl Size {
    fn shape(self, vocabulary: usize) -> Shape {
        match self {
            Self::Nano => Shape { decoder: nano::decoder(vocabulary), taps: nano::taps() },
            Self::Tiny => Shape { decoder: nano::tiny_decoder(vocabulary), taps: nano::tiny_taps() },
        }
    }
}

/// The options of `worldmodel train`.
#[derive(Args)]
pub struct Options {
    /// The run's folder. A run that is there goes on.
    #[arg(long, default_value = "nano-run")]
    out: PathBuf,
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
    #[arg(long, value_enum, default_value_t = Size::Nano)]
    size: Size,
    /// Makes another run of the same options.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps until all stages of the curriculum have come.
    #[arg(long, default_value_t = 2000)]
    curriculum: u64,
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

/// What makes a run this run and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    size: Size,
    seed: u64,
    batch: usize,
    curriculum: u64,
    vocabulary: usize,
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
    let folder = Folder::open(&options.out)?;
    let families = questions::read(&options.questions)?;
    let tokenizer = tokenizer(&folder, &families, options.seed)?;
    let settings = Settings {
        size: options.size,
        seed: options.seed,
        batch: options.batch,
        curriculum: options.curriculum,
        vocabulary: tokenizer.vocabulary_size(),
    };
    folder.settle(settings)?;
    let shape = options.size.shape(tokenizer.vocabulary_size());
    let mut trainer = Trainer::new(shape, options.seed, device(options.device));
    let mut sitting = Sitting::resume(&folder, &mut trainer)?;
    sitting.note_start(&folder, &families, options)?;
    report::line(&format!(
        "{} parameters; data {}; step {} of {}",
        trainer.parameters(),
        families.hash(),
        sitting.state.step,
        options.steps
    ));
    let finished = std::thread::scope(|scope| -> Result<bool> {
        let (send, pools) = sync_channel(1);
        let sampler = Sampler::new(
            &families,
            Writer::new(&tokenizer)?,
            options.seed,
            options.batch,
            options.curriculum,
        );
        let first = sitting.state.step / POOL;
        scope.spawn(move || {
            // Ends when nobody takes the pools any more.
            for number in first.. {
                if send.send(sampler.pool(number)).is_err() {
                    break;
                }
            }
        });
        sitting.steps(&folder, &mut trainer, &pools, options, &stop)
    })?;
    write_model(&folder, &sitting, &trainer, &tokenizer, options)?;
    let state = if finished { "finished" } else { "stopped; the same command goes on" };
    report::line(&format!("step {} of {}: {state}", sitting.state.step, options.steps));
    Ok(Status::Done)
}

fn device(device: Device) -> train::Device {
    match device {
        Device::Cpu => train::processor(),
        #[cfg(feature = "gpu")]
        Device::Gpu => train::graphics(),
    }
}

/// The run's vocabulary, learned if it is not there yet.
fn tokenizer(folder: &Folder, families: &Families, seed: u64) -> Result<Tokenizer> {
    let path = folder.path("tokenizer.json");
    if !path.exists() {
        report::line("learning the vocabulary");
        let texts = vocabulary_texts(families, seed);
        folder.write("tokenizer.json", learn_vocabulary(texts.into_iter(), nano::VOCABULARY)?.as_bytes())?;
    }
    let json = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    Tokenizer::from_json(&json).with_context(|| format!("{} is no tokenizer", path.display()))
}

/// One sitting of a run.
struct Sitting {
    state: State,
    points: Vec<Point>,
}

impl Sitting {
    /// Where the run stands.
    fn resume(folder: &Folder, trainer: &mut Trainer) -> Result<Self> {
        let Some((mut state, snapshot)) = folder.last()? else {
            return Ok(Self { state: State { sittings: 1, ..State::default() }, points: Vec::new() });
        };
        trainer.restore(snapshot)?;
        state.sittings += 1;
        let table = std::fs::read_to_string(folder.path("curve.csv")).unwrap_or_default();
        let points = curves::read(&table, state.step);
        Ok(Self { state, points })
    }

    /// Appends what this sitting was started with to the run's log: the questions may have grown since the last.
    fn note_start(&self, folder: &Folder, families: &Families, options: &Options) -> Result<()> {
        let path = folder.path("sittings.jsonl");
        let mut text = std::fs::read_to_string(&path).unwrap_or_default();
        let last: Option<serde_json::Value> =
            text.lines().last().and_then(|line| serde_json::from_str(line).ok());
        let changed =
            |key: &str, now: serde_json::Value| last.as_ref().is_some_and(|last| last.get(key) != Some(&now));
        for (key, now) in [
            ("questions", families.hash().into()),
            ("steps", options.steps.into()),
            ("rate", options.rate.into()),
            ("cool_down", options.cool_down.into()),
        ] {
            if changed(key, now) {
                report::problem(&format!(
                    "note: {key} differs from the sitting before: this is not the run it would have been"
                ));
            }
        }
        let line = serde_json::json!({
            "sitting": self.state.sittings,
            "from_step": self.state.step,
            "steps": options.steps,
            "rate": options.rate,
            "cool_down": options.cool_down,
            "questions": families.hash(),
            "commit": commit(),
        });
        text += &format!("{line}\n");
        folder.write("sittings.jsonl", text.as_bytes())
    }

    /// How the weights came to be, for their metadata.
    fn training(&self, folder: &Folder, options: &Options) -> Result<serde_json::Value> {
        let read = |name: &str| {
            let path = folder.path(name);
            std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let settings: serde_json::Value =
            serde_json::from_str(&read("run.json")?).context("run.json is damaged")?;
        let sittings = read("sittings.jsonl")?;
        let sittings: Vec<serde_json::Value> = sittings
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .context("sittings.jsonl is damaged")?;
        Ok(serde_json::json!({
            "settings": settings,
            "steps": self.state.step,
            "planned": options.steps,
            "finished": self.state.step >= options.steps,
            "samples": self.state.samples,
            "sittings": sittings,
        }))
    }

    /// Steps until the run is finished (true) or somebody wants it to stop.
    fn steps(
        &mut self,
        folder: &Folder,
        trainer: &mut Trainer,
        pools: &Receiver<Result<Vec<Vec<Sample>>, SamplerError>>,
        options: &Options,
        stop: &AtomicBool,
    ) -> Result<bool> {
        let rate = Rate { level: options.rate, cool_down: options.cool_down, ..Rate::default() };
        let bar = bar(options.steps, self.state.step);
        let (began, mut saved, mut pace) = (Instant::now(), Instant::now(), Pace::default());
        let before = self.state.seconds;
        let limit = options.minutes.map(|minutes| Duration::from_secs_f64(60.0 * minutes.max(0.0)));
        let mut lately: Vec<Score> = Vec::new();
        // A pool may have been begun in an earlier sitting.
        let mut skip = usize::try_from(self.state.step % POOL).unwrap_or(0);
        while self.state.step < options.steps {
            let pool = pools.recv().context("no more samples come")??;
            for samples in pool.iter().skip(std::mem::take(&mut skip)) {
                let score = trainer.step(samples, rate.at(self.state.step, options.steps));
                if !score.is_finite() {
                    bail!(
                        "the loss is no number any more at step {}: go on from the last checkpoint with a lower --rate",
                        self.state.step
                    );
                }
                self.state.step += 1;
                self.state.samples += samples.len() as u64;
                self.state.seconds = before + began.elapsed().as_secs_f64();
                lately.push(score);
                bar.set_position(self.state.step);
                if self.state.step.is_multiple_of(POINT_EVERY) {
                    self.point(&mut lately, &bar);
                }
                let enough =
                    stop.load(Ordering::SeqCst) || limit.is_some_and(|limit| began.elapsed() >= limit);
                let finished = self.state.step >= options.steps;
                if enough || finished || pace.is_due(saved.elapsed()) {
                    let start = Instant::now();
                    self.save(folder, trainer)?;
                    pace.saved(start.elapsed());
                    saved = Instant::now();
                }
                if enough || finished {
                    bar.abandon();
                    return Ok(finished);
                }
            }
        }
        Ok(true)
    }

    /// A point of the curves: the mean since the last.
    fn point(&mut self, lately: &mut Vec<Score>, bar: &ProgressBar) {
        let Score { text_loss, tap_losses, text_right, taps_right } = Score::mean(lately);
        // A batch without a program says nothing of the taps.
        let row = |text: f32, taps: Vec<Option<f32>>| -> Vec<f64> {
            std::iter::once(text)
                .chain(taps.into_iter().map(|tap| tap.unwrap_or(0.0)))
                .map(f64::from)
                .collect()
        };
        let (losses, right) = (row(text_loss, tap_losses), row(text_right, taps_right));
        let shown =
            |values: &[f64]| values.iter().map(|value| format!("{value:.4}")).collect::<Vec<_>>().join(" ");
        bar.set_message(format!("loss {}  right {}", shown(&losses), shown(&right)));
        if bar.is_hidden() {
            report::line(&format!(
                "step {} ({:.0} s, {} samples): loss {}  right {}",
                self.state.step,
                self.state.seconds,
                self.state.samples,
                shown(&losses),
                shown(&right)
            ));
        }
        self.points.push(Point { step: self.state.step, seconds: self.state.seconds, losses, right });
        lately.clear();
    }

    fn save(&self, folder: &Folder, trainer: &Trainer) -> Result<()> {
        if !trainer.is_finite() {
            bail!("the weights are no numbers any more: go on from the last checkpoint with a lower --rate");
        }
        folder.save(&self.state, &trainer.snapshot()?)?;
        let behind = &trainer.shape.taps.behind;
        folder.write("curve.csv", curves::table(&self.points, behind).as_bytes())?;
        curves::draw(&folder.path("curves.svg"), &self.points, behind)
    }
}

/// A bar with rate and time left. Where nobody watches, lines are printed instead.
fn bar(steps: u64, at: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {per_sec}  {eta_precise} left  {msg}");
    let bar = ProgressBar::with_draw_target(Some(steps), target).with_position(at);
    bar.reset_eta();
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The weights as files that the engine loads: the text stream as a Qwen3 model, the taps as an adapter.
fn write_model(
    folder: &Folder,
    sitting: &Sitting,
    trainer: &Trainer,
    tokenizer: &Tokenizer,
    options: &Options,
) -> Result<()> {
    let model = folder.path("model");
    std::fs::create_dir_all(&model).with_context(|| format!("{} cannot be made", model.display()))?;
    let Shape { decoder, taps } = &trainer.shape;
    let (text_tensors, tap_tensors) =
        (export::text(trainer.learner())?, export::taps(&trainer.learner().taps)?);
    let text = export::safetensors(&text_tensors, export::Precision::F32)?;
    let weights = export::safetensors(&tap_tensors, export::Precision::F32)?;
    let end = Writer::new(tokenizer)?.mark(END)?;
    let config = export::config(decoder, end);
    let adapter = AdapterConfig {
        base: nano::NAME.to_owned(),
        hidden: decoder.hidden,
        layers: decoder.layers,
        fingerprint: text_tensors
            .iter()
            .find(|tensor| tensor.name == "model.norm.weight")
            .map(|norm| fingerprint_of(&norm.values))
            .unwrap_or_default(),
        training: sitting.training(folder, options)?,
        taps: taps.clone(),
        vocabulary: words(),
        selection: Selection::untrained(taps.behind.len()),
    };
    let vocabulary = std::fs::read(folder.path("tokenizer.json")).context("the vocabulary cannot be read")?;
    folder.write("model/model.safetensors", &text)?;
    folder.write("model/config.json", &serde_json::to_vec_pretty(&config)?)?;
    folder.write("model/tokenizer.json", &vocabulary)?;
    folder.write("model/adapter.safetensors", &weights)?;
    folder.write("model/adapter.json", &serde_json::to_vec_pretty(&adapter)?)?;

    // The same, as small as it goes: for the page.
    let label = bundle::Label { name: nano::NAME, licence: nano::LICENCE, end };
    let text = bundle::gguf(decoder, &text_tensors, &vocabulary, Encoding::Q8_0, label)?;
    let weights = export::safetensors(&tap_tensors, export::Precision::F16)?;
    let small = folder.path("bundle");
    std::fs::create_dir_all(&small).with_context(|| format!("{} cannot be made", small.display()))?;
    folder.write("bundle/nano.gguf", &text)?;
    folder.write("bundle/adapter.safetensors", &weights)?;
    folder.write("bundle/adapter.json", &serde_json::to_vec(&adapter)?)
}

/// The commit of the sources here, if git knows it.
fn commit() -> Option<String> {
    let output = std::process::Command::new("git")
        .args(["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}
