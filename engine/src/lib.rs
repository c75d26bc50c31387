//! Everything in WorldModel X-ray that computes. No DOM, no clock, no network: it runs natively and in
//! wasm alike.

pub mod interpreter;
#[cfg(feature = "language")]
pub mod kernels;
#[cfg(feature = "language")]
pub mod qwen;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod source;
#[cfg(feature = "language")]
pub mod tokenizer;
#[cfg(feature = "trace")]
pub mod trace;
#[cfg(feature = "sandbox")]
pub mod wat;
#[cfg(feature = "language")]
pub mod weights;
#[cfg(feature = "sandbox")]
pub mod worldmodel;
pub mod xray;
