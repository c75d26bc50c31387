//! The training of taps alone, on what a frozen base holds of questions.

use burn::module::{Module, Param};
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::tensor::{Device, Tensor, TensorData};

use super::batch::{Programs, Sample};
use super::cached::Cached;
use super::learner::{Loss, Score};
use super::optimizer::optimizer;
use super::step::{DECAY, MODEL, Snapshot, SnapshotError, TAPS, Train, failed, in_parts, tap_names};
use super::taps::Taps;
use crate::worldmodel::taps::TapConfig;

/// How large a new operand's row is beside the stream that it is added to.
const MARK: f32 = 0.5;
/// A dimension of a normed stream is made no larger than by this.
const LARGEST_GAIN: f32 = 100.0;

/// Taps that learn on a base that does not: what they read of it was kept.
pub struct TapTrainer {
    /// Their shape.
    pub config: TapConfig,
    taps: Taps,
    optimizer: ModuleOptimizer,
    device: Device,
}

impl TapTrainer {
    /// New taps on a stream `hidden` wide; the seed decides their weights, and some cached questions of the base by which
    /// scale they read its stream. `device` must be one that keeps gradients.
    pub fn new(config: TapConfig, hidden: usize, seed: u64, device: Device, scale: &[Cached]) -> Self {
        device.seed(seed);
        let taps = Taps::new(&config, hidden, &device).scaled(&Scales::of(scale, hidden), &device);
        Self { config, taps, optimizer: optimizer(DECAY), device }
    }

    /// The weights, to be written as an adapter.
    pub fn taps(&self) -> &Taps {
        &self.taps
    }

    fn loss(&self, taps: &Taps, samples: &[&Cached]) -> Loss {
        let with: Vec<(usize, &Sample)> =
            samples.iter().enumerate().map(|(row, cached)| (row, &cached.sample)).collect();
        let programs = Programs::shared(&with, taps.taps.len(), &self.device);
        let memory = |(tap, programs): (usize, &Option<Programs>)| {
            let programs = programs.as_ref()?;
            let cached = programs.rows.iter().filter_map(|&row| samples.get(row)).copied();
            Some(memory(cached, tap, programs.positions, &self.device))
        };
        let memories = programs.iter().enumerate().map(memory).collect();
        taps.loss(&self.config, &programs, memories, &self.device)
    }
}

impl Train for TapTrainer {
    type Sample = Cached;

    fn step(&mut self, samples: &[Cached], rate: f64) -> Score {
        let read = in_parts(samples, |part, weight| {
            let taps = self.taps.clone().fork(&self.device);
            let loss = self.loss(&taps, part);
            let mut gradients = (loss.total.clone() * weight).backward();
            (GradientsParams::from_module(&mut gradients, &taps), loss.score())
        });
        let mut gradients = GradientsAccumulator::new();
        let mut scores = Vec::new();
        for (part, score) in read {
            gradients.accumulate(&self.taps, part);
            scores.push(score);
        }
        self.taps = self.optimizer.step(rate, self.taps.clone(), gradients.grads());
        Score::mean(&scores)
    }

    fn is_finite(&self) -> bool {
        let sum = self.taps.embedding.val().sum() + self.taps.operands.val().sum();
        sum.into_scalar::<f32>().is_finite()
    }

    fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let mut snapshot = Snapshot::default();
        snapshot.save(MODEL, self.taps.clone().into_record().into_bytes())?;
        snapshot.save(TAPS, self.optimizer.into_bytes())?;
        Ok(snapshot)
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<(), SnapshotError> {
        let record = ModuleRecord::from_bytes(snapshot.take(MODEL)?).map_err(failed)?;
        self.taps = self.taps.clone().try_load_record(record).map_err(failed)?;
        self.optimizer = optimizer(DECAY).from_bytes(snapshot.take(TAPS)?).map_err(failed)?;
        Ok(())
    }

    fn parameters(&self) -> usize {
        self.taps.num_params()
    }

    fn streams(&self) -> Vec<String> {
        tap_names(&self.config).collect()
    }
}

/// How large a base's streams are in each of their dimensions. A few dimensions of a trained stream are a hundred times as
/// large as the others, and what is learned at one rate for all must find them alike.
struct Scales {
    /// Root mean square of each dimension, mean of all taps.
    stream: Vec<f32>,
    /// For each tap, of each dimension behind a norm without gain.
    normed: Vec<Vec<f32>>,
}

impl Scales {
    fn of(cached: &[Cached], hidden: usize) -> Self {
        let taps = cached.iter().map(|cached| cached.streams.len()).max().unwrap_or(0);
        let mut this = Self { stream: vec![0.0; hidden], normed: vec![vec![0.0; hidden]; taps] };
        let mut rows = 0;
        for cached in cached {
            for (stream, normed) in cached.streams.iter().zip(&mut this.normed) {
                for row in stream.chunks_exact(hidden.max(1)) {
                    rows += 1;
                    let squares: Vec<f32> = row.iter().map(|value| value.to_f32().powi(2)).collect();
                    let mean = squares.iter().sum::<f32>() / hidden as f32 + 1e-6;
                    for ((square, stream), normed) in squares.iter().zip(&mut this.stream).zip(&mut *normed) {
                        *stream += square;
                        *normed += square / mean;
                    }
                }
            }
        }
        let of_taps = (rows / taps.max(1)).max(1) as f32;
        this.stream.iter_mut().for_each(|sum| *sum = (*sum / rows.max(1) as f32).sqrt());
        this.normed.iter_mut().flatten().for_each(|sum| *sum = (*sum / of_taps).sqrt());
        this
    }
}

impl Taps {
    /// The same new weights, as large as the streams they read.
    fn scaled(mut self, scales: &Scales, device: &Device) -> Self {
        let line = |values: Vec<f32>| {
            let count = values.len();
            Tensor::<1>::from_data(TensorData::new(values, [count]), device)
        };
        for (tap, normed) in self.taps.iter_mut().zip(&scales.normed) {
            let gains = normed.iter().map(|size| size.recip().min(LARGEST_GAIN)).collect();
            tap.memory_norm = Param::from_tensor(line(gains));
        }
        // New rows are drawn with one spread, which is taken out again.
        let spread = super::decoder::reading() as f32;
        let sizes = scales.stream.iter().map(|size| size * MARK / spread).collect();
        let rows = self.operands.val() * line(sizes).unsqueeze();
        // What was computed is no leaf, and would not learn.
        self.operands = Param::from_tensor(rows.detach());
        self
    }
}

/// What a tap reads of some questions, `[questions, positions, hidden]`; shorter ones are filled up with 0.
fn memory<'a>(
    cached: impl Iterator<Item = &'a Cached>,
    tap: usize,
    positions: usize,
    device: &Device,
) -> Tensor<3> {
    let (mut values, mut rows, mut hidden) = (Vec::new(), 0, 0);
    for cached in cached {
        let stream = cached.streams.get(tap).map(Vec::as_slice).unwrap_or_default();
        hidden = stream.len() / cached.sample.memory.max(1);
        values.extend(stream.iter().map(|value| value.to_f32()));
        rows += 1;
        values.resize(rows * positions * hidden, 0.0);
    }
    Tensor::from_data(TensorData::new(values, [rows, positions, hidden]), device)
}
