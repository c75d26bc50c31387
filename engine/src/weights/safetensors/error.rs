//! Why a safetensors file, or a set of them, is not opened.

use super::super::source::ReadError;
use super::super::tensor::TensorError;

/// Files that cannot be opened.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SafetensorsError {
    /// A file ends in the middle of its header.
    #[error("`{file}` ends at byte {len}, in its header, which ends at byte {end}")]
    Truncated {
        /// The file.
        file: String,
        /// Where its header would end.
        end: u64,
        /// Bytes there are.
        len: u64,
    },
    /// Something is larger than any model needs.
    #[error("there are {found} {what}; the limit is {limit}")]
    Limit {
        /// Of what.
        what: String,
        /// What the file says.
        found: u64,
        /// What is read at most.
        limit: u64,
    },
    /// A header is no JSON of the right form.
    #[error("the header of `{file}`: {error}")]
    Header {
        /// The file.
        file: String,
        /// What is wrong.
        error: String,
    },
    /// A file could not be read.
    #[error("the header of `{file}` could not be read: {error}")]
    Read {
        /// The file.
        file: String,
        /// Why, in the system's words.
        error: ReadError,
    },
    /// The index is no JSON of the right form.
    #[error("the index: {0}")]
    Index(String),
    /// A file was not given that the index names, or the count in the names of the others.
    #[error("{} of the model {} not given: {}", files(missing), if missing.len() == 1 { "was" } else { "were" }, some(missing))]
    MissingFiles {
        /// The files, at least one.
        missing: Vec<String>,
    },
    /// The index names a tensor that its file has not.
    #[error("the index says that `{file}` holds the tensor `{tensor}`, and it does not")]
    MissingTensor {
        /// The tensor.
        tensor: String,
        /// The file that the index names.
        file: String,
    },
    /// A tensor is in another file than the index says.
    #[error("the tensor `{tensor}` is in `{found}`; the index says `{expected}`")]
    OtherFile {
        /// The tensor.
        tensor: String,
        /// The file that the index names.
        expected: String,
        /// The file that has it.
        found: String,
    },
    /// A tensor is not what it should be.
    #[error("{0}")]
    Tensor(#[from] TensorError),
}

impl SafetensorsError {
    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Truncated { .. } => {
                Some("the file was cut short, perhaps by a broken download: fetch it again".to_owned())
            }
            Self::MissingFiles { .. } => Some("choose all files of the model at once".to_owned()),
            Self::MissingTensor { .. } | Self::OtherFile { .. } => {
                Some("the index and the files are not of one model: fetch them again".to_owned())
            }
            Self::Index(_) => Some("take the model.safetensors.index.json of the same model".to_owned()),
            Self::Tensor(error) => error.help(),
            Self::Header { .. } | Self::Limit { .. } => {
                Some("the file is damaged: fetch it again".to_owned())
            }
            Self::Read { .. } => None,
        }
    }
}

fn files(names: &[String]) -> String {
    if names.len() == 1 { "a file".to_owned() } else { format!("{} files", names.len()) }
}

fn some(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(4).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
