//! The arithmetic a decoder is made of, on each device.
//!
//! [`Compute`] is what the decoder in [`crate::qwen`] is written against: one method for each operation that the
//! paper names. A device implements it with what it is good at:
//!
//! | module | runs on | weights |
//! |---|---|---|
//! | [`cpu`] | SIMD of the processor, natively and in wasm | as the file has them, quantized or not |
//!
//! Quantized weights are never widened in memory: [`cpu`] multiplies the blocks as they lie in the file.

mod compute;
pub mod cpu;
mod top;

pub use compute::{AttentionShape, Compute, ComputeError, Replacement, Rotation};
pub use top::Top;
