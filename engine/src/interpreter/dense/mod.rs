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
//! Positions are computed in chunks: one for an answer, [`CHUNK`] for a program or a draft. Chunks and caches
//! come in few sizes, because a GPU kernel is compiled for a shape it has not met before. For the same reason
//! a product with a matrix is written as multiply-and-sum, not as `matmul`: at d_model 100 the time is all in
//! the number of dispatches, and the multiply-and-sum kernels serve every shape.

mod attention;
mod device;
#[cfg(test)]
mod tests;
mod weights;

use std::future::Future;

use burn::tensor::{Device, Tensor, TensorData};

use self::attention::{Cache, Seen};
pub use self::device::DenseDevice;
use self::weights::{DenseBlock, DenseModel};
use super::describe::HeadKind;
use super::engine::{Answers, Engine, EngineError, HeadAddress, Want, attention_detail};
use super::model::{D_HEAD, Transformer, argmax};
use super::sequence::{STORES, Sequence, dense_encoding, entry_residual, residual};
use crate::xray::{AttentionDetail, Capture, HeadCapture, KeyScore, LayerCapture};

/// Positions computed at once when there are several.
pub const CHUNK: usize = 32;

/// The engine. See the module's description.
pub struct DenseEngine {
    model: Transformer,
    weights: DenseModel,
    device: DenseDevice,
    caches: Vec<Cache>,
    seen: usize,
    entries_seen: [usize; STORES],
}

/// What a captured layer leaves on the device until it is read.
struct LayerTensors {
    resid_pre: Tensor<2>,
    q: Tensor<2>,
    kv: Tensor<2>,
    seen: Option<Seen>,
    resid_mid: Tensor<2>,
    pre: Tensor<2>,
    pre_linear: Tensor<2>,
    post: Tensor<2>,
    resid_post: Tensor<2>,
}

impl DenseEngine {
    /// An engine for a model on a device.
    ///
    /// # Errors
    /// When the heads of one layer attend in different ways: they are computed together.
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
                    if block.kind == Some(Kind::Cross) {
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
        let rows = if count == 1 { 1 } else { CHUNK };
        let positions = sequence.positions.get(first..first + count).unwrap_or(&[]);
        let mut embedded: Vec<f32> = positions
            .iter()
            .flat_map(|position| residual(&self.model.embed, position.token, &position.encoding))
            .collect();
        embedded.resize(rows * self.model.d_model(), 0.0);
        let mut x = self.tensor(embedded, [rows, self.model.d_model()]);
        let causal: Vec<f32> = (first..first + rows).map(|position| position as f32).collect();
        let visible = |store: usize| {
            let counts = positions.iter().map(move |position| position.visible.get(store).copied());
            let mut limits: Vec<f32> = counts.map(|count| count.unwrap_or(0) as f32 - 1.0).collect();
            limits.resize(rows, -1.0);
            limits
        };
        let external: Vec<f32> = (0..STORES).flat_map(visible).collect();
        for (block, cache) in self.weights.blocks.iter().zip(&mut self.caches) {
            let resid_pre = x.clone();
            let (q, kv) = (block.queries(&x), block.keys_and_values(&x));
            let mut seen = None;
            if let Some(kind) = block.kind {
                let limits = match kind {
                    Kind::Cross => attention::limits(&external, block.heads, rows, self.device.burn()),
                    Kind::HardMax | Kind::Sum => {
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

    async fn extend_all(&mut self, sequence: &Sequence, want: Want) -> Result<Answers, EngineError> {
        let mut answers = Answers::default();
        let vocabulary = self.model.vocabulary();
        while self.seen < sequence.positions.len() {
            let count = (sequence.positions.len() - self.seen).min(CHUNK);
            // A chunk reads all entries that its last position can see; the limits hide them from the others.
            let last = sequence.positions.get(self.seen + count - 1);
            self.read_entries(sequence, last.map(|position| position.visible).unwrap_or_default());
            let logits = self.forward(sequence, self.seen, count, None);
            let logits = self.read(logits).await?;
            for row in logits.chunks_exact(vocabulary).take(count) {
                answers.tokens.push(argmax(row));
                if want == Want::Logits {
                    answers.logits.push(row.to_vec());
                }
            }
            self.seen += count;
        }
        Ok(answers)
    }

    async fn capture_position(
        &mut self,
        sequence: &Sequence,
        position: usize,
    ) -> Result<Capture, EngineError> {
        let missing = EngineError::NoSuchPosition { position, seen: self.seen };
        let Some(input) = sequence.positions.get(position).filter(|_| position < self.seen) else {
            return Err(missing);
        };
        let mut tensors = Vec::new();
        let logits = self.forward(sequence, position, 1, Some(&mut tensors));
        let mut capture = Capture {
            position,
            token: input.token,
            embed: self.model.embed.row(usize::from(input.token)).to_vec(),
            pos_embed: dense_encoding(&input.encoding, self.model.d_model()),
            ..Capture::default()
        };
        capture.logits = self.read(logits).await?;
        capture.argmax = argmax(&capture.logits);
        let kinds: Vec<(Option<Kind>, usize)> =
            self.weights.blocks.iter().map(|block| (block.kind, block.heads)).collect();
        for (tensors, (kind, heads)) in tensors.into_iter().zip(kinds) {
            capture.layers.push(self.read_layer(tensors, kind, heads).await?);
        }
        Ok(capture)
    }

    async fn read_layer(
        &self,
        tensors: LayerTensors,
        kind: Option<Kind>,
        heads: usize,
    ) -> Result<LayerCapture, EngineError> {
        let mut layer = LayerCapture {
            resid_pre: self.read(tensors.resid_pre).await?,
            resid_mid: self.read(tensors.resid_mid).await?,
            pre: self.read(tensors.pre).await?,
            pre_linear: self.read(tensors.pre_linear).await?,
            post: self.read(tensors.post).await?,
            resid_post: self.read(tensors.resid_post).await?,
            heads: Vec::new(),
        };
        let (Some(kind), Some(seen)) = (kind, tensors.seen) else { return Ok(layer) };
        let q = self.read(tensors.q).await?;
        let kv = self.read(tensors.kv).await?;
        let z = self.read(seen.z).await?;
        let (winners, scores) = match (seen.winner, seen.score) {
            (Some(winner), Some(score)) => (self.read(winner).await?, self.read(score).await?),
            _ => (Vec::new(), Vec::new()),
        };
        let at = |numbers: &[f32], part: usize, head: usize| {
            numbers.get(part * heads + head).copied().unwrap_or_default()
        };
        for head in 0..heads {
            // Winners are counted from 1; 0 says that no key was in sight.
            let winner = (at(&winners, 0, head) as usize).checked_sub(1).filter(|_| kind != Kind::Sum);
            layer.heads.push(HeadCapture {
                q: [at(&q, 0, head), at(&q, 1, head)],
                k: [at(&kv, 0, head), at(&kv, 1, head)],
                v: [at(&kv, 2, head), at(&kv, 3, head)],
                winner,
                score: if winner.is_some() { at(&scores, 0, head) } else { 0.0 },
                z: [at(&z, 0, head), at(&z, 1, head)],
            });
        }
        Ok(layer)
    }

    async fn detail(
        &mut self,
        sequence: &Sequence,
        address: HeadAddress,
        position: usize,
        limit: usize,
    ) -> Result<AttentionDetail, EngineError> {
        let capture = self.capture_position(sequence, position).await?;
        let HeadAddress { layer, head } = address;
        let missing = || EngineError::NoSuchPart { what: format!("layer {layer}, head {head}") };
        let captured =
            capture.layers.get(layer).and_then(|layer| layer.heads.get(head)).ok_or_else(missing)?;
        let kind = self.model.blocks.get(layer).and_then(|block| block.heads.get(head)).map(|head| head.kind);
        let kind = kind.ok_or_else(missing)?;
        let cache = self.caches.get(layer).ok_or_else(missing)?;
        let count = sequence.visible_keys(kind, position);
        let numbers = self.read(cache.head(head)).await?;
        let capacity = numbers.len() / (2 * D_HEAD);
        let at =
            |part: usize, index: usize| numbers.get(part * capacity + index).copied().unwrap_or_default();
        let keys: Vec<KeyScore> = (0..count)
            .map(|index| {
                let k = [at(0, index), at(1, index)];
                KeyScore {
                    position: index,
                    token: sequence.key_token(kind, index),
                    k,
                    v: [at(2, index), at(3, index)],
                    score: captured.q.iter().zip(k).map(|(q, k)| q * k).sum(),
                }
            })
            .collect();
        Ok(attention_detail(address, position, captured, keys, limit))
    }
}

/// How the heads of one layer attend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    HardMax,
    Sum,
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
            self.weights.blocks.iter().map(|block: &DenseBlock| Cache::new(block.heads, device)).collect();
        self.seen = 0;
        self.entries_seen = [0; STORES];
    }

    fn seen(&self) -> usize {
        self.seen
    }

    fn extend(
        &mut self,
        sequence: &Sequence,
        want: Want,
    ) -> impl Future<Output = Result<Answers, EngineError>> {
        self.extend_all(sequence, want)
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
        head: HeadAddress,
        position: usize,
        limit: usize,
    ) -> impl Future<Output = Result<AttentionDetail, EngineError>> {
        self.detail(sequence, head, position, limit)
    }
}

impl Kind {
    /// The kind that all heads of a layer share.
    fn of(heads: impl Iterator<Item = HeadKind>) -> Result<Option<Self>, EngineError> {
        let mut shared = None;
        for (index, kind) in heads.enumerate() {
            let kind = match kind {
                HeadKind::HardMax => Self::HardMax,
                HeadKind::Sum => Self::Sum,
                HeadKind::Cross { store } if store == index => Self::Cross,
                HeadKind::Cross { .. } => {
                    return Err(EngineError::NoSuchPart {
                        what: "way to attend to one store with several heads".into(),
                    });
                }
            };
            if *shared.get_or_insert(kind) != kind {
                let what = "way to compute heads of different kinds together".into();
                return Err(EngineError::NoSuchPart { what });
            }
        }
        Ok(shared)
    }
}
