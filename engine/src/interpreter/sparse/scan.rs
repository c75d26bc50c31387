//! Attention by looking at every key: what the index stands in for, and what the X-ray shows.

use super::{Attended, HeadCache, Pair, SparseEngine};
use crate::interpreter::describe::HeadKind;
use crate::interpreter::engine::{EngineError, HeadAddress, attention_detail};
use crate::interpreter::sequence::Sequence;
use crate::xray::{AttentionDetail, Capture, KeyScore};

/// q · k
pub(super) fn score(q: &[f32], k: &[f32]) -> f32 {
    q.iter().zip(k).map(|(q, k)| q * k).sum()
}

/// The key with the highest score, the latest of equals.
pub(super) fn best(q: Pair, keys: &[Pair]) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (position, k) in keys.iter().enumerate() {
        let score = score(&q, k);
        if best.is_none_or(|(_, highest)| score >= highest) {
            best = Some((position, score));
        }
    }
    best
}

/// A head's answer over its first `count` keys, whatever has been seen since.
pub(super) fn attend(kind: HeadKind, q: Pair, cache: &HeadCache, count: usize) -> Attended {
    if kind == HeadKind::Sum {
        let mut total = [0.0; 2];
        for v in cache.values.iter().take(count) {
            for (total, v) in total.iter_mut().zip(v) {
                *total += v;
            }
        }
        return Attended { winner: None, score: 0.0, z: total };
    }
    match best(q, cache.keys.get(..count).unwrap_or(&cache.keys)) {
        Some((winner, score)) => {
            let z = cache.values.get(winner).copied().unwrap_or_default();
            Attended { winner: Some(winner), score, z }
        }
        None => Attended::default(),
    }
}

impl SparseEngine {
    /// One head's keys and scores at a captured position.
    pub(super) fn scan_head(
        &self,
        sequence: &Sequence,
        capture: &Capture,
        address: HeadAddress,
        limit: usize,
    ) -> Result<AttentionDetail, EngineError> {
        let HeadAddress { layer, head } = address;
        let position = capture.position;
        let missing = || EngineError::NoSuchPart { what: format!("layer {layer}, head {head}") };
        let block = self.blocks.get(layer).ok_or_else(missing)?;
        let (spec, cache) = block.heads.get(head).zip(block.caches.get(head)).ok_or_else(missing)?;
        let captured =
            capture.layers.get(layer).and_then(|layer| layer.heads.get(head)).ok_or_else(missing)?;
        let count = sequence.visible_keys(spec.kind, position);
        let keys: Vec<KeyScore> = cache
            .keys
            .iter()
            .zip(&cache.values)
            .take(count)
            .enumerate()
            .map(|(index, (k, v))| KeyScore {
                position: index,
                token: sequence.key_token(spec.kind, index),
                k: k.to_vec(),
                v: v.to_vec(),
                score: score(&captured.q, k),
            })
            .collect();
        Ok(attention_detail(address, position, captured, keys, limit))
    }
}
