//! The training of nano, the model that comes with the page: text stream and taps together.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;

use anyhow::{Context, Result};
use clap::ValueEnum;
use engine::tokenizer::Tokenizer;
use engine::weights::Encoding;
use engine::worldmodel::adapter::{AdapterConfig, Base, fingerprint_of, words};
use engine::worldmodel::data::Families;
use engine::worldmodel::nano;
use engine::worldmodel::selection::Selection;
use engine::worldmodel::train::{
    POOL, Sampler, Shape, Trainer, bundle, export, learn_vocabulary, vocabulary_texts,
};
use engine::worldmodel::transcript::{END, Writer};
use serde::{Deserialize, Serialize};

use super::Options;
use super::folder::Folder;
use super::origin::Origin;
use super::sitting::Sitting;
use crate::{Status, questions, report};

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

/// What makes a run this run and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    size: Size,
    seed: u64,
    batch: usize,
    curriculum: u64,
    vocabulary: usize,
}

/// Trains it.
pub fn run(options: &Options, stop: &AtomicBool) -> Result<Status> {
    let folder = options.folder("nano-run")?;
    let families = questions::read(&options.questions)?;
    let origin = options.from.as_deref().map(Origin::open).transpose()?;
    if let Some(origin) = &origin {
        origin.begin(&folder)?;
    }
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
    let mut trainer = Trainer::new(shape, options.seed, options.device());
    let mut sitting = match origin.filter(|_| folder.is_new()) {
        Some(origin) => {
            origin.weights(&mut trainer)?;
            Sitting::new(origin.state(), origin.record())
        }
        None => Sitting::resume(&folder, &mut trainer)?,
    };
    sitting.begin(&folder, &families, &trainer, options)?;
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
                if send.send(sampler.pool(number).map_err(Into::into)).is_err() {
                    break;
                }
            }
        });
        sitting.steps(&folder, &mut trainer, &pools, options, stop)
    })?;
    write_model(&folder, &sitting, &trainer, &tokenizer, options)?;
    sitting.end(finished, options);
    Ok(Status::Done)
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
        kind: Base::Own,
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
