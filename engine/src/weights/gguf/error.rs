//! Why a GGUF header is not read.

use super::super::source::ReadError;
use super::super::tensor::TensorError;

/// A header that cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GgufError {
    /// It begins with something else.
    #[error("a GGUF file begins with \"GGUF\", this one with \"{}\"", .0.escape_ascii())]
    Magic([u8; 4]),
    /// A version that is not read.
    #[error("GGUF version {0} is not read; 2 and 3 are")]
    Version(u32),
    /// Its numbers are most significant byte first.
    #[error("the GGUF file is big-endian, which is not read")]
    BigEndian,
    /// The file is one of several.
    #[error("the GGUF file is part {part} of {count}, and only whole files are read")]
    Part {
        /// Which part, from 1.
        part: i64,
        /// Parts there are.
        count: i64,
    },
    /// The file ends in the middle of the header.
    #[error("the GGUF file ends at byte {len}, in {reading}")]
    Truncated {
        /// What was being read.
        reading: String,
        /// Bytes there are.
        len: u64,
    },
    /// Something is larger than any model needs.
    #[error("the GGUF file claims {found} {what}; the limit is {limit}")]
    Limit {
        /// Of what.
        what: String,
        /// What the file says.
        found: u64,
        /// What is read at most.
        limit: u64,
    },
    /// There is less in the file than it claims.
    #[error("the GGUF file claims {found} {what}, and {left} bytes follow")]
    Claim {
        /// Of what.
        what: String,
        /// What the file says.
        found: u64,
        /// Bytes left.
        left: u64,
    },
    /// A text is not UTF-8.
    #[error("{0} is not UTF-8")]
    Text(String),
    /// A value has a type that GGUF has not.
    #[error("the value of `{key}` has the unknown type {found}")]
    ValueType {
        /// Its key.
        key: String,
        /// Number of the type.
        found: u32,
    },
    /// A key has two values.
    #[error("the key `{0}` is there twice")]
    KeyTwice(String),
    /// The alignment is no power of two.
    #[error("`general.alignment` is {0}; it must be a power of two")]
    Alignment(String),
    /// The system could not read the file.
    #[error("{reading} could not be read: {error}")]
    Read {
        /// What was being read.
        reading: String,
        /// Why, in the system's words.
        error: ReadError,
    },
    /// A tensor is not what it should be.
    #[error("{0}")]
    Tensor(#[from] TensorError),
}

impl GgufError {
    /// What would help, if there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Magic(_) => Some("choose a .gguf file".to_owned()),
            Self::Version(_) | Self::BigEndian => {
                Some("convert the model again with today's llama.cpp".to_owned())
            }
            Self::Part { .. } => {
                Some("join the parts with `llama-gguf-split --merge`, or take a smaller file".to_owned())
            }
            Self::Truncated { .. } => {
                Some("the file was cut short, perhaps by a broken download: fetch it again".to_owned())
            }
            Self::Tensor(error) => error.help(),
            Self::Read { .. } => None,
            Self::Limit { .. }
            | Self::Claim { .. }
            | Self::Text(_)
            | Self::ValueType { .. }
            | Self::KeyTwice(_)
            | Self::Alignment(_) => Some("the file is damaged: fetch it again".to_owned()),
        }
    }
}
