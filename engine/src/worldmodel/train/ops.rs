//! The operations that the text stream and the taps share, differentiable.
//!
//! The same operations as `kernels::Compute`, in the same order; a test compares the two on one set of weights.

use burn::module::Param;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData, activation};

/// What is added under the square root of a norm.
pub const EPSILON: f32 = 1e-6;
/// A score that softmax makes 0.
const NEVER: f32 = -1e9;

/// Root mean square norm over the last dimension.
pub fn norm<const D: usize>(x: Tensor<D>, gain: &Param<Tensor<1>>) -> Tensor<D> {
    let root = (x.clone().square().mean_dim(D - 1) + EPSILON).sqrt();
    x / root * gain.val().unsqueeze()
}

/// `[batch, positions, inputs] · [inputs, outputs]`.
pub fn linear(x: Tensor<3>, weight: &Param<Tensor<2>>) -> Tensor<3> {
    let [batch, positions, inputs] = x.dims();
    let y = x.reshape([batch * positions, inputs]).matmul(weight.val());
    let [_, outputs] = y.dims();
    y.reshape([batch, positions, outputs])
}

/// The angles of some positions.
#[derive(Clone, Debug)]
pub struct Rotary {
    /// `[1, positions, 1, head_dim]`
    cos: Tensor<4>,
    /// `[1, positions, 1, head_dim]`
    sin: Tensor<4>,
    /// `[head_dim, head_dim]`: puts each pair's second half, negated, before its first.
    turn: Tensor<2>,
}

impl Rotary {
    /// For positions from 0 on.
    pub fn new(positions: usize, head_dim: usize, base: f64, device: &Device) -> Self {
        let half = head_dim / 2;
        let angle = |position: usize, at: usize| {
            let frequency = base.powf(-2.0 * (at % half) as f64 / head_dim as f64);
            position as f64 * frequency
        };
        let table = |of: fn(f64) -> f64| {
            let values: Vec<f32> = (0..positions)
                .flat_map(|position| (0..head_dim).map(move |at| of(angle(position, at)) as f32))
                .collect();
            Tensor::from_data(TensorData::new(values, [1, positions, 1, head_dim]), device)
        };
        let turned: Vec<f32> = (0..head_dim)
            .flat_map(|from| {
                (0..head_dim).map(move |to| match to {
                    to if to + half == from => -1.0,
                    to if from + half == to => 1.0,
                    _ => 0.0,
                })
            })
            .collect();
        let turn = Tensor::from_data(TensorData::new(turned, [head_dim, head_dim]), device);
        Self { cos: table(f64::cos), sin: table(f64::sin), turn }
    }

    /// Turns each head of each position, `[batch, positions, heads, head_dim]`.
    pub fn apply(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, positions, heads, head_dim] = x.dims();
        let flat = x.clone().reshape([batch * positions * heads, head_dim]);
        let turned = flat.matmul(self.turn.clone()).reshape([batch, positions, heads, head_dim]);
        x * self.cos.clone() + turned * self.sin.clone()
    }
}

/// Which keys a query must not see, `[1, 1, group · queries, keys]`: those behind its own position.
pub fn causal(positions: usize, group: usize, device: &Device) -> Tensor<4, Bool> {
    let later = Tensor::<2, Int>::ones([positions, positions], device).triu(1).equal_elem(1);
    later.repeat_dim(0, group).reshape([1, 1, group * positions, positions])
}

/// Softmax attention. Several query heads share a key head: they stand below each other as one head of more queries.
///
/// `q`: `[batch, queries, heads, head_dim]`; `k`, `v`: `[batch, keys, kv_heads, head_dim]`; `hidden` broadcasts to
/// `[batch, kv_heads, group · queries, keys]`. Returns `[batch, queries, heads · head_dim]`.
pub fn attend(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, hidden: Tensor<4, Bool>) -> Tensor<3> {
    let [batch, queries, heads, head_dim] = q.dims();
    let [_, keys, kv_heads, _] = k.dims();
    let rows = heads / kv_heads * queries;
    let q = q.swap_dims(1, 2).reshape([batch, kv_heads, rows, head_dim]);
    let scores = q.matmul(k.permute([0, 2, 3, 1])) * (head_dim as f32).sqrt().recip();
    let scores = scores.mask_fill(hidden.expand([batch, kv_heads, rows, keys]), NEVER);
    let z = activation::softmax(scores, 3).matmul(v.swap_dims(1, 2));
    z.reshape([batch, heads, queries, head_dim]).swap_dims(1, 2).reshape([batch, queries, heads * head_dim])
}

/// Splits each row into heads.
pub fn split(x: Tensor<3>, head_dim: usize) -> Tensor<4> {
    let [batch, positions, width] = x.dims();
    x.reshape([batch, positions, width / head_dim, head_dim])
}

/// The FFN of a Qwen3 block (Shazeer, 2020), without norm and residual.
pub fn ffn(
    x: Tensor<3>,
    gate: &Param<Tensor<2>>,
    up: &Param<Tensor<2>>,
    down: &Param<Tensor<2>>,
) -> Tensor<3> {
    let neurons = activation::silu(linear(x.clone(), gate)) * linear(x, up);
    linear(neurons, down)
}

/// Mean negative log-probability of `targets`, `[rows]`, under `logits`, `[rows, vocabulary]`, and how many of
/// them are the likeliest.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>) -> (Tensor<1>, Tensor<1, Int>) {
    let [rows, _] = logits.dims();
    let likeliest = logits.clone().without_autodiff().argmax(1).reshape([rows]);
    let right = likeliest.equal(targets.clone()).int().sum();
    let chosen = activation::log_softmax(logits, 1).gather(1, targets.reshape([rows, 1]));
    (chosen.mean().neg(), right)
}
