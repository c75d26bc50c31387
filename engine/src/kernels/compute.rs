//! What a device must be able to do for a decoder to run on it.

use std::future::Future;
use std::ops::Range;

use super::terms::Terms;
use super::top::Top;
use crate::weights::Matrix;

/// The operations of a decoder layer, in the order the paper has them.
///
/// Activations are *rows*: `[positions, width]`, one row for each position of a pass. Everything but
/// [`Compute::read`] and [`Compute::settle`] only says what is to be computed, so that a device that works by itself is
/// not waited for.
pub trait Compute {
    /// Activations, `[positions, width]`.
    type Rows: Clone;
    /// A weight matrix on the device, `[outputs, inputs]`.
    type Weight;
    /// A vector of gains on the device.
    type Gain;
    /// The keys and values of one layer, for all positions so far.
    type Cache;

    /// What computes, in words a person reads.
    fn name(&self) -> String;

    /// Puts a matrix where the device multiplies with it.
    ///
    /// # Errors
    /// When the device has no room for it.
    fn weight(&mut self, matrix: Matrix) -> Result<Self::Weight, ComputeError>;

    /// Puts a vector of gains where the device has it.
    fn gain(&mut self, values: Vec<f32>) -> Self::Gain;

    /// An empty cache for a layer.
    fn cache(&mut self, shape: AttentionShape) -> Self::Cache;

    /// Positions in a cache.
    fn cached(&self, cache: &Self::Cache) -> usize;

    /// Forgets all positions of a cache from `keep` on.
    fn truncate(&mut self, cache: &mut Self::Cache, keep: usize);

    /// Rows made outside, `[values.len() / width, width]`.
    fn rows(&mut self, values: Vec<f32>, width: usize) -> Self::Rows;

    /// The table's rows for these tokens, `[tokens, width]`.
    ///
    /// # Errors
    /// When a token is not in the table.
    fn embed(&mut self, table: &Self::Weight, tokens: &[u32]) -> Result<Self::Rows, ComputeError>;

    /// Root mean square norm of each row, times the gain (Zhang & Sennrich, 2019).
    fn norm(&mut self, x: &Self::Rows, gain: &Self::Gain, epsilon: f32) -> Self::Rows;

    /// The same for each head's stretch of a row: the gain is as long as a head is wide.
    fn head_norm(&mut self, x: &mut Self::Rows, gain: &Self::Gain, epsilon: f32);

    /// Turns each pair of each head by its position's angle (Su et al., 2021); row `i` is position `first + i`.
    fn rotate(&mut self, x: &mut Self::Rows, rotation: &Rotation, first: usize);

    /// `x · weightᵀ` for each weight.
    fn linear<const N: usize>(&mut self, x: &Self::Rows, weights: [&Self::Weight; N]) -> [Self::Rows; N];

    /// Appends keys and values to the cache and lets every query attend to all positions up to its own.
    ///
    /// With `pattern`, the softmax of each head, query and key comes too, `[heads · queries, keys]`: 0 where a key lies
    /// behind its query.
    ///
    /// # Errors
    /// When the device has no room for more positions.
    fn attend(
        &mut self,
        cache: &mut Self::Cache,
        q: &Self::Rows,
        k: &Self::Rows,
        v: &Self::Rows,
        pattern: bool,
    ) -> Result<(Self::Rows, Option<Self::Rows>), ComputeError>;

    /// Appends keys and values to a cache, for queries of another stream; nothing attends yet.
    ///
    /// # Errors
    /// When the device has no room for more positions.
    fn remember(
        &mut self,
        cache: &mut Self::Cache,
        k: &Self::Rows,
        v: &Self::Rows,
    ) -> Result<(), ComputeError>;

    /// Lets every query attend to all positions of a cache (cross-attention), and adds none. The pattern is as in
    /// [`Compute::attend`].
    fn attend_across(
        &mut self,
        cache: &Self::Cache,
        q: &Self::Rows,
        pattern: bool,
    ) -> (Self::Rows, Option<Self::Rows>);

    /// `silu(gate) · up`, element by element (Shazeer, 2020).
    fn gate(&mut self, gate: &Self::Rows, up: &Self::Rows) -> Self::Rows;

    /// `x += y`.
    fn add(&mut self, x: &mut Self::Rows, y: &Self::Rows);

    /// Puts something else into some columns of some rows; rows and columns that there are not stay out.
    fn replace(&mut self, x: &mut Self::Rows, rows: Range<usize>, columns: Range<usize>, with: &Replacement);

    /// `x *= by`.
    fn scale(&mut self, x: &mut Self::Rows, by: f32);

    /// The last row alone.
    fn last(&mut self, x: &Self::Rows) -> Self::Rows;

    /// The values, row after row.
    ///
    /// # Errors
    /// When the device fails or is lost.
    fn read(&mut self, x: &Self::Rows) -> impl Future<Output = Result<Vec<f32>, ComputeError>>;

    /// The `count` largest values of each row, found where they are: little has to be read.
    ///
    /// # Errors
    /// When the device fails or is lost.
    fn top(&mut self, x: &Self::Rows, count: usize) -> impl Future<Output = Result<Vec<Top>, ComputeError>>;

    /// The values of a vector of gains.
    ///
    /// # Errors
    /// When the device fails or is lost.
    fn read_gain(&mut self, gain: &Self::Gain) -> impl Future<Output = Result<Vec<f32>, ComputeError>>;

    /// One row of a matrix as floats, `[inputs]`.
    ///
    /// # Errors
    /// When there is no such row, or the device fails or is lost.
    fn read_row(
        &mut self,
        weight: &Self::Weight,
        row: usize,
    ) -> impl Future<Output = Result<Vec<f32>, ComputeError>> {
        async move {
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            let row = self.embed(weight, &[row])?;
            self.read(&row).await
        }
    }

    /// One output of [`Compute::linear`] for one position, taken apart by the arithmetic that this device does, and without
    /// its kernels. `x` is `[inputs]`.
    ///
    /// # Errors
    /// When there is no such output, or the device fails or is lost.
    fn terms(
        &mut self,
        x: &[f32],
        weight: &Self::Weight,
        output: usize,
    ) -> impl Future<Output = Result<Terms, ComputeError>> {
        async move { Ok(Terms::of_floats(self.read_row(weight, output).await?, x)) }
    }

    /// Waits until everything that was said so far is computed.
    ///
    /// # Errors
    /// When the device fails or is lost.
    fn settle(&mut self) -> impl Future<Output = Result<(), ComputeError>> {
        std::future::ready(Ok(()))
    }

    /// Work handed to a graphics device so far, in dispatches; 0 on a processor.
    fn dispatches(&self) -> usize {
        0
    }
}

/// The shape of one layer's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionShape {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; each serves `heads / kv_heads` query heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
}

/// Which positions a query attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those up to its own; the queries are the last positions of the cache.
    Causal,
    /// All.
    Across,
}

/// How positions turn queries and keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    /// Width of a head.
    pub head_dim: usize,
    /// Radians a position, one for each pair: `[head_dim / 2]`.
    pub frequencies: Vec<f32>,
    /// Factor of the turned vector (1 unless the context was stretched by YaRN).
    pub magnitude: f32,
    /// Whether a pair is two neighbours (GGUF files of Llama) or the same place in each half (everybody else).
    pub neighbours: bool,
}

/// What an intervention puts in place of what was computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Replacement {
    /// Nothing.
    Zero,
    /// These values, one a column; the mean over some text, say.
    Values(Vec<f32>),
}

/// Why a device could not compute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    /// A token that the model does not know.
    #[error("token {token} is not in the vocabulary of {vocabulary}")]
    NoSuchToken {
        /// The token.
        token: u32,
        /// Tokens there are.
        vocabulary: usize,
    },
    /// The device has no memory for it.
    #[error("{device} has no room for {what}: {bytes} bytes")]
    NoRoom {
        /// The device.
        device: String,
        /// What was to be stored.
        what: String,
        /// Its size.
        bytes: u64,
    },
    /// Nothing can be chosen by the logits.
    #[error("what the model computes are no numbers any more: a logit is infinite or NaN")]
    NotNumbers,
    /// The device failed or was lost.
    #[error("{device} failed: {reason}")]
    Device {
        /// The device.
        device: String,
        /// What the system says.
        reason: String,
    },
}
