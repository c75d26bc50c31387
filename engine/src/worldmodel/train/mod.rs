//! Training, on burn: the model as modules that learn, batches, one step, and what is saved of a run.
//!
//! It has no clock and no files: the command `worldmodel train` brings both. A run is its settings and the number of steps it
//! has made: the samples of a step depend on nothing else, so that a run that was killed goes on as if it had not been.

mod adapter;
#[cfg(test)]
mod adapter_tests;
mod batch;
pub mod bundle;
mod cached;
pub mod choosing;
mod decoder;
pub mod export;
pub mod import;
mod learner;
mod ops;
mod optimizer;
mod passes;
mod sampler;
mod settings;
mod slots;
mod step;
mod taps;
#[cfg(test)]
mod tests;
mod trainer;
#[cfg(test)]
mod transcript_tests;
mod vocabulary;

pub use adapter::TapTrainer;
pub use batch::{Batch, Sample};
pub use burn::tensor::Device;
pub use cached::{CacheError, Cached, Question, Recording, Shard};
pub use learner::{Learner, Loss, Score};
pub use passes::Passes;
pub use sampler::{POOL, Sampler, SamplerError, sample};
pub use settings::{Rate, Shape};
pub use step::{Snapshot, SnapshotError, Train};
#[cfg(feature = "gpu")]
pub use trainer::graphics;
pub use trainer::{Trainer, processor};
pub use vocabulary::{VocabularyError, learn as learn_vocabulary, texts as vocabulary_texts};
