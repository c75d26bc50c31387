//! Everything in WorldModel X-ray that computes. No DOM, no clock, no network: it runs natively and in
//! wasm alike.

pub mod interpreter;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod source;
#[cfg(feature = "sandbox")]
pub mod wat;
pub mod xray;
