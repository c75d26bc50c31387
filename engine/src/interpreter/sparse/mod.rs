//! The fast engine: sparse rows and indexed attention, on the CPU.
//!
//! Nearly all weights of a compiled model are zero, so each matrix is kept as the entries that are not. And a
//! hard-max head over keys `(2j, −j²)` needs no scan: the best key is the one whose j is nearest to the
//! query, which an ordered map finds. So a token costs the same at the end of a long trace as at its start.
//!
//! The numbers are those of the dense pass, to the last bit: everything is an integer that `f32` holds.

mod index;
mod scan;

use std::future::{Future, ready};

use self::index::KeyIndex;
use super::describe::HeadKind;
use super::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use super::interventions::{Alter, Alteration};
use super::model::{Matrix, Transformer, argmax};
use super::sequence::{STORES, Sequence, entry_residual};
use crate::xray::{AttentionDetail, Capture, HeadCapture, LayerCapture};

/// Positions computed before the caller is heard again: some milliseconds.
const AT_ONCE: usize = 256;

/// Components of a head's vectors, of the models that this engine runs.
const COMPONENTS: usize = 2;

/// A head's vector.
type Pair = [f32; COMPONENTS];

/// A matrix as its entries that are not zero.
#[derive(Clone, Debug)]
struct SparseMatrix {
    rows: Vec<Vec<(usize, f32)>>,
}

impl SparseMatrix {
    fn new(matrix: &Matrix) -> Self {
        Self { rows: matrix.sparse_rows().collect() }
    }

    fn dot(row: &[(usize, f32)], x: &[f32]) -> f32 {
        row.iter().map(|(col, weight)| weight * x.get(*col).copied().unwrap_or(0.0)).sum()
    }

    fn apply(&self, x: &[f32]) -> impl Iterator<Item = f32> {
        self.rows.iter().map(|row| Self::dot(row, x))
    }

    fn apply_pair(&self, x: &[f32]) -> Pair {
        let mut pair = [0.0; COMPONENTS];
        for (cell, value) in pair.iter_mut().zip(self.apply(x)) {
            *cell = value;
        }
        pair
    }
}

/// One head's matrices.
#[derive(Clone, Debug)]
struct SparseHead {
    kind: HeadKind,
    wq: SparseMatrix,
    wk: SparseMatrix,
    wv: SparseMatrix,
    /// Transposed: what each component of z is written to.
    wo: SparseMatrix,
}

/// One neuron in use.
#[derive(Clone, Debug)]
struct SparseNeuron {
    index: usize,
    gate: Vec<(usize, f32)>,
    value: Vec<(usize, f32)>,
    out: Vec<(usize, f32)>,
}

/// What a head has seen.
#[derive(Clone, Debug, Default)]
struct HeadCache {
    /// Its keys and values, by position (cross-attention: by entry).
    keys: Vec<Pair>,
    values: Vec<Pair>,
    index: KeyIndex,
    /// Sum of all values, for sum heads.
    total: Pair,
}

impl HeadCache {
    fn push(&mut self, kind: HeadKind, k: Pair, v: Pair) {
        let position = self.keys.len();
        self.keys.push(k);
        self.values.push(v);
        match kind {
            HeadKind::Sum => {
                for (total, v) in self.total.iter_mut().zip(v) {
                    *total += v;
                }
            }
            HeadKind::HardMax | HeadKind::Cross { .. } => self.index.insert(k, position),
        }
    }
}

/// What attention returned.
#[derive(Clone, Copy, Debug, Default)]
struct Attended {
    winner: Option<usize>,
    score: f32,
    z: Pair,
}

/// One layer of the model and what its heads have seen.
#[derive(Clone, Debug)]
struct SparseBlock {
    heads: Vec<SparseHead>,
    caches: Vec<HeadCache>,
    neurons: Vec<SparseNeuron>,
}

/// The engine. See the module's description.
#[derive(Clone, Debug)]
pub struct SparseEngine {
    model: Transformer,
    blocks: Vec<SparseBlock>,
    unembed: SparseMatrix,
    seen: usize,
    entries_seen: [usize; STORES],
    /// What is done to each pass.
    alteration: Alteration,
}

impl SparseEngine {
    /// Whether it can run a model: all vectors of its heads have two components.
    pub fn fits(model: &Transformer) -> bool {
        let mut heads = model.blocks.iter().flat_map(|block| &block.heads);
        heads.all(|head| [&head.wq, &head.wk, &head.wv].iter().all(|matrix| matrix.shape()[0] == COMPONENTS))
    }

    /// An engine for a model that [fits](Self::fits).
    pub fn new(model: &Transformer) -> Self {
        let blocks = model
            .blocks
            .iter()
            .map(|block| SparseBlock {
                heads: block
                    .heads
                    .iter()
                    .map(|head| SparseHead {
                        kind: head.kind,
                        wq: SparseMatrix::new(&head.wq),
                        wk: SparseMatrix::new(&head.wk),
                        wv: SparseMatrix::new(&head.wv),
                        wo: SparseMatrix { rows: columns(&head.wo) },
                    })
                    .collect(),
                caches: vec![HeadCache::default(); block.heads.len()],
                neurons: neurons(block),
            })
            .collect();
        Self {
            model: model.clone(),
            blocks,
            unembed: SparseMatrix::new(&model.unembed),
            seen: 0,
            entries_seen: [0; STORES],
            alteration: Alteration::default(),
        }
    }

    /// The model it runs.
    pub const fn model(&self) -> &Transformer {
        &self.model
    }

    /// Keys that the hard-max heads have compared with a query since the last reset: the only work of a token
    /// that could grow with the trace.
    pub fn keys_compared(&self) -> u64 {
        self.blocks.iter().flat_map(|block| &block.caches).map(|cache| cache.index.compared()).sum()
    }

    /// Lets the cross-attention heads read the entries that have become visible.
    fn read_entries(&mut self, sequence: &Sequence, visible: [usize; STORES]) {
        for (store, (seen, visible)) in self.entries_seen.iter_mut().zip(visible).enumerate() {
            let entries = sequence.stores.get(store).map(Vec::as_slice).unwrap_or(&[]);
            for entry in entries.get(*seen..visible).unwrap_or(&[]) {
                let x = entry_residual(&self.model, entry);
                for block in &mut self.blocks {
                    for (head, cache) in block.heads.iter().zip(&mut block.caches) {
                        if head.kind == (HeadKind::Cross { store }) {
                            cache.push(head.kind, head.wk.apply_pair(&x), head.wv.apply_pair(&x));
                        }
                    }
                }
            }
            *seen = visible.max(*seen);
        }
    }

    /// One position, new: its keys and values are kept. Returns the last residual.
    fn forward(&mut self, x: &mut [f32]) {
        let mut written = Vec::new();
        let (position, alteration) = (self.seen, &mut self.alteration);
        for (layer, block) in self.blocks.iter_mut().enumerate() {
            written.clear();
            for (index, (head, cache)) in block.heads.iter().zip(&mut block.caches).enumerate() {
                if !matches!(head.kind, HeadKind::Cross { .. }) {
                    cache.push(head.kind, head.wk.apply_pair(x), head.wv.apply_pair(x));
                }
                let mut attended = attend_indexed(head, cache, x);
                alteration.head(layer, index, position, &mut attended.z);
                written.push(attended.z);
            }
            for (head, z) in block.heads.iter().zip(&written) {
                add_rows(x, &head.wo.rows, z);
            }
            feed_forward(&block.neurons, x, |neuron, post| alteration.neuron(layer, neuron, position, post));
            alteration.stream(layer, position, x);
        }
    }

    fn check(&self, position: usize) -> Result<(), EngineError> {
        if position < self.seen {
            Ok(())
        } else {
            Err(EngineError::NoSuchPosition { position, seen: self.seen })
        }
    }
}

/// The head's answer, by its index.
fn attend_indexed(head: &SparseHead, cache: &mut HeadCache, x: &[f32]) -> Attended {
    if head.kind == HeadKind::Sum {
        return Attended { winner: None, score: 0.0, z: cache.total };
    }
    let q = head.wq.apply_pair(x);
    match cache.index.best(q, &cache.keys) {
        Some((winner, score)) => {
            let z = cache.values.get(winner).copied().unwrap_or_default();
            Attended { winner: Some(winner), score, z }
        }
        None => Attended::default(),
    }
}

/// `x += Σ row[i] · weights[i]`
fn add_rows(x: &mut [f32], rows: &[Vec<(usize, f32)>], weights: &[f32]) {
    for (row, weight) in rows.iter().zip(weights) {
        for (dim, out) in row {
            if let Some(cell) = x.get_mut(*dim) {
                *cell += out * weight;
            }
        }
    }
}

/// `x += W_out · (max(0, gate · x) ⊙ (value · x))`. All neurons read `x` before any writes to it. `each` is told what a neuron gives, by
/// its number, and says what it shall give.
fn feed_forward(neurons: &[SparseNeuron], x: &mut [f32], mut each: impl FnMut(usize, f32) -> f32) {
    let mut changes: Vec<(usize, f32)> = Vec::new();
    for neuron in neurons {
        let gate = SparseMatrix::dot(&neuron.gate, x);
        let post = if gate > 0.0 { gate * SparseMatrix::dot(&neuron.value, x) } else { 0.0 };
        let post = each(neuron.index, post);
        if post != 0.0 {
            changes.extend(neuron.out.iter().map(|(dim, out)| (*dim, out * post)));
        }
    }
    for (dim, change) in changes {
        if let Some(cell) = x.get_mut(dim) {
            *cell += change;
        }
    }
}

fn columns(matrix: &Matrix) -> Vec<Vec<(usize, f32)>> {
    let [rows, cols] = matrix.shape();
    (0..cols)
        .map(|col| {
            (0..rows).map(|row| (row, matrix.get(row, col))).filter(|(_, value)| *value != 0.0).collect()
        })
        .collect()
}

fn neurons(block: &super::model::Block) -> Vec<SparseNeuron> {
    let mlp = &block.mlp;
    let outs = columns(&mlp.out);
    mlp.gate
        .sparse_rows()
        .zip(mlp.value.sparse_rows())
        .zip(outs)
        .enumerate()
        .filter(|(_, ((gate, _), _))| !gate.is_empty())
        .map(|(index, ((gate, value), out))| SparseNeuron { index, gate, value, out })
        .collect()
}

impl Engine for SparseEngine {
    fn name(&self) -> String {
        "CPU, sparse rows and indexed attention".into()
    }

    fn reset(&mut self) {
        for block in &mut self.blocks {
            block.caches.fill(HeadCache::default());
        }
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
        let mut answers = Answers::default();
        for position in (self.seen..sequence.len()).take(AT_ONCE) {
            self.read_entries(sequence, sequence.visible(position));
            let mut x = sequence.residual(&self.model.embed, position);
            self.forward(&mut x);
            self.seen += 1;
            let logits: Vec<f32> = self.unembed.apply(&x).collect();
            answers.tokens.push(argmax(&logits));
            if want == Want::Logits {
                answers.logits.push(logits);
            }
        }
        ready(Ok(answers))
    }

    fn capture(
        &mut self,
        sequence: &Sequence,
        position: usize,
    ) -> impl Future<Output = Result<Capture, EngineError>> {
        ready(self.check(position).and_then(|()| self.recompute(sequence, position)))
    }

    fn attention(
        &mut self,
        sequence: &Sequence,
        capture: &Capture,
        head: HeadAddress,
        limit: usize,
    ) -> impl Future<Output = Result<AttentionDetail, EngineError>> {
        ready(self.check(capture.position).and_then(|()| self.scan_head(sequence, capture, head, limit)))
    }
}

impl SparseEngine {
    /// Computes a position again, with a scan over all keys instead of the index, and keeps every number.
    fn recompute(&self, sequence: &Sequence, position: usize) -> Result<Capture, EngineError> {
        let missing = EngineError::NoSuchPosition { position, seen: self.seen };
        let token = sequence.token(position).ok_or(missing)?;
        let d_model = self.model.d_model();
        let mut x = sequence.residual(&self.model.embed, position);
        let mut capture = Capture {
            position,
            token,
            embed: self.model.embed.row(usize::from(token)).to_vec(),
            pos_embed: super::sequence::dense_encoding(&sequence.encoding(position), d_model),
            ..Capture::default()
        };
        let mut alteration = self.alteration.clone();
        for (index, block) in self.blocks.iter().enumerate() {
            let mut layer = LayerCapture { resid_pre: x.clone(), ..LayerCapture::default() };
            for (number, (head, cache)) in block.heads.iter().zip(&block.caches).enumerate() {
                let q = head.wq.apply_pair(&x);
                let mut attended =
                    scan::attend(head.kind, q, cache, sequence.visible_keys(head.kind, position));
                alteration.head(index, number, position, &mut attended.z);
                layer.heads.push(HeadCapture {
                    q: q.to_vec(),
                    k: head.wk.apply(&x).collect(),
                    v: head.wv.apply(&x).collect(),
                    winner: attended.winner,
                    score: attended.score,
                    z: attended.z.to_vec(),
                });
            }
            for (head, captured) in block.heads.iter().zip(&layer.heads) {
                add_rows(&mut x, &head.wo.rows, &captured.z);
            }
            layer.resid_mid = x.clone();
            let d_ffn = self.model.card.layers.first().map_or(0, |card| card.neurons.len());
            layer.pre = vec![0.0; d_ffn];
            layer.pre_linear = vec![0.0; d_ffn];
            layer.post = vec![0.0; d_ffn];
            for neuron in &block.neurons {
                let gate = SparseMatrix::dot(&neuron.gate, &x);
                let value = SparseMatrix::dot(&neuron.value, &x);
                let post = alteration.neuron(index, neuron.index, position, gate.max(0.0) * value);
                let cells = [(&mut layer.pre, gate), (&mut layer.pre_linear, value), (&mut layer.post, post)];
                for (cells, number) in cells {
                    if let Some(cell) = cells.get_mut(neuron.index) {
                        *cell = number;
                    }
                }
            }
            let posts = &layer.post;
            feed_forward(&block.neurons, &mut x, |neuron, _| posts.get(neuron).copied().unwrap_or_default());
            alteration.stream(index, position, &mut x);
            layer.resid_post = x.clone();
            capture.layers.push(layer);
        }
        capture.logits = self.unembed.apply(&x).collect();
        capture.argmax = argmax(&capture.logits);
        Ok(capture)
    }
}

impl Alter for SparseEngine {
    fn alter(&mut self, alteration: Alteration) {
        self.alteration = alteration;
        self.reset();
    }

    fn alteration(&self) -> &Alteration {
        &self.alteration
    }
}
