//! One position computed once more, with every number read back: all tensors in one go, because on a GPU each
//! reading costs a wait.

use burn::tensor::{Tensor, Transaction};

use super::attention::Seen;
use super::{DenseEngine, Kind};
use crate::interpreter::engine::{EngineError, HeadAddress, attention_detail};
use crate::interpreter::model::{D_HEAD, argmax};
use crate::interpreter::sequence::{Sequence, dense_encoding};
use crate::xray::{AttentionDetail, Capture, HeadCapture, KeyScore, LayerCapture};

/// What a captured layer leaves on the device until it is read.
pub(super) struct LayerTensors {
    pub(super) resid_pre: Tensor<2>,
    pub(super) q: Tensor<2>,
    pub(super) kv: Tensor<2>,
    pub(super) seen: Option<Seen>,
    pub(super) resid_mid: Tensor<2>,
    pub(super) pre: Tensor<2>,
    pub(super) pre_linear: Tensor<2>,
    pub(super) post: Tensor<2>,
    pub(super) resid_post: Tensor<2>,
}

impl LayerTensors {
    /// All of them, in the order in which [`read_layer`] takes them.
    fn into_tensors(self) -> Vec<Tensor<2>> {
        let mut tensors =
            vec![self.resid_pre, self.resid_mid, self.pre, self.pre_linear, self.post, self.resid_post];
        if let Some(Seen { z, winner, score }) = self.seen {
            tensors.extend([self.q, self.kv, z]);
            tensors.extend(winner.into_iter().chain(score));
        }
        tensors
    }
}

impl DenseEngine {
    /// Several tensors, read together.
    async fn read_all(&self, tensors: Vec<Tensor<2>>) -> Result<Vec<Vec<f32>>, EngineError> {
        let reading = tensors.into_iter().fold(Transaction::default(), Transaction::register);
        let data = reading.execute_async().await.map_err(|error| self.device.lost(&error))?;
        data.into_iter().map(|data| data.try_to_vec().map_err(|error| self.device.lost(&error))).collect()
    }

    pub(super) async fn capture_position(
        &mut self,
        sequence: &Sequence,
        position: usize,
    ) -> Result<Capture, EngineError> {
        let missing = EngineError::NoSuchPosition { position, seen: self.seen };
        let Some(input) = sequence.positions.get(position).filter(|_| position < self.seen) else {
            return Err(missing);
        };
        let mut layers = Vec::new();
        let logits = self.forward(sequence, position, 1, Some(&mut layers));
        let mut tensors = vec![logits];
        tensors.extend(layers.into_iter().flat_map(LayerTensors::into_tensors));
        let mut numbers = self.read_all(tensors).await?.into_iter();
        let logits = numbers.next().unwrap_or_default();
        let layers =
            self.weights.blocks.iter().map(|block| read_layer(&mut numbers, block.kind, block.heads));
        Ok(Capture {
            position,
            token: input.token,
            embed: self.model.embed.row(usize::from(input.token)).to_vec(),
            pos_embed: dense_encoding(&input.encoding, self.model.d_model()),
            layers: layers.collect(),
            argmax: argmax(&logits),
            logits,
        })
    }

    pub(super) async fn detail(
        &mut self,
        sequence: &Sequence,
        capture: &Capture,
        address: HeadAddress,
        limit: usize,
    ) -> Result<AttentionDetail, EngineError> {
        let position = capture.position;
        if position >= self.seen {
            return Err(EngineError::NoSuchPosition { position, seen: self.seen });
        }
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

/// The next layer of what was read.
fn read_layer(
    numbers: &mut impl Iterator<Item = Vec<f32>>,
    kind: Option<Kind>,
    heads: usize,
) -> LayerCapture {
    let mut next = || numbers.next().unwrap_or_default();
    let mut layer = LayerCapture {
        resid_pre: next(),
        resid_mid: next(),
        pre: next(),
        pre_linear: next(),
        post: next(),
        resid_post: next(),
        heads: Vec::new(),
    };
    let Some(kind) = kind else { return layer };
    let (q, kv, z) = (next(), next(), next());
    let (winners, scores) = if kind == Kind::Sum { (Vec::new(), Vec::new()) } else { (next(), next()) };
    let at = |numbers: &[f32], part: usize, head: usize| {
        numbers.get(part * heads + head).copied().unwrap_or_default()
    };
    for head in 0..heads {
        // Winners are counted from 1; 0 says that no key was in sight.
        let winner = (at(&winners, 0, head) as usize).checked_sub(1);
        layer.heads.push(HeadCapture {
            q: [at(&q, 0, head), at(&q, 1, head)],
            k: [at(&kv, 0, head), at(&kv, 1, head)],
            v: [at(&kv, 2, head), at(&kv, 3, head)],
            winner,
            score: if winner.is_some() { at(&scores, 0, head) } else { 0.0 },
            z: [at(&z, 0, head), at(&z, 1, head)],
        });
    }
    layer
}
