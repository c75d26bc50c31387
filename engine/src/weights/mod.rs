//! Trained weights, as files hold them and as they stay in memory.
//!
//! A [`Checkpoint`] is one face for both kinds of file: GGUF ([`gguf`]), and safetensors in one file or several
//! ([`safetensors`]). Opening it reads headers only. The decoder then asks for one tensor after the other, by
//! name and with the shape it expects, and gets a vector of floats or a [`Matrix`]: rows that stay encoded
//! ([`Encoding`]) until somebody multiplies with them.
//!
//! - *Bounded.* Files are read through [`ReadAt`], a few MiB at a time, straight to where they stay; there is never
//!   a second copy of a tensor, and no allocation above [`matrix::SHARD_BYTES`] for one.
//! - *Suspicious.* A length in a file is believed after a look at what the file has left; a header, the number of
//!   tensors, names and shapes have limits, as constants beside their readers. Places of tensors are checked before
//!   any is read: inside the file, none over another.
//! - *Plain about errors.* A [`WeightsError`] names the key or tensor, what was expected and what was found, and its
//!   `help` says what to do, if there is something.

pub mod blocks;
pub mod checkpoint;
pub mod encoding;
mod error;
pub mod gguf;
pub mod matrix;
pub mod metadata;
pub mod safetensors;
pub mod source;
pub mod tensor;

pub use checkpoint::{Checkpoint, Format, WeightsFile};
pub use encoding::Encoding;
pub use error::WeightsError;
pub use matrix::{Matrix, MatrixError};
pub use metadata::{Metadata, Strings, Value};
pub use source::{ReadAt, ReadError};
pub use tensor::{TensorError, TensorInfo};
