//! The text stream as a module that learns: a Qwen3 decoder.

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Int, Tensor};

use super::ops::{Rotary, attend, causal, ffn, linear, norm, split};
use crate::qwen::Config;

/// Standard deviation of new weights (GPT-2, Qwen).
const SPREAD: f64 = 0.02;

/// The decoder. The output matrix is the embedding (tied).
#[derive(Module, Debug)]
pub struct Decoder {
    /// `[vocabulary, hidden]`
    pub embedding: Param<Tensor<2>>,
    /// The layers, first to last.
    pub layers: Vec<Block>,
    /// Gain of the last norm, `[hidden]`.
    pub norm: Param<Tensor<1>>,
}

/// One layer. Matrices stand as `[inputs, outputs]`.
#[derive(Module, Debug)]
pub struct Block {
    /// `[hidden]`
    pub attention_norm: Param<Tensor<1>>,
    /// `[hidden, heads · head_dim]`
    pub q: Param<Tensor<2>>,
    /// `[hidden, kv_heads · head_dim]`
    pub k: Param<Tensor<2>>,
    /// `[hidden, kv_heads · head_dim]`
    pub v: Param<Tensor<2>>,
    /// `[heads · head_dim, hidden]`
    pub o: Param<Tensor<2>>,
    /// `[head_dim]`
    pub q_norm: Param<Tensor<1>>,
    /// `[head_dim]`
    pub k_norm: Param<Tensor<1>>,
    /// `[hidden]`
    pub ffn_norm: Param<Tensor<1>>,
    /// `[hidden, ffn]`
    pub gate: Param<Tensor<2>>,
    /// `[hidden, ffn]`
    pub up: Param<Tensor<2>>,
    /// `[ffn, hidden]`
    pub down: Param<Tensor<2>>,
}

/// A matrix of new weights.
pub fn matrix(inputs: usize, outputs: usize, spread: f64, device: &Device) -> Param<Tensor<2>> {
    Initializer::Normal { mean: 0.0, std: spread }.init([inputs, outputs], device)
}

/// A gain that changes nothing yet.
pub fn gain(width: usize, device: &Device) -> Param<Tensor<1>> {
    Initializer::Ones.init([width], device)
}

/// Spread of new weights that write into a stream: what many layers add together stays small (GPT-2).
pub fn writing(layers: usize) -> f64 {
    SPREAD / (2.0 * layers as f64).sqrt()
}

/// Spread of all other new weights.
pub const fn reading() -> f64 {
    SPREAD
}

/// What a pass gives.
pub struct Streams {
    /// The residual stream behind each block asked for, `[batch, positions, hidden]`.
    pub behind: Vec<Tensor<3>>,
    /// Behind the last norm, `[batch, positions, hidden]`.
    pub last: Tensor<3>,
}

impl Decoder {
    /// A decoder of new weights.
    pub fn new(config: &Config, device: &Device) -> Self {
        let Config { hidden, ffn, heads, kv_heads, head_dim, layers, vocabulary, .. } = *config;
        let read = |outputs| matrix(hidden, outputs, SPREAD, device);
        let write = |inputs| matrix(inputs, hidden, writing(layers), device);
        let block = || Block {
            attention_norm: gain(hidden, device),
            q: read(heads * head_dim),
            k: read(kv_heads * head_dim),
            v: read(kv_heads * head_dim),
            o: write(heads * head_dim),
            q_norm: gain(head_dim, device),
            k_norm: gain(head_dim, device),
            ffn_norm: gain(hidden, device),
            gate: read(ffn),
            up: read(ffn),
            down: write(ffn),
        };
        Self {
            embedding: matrix(vocabulary, hidden, SPREAD, device),
            layers: (0..layers).map(|_| block()).collect(),
            norm: gain(hidden, device),
        }
    }

    /// Reads whole texts, `[batch, positions]`; keeps the streams behind these blocks (3: behind the third).
    pub fn forward(&self, config: &Config, tokens: Tensor<2, Int>, taps: &[usize]) -> Streams {
        let [batch, positions] = tokens.dims();
        let device = tokens.device();
        let rotary = Rotary::new(positions, config.head_dim, config.rope_base.into(), &device);
        let hidden = causal(positions, config.heads / config.kv_heads, &device);
        let rows = self.embedding.val().select(0, tokens.reshape([batch * positions]));
        let mut x = rows.reshape([batch, positions, config.hidden]);
        let mut behind = Vec::new();
        for (index, block) in self.layers.iter().enumerate() {
            let normed = norm(x.clone(), &block.attention_norm);
            let q = norm(split(linear(normed.clone(), &block.q), config.head_dim), &block.q_norm);
            let k = norm(split(linear(normed.clone(), &block.k), config.head_dim), &block.k_norm);
            let v = split(linear(normed, &block.v), config.head_dim);
            let z = attend(rotary.apply(q), rotary.apply(k), v, hidden.clone());
            x = x + linear(z, &block.o);
            let normed = norm(x.clone(), &block.ffn_norm);
            x = x + ffn(normed, &block.gate, &block.up, &block.down);
            if taps.contains(&(index + 1)) {
                behind.push(x.clone());
            }
        }
        Streams { behind, last: norm(x, &self.norm) }
    }

    /// Logits of some positions, `[rows, vocabulary]`, from their streams behind the last norm, `[rows, hidden]`.
    pub fn logits(&self, rows: Tensor<2>) -> Tensor<2> {
        rows.matmul(self.embedding.val().transpose())
    }
}
