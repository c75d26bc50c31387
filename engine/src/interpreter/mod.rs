//! The interpreter transformers: models whose weights are written by a compiler, so that their forward
//! pass executes WebAssembly.

#[cfg(feature = "tensor")]
mod any;
mod builder;
#[cfg(feature = "sandbox")]
mod checkpoints;
pub mod classic;
#[cfg(feature = "tensor")]
pub mod dense;
mod describe;
mod device;
pub mod engine;
#[cfg(feature = "export")]
pub mod export;
#[cfg(feature = "sandbox")]
pub mod full;
pub mod interventions;
pub mod model;
pub mod programs;
pub mod sequence;
pub mod sparse;

#[cfg(feature = "tensor")]
pub use any::AnyEngine;
pub use describe::{HeadCard, HeadKind, LayerCard, ModelCard, Part};
pub use device::Device;
