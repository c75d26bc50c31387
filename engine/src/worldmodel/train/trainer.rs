//! One step after the other.

use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device};

use super::batch::{Batch, Sample};
use super::decoder::Decoder;
use super::learner::{Learner, Score};
use super::optimizer::optimizer;
use super::settings::Shape;

/// What is multiplied away of a matrix in a step, as a share of the rate.
const DECAY: f32 = 0.01;

/// Parts of a step that are read side by side. Always as many, or a run would depend on the machine.
const PARTS: usize = 2;

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
    optimizers: Optimizers,
    device: Device,
}

/// One for the text stream and one for the taps: they step side by side.
struct Optimizers {
    text: ModuleOptimizer,
    taps: ModuleOptimizer,
}

/// A trainer's state, in burn's own format: all of it is needed to go on as if nothing had happened.
pub struct Snapshot {
    /// The weights.
    pub model: Bytes,
    /// What the text stream's optimizer remembers.
    pub text: Bytes,
    /// What the taps' optimizer remembers.
    pub taps: Bytes,
}

impl Snapshot {
    /// From what was saved.
    pub fn new(model: Vec<u8>, text: Vec<u8>, taps: Vec<u8>) -> Self {
        let [model, text, taps] = [model, text, taps].map(Bytes::from_bytes_vec);
        Self { model, text, taps }
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
        let optimizers = Optimizers { text: optimizer(DECAY), taps: optimizer(DECAY) };
        Self { shape, learner, optimizers, device }
    }

    /// One step: reads the samples, and changes the weights at this rate.
    ///
    /// [`PARTS`] threads read a part of the samples each. Each has leaves of its own for the weights: of leaves that are
    /// shared burn makes one graph, and only one thread at a time goes back through a graph.
    pub fn step(&mut self, samples: &[Sample], rate: f64) -> Score {
        let parts: Vec<Vec<&Sample>> = (0..PARTS.min(samples.len()).max(1))
            .map(|part| samples.iter().skip(part).step_by(PARTS).collect())
            .collect();
        let weight = (parts.len() as f32).recip();
        let read = |part: &[&Sample]| {
            let learner = self.learner.clone().fork(&self.device);
            let loss = learner.loss(&self.shape, &self.batch(part));
            let mut gradients = (loss.total.clone() * weight).backward();
            let text = GradientsParams::from_module(&mut gradients, &learner.decoder);
            let taps = GradientsParams::from_module(&mut gradients, &learner.taps);
            (text, taps, loss.score())
        };
        let read: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = parts.iter().map(|part| scope.spawn(|| read(part))).collect();
            threads.into_iter().map(joined).collect()
        });
        let (mut text, mut taps) = (GradientsAccumulator::new(), GradientsAccumulator::new());
        let mut scores = Vec::new();
        for (text_part, taps_part, score) in read {
            text.accumulate(&self.learner.decoder, text_part);
            taps.accumulate(&self.learner.taps, taps_part);
            scores.push(score);
        }
        let Learner { decoder, taps: modules } = self.learner.clone();
        let Optimizers { text: for_text, taps: for_taps } = &mut self.optimizers;
        self.learner = std::thread::scope(|scope| {
            let modules = scope.spawn(|| for_taps.step(rate, modules, taps.grads()));
            let decoder = for_text.step(rate, decoder, text.grads());
            Learner { decoder, taps: joined(modules) }
        });
        Score::mean(&scores)
    }

    /// Reads the samples and changes nothing.
    pub fn score(&self, samples: &[Sample]) -> Score {
        let learner = self.learner.clone().no_grad();
        let samples: Vec<&Sample> = samples.iter().collect();
        learner.loss(&self.shape, &self.batch(&samples)).score()
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
        let Optimizers { text, taps } = &self.optimizers;
        Ok(Snapshot {
            model,
            text: text.into_bytes().map_err(failed)?,
            taps: taps.into_bytes().map_err(failed)?,
        })
    }

    /// Goes back to what was saved.
    ///
    /// # Errors
    /// When it is damaged, or of another shape.
    pub fn restore(&mut self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let failed = |error: burn::store::RecordError| SnapshotError(error.to_string());
        let record = burn::store::ModuleRecord::from_bytes(snapshot.model).map_err(failed)?;
        self.learner = self.learner.clone().try_load_record(record).map_err(failed)?;
        self.optimizers.text = optimizer(DECAY).from_bytes(snapshot.text).map_err(failed)?;
        self.optimizers.taps = optimizer(DECAY).from_bytes(snapshot.taps).map_err(failed)?;
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

    fn batch(&self, samples: &[&Sample]) -> Batch {
        Batch::new(samples, self.shape.taps.behind.len(), &self.device)
    }
}

/// What a thread found; its panic is ours.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
