//! The engines that run a compiled transformer, as the command line names them.

use anyhow::Result;
use clap::ValueEnum;
use engine::interpreter::model::Transformer;
use engine::interpreter::{self, AnyEngine};

/// Where a forward pass is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// The processor.
    Cpu,
    /// The graphics device (a build with `--features gpu`).
    Gpu,
}

/// There is no GPU engine in this build.
pub fn no_gpu() -> anyhow::Error {
    anyhow::anyhow!(
        "this `worldmodel` was built without a GPU engine; leave out `--device gpu` to compute on the CPU, or build it with \
         `cargo build --release -p cli --features gpu`"
    )
}

/// The engine for a device: on the CPU the sparse one unless `dense`, on the GPU the dense one.
///
/// # Errors
/// When there is no such device.
pub fn engine(model: &Transformer, device: Device, dense: bool) -> Result<AnyEngine> {
    let device = match device {
        Device::Cpu if dense => interpreter::Device::CpuDense,
        Device::Cpu => interpreter::Device::Cpu,
        Device::Gpu if cfg!(feature = "gpu") => interpreter::Device::WebGpu,
        Device::Gpu => return Err(no_gpu()),
    };
    Ok(pollster::block_on(AnyEngine::new(model, device))?)
}
