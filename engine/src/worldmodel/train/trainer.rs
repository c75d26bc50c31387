//! One step after the other.

use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device};

use super::batch::{Batch, Sample};
use super::decoder::Decoder;
use super::learner::{Learner, Score};
use super::optimizer::optimizer;
use super::settings::Shape;

/// What is multiplied away of a matrix in a step, as a share of the rate.
const DECAY: f32 = 0.01;

/// The processor, with gradients.
pub fn processor() -> Device {
    Device::flex().autodiff()
}

/// The graphics device, with gradients.
#[cfg(feature = "gpu")]
pub fn graphics() -> Device {
    Device::wgpu(Default::default()).autodiff()
}

/// A model that learns.
pub struct Trainer {
    /// Its shape.
    pub shape: Shape,
    learner: Learner,
    optimizer: ModuleOptimizer,
    device: Device,
}

/// A trainer's state, in burn's own format: both are needed to go on as if nothing had happened.
pub struct Snapshot {
    /// The weights.
    pub model: Bytes,
    /// What the optimizer remembers.
    pub optimizer: Bytes,
}

impl Snapshot {
    /// From what was saved.
    pub fn new(model: Vec<u8>, optimizer: Vec<u8>) -> Self {
        Self { model: Bytes::from_bytes_vec(model), optimizer: Bytes::from_bytes_vec(optimizer) }
    }
}

/// A snapshot that cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint cannot be used: {0}")]
pub struct SnapshotError(String);

impl Trainer {
    /// A new model; the seed decides its weights. `device` must be one that keeps gradients.
    pub fn new(shape: Shape, seed: u64, device: Device) -> Self {
        device.seed(seed);
        let learner = Learner::new(&shape, &device);
        Self { shape, learner, optimizer: optimizer(DECAY), device }
    }

    /// One step: reads the samples, and changes the weights at this rate.
    pub fn step(&mut self, samples: &[Sample], rate: f64) -> Score {
        let batch = self.batch(samples);
        let loss = self.learner.loss(&self.shape, &batch);
        let gradients = GradientsParams::from_grads(loss.total.backward(), &self.learner);
        let score = loss.score();
        self.learner = self.optimizer.step(rate, self.learner.clone(), gradients);
        score
    }

    /// Reads the samples and changes nothing.
    pub fn score(&self, samples: &[Sample]) -> Score {
        let learner = self.learner.clone().no_grad();
        learner.loss(&self.shape, &self.batch(samples)).score()
    }

    /// Whether the weights are numbers still. One sum finds what is not: it spreads.
    pub fn is_finite(&self) -> bool {
        let Decoder { embedding, norm, .. } = &self.learner.decoder;
        let sum = embedding.val().sum() + norm.val().sum() + self.learner.taps.embedding.val().sum();
        sum.into_scalar::<f32>().is_finite()
    }

    /// What must be saved.
    ///
    /// # Errors
    /// When burn cannot write it.
    pub fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let failed = |error: burn::store::RecordError| SnapshotError(error.to_string());
        let model = self.learner.clone().into_record().into_bytes().map_err(failed)?;
        Ok(Snapshot { model, optimizer: self.optimizer.into_bytes().map_err(failed)? })
    }

    /// Goes back to what was saved.
    ///
    /// # Errors
    /// When it is damaged, or of another shape.
    pub fn restore(&mut self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let failed = |error: burn::store::RecordError| SnapshotError(error.to_string());
        let record = burn::store::ModuleRecord::from_bytes(snapshot.model).map_err(failed)?;
        self.learner = self.learner.clone().try_load_record(record).map_err(failed)?;
        self.optimizer = optimizer(DECAY).from_bytes(snapshot.optimizer).map_err(failed)?;
        Ok(())
    }

    /// How many numbers it learns.
    pub fn parameters(&self) -> usize {
        self.learner.num_params()
    }

    /// The weights, to be written as a model.
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    fn batch(&self, samples: &[Sample]) -> Batch {
        Batch::new(samples, &self.device)
    }
}
