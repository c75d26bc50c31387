//! The arithmetic a decoder is made of, on each device.
//!
//! [`Compute`] is what the decoder in [`crate::qwen`] is written against: one method for each operation that the
//! paper names. A device implements it with what it is good at:
//!
//! | module | runs on | weights |
//! |---|---|---|
//! | [`cpu`] | SIMD of the processor, natively and in wasm | as the file has them, quantized or not |
//! | `gpu` | WebGPU, Vulkan, Metal or DirectX, with kernels in CubeCL | the same numbers in another order |
//!
//! Quantized weights are never widened in memory: a kernel takes them apart where it multiplies. [`sample`] makes up
//! numbers to compare devices with.

mod compute;
pub mod cpu;
#[cfg(feature = "gpu-kernels")]
pub mod gpu;
pub mod sample;
mod terms;
mod top;

pub use compute::{AttentionShape, Compute, ComputeError, Reach, Replacement, Rotation};
pub use terms::{Inputs, Terms};
pub use top::Top;
