//! `worldmodel model`: what a model says of itself.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use engine::kernels::cpu::Cpu;
use engine::qwen::{Config, LoadOptions, Loader};
use engine::weights::{Checkpoint, Encoding};
use engine::worldmodel::adapter::AdapterConfig;
use engine::worldmodel::selection::Terms;
use serde::Serialize;
use serde_json::{Value, json};

use crate::ask;
use crate::measure::is_worldmodel;
use crate::{Status, language, report};

/// The options of `worldmodel model`.
#[derive(Args)]
pub struct Options {
    /// A WorldModel's folder (nano.gguf or model.safetensors, adapter.safetensors, adapter.json), or a language model alone.
    #[arg(default_value = "assets/nano")]
    model: PathBuf,
    /// Prints one object instead of text.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let about = About::read(&options.model)?;
    if options.json {
        report::json(&about.json())?;
    } else {
        about.lines().iter().for_each(|line| report::line(line));
    }
    Ok(Status::Done)
}

/// A file of weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weights {
    /// Its name.
    pub file: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Numbers in all of its tensors.
    pub parameters: u64,
    /// What they are stored in, by how many numbers each holds, most first.
    pub encodings: Vec<(&'static str, u64)>,
}

impl Weights {
    fn of(path: &Path, checkpoint: &Checkpoint) -> Result<Self> {
        let bytes = match path.is_dir() {
            true => checkpoint.bytes(),
            false => path.metadata().with_context(|| path.display().to_string())?.len(),
        };
        let mut encodings: Vec<(Encoding, u64)> = Vec::new();
        for tensor in checkpoint.tensors() {
            let count = tensor.shape.iter().map(|&size| size as u64).product();
            match encodings.iter_mut().find(|(encoding, _)| *encoding == tensor.encoding) {
                Some((_, sum)) => *sum += count,
                None => encodings.push((tensor.encoding, count)),
            }
        }
        encodings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            file: name.to_string_lossy().into_owned(),
            bytes,
            parameters: encodings.iter().map(|(_, count)| count).sum(),
            encodings: encodings.into_iter().map(|(encoding, count)| (encoding.name(), count)).collect(),
        })
    }
}

/// What is known of a model without running it.
pub struct About {
    /// The decoder's shape.
    pub shape: Config,
    /// Its file.
    pub text: Weights,
    /// The taps, and their file.
    pub taps: Option<(AdapterConfig, Weights)>,
}

impl About {
    /// Reads a WorldModel's folder, or a language model.
    pub fn read(path: &Path) -> Result<Self> {
        if !is_worldmodel(path) {
            let (shape, text) = decoder(path)?;
            return Ok(Self { shape, text, taps: None });
        }
        let adapter = ask::adapter(path)?;
        let (shape, text) = decoder(&ask::Which { model: path.to_owned(), adapter: None }.find()?.base)?;
        let file = path.join("adapter.safetensors");
        let weights = Weights::of(&file, &language::open_weights(&file)?)?;
        Ok(Self { shape, text, taps: Some((adapter, weights)) })
    }

    /// How the taps were trained: an object, or null.
    pub fn training(&self) -> &Value {
        self.taps.as_ref().map_or(&Value::Null, |(adapter, _)| &adapter.training)
    }

    /// Everything as one object.
    fn json(&self) -> Value {
        let shape = json!({
            "architecture": self.shape.architecture.name(),
            "layers": self.shape.layers,
            "hidden": self.shape.hidden,
            "heads": self.shape.heads,
            "kv_heads": self.shape.kv_heads,
            "head_dim": self.shape.head_dim,
            "ffn": self.shape.ffn,
            "vocabulary": self.shape.vocabulary,
            "context": self.shape.context,
            "rope_base": self.shape.rope_base,
        });
        let mut about = json!({ "decoder": shape, "files": [self.text], "parameters": self.text.parameters });
        if let (Some((adapter, weights)), Some(about)) = (&self.taps, about.as_object_mut()) {
            about.insert("files".to_owned(), json!([self.text, weights]));
            about.insert("parameters".to_owned(), json!(self.text.parameters + weights.parameters));
            about.insert("base".to_owned(), json!(adapter.base));
            about.insert("fingerprint".to_owned(), json!(adapter.fingerprint));
            about.insert("taps".to_owned(), json!(adapter.taps));
            about.insert("wat_tokens".to_owned(), json!(adapter.vocabulary.len()));
            about.insert("training".to_owned(), adapter.training.clone());
            let named: serde_json::Map<String, Value> = terms(adapter).collect();
            let taps = &adapter.selection.weights.taps;
            about.insert("selection".to_owned(), json!({ "terms": named, "taps": taps }));
        }
        about
    }

    /// The same for people.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("text stream   {}", shape(&self.shape)),
            format!("              {} tokens, context of {}", self.shape.vocabulary, self.shape.context),
            format!("              {}", file(&self.text)),
        ];
        let Some((adapter, weights)) = &self.taps else { return lines };
        let taps = &adapter.taps;
        lines.extend([
            format!(
                "taps          {}, on the base {} ({})",
                behind(adapter),
                adapter.base,
                adapter.fingerprint
            ),
            format!(
                "              each {} layers of width {}, {} heads, {} neurons; {} WAT tokens",
                taps.layers,
                taps.width,
                taps.heads,
                taps.ffn,
                adapter.vocabulary.len()
            ),
            format!("              {}", file(weights)),
            format!(
                "together      {} parameters, {}",
                self.text.parameters + weights.parameters,
                mib(self.text.bytes + weights.bytes)
            ),
        ]);
        lines.extend(training_lines(&adapter.training));
        let parts: Vec<String> = terms(adapter).map(|(name, weight)| format!("{name} {weight}")).collect();
        lines.push(format!("selection     {}", parts.join(", ")));
        let of_taps = taps.behind.iter().zip(&adapter.selection.weights.taps);
        let of_taps: Vec<String> =
            of_taps.map(|(layer, weight)| format!("layer {layer}: {weight}")).collect();
        lines.push(format!("              {}", of_taps.join(", ")));
        lines
    }
}

fn decoder(path: &Path) -> Result<(Config, Weights)> {
    let checkpoint = language::open_weights(path)?;
    let loader = Loader::<Cpu>::new(&checkpoint, LoadOptions::default());
    let loader = loader.map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok((loader.config().clone(), Weights::of(path, &checkpoint)?))
}

/// What each term of a candidate's score counts.
fn terms(adapter: &AdapterConfig) -> impl Iterator<Item = (String, Value)> {
    let weights = adapter.selection.weights.terms;
    Terms::NAMES.into_iter().zip(weights).map(|(name, weight)| (name.to_owned(), json!(weight)))
}

/// Where the taps are.
pub fn behind(adapter: &AdapterConfig) -> String {
    let layers: Vec<String> = adapter.taps.behind.iter().map(ToString::to_string).collect();
    format!("behind layers {}", layers.join(", "))
}

/// A decoder's shape in words.
pub fn shape(config: &Config) -> String {
    format!(
        "{}: {} layers of width {}, {} query and {} key/value heads of {}, {} neurons",
        config.architecture.name(),
        config.layers,
        config.hidden,
        config.heads,
        config.kv_heads,
        config.head_dim,
        config.ffn
    )
}

/// A file in words.
pub fn file(weights: &Weights) -> String {
    let encodings: Vec<&str> = weights.encodings.iter().map(|(name, _)| *name).collect();
    format!(
        "{}: {} parameters, {} ({})",
        weights.file,
        weights.parameters,
        mib(weights.bytes),
        encodings.join(", ")
    )
}

/// Bytes in mebibytes.
pub fn mib(bytes: u64) -> String {
    format!("{:.2} MiB", bytes as f64 / f64::from(1 << 20))
}

/// How it was trained; what an adapter does not say is left out.
fn training_lines(training: &Value) -> Vec<String> {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let object = |value: &Value| {
        let pairs = value.as_object().into_iter().flatten();
        pairs.map(|(key, value)| format!("{key} {}", shown(value))).collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    for (key, value) in training.as_object().into_iter().flatten() {
        if !value.is_object() && !value.is_array() {
            lines.push(format!("{key:13} {}", shown(value)));
        }
    }
    if let Some(settings) = training.get("settings") {
        lines.push(format!("settings      {}", object(settings)));
    }
    let sittings = training.get("sittings").and_then(Value::as_array);
    for sitting in sittings.into_iter().flatten() {
        lines.push(format!("sitting       {}", object(sitting)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_is_shown_as_far_as_it_is_known() {
        let training = json!({ "steps": 12, "settings": { "seed": 1, "size": "Nano" }, "sittings": [{ "commit": "abc" }] });
        let lines = training_lines(&training);
        assert_eq!(
            lines,
            ["steps         12", "settings      seed 1, size Nano", "sitting       commit abc"]
        );
        assert!(training_lines(&Value::Null).is_empty());
    }
}
