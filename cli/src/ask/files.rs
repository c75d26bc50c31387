//! Where a model and its adapter are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

/// A model, and what makes it a WorldModel.
#[derive(Args)]
pub struct Which {
    /// The model: a file of weights (.gguf, or .safetensors with config.json and tokenizer.json beside it), or a folder with one.
    /// Where its adapter (adapter.safetensors and adapter.json) lies in the same folder, it need not be named.
    #[arg(long, value_name = "PATH", default_value = "assets/nano")]
    pub model: PathBuf,
    /// The folder of the model's adapter. A model without one is told how programs are written.
    #[arg(long, value_name = "FOLDER")]
    pub adapter: Option<PathBuf>,
}

/// What they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The decoder's weights.
    pub base: PathBuf,
    /// The adapter's folder, if there is one.
    pub adapter: Option<PathBuf>,
}

impl Which {
    /// Looks for them.
    ///
    /// # Errors
    /// When there is no model there, or several.
    pub fn find(&self) -> Result<Files> {
        let inside = self.model.join("adapter.json").exists().then(|| self.model.clone());
        let adapter = self.adapter.clone().or(inside);
        let base = if self.model.is_dir() { base_in(&self.model)? } else { self.model.clone() };
        Ok(Files { base, adapter })
    }

    /// The folder that an adapter is in.
    ///
    /// # Errors
    /// When there is none.
    pub fn adapter(&self) -> Result<PathBuf> {
        self.find()?.adapter.context("this model has no adapter: --adapter names the folder of one")
    }
}

/// The decoder in a folder: one .gguf file, or model.safetensors, whole or in parts.
fn base_in(folder: &Path) -> Result<PathBuf> {
    let whole = folder.join("model.safetensors");
    if whole.exists() {
        return Ok(whole);
    }
    if folder.join("model.safetensors.index.json").exists() {
        return Ok(folder.to_owned());
    }
    let entries = folder.read_dir().with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf")))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(base), true) => Ok(base),
        (Some(_), false) => {
            bail!("there are several .gguf files in {}: --model names one of them", folder.display())
        }
        (None, _) if folder.join("adapter.json").exists() => bail!(
            "{} holds an adapter and no model: put the model that it was trained on there, or give both, --model FILE \
             --adapter {}",
            folder.display(),
            folder.display()
        ),
        (None, _) => bail!(
            "there is neither a .gguf file nor model.safetensors in {}: --model names a model, or its folder",
            folder.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    fn folder(name: &str, files: &[&str]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("worldmodel-files-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for file in files {
            fs::write(folder.join(file), "").unwrap();
        }
        folder
    }

    fn found(model: &Path, adapter: Option<&Path>) -> Result<Files, String> {
        let which = Which { model: model.to_owned(), adapter: adapter.map(Path::to_owned) };
        which.find().map_err(|error| error.to_string())
    }

    #[test]
    fn a_model_and_its_adapter_are_found_together_or_apart() {
        let both = folder("both", &["nano.gguf", "adapter.json", "adapter.safetensors"]);
        let alone = folder("alone", &["base.gguf"]);
        let adapter = folder("adapter", &["adapter.json", "adapter.safetensors"]);
        let files = |base: PathBuf, adapter: Option<&PathBuf>| Ok(Files { base, adapter: adapter.cloned() });
        assert_eq!(found(&both, None), files(both.join("nano.gguf"), Some(&both)));
        assert_eq!(found(&alone, None), files(alone.join("base.gguf"), None));
        let file = alone.join("base.gguf");
        assert_eq!(found(&file, Some(&adapter)), files(file.clone(), Some(&adapter)));
        assert!(found(&adapter, None).unwrap_err().contains("--adapter"));
        let several = folder("several", &["a.gguf", "b.gguf"]);
        assert!(found(&several, None).unwrap_err().contains("several"));
        for folder in [both, alone, adapter, several] {
            fs::remove_dir_all(folder).unwrap();
        }
    }
}
