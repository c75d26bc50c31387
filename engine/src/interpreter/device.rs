//! Where a compiled transformer computes.

use serde::{Deserialize, Serialize};

/// An engine on a device: what a person chooses between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Device {
    /// The sparse engine on the CPU.
    #[default]
    Cpu,
    /// The dense forward pass on the CPU, burn's flex back end.
    CpuDense,
    /// The dense forward pass on the GPU: WebGPU in the browser, Vulkan, Metal or DirectX natively.
    WebGpu,
}
