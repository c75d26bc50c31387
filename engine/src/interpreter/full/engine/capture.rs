//! One position looked at again, with every number.

use std::sync::Arc;

use super::rows::{Stream, add, apply, dot};
use super::{FullEngine, Layer};
use crate::interpreter::checkpoints::Checkpoints;
use crate::interpreter::describe::HeadKind;
use crate::interpreter::engine::{EngineError, HeadAddress};
use crate::interpreter::full::prompt::MAX_POSITIONS;
use crate::interpreter::model::argmax;
use crate::interpreter::sequence::{Sequence, dense_encoding};
use crate::xray::{AttentionDetail, Capture, HeadCapture, KeyScore, LayerCapture};

impl FullEngine {
    /// The engine as it was before it read a position.
    fn back_at(&self, sequence: &Sequence, position: usize) -> Result<Self, EngineError> {
        let missing = EngineError::NoSuchPosition { position, seen: self.seen };
        if position >= self.seen || position >= sequence.len() {
            return Err(missing);
        }
        let mut engine = self.start();
        if let Some((seen, searches)) = self.checkpoints.before(position) {
            engine.seen = seen;
            engine.searches.clone_from(searches);
        }
        while engine.seen < position {
            let token = sequence.token(engine.seen).unwrap_or_default();
            engine.forward(token, usize::MAX).map_err(|_| EngineError::TooLong { limit: MAX_POSITIONS })?;
        }
        Ok(engine)
    }

    /// An engine that has read nothing, to look something up and be gone.
    fn start(&self) -> Self {
        let (weights, searches) = (Arc::clone(&self.weights), self.weights.searches());
        let alteration = self.alteration.clone();
        Self { weights, searches, seen: 0, checkpoints: Checkpoints::none(), alteration }
    }

    /// Everything that one position computes.
    pub(super) fn capture_position(
        &self,
        sequence: &Sequence,
        position: usize,
    ) -> Result<Capture, EngineError> {
        Ok(self.back_at(sequence, position)?.capture_next(sequence))
    }

    /// The same of positions one after the other, until `take` wants no more or all are done; gives the next one.
    pub(super) fn capture_positions(
        &self,
        sequence: &Sequence,
        from: usize,
        mut take: impl FnMut(&Capture) -> bool,
    ) -> Result<usize, EngineError> {
        let last = self.seen.min(sequence.len());
        if from >= last {
            return Ok(from);
        }
        let mut engine = self.back_at(sequence, from)?;
        while engine.seen < last && take(&engine.capture_next(sequence)) {}
        Ok(engine.seen)
    }

    /// Reads the next position, and keeps every number.
    fn capture_next(&mut self, sequence: &Sequence) -> Capture {
        let position = self.seen;
        let token = sequence.token(position).unwrap_or_default();
        let weights = &self.weights;
        let mut x = weights.embedded(token, position);
        let mut layers = Vec::new();
        let alteration = &mut self.alteration;
        for (index, (layer, searches)) in weights.layers.iter().zip(&mut self.searches).enumerate() {
            let before = x;
            let mut heads = Vec::new();
            layer.attend(searches, &mut x, position, |number, head, search, found| {
                alteration.head(index, number, position, found.components(head.out.len()));
                let q = apply(&head.q, &before);
                heads.push(HeadCapture {
                    q: q.iter().take(head.q.len()).copied().collect(),
                    k: head.k.iter().map(|row| dot(row, &before)).collect(),
                    v: head.v.iter().map(|row| dot(row, &before)).collect(),
                    winner: found.winner(),
                    score: search.score(&q, found),
                    z: found.value.iter().take(head.v.len()).copied().collect(),
                });
            });
            let mut captured =
                rest_of_layer(weights.model.d_model(), (layer, &before), heads, &mut x, |neuron, post| {
                    alteration.neuron(index, neuron, position, post)
                });
            alteration.stream(index, position, &mut x);
            captured.resid_post = x.iter().take(weights.model.d_model()).copied().collect();
            layers.push(captured);
        }
        let logits = weights.logits(&x);
        self.seen += 1;
        Capture {
            position,
            token,
            embed: weights.model.embed.row(usize::from(token)).to_vec(),
            pos_embed: dense_encoding(&sequence.encoding(position), weights.model.d_model()),
            layers,
            argmax: argmax(&logits),
            logits,
        }
    }

    /// One head's query at a captured position with the keys of the latest `window` positions up to it and of the winner, of which the
    /// best `limit` are kept. It reads those positions once more: keys are not kept.
    pub(in crate::interpreter::full) fn keys(
        &self,
        sequence: &Sequence,
        capture: &Capture,
        address: HeadAddress,
        limit: usize,
        window: usize,
    ) -> Result<AttentionDetail, EngineError> {
        let HeadAddress { layer, head } = address;
        let position = capture.position;
        let missing = || EngineError::NoSuchPart { what: format!("layer {layer}, head {head}") };
        if position >= self.seen {
            return Err(EngineError::NoSuchPosition { position, seen: self.seen });
        }
        let captured =
            capture.layers.get(layer).and_then(|layer| layer.heads.get(head)).ok_or_else(missing)?;
        let spec =
            self.weights.layers.get(layer).and_then(|layer| layer.heads.get(head)).ok_or_else(missing)?;
        let kind = self
            .weights
            .model
            .blocks
            .get(layer)
            .and_then(|block| block.heads.get(head))
            .map(|head| head.kind);
        let unread = (position + 1).saturating_sub(window);
        let is_sum = kind == Some(HeadKind::Sum);
        let mut keys = Best::new(limit, is_sum);
        let mut read = |engine: &mut Self, at: usize| {
            let token = sequence.token(at).unwrap_or_default();
            // Keys depend on the layers before, and on no other.
            let x =
                engine.forward(token, layer).map_err(|_| EngineError::TooLong { limit: MAX_POSITIONS })?;
            let k: Vec<f32> = spec.k.iter().map(|row| dot(row, &x)).collect();
            let score = captured.q.iter().zip(&k).fold(0.0, |score, (q, k)| score + q * k);
            let v = spec.v.iter().map(|row| dot(row, &x)).collect();
            keys.offer(KeyScore { position: at, token, k, v, score });
            Ok(())
        };
        // A sum has no winner to speak of.
        if let Some(winner) = captured.winner.filter(|winner| *winner < unread && !is_sum) {
            read(&mut self.back_at(sequence, winner)?, winner)?;
        }
        let mut engine = self.back_at(sequence, unread)?;
        for at in unread..=position {
            read(&mut engine, at)?;
        }
        let keys = keys.into_sorted();
        let omitted = position + 1 - keys.len();
        let (q, winner) = (captured.q.clone(), captured.winner);
        Ok(AttentionDetail { layer, head, position, q, winner, keys, omitted, unread })
    }
}

/// What the neurons of a layer do, with all numbers. `each` is told what each gives, and says what it shall give.
fn rest_of_layer(
    d_model: usize,
    (layer, before): (&Layer, &Stream),
    heads: Vec<HeadCapture>,
    x: &mut Stream,
    mut each: impl FnMut(usize, f32) -> f32,
) -> LayerCapture {
    let stream = |x: &Stream| x.iter().take(d_model).copied().collect::<Vec<f32>>();
    let mid = *x;
    let gates = layer.neurons.iter().map(|neuron| dot(&neuron.gate, &mid));
    let values = layer.neurons.iter().map(|neuron| dot(&neuron.value, &mid));
    let (pre, pre_linear): (Vec<f32>, Vec<f32>) = (gates.collect(), values.collect());
    let post = pre.iter().zip(&pre_linear).map(|(gate, value)| gate.max(0.0) * value).enumerate();
    let post: Vec<f32> = post.map(|(neuron, post)| each(neuron, post)).collect();
    for (neuron, post) in layer.neurons.iter().zip(&post) {
        add(x, &neuron.out, *post);
    }
    LayerCapture {
        resid_pre: stream(before),
        heads,
        resid_mid: stream(&mid),
        pre,
        pre_linear,
        post,
        resid_post: stream(x),
    }
}

/// The best keys of those that were offered: with the highest scores, and of equals the latest. Of a sum, which prefers none, the latest
/// that add something.
struct Best {
    limit: usize,
    is_sum: bool,
    keys: Vec<KeyScore>,
}

impl Best {
    const fn new(limit: usize, is_sum: bool) -> Self {
        Self { limit, is_sum, keys: Vec::new() }
    }

    fn offer(&mut self, key: KeyScore) {
        self.keys.push(key);
        // Sorted out now and then, so that a million keys never stand side by side.
        if self.keys.len() >= self.limit.saturating_mul(2).max(4_096) {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        if self.keys.len() <= self.limit {
            return;
        }
        let adds = |key: &KeyScore| self.is_sum && key.v.iter().any(|value| *value != 0.0);
        self.keys.sort_by(|a, b| {
            let first = adds(b).cmp(&adds(a)).then(b.score.total_cmp(&a.score));
            first.then(b.position.cmp(&a.position))
        });
        self.keys.truncate(self.limit);
    }

    /// Those that are left, by position.
    fn into_sorted(mut self) -> Vec<KeyScore> {
        self.sort_out();
        self.keys.sort_by_key(|key| key.position);
        self.keys
    }
}
