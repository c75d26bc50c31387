//! The graphics device: WebGPU in the browser, Vulkan, Metal or DirectX natively, through CubeCL.
//!
//! ```text
//! layout     how a matrix lies in the device's memory
//! decode     its weights as floats again, 32 at a time          (on the device)
//! linear     products, with the norm before and the sum behind  (on the device)
//! heads      norm and rotation of heads, the cache              (on the device)
//! attention  scores, softmax, sum                               (on the device)
//! small      embedding, norm, sum, the largest logits           (on the device)
//! device     start, memory, reading
//! weight     a matrix on the device
//! rows       activations, some of them only noted
//! launch     from what is to be computed to the kernels
//! self_test  every operation beside the processor's
//! ```
//!
//! A layer is six dispatches for one position: queries, keys and values with the norm before them; their heads' norms,
//! rotation and the cache; attention; its output with the sum; gate and up with the norm and silu; down with the sum.
//! [`rows`] tells how the decoder, which knows nothing of this, comes to it.

mod attention;
mod decode;
mod device;
mod heads;
mod launch;
mod layout;
mod linear;
mod rows;
pub mod self_test;
mod small;
mod weight;

use std::ops::Range;

use super::compute::{AttentionShape, Compute, ComputeError, Replacement, Rotation};
use super::{Reach, Top, sample};
use crate::weights::{Encoding, Matrix};
use device::Device;
use rows::{Heads, Normed, Product, State, Turn, View};
use small::Pairing;

pub use device::Buffer;
pub use rows::Rows;
pub use weight::Weight;

/// Positions that a cache has room for at first.
const FIRST_ROOM: usize = 256;

/// A graphics device.
pub struct Gpu {
    device: Device,
    angles: Option<Angles>,
    /// Threads that share a row of weights, for a single position.
    splits: usize,
}

/// The cosines and sines of one pass.
struct Angles {
    rotation: Rotation,
    first: usize,
    positions: usize,
    buffer: Buffer,
}

/// The keys and values of one layer on the device.
pub struct Cache {
    shape: AttentionShape,
    buffer: Buffer,
    /// Positions it has room for.
    capacity: usize,
    /// Positions it holds.
    positions: usize,
}

impl Gpu {
    /// Starts the best graphics device there is.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub async fn start() -> Result<Self, ComputeError> {
        Ok(Self { device: Device::start().await?, angles: None, splits: linear::SPLITS })
    }

    /// Tries both ways to multiply a single position with a square matrix of this form, and keeps the quicker one.
    /// `seconds` is a clock.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn tune(
        &mut self,
        encoding: Encoding,
        width: usize,
        seconds: impl Fn() -> f64,
    ) -> Result<(), ComputeError> {
        let made = sample::matrix(encoding, width, width, &mut fastrand::Rng::with_seed(3));
        let weight = self.weight(made.map_err(|error| self.device.failed(&error))?)?;
        let x = self.rows(vec![1.0; width], width);
        let mut quickest = f64::INFINITY;
        let mut best = self.splits;
        for splits in [linear::SPLITS, 1] {
            self.splits = splits;
            // The first time, the kernel is compiled.
            for attempt in 0..3 {
                let begin = seconds();
                let mut sum = x.clone();
                for _ in 0..4 {
                    let [product] = self.linear(&x, [&weight]);
                    self.add(&mut sum, &product);
                }
                self.read(&sum).await?;
                let took = seconds() - begin;
                if attempt > 0 && took < quickest {
                    (quickest, best) = (took, splits);
                }
            }
        }
        self.splits = best;
        Ok(())
    }

    /// How many threads share a row of weights, for a single position: 8 or 1.
    pub fn share_rows(&mut self, threads: usize) {
        self.splits = if threads > 1 { linear::SPLITS } else { 1 };
    }

    /// What destroys the device, to test what happens then.
    pub fn destroyer(&self) -> impl Fn() + use<> {
        self.device.destroyer()
    }

    /// Cosines and sines for the positions of a pass: computed by the processor, in 64 bits, and once for all layers.
    /// Rows that have a buffer to themselves.
    fn by_itself(&mut self, x: &Rows) -> Buffer {
        let view = self.view(x);
        if (view.offset, view.stride, view.buffer.count()) == (0, x.width(), x.count()) {
            return view.buffer;
        }
        let out = self.device.empty(x.count());
        self.combine(x, None, Pairing::Copy, (&out, 0, x.width()));
        out
    }

    fn angles(&mut self, rotation: &Rotation, first: usize, positions: usize) -> Buffer {
        let known = self.angles.as_ref().filter(|angles| {
            (angles.first, angles.positions) == (first, positions) && angles.rotation == *rotation
        });
        if let Some(angles) = known {
            return angles.buffer.clone();
        }
        let magnitude = f64::from(rotation.magnitude);
        let turns = (first..first + positions).flat_map(|position| {
            rotation.frequencies.iter().flat_map(move |frequency| {
                let (sine, cosine) = (position as f64 * f64::from(*frequency)).sin_cos();
                [(cosine * magnitude) as f32, (sine * magnitude) as f32]
            })
        });
        let buffer = self.device.floats(&turns.collect::<Vec<f32>>());
        self.angles = Some(Angles { rotation: rotation.clone(), first, positions, buffer: buffer.clone() });
        buffer
    }

    /// Makes room in a cache.
    fn make_room(&mut self, cache: &mut Cache, positions: usize) -> Result<(), ComputeError> {
        if positions <= cache.capacity {
            return Ok(());
        }
        let AttentionShape { kv_heads, head_dim, .. } = cache.shape;
        let bytes = |capacity: usize| 8 * (kv_heads * head_dim) as u64 * capacity as u64;
        let largest = self.device.largest_buffer();
        // The last doubling may be one too many, and the room still be enough.
        let doubled = positions.next_power_of_two();
        let capacity = if bytes(doubled) <= largest { doubled } else { positions };
        if bytes(capacity) > largest {
            return Err(ComputeError::NoRoom {
                device: self.device.name().to_owned(),
                what: format!("the keys and values of {positions} positions"),
                bytes: bytes(capacity),
            });
        }
        cache.buffer = self.grown(cache, capacity);
        cache.capacity = capacity;
        Ok(())
    }
}

impl Compute for Gpu {
    type Rows = Rows;
    type Weight = Weight;
    type Gain = Buffer;
    type Cache = Cache;

    fn name(&self) -> String {
        self.device.name().to_owned()
    }

    fn weight(&mut self, matrix: Matrix) -> Result<Weight, ComputeError> {
        Weight::new(&self.device, &matrix)
    }

    fn gain(&mut self, values: Vec<f32>) -> Buffer {
        self.device.floats(&values)
    }

    fn cache(&mut self, shape: AttentionShape) -> Cache {
        let buffer = self.device.empty(2 * shape.kv_heads * shape.head_dim * FIRST_ROOM);
        Cache { shape, buffer, capacity: FIRST_ROOM, positions: 0 }
    }

    fn cached(&self, cache: &Cache) -> usize {
        cache.positions
    }

    fn truncate(&mut self, cache: &mut Cache, keep: usize) {
        cache.positions = cache.positions.min(keep);
    }

    fn rows(&mut self, values: Vec<f32>, width: usize) -> Rows {
        Rows::there(self.device.floats(&values), values.len() / width.max(1), width)
    }

    fn embed(&mut self, table: &Weight, tokens: &[u32]) -> Result<Rows, ComputeError> {
        let vocabulary = table.rows();
        match tokens.iter().find(|token| **token as usize >= vocabulary) {
            Some(&token) => Err(ComputeError::NoSuchToken { token, vocabulary }),
            None => Ok(self.embedded(table, tokens)),
        }
    }

    fn norm(&mut self, x: &Rows, gain: &Buffer, epsilon: f32) -> Rows {
        let normed = Normed { of: self.view(x), gain: gain.clone(), epsilon };
        Rows::new(x.positions(), x.width(), State::Normed(normed))
    }

    fn head_norm(&mut self, x: &mut Rows, gain: &Buffer, epsilon: f32) {
        let heads = Heads {
            of: self.view(x),
            norm: Some((gain.clone(), epsilon)),
            turn: None,
            head_dim: gain.count(),
        };
        *x = Rows::new(x.positions(), x.width(), State::Heads(heads));
    }

    fn rotate(&mut self, x: &mut Rows, rotation: &Rotation, first: usize) {
        let turn =
            Turn { angles: self.angles(rotation, first, x.positions()), neighbours: rotation.neighbours };
        let heads = match x.state() {
            State::Heads(heads) if heads.turn.is_none() => Heads { turn: Some(turn), ..heads },
            _ => Heads { of: self.view(x), norm: None, turn: Some(turn), head_dim: rotation.head_dim },
        };
        *x = Rows::new(x.positions(), x.width(), State::Heads(heads));
    }

    fn linear<const N: usize>(&mut self, x: &Rows, weights: [&Weight; N]) -> [Rows; N] {
        let positions = x.positions();
        if N < 3 {
            // What follows may take them along: a gate, a sum.
            return weights.map(|weight| {
                let product = Product { input: x.clone(), weight: weight.clone() };
                Rows::new(positions, weight.rows(), State::Product(product))
            });
        }
        let all = self.products(x, &weights, linear::Ending::Store, None);
        let mut offset = all.offset;
        weights.map(|weight| {
            let view = View { offset, ..all.clone() };
            offset += weight.rows();
            Rows::new(positions, weight.rows(), State::There(view))
        })
    }

    fn attend(
        &mut self,
        cache: &mut Cache,
        q: &Rows,
        k: &Rows,
        v: &Rows,
        pattern: bool,
    ) -> Result<(Rows, Option<Rows>), ComputeError> {
        self.make_room(cache, cache.positions + q.positions())?;
        let queries = self.append(cache, q, k, v);
        Ok(self.attended(cache, &queries, q.positions(), Reach::Causal, pattern))
    }

    fn remember(&mut self, cache: &mut Cache, k: &Rows, v: &Rows) -> Result<(), ComputeError> {
        self.make_room(cache, cache.positions + k.positions())?;
        // The kernel takes queries along; nobody's will do.
        let AttentionShape { heads, head_dim, .. } = cache.shape;
        let nobody = self.rows(vec![0.0; k.positions() * heads * head_dim], heads * head_dim);
        self.append(cache, &nobody, k, v);
        Ok(())
    }

    fn attend_across(&mut self, cache: &Cache, q: &Rows, pattern: bool) -> (Rows, Option<Rows>) {
        let queries = self.by_itself(q);
        self.attended(cache, &queries, q.positions(), Reach::Across, pattern)
    }

    fn gate(&mut self, gate: &Rows, up: &Rows) -> Rows {
        if let (State::Product(first), State::Product(second)) = (gate.state(), up.state())
            && first.input.is(&second.input)
            && first.weight.rows() == second.weight.rows()
            && first.weight.whole().is_some()
            && second.weight.whole().is_some()
        {
            let weights = [&first.weight, &second.weight];
            let view = self.products(&first.input, &weights, linear::Ending::Gate, None);
            return Rows::new(gate.positions(), gate.width(), State::There(view));
        }
        self.paired(gate, up, Pairing::Gate)
    }

    fn add(&mut self, x: &mut Rows, y: &Rows) {
        if let State::Product(Product { input, weight }) = y.state() {
            let residual = self.view(x);
            let view = self.products(&input, &[&weight], linear::Ending::Add, Some(&residual));
            *x = Rows::new(x.positions(), x.width(), State::There(view));
        } else {
            *x = self.paired(x, y, Pairing::Add);
        }
    }

    fn replace(&mut self, x: &mut Rows, rows: Range<usize>, columns: Range<usize>, with: &Replacement) {
        let zeros = vec![0.0; columns.len()];
        let values = match with {
            Replacement::Zero => &zeros,
            Replacement::Values(values) => values,
        };
        let few = values.get(..columns.len()).unwrap_or(values);
        if !few.is_empty() && !rows.is_empty() {
            *x = self.replaced(x, &rows, columns.start, few);
        }
    }

    fn scale(&mut self, x: &mut Rows, by: f32) {
        *x = self.scaled(x, by);
    }

    fn last(&mut self, x: &Rows) -> Rows {
        let view = self.view(x);
        let offset = view.offset + x.positions().saturating_sub(1) * view.stride;
        Rows::new(x.positions().min(1), x.width(), State::There(View { offset, ..view }))
    }

    async fn read(&mut self, x: &Rows) -> Result<Vec<f32>, ComputeError> {
        let buffer = self.by_itself(x);
        self.device.read(&buffer).await
    }

    async fn read_gain(&mut self, gain: &Buffer) -> Result<Vec<f32>, ComputeError> {
        self.device.read(gain).await
    }

    async fn top(&mut self, x: &Rows, count: usize) -> Result<Vec<Top>, ComputeError> {
        // The largest value of each stretch is needed for the softmax.
        let wanted = count.clamp(1, small::STRETCH);
        let (found, stretches) = self.largest(x, wanted);
        let found = self.device.read(&found).await?;
        let of_stretch = 2 * wanted + 2;
        let rows = found.chunks_exact((stretches * of_stretch).max(1));
        Ok(rows.map(|row| merged(row.chunks_exact(of_stretch), count)).collect())
    }

    async fn settle(&mut self) -> Result<(), ComputeError> {
        // What is read comes behind all that was launched before.
        let [any, ..] = self.device.nothing();
        self.device.read(&any.clone()).await.map(drop)
    }

    fn dispatches(&self) -> usize {
        self.device.dispatches()
    }
}

impl Gpu {
    fn paired(&mut self, x: &Rows, y: &Rows, pairing: Pairing) -> Rows {
        let out = self.device.empty(x.count());
        self.combine(x, Some(y), pairing, (&out, 0, x.width()));
        Rows::there(out, x.positions(), x.width())
    }
}

/// The largest of a row, from the largest of its stretches.
fn merged<'a>(stretches: impl Iterator<Item = &'a [f32]> + Clone, count: usize) -> Top {
    let ends = stretches.clone().filter_map(|stretch| match stretch {
        [.., largest, sum] => Some((*largest, *sum)),
        _ => None,
    });
    let highest = ends.clone().fold(f32::NEG_INFINITY, |highest, (largest, _)| highest.max(largest));
    let sum: f32 = ends.map(|(largest, sum)| sum * (largest - highest).exp()).sum();
    let mut largest: Vec<(u32, f32)> = stretches
        .flat_map(|stretch| stretch.get(..stretch.len() - 2).unwrap_or_default().chunks_exact(2))
        .filter_map(|pair| match pair {
            // A place without a value holds the column 2³² − 1, which no row has.
            [column, value] if *value > -3.0e38 => Some((*column as u32, *value)),
            _ => None,
        })
        .collect();
    largest.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    largest.truncate(count);
    Top { largest, log_sum: highest + sum.ln() }
}
