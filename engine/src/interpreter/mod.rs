//! The interpreter transformers: models whose weights are written by a compiler, so that their forward
//! pass executes WebAssembly.

pub mod classic;
#[cfg(feature = "tensor")]
pub mod dense;
mod describe;
pub mod engine;
pub mod model;
pub mod sequence;
pub mod sparse;

pub use describe::{HeadCard, HeadKind, LayerCard, ModelCard, Part};
