//! One position computed once more, with every number read back: all tensors in one go, because on a GPU each
//! reading costs a wait.

use burn::tensor::{Tensor, Transaction};

use super::DenseEngine;
use super::attention::{Seen, Shape};
use crate::interpreter::describe::HeadKind;
use crate::interpreter::engine::{EngineError, HeadAddress, attention_detail};
use crate::interpreter::model::{Head, argmax};
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
        let Some(token) = sequence.token(position).filter(|_| position < self.seen) else {
            return Err(missing);
        };
        let mut layers = Vec::new();
        let logits = self.forward(sequence, position, 1, Some(&mut layers));
        let mut tensors = vec![logits];
        tensors.extend(layers.into_iter().flat_map(LayerTensors::into_tensors));
        let mut numbers = self.read_all(tensors).await?.into_iter();
        let logits = numbers.next().unwrap_or_default();
        let layers = self.weights.blocks.iter().zip(&self.model.blocks);
        let layers = layers.map(|(block, model)| read_layer(&mut numbers, &model.heads, block.shape));
        Ok(Capture {
            position,
            token,
            embed: self.model.embed.row(usize::from(token)).to_vec(),
            pos_embed: dense_encoding(&sequence.encoding(position), self.model.d_model()),
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
        let spec =
            self.model.blocks.get(layer).and_then(|block| block.heads.get(head)).ok_or_else(missing)?;
        let shape = self.weights.blocks.get(layer).ok_or_else(missing)?.shape;
        let cache = self.caches.get(layer).ok_or_else(missing)?;
        let count = sequence.visible_keys(spec.kind, position);
        let numbers = self.read(cache.head(head)).await?;
        let capacity = numbers.len() / shape.parts().max(1);
        let at =
            |part: usize, index: usize| numbers.get(part * capacity + index).copied().unwrap_or_default();
        let keys: Vec<KeyScore> = (0..count)
            .map(|index| {
                let k: Vec<f32> = (0..spec.wk.shape()[0]).map(|part| at(part, index)).collect();
                KeyScore {
                    position: index,
                    token: sequence.key_token(spec.kind, index),
                    score: captured.q.iter().zip(&k).fold(0.0, |score, (q, k)| score + q * k),
                    k,
                    v: (0..spec.wv.shape()[0]).map(|part| at(shape.d_key + part, index)).collect(),
                }
            })
            .collect();
        Ok(attention_detail(address, position, captured, keys, limit))
    }
}

/// The next layer of what was read.
fn read_layer(numbers: &mut impl Iterator<Item = Vec<f32>>, heads: &[Head], shape: Shape) -> LayerCapture {
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
    if heads.is_empty() {
        return layer;
    }
    let (q, kv, z) = (next(), next(), next());
    let only_sums = heads.iter().all(|head| head.kind == HeadKind::Sum);
    let (winners, scores) = if only_sums { (Vec::new(), Vec::new()) } else { (next(), next()) };
    let at = |numbers: &[f32], part: usize, head: usize| {
        numbers.get(part * shape.heads + head).copied().unwrap_or_default()
    };
    for (index, head) in heads.iter().enumerate() {
        // Winners are counted from 1; 0 says that no key was in sight.
        let winner = (at(&winners, 0, index) as usize).checked_sub(1).filter(|_| head.kind != HeadKind::Sum);
        let (d_key, d_value) = (head.wq.shape()[0], head.wv.shape()[0]);
        let some = |numbers: &[f32], parts: std::ops::Range<usize>| {
            parts.map(|part| at(numbers, part, index)).collect::<Vec<f32>>()
        };
        layer.heads.push(HeadCapture {
            q: some(&q, 0..d_key),
            k: some(&kv, 0..d_key),
            v: some(&kv, shape.d_key..shape.d_key + d_value),
            winner,
            score: if winner.is_some() { at(&scores, 0, index) } else { 0.0 },
            z: some(&z, 0..d_value),
        });
    }
    layer
}
