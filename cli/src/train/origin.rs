//! The model that a run starts from, if it does not start from new weights.

use std::path::Path;

use anyhow::{Context, Result, bail};
use engine::tokenizer::Tokenizer;
use engine::weights::Checkpoint;
use engine::worldmodel::adapter::AdapterConfig;
use engine::worldmodel::train::Trainer;
use serde_json::{Value, json};

use super::folder::{Folder, State};
use crate::ask::{self, files::Which};
use crate::{language, report};

/// A model to start from: its weights, its vocabulary, and how it was trained.
pub struct Origin {
    text: Checkpoint,
    taps: Checkpoint,
    tokenizer: Tokenizer,
    config: AdapterConfig,
}

impl Origin {
    /// Opens the model in a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let files = Which { model: folder.to_owned(), adapter: None }.find()?;
        let Some(adapter) = files.adapter else {
            bail!("{} has no adapter.json: --from names a WorldModel's folder", folder.display());
        };
        let (text, tokenizer) = language::open_with_tokenizer(&files.base)?;
        let taps = language::open_weights(&adapter.join("adapter.safetensors"))?;
        Ok(Self { text, taps, tokenizer, config: ask::adapter(&adapter)? })
    }

    /// Begins a run with its vocabulary and its history; a run that is there is left as it is.
    pub fn begin(&self, folder: &Folder) -> Result<()> {
        if !folder.is_new() {
            return Ok(());
        }
        let sittings = self.config.training.get("sittings").and_then(Value::as_array);
        let lines: String = sittings.into_iter().flatten().map(|sitting| format!("{sitting}\n")).collect();
        folder.write("sittings.jsonl", lines.as_bytes())?;
        folder.write("tokenizer.json", self.tokenizer.to_json()?.as_bytes())
    }

    /// Gives its weights to a new trainer.
    pub fn weights(&self, trainer: &mut Trainer) -> Result<()> {
        trainer.start_from(&self.text, &self.taps).with_context(|| {
            "--from names a model of another size than --size, or a damaged one".to_owned()
        })?;
        report::line(&format!(
            "starting from the weights of {} at step {}",
            self.config.base,
            self.state().step
        ));
        Ok(())
    }

    /// Where its training stood.
    pub fn state(&self) -> State {
        let training = &self.config.training;
        let count = |key: &str| training.get(key).and_then(Value::as_u64).unwrap_or(0);
        State {
            step: count("steps"),
            seconds: training.get("seconds").and_then(Value::as_f64).unwrap_or(0.0),
            samples: count("samples"),
            sittings: training.get("sittings").and_then(Value::as_array).map_or(0, Vec::len) as u64,
        }
    }

    /// What a sitting's record says of it.
    pub fn record(&self) -> Value {
        json!({ "name": self.config.base, "fingerprint": self.config.fingerprint })
    }
}
