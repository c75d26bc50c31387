//! Why a checkpoint is not opened, or a tensor not read.

use super::gguf::GgufError;
use super::safetensors::SafetensorsError;
use super::source::ReadError;
use super::tensor::TensorError;

/// Weights that cannot be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WeightsError {
    /// No file was given.
    #[error("no file of weights was given")]
    NoFile,
    /// A file could not be read at all.
    #[error("`{file}` could not be read: {error}")]
    Read {
        /// The file.
        file: String,
        /// Why, in the system's words.
        error: ReadError,
    },
    /// A file is neither GGUF nor safetensors.
    #[error("`{file}` is {found}, not GGUF or safetensors")]
    Unknown {
        /// The file.
        file: String,
        /// What it looks like.
        found: &'static str,
    },
    /// Several files were given, and one of them is GGUF.
    #[error("`{file}` is GGUF, which is one file; {count} were given")]
    OneFile {
        /// The GGUF file.
        file: String,
        /// Files given.
        count: usize,
    },
    /// A GGUF file has a broken header.
    #[error("{0}")]
    Gguf(#[from] GgufError),
    /// A safetensors file has a broken header, or does not belong to the others.
    #[error("{0}")]
    Safetensors(#[from] SafetensorsError),
    /// A tensor is not what it should be.
    #[error("{0}")]
    Tensor(#[from] TensorError),
    /// `config.json` is no JSON object.
    #[error("config.json: {0}")]
    Config(String),
}

impl WeightsError {
    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoFile => Some("choose a .gguf file, or all .safetensors files of a model".to_owned()),
            Self::Unknown { found, .. } => Some(match *found {
                LFS => "fetch the file itself, by its \"resolve\" address or with git lfs".to_owned(),
                HTML => {
                    "the address leads to a web page, perhaps one that asks to log in; take the file's own"
                        .to_owned()
                }
                PICKLE => "take the model's .safetensors files, or a .gguf of it".to_owned(),
                _ => "choose a .gguf file, or all .safetensors files of a model".to_owned(),
            }),
            Self::OneFile { .. } => Some("choose that file alone".to_owned()),
            Self::Gguf(error) => error.help(),
            Self::Safetensors(error) => error.help(),
            Self::Tensor(error) => error.help(),
            Self::Read { .. } => None,
            Self::Config(_) => Some("take the config.json that lies beside the model's weights".to_owned()),
        }
    }
}

const LFS: &str = "a Git LFS pointer";
const HTML: &str = "a web page";
const PICKLE: &str = "a PyTorch file";

/// What a file that begins like this looks like.
pub(super) fn looks_like(start: &[u8]) -> &'static str {
    let is = |prefix: &[u8]| start.starts_with(prefix);
    if start.is_empty() {
        "empty"
    } else if is(b"version https://git-lfs") {
        LFS
    } else if start.trim_ascii_start().starts_with(b"<") {
        HTML
    } else if is(b"PK\x03\x04") || is(b"\x80\x02") {
        PICKLE
    } else if is(b"lmgg") || is(b"tjgg") || is(b"fmgg") {
        "a GGML file from before GGUF"
    } else if start.trim_ascii_start().starts_with(b"{") {
        "a JSON file"
    } else {
        "something else"
    }
}
