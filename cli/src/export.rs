//! `worldmodel export`: a model's weights, for other programs.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use engine::interpreter::{classic, export, full};

use crate::{Status, report};

/// Options of `worldmodel export`.
#[derive(Args)]
pub struct Options {
    /// Which model.
    model: Model,
    /// The folder to write to; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// A model that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// The classic interpreter transformer.
    Classic,
    /// The interpreter transformer for 32-bit WebAssembly.
    Full,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let (model, config) = match options.model {
        Model::Classic => {
            let model = classic::compile::compile();
            let config = classic::export::config(&model);
            (model, config)
        }
        Model::Full => {
            let model = full::compile::compile();
            let config = full::export::config(&model);
            (model, config)
        }
    };
    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("cannot make the folder {}", options.out.display()))?;
    let files = [
        ("model.safetensors", export::safetensors(&model)?),
        ("config.json", serde_json::to_vec_pretty(&config)?),
    ];
    for (name, bytes) in files {
        let path = options.out.join(name);
        std::fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        report::line(&format!("{} ({} bytes)", path.display(), bytes.len()));
    }
    report::line(&format!("{} tensors, {} parameters", model.card.tensors, model.card.parameters));
    Ok(Status::Done)
}
