//! The engines that run a compiled transformer, behind one type.

use anyhow::Result;
use clap::ValueEnum;
use engine::interpreter::dense::{DenseDevice, DenseEngine};
use engine::interpreter::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use engine::interpreter::model::Transformer;
use engine::interpreter::sequence::Sequence;
use engine::interpreter::sparse::SparseEngine;
use engine::xray::{AttentionDetail, Capture};

/// Where a forward pass is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// The processor.
    Cpu,
    /// The graphics device (a build with `--features gpu`).
    Gpu,
}

/// Any engine.
pub enum AnyEngine {
    /// Sparse rows and indexed attention, on the CPU.
    Sparse(Box<SparseEngine>),
    /// burn, on the CPU or the GPU.
    Dense(Box<DenseEngine>),
}

impl AnyEngine {
    /// The engine for a device: on the CPU the sparse one unless `dense`, on the GPU the dense one.
    ///
    /// # Errors
    /// When there is no such device.
    pub fn new(model: &Transformer, device: Device, dense: bool) -> Result<Self> {
        let device = match device {
            Device::Cpu if !dense => return Ok(Self::Sparse(Box::new(SparseEngine::new(model)))),
            Device::Cpu => DenseDevice::cpu(),
            Device::Gpu => gpu()?,
        };
        Ok(Self::Dense(Box::new(DenseEngine::new(model, device)?)))
    }
}

#[cfg(feature = "gpu")]
fn gpu() -> Result<DenseDevice> {
    Ok(pollster::block_on(DenseDevice::gpu())?)
}

#[cfg(not(feature = "gpu"))]
fn gpu() -> Result<DenseDevice> {
    anyhow::bail!(
        "this `worldmodel` was built without a GPU engine; build it with `cargo build --release -p cli --features gpu`"
    )
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

    async fn extend(&mut self, sequence: &Sequence, want: Want) -> Result<Answers, EngineError> {
        delegate!(self, engine => engine.extend(sequence, want).await)
    }

    async fn capture(&mut self, sequence: &Sequence, position: usize) -> Result<Capture, EngineError> {
        delegate!(self, engine => engine.capture(sequence, position).await)
    }

    async fn attention(
        &mut self,
        sequence: &Sequence,
        head: HeadAddress,
        position: usize,
        limit: usize,
    ) -> Result<AttentionDetail, EngineError> {
        delegate!(self, engine => engine.attention(sequence, head, position, limit).await)
    }
}
