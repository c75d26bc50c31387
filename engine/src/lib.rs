//! Everything in WorldModel X-ray that computes. No DOM, no clock, no network: it runs natively and in
//! wasm alike.

pub mod interpreter;
pub mod source;
pub mod xray;
