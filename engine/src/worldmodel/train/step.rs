//! What every training has in common: steps in parts, and what is saved between them.

use std::collections::BTreeMap;

use burn::store::RecordError;
use burn::tensor::Bytes;

use super::learner::Score;
use crate::worldmodel::taps::TapConfig;

/// What is multiplied away of a matrix in a step, as a share of the rate.
pub(super) const DECAY: f32 = 0.01;

/// Parts of a step that are read side by side. Always as many, or a run would depend on the machine.
const PARTS: usize = 2;

/// A trainer's state, in burn's own format: all of it is needed to go on as if nothing had happened.
#[derive(Default)]
pub struct Snapshot {
    /// Its parts by name: the weights, and what each optimizer remembers.
    pub parts: BTreeMap<String, Bytes>,
}

/// The weights' name in a snapshot.
pub(super) const MODEL: &str = "model";
/// That of what the text stream's optimizer remembers.
pub(super) const TEXT: &str = "text-optimizer";
/// That of what the taps' optimizer remembers.
pub(super) const TAPS: &str = "taps-optimizer";

impl Snapshot {
    /// From what was saved.
    pub fn new(parts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let parts = parts.into_iter().map(|(name, bytes)| (name, Bytes::from_bytes_vec(bytes)));
        Self { parts: parts.collect() }
    }

    pub(super) fn save(
        &mut self,
        name: &str,
        bytes: Result<Bytes, RecordError>,
    ) -> Result<(), SnapshotError> {
        self.parts.insert(name.to_owned(), bytes.map_err(failed)?);
        Ok(())
    }

    pub(super) fn take(&mut self, name: &str) -> Result<Bytes, SnapshotError> {
        self.parts.remove(name).ok_or_else(|| SnapshotError(format!("it has no {name}")))
    }
}

pub(super) fn failed(error: RecordError) -> SnapshotError {
    SnapshotError(error.to_string())
}

/// Something that is trained step by step, whatever it is made of.
pub trait Train {
    /// What a step reads of one question.
    type Sample: Send;

    /// One step: reads the samples, and changes the weights at this rate.
    fn step(&mut self, samples: &[Self::Sample], rate: f64) -> Score;

    /// Whether the weights are numbers still.
    fn is_finite(&self) -> bool;

    /// What must be saved.
    ///
    /// # Errors
    /// When burn cannot write it.
    fn snapshot(&self) -> Result<Snapshot, SnapshotError>;

    /// Goes back to what was saved.
    ///
    /// # Errors
    /// When it is damaged, or of another shape.
    fn restore(&mut self, snapshot: Snapshot) -> Result<(), SnapshotError>;

    /// How many numbers it learns.
    fn parameters(&self) -> usize;

    /// What a [`Score`]'s losses are of, in their order: `text`, `tap3`.
    fn streams(&self) -> Vec<String>;
}

/// A snapshot that cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint cannot be used: {0}")]
pub struct SnapshotError(String);

/// What the curves of taps are called.
pub(super) fn tap_names(config: &TapConfig) -> impl Iterator<Item = String> {
    config.behind.iter().map(|layer| format!("tap{layer}"))
}

/// Reads samples in [`PARTS`] threads, a part of them in each, with the share that each part counts.
///
/// Whoever reads makes leaves of its own for the weights: of leaves that are shared burn makes one graph, and only one thread
/// at a time goes back through a graph.
pub(super) fn in_parts<S: Sync, R: Send>(samples: &[S], read: impl Fn(&[&S], f32) -> R + Sync) -> Vec<R> {
    let parts: Vec<Vec<&S>> = (0..PARTS.min(samples.len()).max(1))
        .map(|part| samples.iter().skip(part).step_by(PARTS).collect())
        .collect();
    let weight = (parts.len() as f32).recip();
    std::thread::scope(|scope| {
        let read = &read;
        let threads: Vec<_> = parts.iter().map(|part| scope.spawn(move || read(part, weight))).collect();
        threads.into_iter().map(joined).collect()
    })
}

/// What a thread found; its panic is ours.
pub(super) fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
