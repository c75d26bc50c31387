//! The engine of a device: one type over all of them, because the device is a choice at run time.

use super::Device;
use super::dense::{DenseDevice, DenseEngine};
use super::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use super::model::Transformer;
use super::sequence::Sequence;
use super::sparse::SparseEngine;
use crate::xray::{AttentionDetail, Capture};

/// Any engine.
pub enum AnyEngine {
    /// Sparse rows and indexed attention, on the CPU.
    Sparse(Box<SparseEngine>),
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
            Device::Cpu => return Ok(Self::Sparse(Box::new(SparseEngine::new(model)))),
            Device::CpuDense => DenseDevice::cpu(),
            Device::WebGpu => gpu().await?,
        };
        Ok(Self::Dense(Box::new(DenseEngine::new(model, device)?)))
    }

    /// burn's device, for the engines that have one.
    pub fn dense_device(&self) -> Option<&DenseDevice> {
        match self {
            Self::Sparse(_) => None,
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
