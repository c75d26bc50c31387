//! Nano's training: text stream and taps together, one step after the other.

use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::tensor::Device;

use super::batch::{Batch, Sample};
use super::decoder::Decoder;
use super::import::{self, ImportError};
use super::learner::{Learner, Score};
use super::optimizer::optimizer;
use super::settings::Shape;
use super::step::{
    DECAY, MODEL, Snapshot, SnapshotError, TAPS, TEXT, Train, failed, in_parts, joined, tap_names,
};
use crate::weights::Checkpoint;

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

impl Trainer {
    /// A new model; the seed decides its weights. `device` must be one that keeps gradients.
    pub fn new(shape: Shape, seed: u64, device: Device) -> Self {
        device.seed(seed);
        let learner = Learner::new(&shape, &device);
        let optimizers = Optimizers { text: optimizer(DECAY), taps: optimizer(DECAY) };
        Self { shape, learner, optimizers, device }
    }

    /// Reads the samples and changes nothing.
    pub fn score(&self, samples: &[Sample]) -> Score {
        let learner = self.learner.clone().no_grad();
        let samples: Vec<&Sample> = samples.iter().collect();
        learner.loss(&self.shape, &self.batch(&samples)).score()
    }

    /// The weights, to be written as a model.
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    /// Starts from a model's weights instead of new ones.
    ///
    /// # Errors
    /// When it is of another shape, or damaged; the weights are a mixture then.
    pub fn start_from(&mut self, text: &Checkpoint, taps: &Checkpoint) -> Result<(), ImportError> {
        import::load(&mut self.learner, text, taps)
    }

    fn batch(&self, samples: &[&Sample]) -> Batch {
        Batch::new(samples, self.shape.taps.behind.len(), &self.device)
    }
}

impl Train for Trainer {
    type Sample = Sample;

    fn step(&mut self, samples: &[Sample], rate: f64) -> Score {
        let read = in_parts(samples, |part, weight| {
            let learner = self.learner.clone().fork(&self.device);
            let loss = learner.loss(&self.shape, &self.batch(part));
            let mut gradients = (loss.total.clone() * weight).backward();
            let text = GradientsParams::from_module(&mut gradients, &learner.decoder);
            let taps = GradientsParams::from_module(&mut gradients, &learner.taps);
            (text, taps, loss.score())
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

    /// One sum finds what is not a number: it spreads.
    fn is_finite(&self) -> bool {
        let Decoder { embedding, norm, .. } = &self.learner.decoder;
        let sum = embedding.val().sum() + norm.val().sum() + self.learner.taps.embedding.val().sum();
        sum.into_scalar::<f32>().is_finite()
    }

    fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let mut snapshot = Snapshot::default();
        snapshot.save(MODEL, self.learner.clone().into_record().into_bytes())?;
        snapshot.save(TEXT, self.optimizers.text.into_bytes())?;
        snapshot.save(TAPS, self.optimizers.taps.into_bytes())?;
        Ok(snapshot)
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<(), SnapshotError> {
        let record = ModuleRecord::from_bytes(snapshot.take(MODEL)?).map_err(failed)?;
        self.learner = self.learner.clone().try_load_record(record).map_err(failed)?;
        self.optimizers.text = optimizer(DECAY).from_bytes(snapshot.take(TEXT)?).map_err(failed)?;
        self.optimizers.taps = optimizer(DECAY).from_bytes(snapshot.take(TAPS)?).map_err(failed)?;
        Ok(())
    }

    fn parameters(&self) -> usize {
        self.learner.num_params()
    }

    fn streams(&self) -> Vec<String> {
        std::iter::once("text".to_owned()).chain(tap_names(&self.shape.taps)).collect()
    }
}
