//! Runs the compiled weights fast, token by token.
//!
//! It computes the same forward pass as every head looking at every key would, from the same matrices, with three shortcuts:
//!
//! - Rows are sparse, and a neuron whose gate is closed is not looked at further.
//! - A head whose keys are `(2k…, −Σk², guard)` and whose queries are `(q…, 1, far)` is a dictionary: no key scores higher than the one
//!   that equals the query, so the latest of those is found by its digits. Where there is none, plain attention would return the nearest
//!   key's value, and nobody asks for it; this returns zeros.
//! - A head that looks so many positions back keeps the latest positions, and one whose query never changes its best key.
//!
//! Only the latest value of each key is kept, so memory grows with what the program has written, not with how long it runs.

use rustc_hash::FxHashMap;

use super::layout::Dim;
use super::prompt::{DIGIT, MAX_POSITIONS, tell};
use super::token::{Token, VOCABULARY};
use crate::interpreter::builder::Dimension;
use crate::interpreter::describe::HeadKind;
use crate::interpreter::model::{Block, Head, Matrix, Transformer};

/// Room for a residual stream: an index of one byte is never outside.
const WIDTH: usize = 256;
/// Components of a head's queries and values at most.
const COMPONENTS: usize = 8;

/// Digits of a key at most.
const DIGITS: usize = 4;
/// How far back heads look that find positions: a quotient's first digit stands 22 tokens before its last byte.
const NEAR: usize = 32;
/// Weights of queries from here on put keys out of the running.
const FAR: f32 = 1e7;

type Stream = [f32; WIDTH];
type Vector = [f32; COMPONENTS];
type Row = Vec<(u8, f32)>;

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

/// How a head finds its key.
#[derive(Clone, Debug)]
enum Search {
    /// It adds up all values.
    Sum(Vector),
    /// The query is always the same: the best score so far, and its value.
    Constant { query: Vector, best: f32, value: Vector },
    /// By digits; and the value of what has no key.
    Digits { count: usize, values: FxHashMap<[i32; DIGITS], Vector>, otherwise: Vector },
    /// By position, and never far back: the values of the latest positions, each at its position modulo [`NEAR`].
    Near(Box<[Vector; NEAR]>),
    /// All keys that are in the running: they are few.
    Few(Vec<(Vector, Vector)>),
}

#[derive(Clone, Debug)]
struct Attention {
    search: Search,
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
    heads: Vec<Attention>,
    neurons: Vec<Neuron>,
}

/// The engine, with what it has read.
#[derive(Clone, Debug)]
pub struct Engine {
    embed: Vec<Row>,
    layers: Vec<Layer>,
    /// The logit of token t is `2·t·answer − t²`.
    answer: Row,
    seen: usize,
}

impl Engine {
    /// An engine for a model.
    ///
    /// # Errors
    /// When the model is none of this machine's kind.
    pub fn new(model: &Transformer) -> Result<Self, UnknownShape> {
        let heads = || model.blocks.iter().flat_map(|block| &block.heads);
        let fits = |matrix: &Matrix| matrix.shape()[0] <= COMPONENTS;
        if model.d_model() > WIDTH || !heads().all(|head| fits(&head.wq) && fits(&head.wv)) {
            return Err(UnknownShape);
        }
        Ok(Self {
            embed: rows(&model.embed),
            layers: model.blocks.iter().map(layer).collect(),
            answer: parabola(&model.unembed)?,
            seen: 0,
        })
    }

    /// Forgets what it has read.
    pub fn reset(&mut self) {
        self.seen = 0;
        for head in self.layers.iter_mut().flat_map(|layer| &mut layer.heads) {
            head.search.reset();
        }
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
        if self.seen >= MAX_POSITIONS {
            return Err(TooLong);
        }
        let mut x: Stream = [0.0; WIDTH];
        if let Some(row) = self.embed.get(usize::from(token.id())) {
            add(&mut x, row, 1.0);
        }
        tell(self.seen, |dim, value| at(&mut x, dim.index() as u8, value));
        for layer in &mut self.layers {
            layer.apply(&mut x);
        }
        self.seen += 1;
        let answer = dot(&self.answer, &x).round().clamp(0.0, f32::from(VOCABULARY - 1));
        Ok(Token::of(answer as u16))
    }
}

impl Layer {
    fn apply(&mut self, x: &mut Stream) {
        if !self.heads.is_empty() {
            // All heads read what came in.
            let before = *x;
            self.heads.iter_mut().for_each(|head| head.apply(&before, x));
        }
        let before = *x;
        for neuron in &self.neurons {
            let gate = dot(&neuron.gate, &before);
            if gate > 0.0 {
                add(x, &neuron.out, gate * dot(&neuron.value, &before));
            }
        }
    }
}

impl Attention {
    fn apply(&mut self, before: &Stream, x: &mut Stream) {
        let value = self.search.find(&self.q, &self.k, &self.v, before);
        for (out, value) in self.out.iter().zip(value) {
            if value != 0.0 {
                add(x, out, value);
            }
        }
    }
}

impl Search {
    /// What the query and keys of a head say of how it can be computed.
    fn of(head: &Head, q: &[Row], k: &[Row]) -> Self {
        let one = |row: &Row| match row.as_slice() {
            [(column, weight)] if usize::from(*column) == Dim::One.index() => Some(*weight),
            _ => None,
        };
        if head.kind == HeadKind::Sum {
            return Self::Sum([0.0; COMPONENTS]);
        }
        if let Some(query) = q.iter().map(one).collect::<Option<Vec<f32>>>() {
            let mut components = [0.0; COMPONENTS];
            components.iter_mut().zip(query).for_each(|(component, weight)| *component = weight);
            return Self::Constant { query: components, best: f32::NEG_INFINITY, value: [0.0; COMPONENTS] };
        }
        let is_guard = |row: &Row| one(row).is_some_and(|weight| weight > FAR);
        let count = match q {
            [digits @ .., square, guard] if one(square) == Some(1.0) && is_guard(guard) => Some(digits.len()),
            // With a component for what was never written.
            [digits @ .., square, _, guard] if one(square) == Some(1.0) && is_guard(guard) => {
                Some(digits.len())
            }
            _ => None,
        };
        let of = |row: &Row, dim: Dim| matches!(row.as_slice(), [(column, _)] if usize::from(*column) == dim.index());
        if let [low, high, ..] = k
            && of(low, Dim::PosLow)
            && of(high, Dim::PosHigh)
        {
            return Self::Near(Box::new([[0.0; COMPONENTS]; NEAR]));
        }
        match count.filter(|count| *count <= DIGITS && k.len() == q.len()) {
            Some(count) => Self::Digits { count, values: FxHashMap::default(), otherwise: [0.0; COMPONENTS] },
            None => Self::Few(Vec::new()),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Sum(total) => *total = [0.0; COMPONENTS],
            Self::Constant { best, .. } => *best = f32::NEG_INFINITY,
            Self::Digits { values, .. } => values.clear(),
            Self::Near(values) => **values = [[0.0; COMPONENTS]; NEAR],
            Self::Few(keys) => keys.clear(),
        }
    }

    /// Takes this position's key and value in, and finds the value for its query.
    fn find(&mut self, q: &[Row], k: &[Row], v: &[Row], x: &Stream) -> Vector {
        match self {
            Self::Sum(total) => {
                total.iter_mut().zip(apply(v, x)).for_each(|(total, value)| *total += value);
                *total
            }
            Self::Constant { query, best, value } => {
                let score = product(query, &apply(k, x));
                if score >= *best {
                    *best = score;
                    *value = apply(v, x);
                }
                *value
            }
            Self::Digits { count, values, otherwise } => {
                // The guard is 0 where there is a key.
                if k.last().is_some_and(|guard| dot(guard, x) == 0.0) {
                    values.insert(digits(k, *count, 0.5, x), apply(v, x));
                }
                values.get(&digits(q, *count, 1.0, x)).copied().unwrap_or(*otherwise)
            }
            Self::Near(values) => {
                let position = |rows, scale| {
                    let [low, high, ..] = digits(rows, 2, scale, x).map(i64::from);
                    high * DIGIT as i64 + low
                };
                let (own, wanted) = (position(k, 0.5), position(q, 1.0));
                if let Some(cell) = values.get_mut(own.rem_euclid(NEAR as i64) as usize) {
                    *cell = apply(v, x);
                }
                // Before the start there is nothing, and nobody asks.
                let is_near = (0..NEAR as i64).contains(&(own - wanted)) && wanted >= 0;
                let found = values.get(wanted.rem_euclid(NEAR as i64) as usize).filter(|_| is_near);
                found.copied().unwrap_or([0.0; COMPONENTS])
            }
            Self::Few(keys) => {
                let key = apply(k, x);
                let guard = k.len().checked_sub(1).and_then(|last| key.get(last)).copied();
                if guard.is_some_and(|guard| guard >= 0.0) {
                    keys.push((key, apply(v, x)));
                }
                let query = apply(q, x);
                let mut best = (f32::NEG_INFINITY, [0.0; COMPONENTS]);
                for (key, value) in keys {
                    let score = product(&query, key);
                    if score >= best.0 {
                        best = (score, *value);
                    }
                }
                best.1
            }
        }
    }
}

/// The digits of a query or, halved, of a key.
fn digits(rows: &[Row], count: usize, scale: f32, x: &Stream) -> [i32; DIGITS] {
    let mut digits = [0; DIGITS];
    for (digit, row) in digits.iter_mut().zip(rows).take(count) {
        *digit = (dot(row, x) * scale) as i32;
    }
    digits
}

fn product(query: &Vector, key: &Vector) -> f32 {
    query.iter().zip(key).map(|(q, k)| q * k).sum()
}

fn dot(row: &[(u8, f32)], x: &Stream) -> f32 {
    row.iter().map(|(column, weight)| weight * x.get(usize::from(*column)).copied().unwrap_or(0.0)).sum()
}

fn at(x: &mut Stream, dim: u8, value: f32) {
    if let Some(cell) = x.get_mut(usize::from(dim)) {
        *cell += value;
    }
}

fn add(x: &mut Stream, row: &[(u8, f32)], scale: f32) {
    row.iter().for_each(|(dim, weight)| at(x, *dim, weight * scale));
}

fn apply(rows: &[Row], x: &Stream) -> Vector {
    let mut out = [0.0; COMPONENTS];
    out.iter_mut().zip(rows).for_each(|(out, row)| *out = dot(row, x));
    out
}

/// Rows without zeros. [`Engine::new`] has seen to it that a column is a byte.
fn rows(matrix: &Matrix) -> Vec<Row> {
    matrix
        .sparse_rows()
        .map(|row| row.into_iter().map(|(column, weight)| (column as u8, weight)).collect())
        .collect()
}

/// Columns without zeros.
fn columns(matrix: &Matrix) -> Vec<Row> {
    let [rows, columns] = matrix.shape();
    let column = |column| {
        let entries = (0..rows).map(|row| (row as u8, matrix.get(row, column)));
        entries.filter(|(_, weight)| *weight != 0.0).collect()
    };
    (0..columns).map(column).collect()
}

fn layer(block: &Block) -> Layer {
    let heads = block.heads.iter().map(|head| {
        let (q, k, v) = (rows(&head.wq), rows(&head.wk), rows(&head.wv));
        Attention { search: Search::of(head, &q, &k), q, k, v, out: columns(&head.wo) }
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
