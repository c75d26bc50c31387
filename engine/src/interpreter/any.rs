//! The engine of a device: one type over all of them, because the device is a choice at run time.

use super::Device;
use super::dense::{DenseDevice, DenseEngine};
use super::engine::{Answers, Engine, EngineError, HeadAddress, Want};
#[cfg(feature = "sandbox")]
use super::full::engine::FullEngine;
use super::model::Transformer;
use super::sequence::Sequence;
use super::sparse::SparseEngine;
use crate::xray::{AttentionDetail, Capture};

/// Any engine.
pub enum AnyEngine {
    /// Sparse rows and indexed attention, on the CPU.
    Sparse(Box<SparseEngine>),
    /// The same for the full machine.
    #[cfg(feature = "sandbox")]
    Full(Box<FullEngine>),
    /// The whole forward pass on burn, on the CPU or the GPU.
    Dense(Box<DenseEngine>),
}

impl AnyEngine {
    /// The engine of a device.
    ///
    /// # Errors
    /// When the device is not there, or this build is without it.
    pub async fn new(model: &Transformer, device: Device) -> Result<Self, EngineError> {
        let device = match device {
            Device::Cpu => match Self::fast(model) {
                Some(engine) => return Ok(engine),
                None => DenseDevice::cpu(),
            },
            Device::CpuDense => DenseDevice::cpu(),
            Device::WebGpu => gpu().await?,
        };
        Ok(Self::Dense(Box::new(DenseEngine::new(model, device)?)))
    }

    /// The engine that is quick with a model on the CPU, if there is one.
    fn fast(model: &Transformer) -> Option<Self> {
        if SparseEngine::fits(model) {
            return Some(Self::Sparse(Box::new(SparseEngine::new(model))));
        }
        #[cfg(feature = "sandbox")]
        if let Ok(engine) = FullEngine::new(model) {
            return Some(Self::Full(Box::new(engine)));
        }
        None
    }

    /// burn's device, for the engines that have one.
    pub fn dense_device(&self) -> Option<&DenseDevice> {
        match self {
            Self::Sparse(_) => None,
            #[cfg(feature = "sandbox")]
            Self::Full(_) => None,
            Self::Dense(engine) => Some(engine.device()),
        }
    }
}

#[cfg(feature = "gpu")]
async fn gpu() -> Result<DenseDevice, EngineError> {
    DenseDevice::gpu().await
}

#[cfg(not(feature = "gpu"))]
async fn gpu() -> Result<DenseDevice, EngineError> {
    let reason = "this engine was built for the CPU only".to_owned();
    Err(EngineError::DeviceMissing { device: "WebGPU", reason })
}

/// Hands every call to the engine that is there.
macro_rules! delegate {
    ($self:ident, $engine:ident => $call:expr) => {
        match $self {
            Self::Sparse($engine) => $call,
            #[cfg(feature = "sandbox")]
            Self::Full($engine) => $call,
            Self::Dense($engine) => $call,
        }
    };
}

impl Engine for AnyEngine {
    fn name(&self) -> String {
        delegate!(self, engine => engine.name())
    }

    fn reset(&mut self) {
        delegate!(self, engine => engine.reset());
    }

    fn seen(&self) -> usize {
        delegate!(self, engine => engine.seen())
    }

    async fn advance(&mut self, sequence: &Sequence, want: Want) -> Result<Answers, EngineError> {
        delegate!(self, engine => engine.advance(sequence, want).await)
    }

    async fn capture(&mut self, sequence: &Sequence, position: usize) -> Result<Capture, EngineError> {
        delegate!(self, engine => engine.capture(sequence, position).await)
    }

    async fn attention(
        &mut self,
        sequence: &Sequence,
        capture: &Capture,
        head: HeadAddress,
        limit: usize,
    ) -> Result<AttentionDetail, EngineError> {
        delegate!(self, engine => engine.attention(sequence, capture, head, limit).await)
    }
}
