//! Hard-max, sum and cross attention over a cache of keys and values.

use burn::tensor::{Device, Tensor, TensorData};

use super::Kind;

/// Keys a cache has room for at first; it grows fourfold.
const FIRST_CAPACITY: usize = 64;
/// Below every score.
const HIDDEN: f32 = -1e30;

/// The heads of one layer. They are computed together: those with fewer components than others have zeros for the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// How many there are.
    pub(super) heads: usize,
    /// Components of queries and keys.
    pub(super) d_key: usize,
    /// Components of values.
    pub(super) d_value: usize,
}

impl Shape {
    /// Rows of a cache: the components of keys, then those of values.
    pub(super) const fn parts(self) -> usize {
        self.d_key + self.d_value
    }
}

/// Keys and values of one layer's heads, `[parts, heads, capacity]`: an integer tensor in all but type.
pub(super) struct Cache {
    parts: Tensor<3>,
    shape: Shape,
    capacity: usize,
    device: Device,
}

/// What attention returned for some positions.
pub(super) struct Seen {
    /// `[positions, d_value · heads]`: component 0 of all heads, then 1, and so on.
    pub(super) z: Tensor<2>,
    /// The winning key, counted from 1, `[positions, heads]`; only when captured.
    pub(super) winner: Option<Tensor<2>>,
    /// Its score, `[positions, heads]`; only when captured.
    pub(super) score: Option<Tensor<2>>,
}

/// Keys that a cache has room for when it holds this many.
pub(super) const fn capacity_for(keys: usize) -> usize {
    let mut capacity = FIRST_CAPACITY;
    while capacity < keys {
        capacity *= 4;
    }
    capacity
}

/// The last key that each position of each head can see, `[heads or 1, positions, 1]`.
pub(super) fn limits(limits: &[f32], heads: usize, positions: usize, device: &Device) -> Tensor<3> {
    let limits = limits.iter().copied().take(heads * positions).collect::<Vec<f32>>();
    Tensor::from_data(TensorData::new(limits, [heads, positions, 1]), device)
}

impl Cache {
    pub(super) fn new(shape: Shape, device: &Device) -> Self {
        let capacity = FIRST_CAPACITY;
        let parts = Tensor::zeros([shape.parts().max(1), shape.heads.max(1), capacity], device);
        Self { parts, shape, capacity, device: device.clone() }
    }

    /// Writes the keys and values of consecutive positions, `[positions, parts · heads]`.
    pub(super) fn write(&mut self, kv: Tensor<2>, first: usize) {
        let [positions, _] = kv.dims();
        self.reserve(first + positions);
        let (parts, heads) = (self.shape.parts(), self.shape.heads);
        // [positions, parts, heads] to [parts, heads, positions]
        let new = kv.reshape([positions, parts, heads]).swap_dims(0, 1).swap_dims(1, 2);
        self.parts = self.parts.clone().slice_assign([0..parts, 0..heads, first..first + positions], new);
    }

    /// Writes the keys and values of one head alone; `kv` holds those of all heads.
    pub(super) fn write_head(&mut self, head: usize, kv: Tensor<2>, first: usize) {
        let [positions, _] = kv.dims();
        self.reserve(first + positions);
        let parts = self.shape.parts();
        let all = kv.reshape([positions, parts, self.shape.heads]);
        let new = all.slice([0..positions, 0..parts, head..head + 1]).swap_dims(0, 1).swap_dims(1, 2);
        self.parts =
            self.parts.clone().slice_assign([0..parts, head..head + 1, first..first + positions], new);
    }

    /// One head's keys and values, `[parts, capacity]`.
    pub(super) fn head(&self, head: usize) -> Tensor<2> {
        self.parts.clone().slice([0..self.shape.parts(), head..head + 1, 0..self.capacity]).squeeze_dim(1)
    }

    fn reserve(&mut self, keys: usize) {
        if keys <= self.capacity {
            return;
        }
        let old = std::mem::replace(&mut self.capacity, capacity_for(keys));
        let (parts, heads) = (self.shape.parts().max(1), self.shape.heads.max(1));
        let larger = Tensor::zeros([parts, heads, self.capacity], &self.device);
        self.parts = larger.slice_assign([0..parts, 0..heads, 0..old], self.parts.clone());
    }

    /// One part of keys or values, `[heads, 1, capacity]`.
    fn part(&self, part: usize) -> Tensor<3> {
        self.parts.clone().slice([part..part + 1, 0..self.shape.heads, 0..self.capacity]).swap_dims(0, 1)
    }

    /// Attends with the queries `[positions, d_key · heads]` to the keys up to `limits`.
    pub(super) fn attend(&self, kind: &Kind, q: &Tensor<2>, limits: Tensor<3>, capture: bool) -> Seen {
        let [positions, _] = q.dims();
        let Shape { heads, d_key, .. } = self.shape;
        let numbers: Vec<f32> = (0..self.capacity).map(|key| key as f32).collect();
        let keys: Tensor<3> =
            Tensor::from_data(TensorData::new(numbers, [1, 1, self.capacity]), &self.device);
        let shape = [heads, positions, self.capacity];
        // 1 where a key is in sight.
        let sight = keys.clone().expand(shape).lower_equal(limits.expand(shape)).float();
        if matches!(kind, Kind::Sum) {
            return Seen { z: self.gather(sight), winner: None, score: None };
        }
        // score = q · k
        let q = q.clone().reshape([positions, d_key, heads]).swap_dims(0, 2);
        let product = |index: usize| {
            q.clone().slice([0..heads, index..index + 1, 0..positions]).swap_dims(1, 2) * self.part(index)
        };
        let score = (1..d_key).fold(product(0), |score, index| score + product(index));
        let hidden = (sight.clone() * -1.0 + 1.0) * HIDDEN;
        let score = score * sight.clone() + hidden;
        // The latest of the best: number the keys that reach the maximum, and take the highest number.
        let best = score.clone().max_dim(2);
        let reaches = score.equal(best.clone().expand(shape)).float() * sight.clone();
        let numbered = reaches.clone() * (keys.expand(shape) + 1.0);
        let winner = numbered.clone().max_dim(2);
        let pattern = numbered.equal(winner.clone().expand(shape)).float() * reaches;
        let pattern = match kind {
            // Of each kind what it attends to, by a mask over the heads.
            Kind::Mixed { sums } => {
                let sums: Tensor<3> = (**sums).clone();
                let hard = sums.clone() * -1.0 + 1.0;
                sight * sums.expand(shape) + pattern * hard.expand(shape)
            }
            _ => pattern,
        };
        let by_position = |numbers: Tensor<3>| numbers.squeeze_dim::<2>(2).swap_dims(0, 1);
        Seen {
            z: self.gather(pattern),
            winner: capture.then(|| by_position(winner)),
            score: capture.then(|| by_position(best)),
        }
    }

    /// Σ pattern · value: `[heads, positions, capacity]` to `[positions, d_value · heads]`.
    fn gather(&self, pattern: Tensor<3>) -> Tensor<2> {
        let component = |part: usize| {
            let z: Tensor<2> = (pattern.clone() * self.part(part)).sum_dim(2).squeeze_dim(2);
            z.swap_dims(0, 1)
        };
        Tensor::cat((self.shape.d_key..self.shape.parts()).map(component).collect(), 1)
    }
}
