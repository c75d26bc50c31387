//! Runs the compiled weights fast, token by token.
//!
//! It computes the same forward pass as every head looking at every key would, from the same matrices, with three shortcuts:
//!
//! - Rows are sparse (`rows`), and a neuron whose gate is closed is not looked at further.
//! - A head whose keys are `(2k…, −Σk², guard)` and whose queries are `(q…, 1, far)` is a dictionary (`search`): no key scores higher than
//!   the one that equals the query, so the latest of those is found by its digits. Where there is none, plain attention would return the
//!   nearest key's value, and nobody asks for it; this returns zeros.
//! - A head that looks so many positions back keeps the latest positions, and one whose query never changes its best key.
//!
//! Only the latest value of each key is kept, so memory grows with what the program has written, not with how long it runs. To look at a
//! position again, the engine goes back to the nearest of some states that it has kept (`checkpoints`), and on from there (`capture`).

mod capture;
mod rows;
mod search;

use std::future::{Future, ready};
use std::sync::Arc;

use self::rows::{COMPONENTS, Row, Stream, WIDTH, add, at, columns, dot, rows};
use self::search::{Found, Search};
use super::layout::Dim;
use super::prompt::{MAX_POSITIONS, tell, tell_without_records};
use super::token::{Token, VOCABULARY};
use crate::interpreter::builder::Dimension;
use crate::interpreter::checkpoints::Checkpoints;
use crate::interpreter::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use crate::interpreter::interventions::{Alter, Alteration};
use crate::interpreter::model::{Block, Matrix, Transformer, argmax};
use crate::interpreter::sequence::Sequence;
use crate::xray::{AttentionDetail, Capture};

/// Positions between the first states that are kept: it reads as many in some 30 ms.
const FIRST_STEP: usize = 8_192;
/// Positions whose keys are read again to show a head's: at four million, all of them would take a minute.
const KEYS_READ: usize = 131_072;
/// Positions computed before the caller is heard again: about a millisecond.
const AT_ONCE: usize = 256;

/// Why a model cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this engine runs models of at most {WIDTH} dimensions and {COMPONENTS} components a head, whose logits are a parabola"
)]
pub struct UnknownShape;

/// The trace has as many tokens as positions have digits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trace has {MAX_POSITIONS} tokens: behind those, positions would not be exact")]
pub struct TooLong;

/// One head's matrices.
#[derive(Clone, Debug)]
struct Head {
    q: Vec<Row>,
    k: Vec<Row>,
    v: Vec<Row>,
    /// For each component of the value, where it is added.
    out: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Neuron {
    gate: Row,
    value: Row,
    out: Row,
}

#[derive(Clone, Debug)]
struct Layer {
    heads: Vec<Head>,
    neurons: Vec<Neuron>,
}

/// What the heads of each layer have seen.
type Seen = Vec<Vec<Search>>;

/// A model, in sparse rows.
#[derive(Debug)]
struct Weights {
    model: Transformer,
    embed: Vec<Row>,
    layers: Vec<Layer>,
    /// Whether positions are told whose record they would be part of.
    has_records: bool,
    /// Whether heads look at every key, as plain attention does.
    every_key: bool,
    /// The logit of token t is `2·t·answer − t²`.
    answer: Row,
}

/// The engine, with what it has read.
#[derive(Clone, Debug)]
pub struct FullEngine {
    weights: Arc<Weights>,
    searches: Seen,
    seen: usize,
    checkpoints: Checkpoints<Seen>,
    /// What is done to each pass.
    alteration: Alteration,
}

impl FullEngine {
    /// An engine for a model.
    ///
    /// # Errors
    /// When the model is none of this machine's kind.
    pub fn new(model: &Transformer) -> Result<Self, UnknownShape> {
        Self::with(model, true, false)
    }

    /// An engine whose heads look at every key, as plain attention does: what takes the place of a part may ask for what no key equals, and
    /// then the dictionaries' 0 is not what the nearest key has. A token costs as much as there are tokens before it.
    ///
    /// # Errors
    /// When the model is none of this machine's kind.
    pub fn with_every_key(model: &Transformer) -> Result<Self, UnknownShape> {
        Self::with(model, true, true)
    }

    /// An engine for a machine whose weights are the program: its prompt has no records.
    ///
    /// # Errors
    /// When the model is none of this machine's kind.
    pub fn special(model: &Transformer) -> Result<Self, UnknownShape> {
        Self::with(model, false, false)
    }

    fn with(model: &Transformer, has_records: bool, every_key: bool) -> Result<Self, UnknownShape> {
        let heads = || model.blocks.iter().flat_map(|block| &block.heads);
        let fits = |matrix: &Matrix| matrix.shape()[0] <= COMPONENTS;
        if model.d_model() > WIDTH || !heads().all(|head| fits(&head.wq) && fits(&head.wv)) {
            return Err(UnknownShape);
        }
        let weights = Weights {
            embed: rows(&model.embed),
            answer: parabola(&model.unembed)?,
            layers: model.blocks.iter().map(layer).collect(),
            has_records,
            every_key,
            model: model.clone(),
        };
        let (searches, checkpoints) = (weights.searches(), weights.checkpoints());
        let (weights, alteration) = (Arc::new(weights), Alteration::default());
        Ok(Self { weights, searches, seen: 0, checkpoints, alteration })
    }

    /// Forgets what it has read.
    pub fn reset(&mut self) {
        self.seen = 0;
        self.searches.iter_mut().flatten().for_each(Search::reset);
        self.checkpoints = self.weights.checkpoints();
    }

    /// How many tokens it has read.
    pub const fn seen(&self) -> usize {
        self.seen
    }

    /// Reads a token, and says the one of the highest logit.
    ///
    /// # Errors
    /// When the trace is so long that it would not be exact.
    pub fn read(&mut self, token: Token) -> Result<Option<Token>, TooLong> {
        let x = self.forward(token.id(), usize::MAX)?;
        Ok(Token::of(self.best(&x)))
    }

    /// How many of its states it keeps.
    #[cfg(test)]
    pub(super) const fn checkpoints(&self) -> usize {
        self.checkpoints.len()
    }

    /// As if it had read so many positions: to test what it says where there are no more.
    #[cfg(test)]
    pub(super) const fn skip_to(&mut self, position: usize) {
        self.seen = position;
    }

    /// Reads a token, and gives the residual behind so many layers, or behind the last. Layers behind those do not read it.
    fn forward(&mut self, token: u16, layers: usize) -> Result<Stream, TooLong> {
        if self.seen >= MAX_POSITIONS {
            return Err(TooLong);
        }
        let bytes = |seen: &Seen| seen.iter().flatten().map(Search::bytes).sum();
        self.checkpoints.pass(self.seen, &self.searches, bytes);
        let mut x = self.weights.embedded(token, self.seen);
        let pairs = self.weights.layers.iter().zip(&mut self.searches).take(layers);
        if self.alteration.is_none() {
            pairs.for_each(|(layer, searches)| layer.apply(searches, &mut x, self.seen));
        } else {
            for (index, (layer, searches)) in pairs.enumerate() {
                layer.apply_altered(searches, &mut x, (index, self.seen), &mut self.alteration);
            }
        }
        self.seen += 1;
        Ok(x)
    }

    /// The token of the highest logit.
    fn best(&self, x: &Stream) -> u16 {
        // What was put into the stream may move the parabola.
        if self.alteration.is_none() { self.weights.best(x) } else { argmax(&self.weights.logits(x)) }
    }
}

impl Weights {
    /// What heads have seen that have seen nothing.
    fn searches(&self) -> Seen {
        let blocks = self.model.blocks.iter().zip(&self.layers);
        let searches = blocks.map(|(block, layer)| {
            let heads = block.heads.iter().zip(&layer.heads);
            let search = |(spec, head): (_, &Head)| match self.every_key {
                true => Search::plain(spec),
                false => Search::of(spec, &head.q, &head.k),
            };
            heads.map(search).collect()
        });
        searches.collect()
    }

    /// The states that are kept. All keys of all positions are too much to keep copies of.
    fn checkpoints(&self) -> Checkpoints<Seen> {
        if self.every_key { Checkpoints::none() } else { Checkpoints::every(FIRST_STEP) }
    }

    /// What enters the first layer.
    fn embedded(&self, token: u16, position: usize) -> Stream {
        let mut x: Stream = [0.0; WIDTH];
        if let Some(row) = self.embed.get(usize::from(token)) {
            add(&mut x, row, 1.0);
        }
        let tell_at = |dim: Dim, value| at(&mut x, dim.index() as u8, value);
        if self.has_records {
            tell(position, tell_at);
        } else {
            tell_without_records(position, tell_at);
        }
        x
    }

    /// The token of the highest logit: the parabola's top.
    fn best(&self, x: &Stream) -> u16 {
        dot(&self.answer, x).round().clamp(0.0, f32::from(VOCABULARY - 1)) as u16
    }

    /// All logits.
    fn logits(&self, x: &Stream) -> Vec<f32> {
        let row = |row: &[f32]| row.iter().zip(x).map(|(weight, x)| weight * x).sum();
        (0..self.model.vocabulary()).map(|token| row(self.model.unembed.row(token))).collect()
    }
}

impl Layer {
    fn apply(&self, searches: &mut [Search], x: &mut Stream, position: usize) {
        self.attend(searches, x, position, |_, _, _, _| {});
        let before = *x;
        for neuron in &self.neurons {
            let gate = dot(&neuron.gate, &before);
            if gate > 0.0 {
                add(x, &neuron.out, gate * dot(&neuron.value, &before));
            }
        }
    }

    /// The same with something done to its parts; `at` is the layer's number and the position.
    fn apply_altered(
        &self,
        searches: &mut [Search],
        x: &mut Stream,
        at: (usize, usize),
        alteration: &mut Alteration,
    ) {
        let (layer, position) = at;
        self.attend(searches, x, position, |index, head, _, found| {
            alteration.head(layer, index, position, found.components(head.out.len()));
        });
        let before = *x;
        for (index, neuron) in self.neurons.iter().enumerate() {
            let gate = dot(&neuron.gate, &before);
            let post = if gate > 0.0 { gate * dot(&neuron.value, &before) } else { 0.0 };
            let post = alteration.neuron(layer, index, position, post);
            if post != 0.0 {
                add(x, &neuron.out, post);
            }
        }
        alteration.stream(layer, position, x);
    }

    /// All heads, which read what came in. `each` is told what each has found, and may say otherwise.
    fn attend(
        &self,
        searches: &mut [Search],
        x: &mut Stream,
        position: usize,
        mut each: impl FnMut(usize, &Head, &Search, &mut Found),
    ) {
        if self.heads.is_empty() {
            return;
        }
        let before = *x;
        for (index, (head, search)) in self.heads.iter().zip(searches).enumerate() {
            let mut found = search.find(&head.q, &head.k, &head.v, &before, position);
            each(index, head, search, &mut found);
            for (out, value) in head.out.iter().zip(found.value) {
                if value != 0.0 {
                    add(x, out, value);
                }
            }
        }
    }
}

fn layer(block: &Block) -> Layer {
    let heads = block.heads.iter().map(|head| Head {
        q: rows(&head.wq),
        k: rows(&head.wk),
        v: rows(&head.wv),
        out: columns(&head.wo),
    });
    let mlp = &block.mlp;
    let neurons = rows(&mlp.gate).into_iter().zip(rows(&mlp.value)).zip(columns(&mlp.out));
    Layer {
        heads: heads.collect(),
        neurons: neurons.map(|((gate, value), out)| Neuron { gate, value, out }).collect(),
    }
}

/// What the logits are a parabola of: row t of the matrix is `2·t·answer − t²·one`.
fn parabola(unembed: &Matrix) -> Result<Row, UnknownShape> {
    let one = Dim::One.index();
    let rows = rows(unembed);
    let of = |row: &Row| -> Row {
        row.iter().filter(|(column, _)| usize::from(*column) != one).copied().collect()
    };
    let answer: Row = rows.get(1).map(of).ok_or(UnknownShape)?;
    let is_parabola = rows.iter().enumerate().all(|(token, row)| {
        let t = token as f32;
        let scaled: Row = answer.iter().map(|(column, weight)| (*column, weight * t)).collect();
        token == 0 || (of(row) == scaled && unembed.get(token, one) == -t * t)
    });
    let halved = answer.into_iter().map(|(column, weight)| (column, weight / 2.0)).collect();
    if is_parabola { Ok(halved) } else { Err(UnknownShape) }
}

impl Engine for FullEngine {
    fn name(&self) -> String {
        "CPU, sparse rows and dictionaries".into()
    }

    fn reset(&mut self) {
        Self::reset(self);
    }

    fn seen(&self) -> usize {
        self.seen
    }

    fn advance(
        &mut self,
        sequence: &Sequence,
        want: Want,
    ) -> impl Future<Output = Result<Answers, EngineError>> {
        let mut read = || {
            let mut answers = Answers::default();
            for token in sequence.tokens().get(self.seen..).unwrap_or(&[]).iter().take(AT_ONCE) {
                let x = self
                    .forward(*token, usize::MAX)
                    .map_err(|_| EngineError::TooLong { limit: MAX_POSITIONS })?;
                answers.tokens.push(self.best(&x));
                if want == Want::Logits {
                    answers.logits.push(self.weights.logits(&x));
                }
            }
            Ok(answers)
        };
        ready(read())
    }

    fn capture(
        &mut self,
        sequence: &Sequence,
        position: usize,
    ) -> impl Future<Output = Result<Capture, EngineError>> {
        ready(self.capture_position(sequence, position))
    }

    fn captures(
        &mut self,
        sequence: &Sequence,
        from: usize,
        take: impl FnMut(&Capture) -> bool,
    ) -> impl Future<Output = Result<usize, EngineError>> {
        ready(self.capture_positions(sequence, from, take))
    }

    fn attention(
        &mut self,
        sequence: &Sequence,
        capture: &Capture,
        head: HeadAddress,
        limit: usize,
    ) -> impl Future<Output = Result<AttentionDetail, EngineError>> {
        ready(self.keys(sequence, capture, head, limit, KEYS_READ))
    }
}

impl Alter for FullEngine {
    fn alter(&mut self, alteration: Alteration) {
        self.alteration = alteration;
        Self::reset(self);
    }

    fn alteration(&self) -> &Alteration {
        &self.alteration
    }
}
