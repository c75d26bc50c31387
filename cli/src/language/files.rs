//! A model's files on disk.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};
use engine::weights::safetensors::Index;
use engine::weights::{Checkpoint, ReadAt, ReadError, WeightsFile};

use super::explained_file;

/// A checkpoint, and the tokenizer beside it.
pub struct Opened {
    /// The weights.
    pub checkpoint: Checkpoint,
    /// `tokenizer.json`, where there is one.
    pub tokenizer: Option<Vec<u8>>,
    /// `tokenizer_config.json`, where there is one.
    pub tokenizer_config: Option<Vec<u8>>,
}

/// Opens a GGUF file, a safetensors file, or a folder of the latter.
pub fn open(path: &Path) -> Result<Opened> {
    let is_folder = path.is_dir();
    let folder = if is_folder { path } else { path.parent().unwrap_or(Path::new(".")) };
    let is_safetensors =
        is_folder || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"));
    let index = match is_folder {
        true => optional(&folder.join("model.safetensors.index.json"))?.map(text).transpose()?,
        false => None,
    };
    let paths = match &index {
        Some(index) => {
            let index = Index::parse(index).map_err(|error| explained_file(&error.into()))?;
            index.files().into_iter().map(|name| folder.join(name)).collect()
        }
        None if is_folder => vec![only_safetensors(folder)?],
        None => vec![path.to_owned()],
    };
    let files = paths.iter().map(|path| source(path)).collect::<Result<Vec<_>>>()?;
    let config = match is_safetensors {
        true => optional(&folder.join("config.json"))?.map(text).transpose()?,
        false => None,
    };
    let checkpoint = Checkpoint::open(files, index.as_deref(), config.as_deref())
        .map_err(|error| explained_file(&error))
        .with_context(|| path.display().to_string())?;
    let beside = |name: &str| if is_safetensors { optional(&folder.join(name)) } else { Ok(None) };
    Ok(Opened {
        checkpoint,
        tokenizer: beside("tokenizer.json")?,
        tokenizer_config: beside("tokenizer_config.json")?,
    })
}

/// The one file of weights of a folder without an index.
fn only_safetensors(folder: &Path) -> Result<PathBuf> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(path), true) => Ok(path),
        (None, _) => bail!("{}: there is no .safetensors file in this folder", folder.display()),
        (Some(_), false) => bail!(
            "{}: there are several .safetensors files and no model.safetensors.index.json that says how they \
             belong together",
            folder.display()
        ),
    }
}

/// A file's bytes; `None` where there is no such file.
fn optional(path: &Path) -> Result<Option<Vec<u8>>> {
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(std::fs::read(path).with_context(|| path.display().to_string())?))
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| anyhow!("config.json or the index beside it is not UTF-8"))
}

fn source(path: &Path) -> Result<WeightsFile> {
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (len, file) = opened.with_context(|| path.display().to_string())?;
    Ok(WeightsFile::new(name, OnDisk { file: Mutex::new(file), len }))
}

/// A file read piece by piece.
struct OnDisk {
    file: Mutex<File>,
    len: u64,
}

impl ReadAt for OnDisk {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), ReadError> {
        // A panic elsewhere leaves no half-made state behind: the position is set at each read.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(into));
        read.map_err(|error| ReadError::System(error.to_string()))
    }
}
