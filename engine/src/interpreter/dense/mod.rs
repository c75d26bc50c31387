//! The forward pass as the description has it: dense tensors on burn, on the CPU or the GPU.
//!
//! ```text
//! x = embed[token] + positional encoding
//! for each layer:
//!     x += W_O · attend(W_Q · x, keys so far, values so far)
//!     x += W_out · (max(0, W_gate · x) ⊙ (W_value · x))
//! logits = W_U · x
//! ```
//!
//! Positions are computed in chunks: one for an answer, [`CHUNK`] for a program or a draft, fewer once there
//! are so many keys that a chunk's scores would take too much memory. Chunks and caches come in few sizes, because a GPU kernel is compiled for a shape it has not met before. For the same reason
//! a product with a matrix is written as multiply-and-sum, not as `matmul`: at d_model 100 the time is all in
//! the number of dispatches, and the multiply-and-sum kernels serve every shape.

mod attention;
mod capture;
mod device;
#[cfg(test)]
mod tests;
mod weights;

use std::future::Future;

use burn::tensor::{Device, Tensor, TensorData};

use self::attention::Cache;
use self::capture::LayerTensors;
pub use self::device::DenseDevice;
use self::weights::{DenseBlock, DenseModel};
use super::describe::HeadKind;
use super::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use super::model::{Transformer, argmax};
use super::sequence::{STORES, Sequence, entry_residual};
use crate::xray::{AttentionDetail, Capture};

/// Positions computed at once when there are several.
pub const CHUNK: usize = 32;
/// Scores of one head in a chunk at most; a chunk over longer caches has fewer positions. With 13 heads of
/// `f32` that is 27 MB a tensor, of which a few live at a time.
const MAX_SCORES: usize = 1 << 19;

/// The engine. See the module's description.
pub struct DenseEngine {
    model: Transformer,
    weights: DenseModel,
    device: DenseDevice,
    caches: Vec<Cache>,
    seen: usize,
    entries_seen: [usize; STORES],
}

impl DenseEngine {
    /// An engine for a model on a device.
    ///
    /// # Errors
    /// When a layer has cross-attention beside other heads: the heads of a layer are computed together.
    pub fn new(model: &Transformer, device: DenseDevice) -> Result<Self, EngineError> {
        let weights = DenseModel::new(model, device.burn())?;
        let mut engine = Self {
            model: model.clone(),
            weights,
            device,
            caches: Vec::new(),
            seen: 0,
            entries_seen: [0; STORES],
        };
        engine.reset();
        Ok(engine)
    }

    /// The device it computes on.
    pub const fn device(&self) -> &DenseDevice {
        &self.device
    }

    fn tensor(&self, data: Vec<f32>, shape: [usize; 2]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(data, shape), self.device.burn())
    }

    /// Lets the cross-attention heads read the entries that the chunk's positions can see.
    fn read_entries(&mut self, sequence: &Sequence, visible: [usize; STORES]) {
        for (store, visible) in visible.into_iter().enumerate() {
            let seen = self.entries_seen.get(store).copied().unwrap_or(visible);
            let entries = sequence.stores.get(store).and_then(|store| store.get(seen..visible));
            for (index, entries) in entries.unwrap_or(&[]).chunks(CHUNK).enumerate() {
                let mut rows: Vec<f32> =
                    entries.iter().flat_map(|entry| entry_residual(&self.model, entry)).collect();
                rows.resize(CHUNK * self.model.d_model(), 0.0);
                let x = self.tensor(rows, [CHUNK, self.model.d_model()]);
                for (block, cache) in self.weights.blocks.iter().zip(&mut self.caches) {
                    if matches!(block.kind, Some(Kind::Cross)) {
                        cache.write_head(store, block.keys_and_values(&x), seen + index * CHUNK);
                    }
                }
            }
            if let Some(count) = self.entries_seen.get_mut(store) {
                *count = visible.max(*count);
            }
        }
    }

    /// A chunk of positions, from their residuals before the first layer to their logits,
    /// `[positions, vocabulary]`. With `capture`, every layer's tensors are kept there.
    fn forward(
        &mut self,
        sequence: &Sequence,
        first: usize,
        count: usize,
        mut capture: Option<&mut Vec<LayerTensors>>,
    ) -> Tensor<2> {
        let rows = if count == 1 { 1 } else { chunk_after(first) };
        let positions = first..(first + count).min(sequence.len());
        let mut embedded: Vec<f32> =
            positions.clone().flat_map(|position| sequence.residual(&self.model.embed, position)).collect();
        embedded.resize(rows * self.model.d_model(), 0.0);
        let mut x = self.tensor(embedded, [rows, self.model.d_model()]);
        let causal: Vec<f32> = (first..first + rows).map(|position| position as f32).collect();
        let visible = |store: usize| {
            let counts =
                positions.clone().map(move |position| sequence.visible(position).get(store).copied());
            let mut limits: Vec<f32> = counts.map(|count| count.unwrap_or(0) as f32 - 1.0).collect();
            limits.resize(rows, -1.0);
            limits
        };
        let external: Vec<f32> = (0..STORES).flat_map(visible).collect();
        for (block, cache) in self.weights.blocks.iter().zip(&mut self.caches) {
            let resid_pre = x.clone();
            let (q, kv) = (block.queries(&x), block.keys_and_values(&x));
            let mut seen = None;
            if let Some(kind) = &block.kind {
                let limits = match kind {
                    Kind::Cross => attention::limits(&external, block.shape.heads, rows, self.device.burn()),
                    Kind::HardMax | Kind::Sum | Kind::Mixed { .. } => {
                        cache.write(kv.clone(), first);
                        attention::limits(&causal, 1, rows, self.device.burn())
                    }
                };
                let attended = cache.attend(kind, &q, limits, capture.is_some());
                x = x + block.write_heads(&attended.z);
                seen = Some(attended);
            }
            let resid_mid = x.clone();
            let (pre, pre_linear) = block.gates_and_values(&x);
            let post = pre.clone().clamp_min(0.0) * pre_linear.clone();
            x = x + block.write_neurons(&post);
            if let Some(layers) = &mut capture {
                let resid_post = x.clone();
                let tensors =
                    LayerTensors { resid_pre, q, kv, seen, resid_mid, pre, pre_linear, post, resid_post };
                layers.push(tensors);
            }
        }
        self.weights.logits(&x)
    }

    async fn read(&self, tensor: Tensor<2>) -> Result<Vec<f32>, EngineError> {
        let data = tensor.into_data_async().await.map_err(|error| self.device.lost(&error))?;
        data.try_to_vec().map_err(|error| self.device.lost(&error))
    }

    async fn next_chunk(&mut self, sequence: &Sequence, want: Want) -> Result<Answers, EngineError> {
        let mut answers = Answers::default();
        let count = sequence.len().saturating_sub(self.seen).min(chunk_after(self.seen));
        if count == 0 {
            return Ok(answers);
        }
        // A chunk reads all entries that its last position can see; the limits hide them from the others.
        self.read_entries(sequence, sequence.visible(self.seen + count - 1));
        let logits = self.forward(sequence, self.seen, count, None);
        let logits = self.read(logits).await?;
        for row in logits.chunks_exact(self.model.vocabulary()).take(count) {
            answers.tokens.push(argmax(row));
            if want == Want::Logits {
                answers.logits.push(row.to_vec());
            }
        }
        self.seen += count;
        Ok(answers)
    }
}

/// How many positions are computed at once, when there are several and `seen` stand before them.
fn chunk_after(seen: usize) -> usize {
    (MAX_SCORES / attention::capacity_for(seen + CHUNK)).clamp(1, CHUNK)
}

/// How the heads of one layer attend.
#[derive(Clone, Debug)]
enum Kind {
    HardMax,
    Sum,
    /// Some so, some so.
    Mixed {
        /// 1 for each head that sums, `[heads, 1, 1]`.
        sums: Box<Tensor<3>>,
    },
    /// Head i over store i.
    Cross,
}

impl Engine for DenseEngine {
    fn name(&self) -> String {
        self.device.name().to_owned()
    }

    fn reset(&mut self) {
        let device: &Device = self.device.burn();
        self.caches =
            self.weights.blocks.iter().map(|block: &DenseBlock| Cache::new(block.shape, device)).collect();
        self.seen = 0;
        self.entries_seen = [0; STORES];
    }

    fn seen(&self) -> usize {
        self.seen
    }

    fn advance(
        &mut self,
        sequence: &Sequence,
        want: Want,
    ) -> impl Future<Output = Result<Answers, EngineError>> {
        self.next_chunk(sequence, want)
    }

    fn capture(
        &mut self,
        sequence: &Sequence,
        position: usize,
    ) -> impl Future<Output = Result<Capture, EngineError>> {
        self.capture_position(sequence, position)
    }

    fn attention(
        &mut self,
        sequence: &Sequence,
        capture: &Capture,
        head: HeadAddress,
        limit: usize,
    ) -> impl Future<Output = Result<AttentionDetail, EngineError>> {
        self.detail(sequence, capture, head, limit)
    }
}

impl Kind {
    /// How heads of these kinds attend together; `None` without heads.
    fn of(kinds: &[HeadKind], device: &Device) -> Result<Option<Self>, EngineError> {
        let all = |wanted: fn(usize) -> HeadKind| {
            kinds.iter().enumerate().all(|(index, kind)| *kind == wanted(index))
        };
        let sums = kinds.iter().map(|kind| if *kind == HeadKind::Sum { 1.0 } else { 0.0 });
        Ok(Some(match kinds {
            [] => return Ok(None),
            _ if all(|_| HeadKind::HardMax) => Self::HardMax,
            _ if all(|_| HeadKind::Sum) => Self::Sum,
            _ if all(|store| HeadKind::Cross { store }) => Self::Cross,
            _ if kinds.iter().any(|kind| matches!(kind, HeadKind::Cross { .. })) => {
                let what =
                    "way to compute cross-attention together with other heads, or several over one store";
                return Err(EngineError::NoSuchPart { what: what.into() });
            }
            _ => {
                let data = TensorData::new(sums.collect::<Vec<f32>>(), [kinds.len(), 1, 1]);
                Self::Mixed { sums: Box::new(Tensor::from_data(data, device)) }
            }
        }))
    }
}
