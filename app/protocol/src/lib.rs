//! What the page and its worker say to each other, and what a share link holds.
//!
//! One enum each way ([`Request`], [`Response`]), wrapped with the number of the request they belong to and
//! sent as bytes ([`encode`], [`decode`]): postcard keeps large captures small and quick to copy.

pub mod asking;
pub mod changed;
pub mod language;
mod looking;
pub mod machine;
pub mod memory;
mod message;
pub mod share;
pub mod survey;
pub mod trace;

pub use message::{
    AppError, DeviceReport, Differences, FromWorker, Inside, Machine, Place, PlaceKind, Problem, Request,
    Response, RunOptions, RunView, SelfTest, SemanticsView, Text, ToWorker,
};

pub use engine::interpreter::Device;

use serde::{Deserialize, Serialize};

/// A message as bytes.
///
/// # Errors
/// When the message cannot be serialized, which only a bug can cause.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_stdvec(message)
}

/// The message in some bytes.
///
/// # Errors
/// When the bytes are no such message: the page and its worker come from different builds.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, postcard::Error> {
    postcard::from_bytes(bytes)
}
