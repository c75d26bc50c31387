//! The engine of a device: one type over all of them, because the device is a choice at run time.

use engine::interpreter::dense::{DenseDevice, DenseEngine};
use engine::interpreter::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use engine::interpreter::model::Transformer;
use engine::interpreter::sequence::Sequence;
use engine::interpreter::sparse::SparseEngine;
use engine::xray::{AttentionDetail, Capture};
use protocol::Device;

/// An engine on one of the devices.
pub enum AnyEngine {
    /// Sparse rows on the CPU.
    Sparse(Box<SparseEngine>),
    /// The whole forward pass on the CPU or on WebGPU.
    Dense(Box<DenseEngine>),
}

impl AnyEngine {
    /// The engine of a device.
    ///
    /// # Errors
    /// When the device is not there, or this module is built without it.
    pub async fn new(model: &Transformer, device: Device) -> Result<Self, EngineError> {
        Ok(match device {
            Device::Cpu => Self::Sparse(Box::new(SparseEngine::new(model))),
            Device::CpuDense => Self::Dense(Box::new(DenseEngine::new(model, DenseDevice::cpu())?)),
            Device::WebGpu => Self::Dense(Box::new(DenseEngine::new(model, gpu().await?)?)),
        })
    }

    /// Takes the GPU away under the engine's feet, for tests.
    pub fn lose_device(&self) {
        #[cfg(feature = "gpu")]
        if let Self::Dense(engine) = self {
            engine.device().destroy();
        }
    }
}

#[cfg(feature = "gpu")]
async fn gpu() -> Result<DenseDevice, EngineError> {
    DenseDevice::gpu().await
}

#[cfg(not(feature = "gpu"))]
async fn gpu() -> Result<DenseDevice, EngineError> {
    let reason = "this is the light module, which computes on the CPU only".to_owned();
    Err(EngineError::DeviceMissing { device: "WebGPU", reason })
}

impl Engine for AnyEngine {
    fn name(&self) -> String {
        match self {
            Self::Sparse(engine) => engine.name(),
            Self::Dense(engine) => engine.name(),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Sparse(engine) => engine.reset(),
            Self::Dense(engine) => engine.reset(),
        }
    }

    fn seen(&self) -> usize {
        match self {
            Self::Sparse(engine) => engine.seen(),
            Self::Dense(engine) => engine.seen(),
        }
    }

    async fn extend(&mut self, sequence: &Sequence, want: Want) -> Result<Answers, EngineError> {
        match self {
            Self::Sparse(engine) => engine.extend(sequence, want).await,
            Self::Dense(engine) => engine.extend(sequence, want).await,
        }
    }

    async fn capture(&mut self, sequence: &Sequence, position: usize) -> Result<Capture, EngineError> {
        match self {
            Self::Sparse(engine) => engine.capture(sequence, position).await,
            Self::Dense(engine) => engine.capture(sequence, position).await,
        }
    }

    async fn attention(
        &mut self,
        sequence: &Sequence,
        head: HeadAddress,
        position: usize,
        limit: usize,
    ) -> Result<AttentionDetail, EngineError> {
        match self {
            Self::Sparse(engine) => engine.attention(sequence, head, position, limit).await,
            Self::Dense(engine) => engine.attention(sequence, head, position, limit).await,
        }
    }
}
