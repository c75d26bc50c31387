//! The WASM stream at one layer, as a module that learns.
//!
//! A small decoder of WAT tokens in the manner of Flamingo (Alayrac et al., 2022): in each of its layers the program
//! so far attends to itself, and then, through a tanh gate that starts at 0, to the text stream of its layer.

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Bool, Device, Int, Tensor};

use super::decoder::{gain, matrix, reading, writing};
use super::ops::{Rotary, attend, causal, ffn, linear, norm, split};
use crate::worldmodel::taps::TapConfig;

/// All taps, and what they share.
#[derive(Module, Debug)]
pub struct Taps {
    /// WAT tokens, `[vocabulary, width]`; also the output matrix.
    pub embedding: Param<Tensor<2>>,
    /// What is added to the text stream where an operand stands, `[operands + 1, hidden]`; row 0 is for no operand.
    pub operands: Param<Tensor<2>>,
    /// One for each layer tapped.
    pub taps: Vec<Tap>,
}

/// One tap.
#[derive(Module, Debug)]
pub struct Tap {
    /// Gain of the norm of the text stream, `[hidden]`.
    pub memory_norm: Param<Tensor<1>>,
    /// The layers, first to last.
    pub layers: Vec<TapLayer>,
    /// Gain of the last norm, `[width]`.
    pub norm: Param<Tensor<1>>,
}

/// One layer of a tap. Matrices stand as `[inputs, outputs]`.
#[derive(Module, Debug)]
pub struct TapLayer {
    /// `[width]`
    pub attention_norm: Param<Tensor<1>>,
    /// `[width, width]`
    pub q: Param<Tensor<2>>,
    /// `[width, width]`
    pub k: Param<Tensor<2>>,
    /// `[width, width]`
    pub v: Param<Tensor<2>>,
    /// `[width, width]`
    pub o: Param<Tensor<2>>,
    /// `[width]`
    pub cross_norm: Param<Tensor<1>>,
    /// `[width, width]`
    pub cross_q: Param<Tensor<2>>,
    /// `[hidden, width]`
    pub cross_k: Param<Tensor<2>>,
    /// `[hidden, width]`
    pub cross_v: Param<Tensor<2>>,
    /// `[width, width]`
    pub cross_o: Param<Tensor<2>>,
    /// tanh of it is what passes of the text; starts at 0. `[1]`
    pub cross_gate: Param<Tensor<1>>,
    /// `[width]`
    pub ffn_norm: Param<Tensor<1>>,
    /// `[width, ffn]`
    pub gate: Param<Tensor<2>>,
    /// `[width, ffn]`
    pub up: Param<Tensor<2>>,
    /// `[ffn, width]`
    pub down: Param<Tensor<2>>,
}

impl Taps {
    /// Taps of new weights on a stream `hidden` wide.
    pub fn new(config: &TapConfig, hidden: usize, device: &Device) -> Self {
        let TapConfig { width, ffn, layers, vocabulary, operands, .. } = *config;
        let read = |inputs, outputs| matrix(inputs, outputs, reading(), device);
        let write = |inputs| matrix(inputs, width, writing(layers), device);
        let layer = || TapLayer {
            attention_norm: gain(width, device),
            q: read(width, width),
            k: read(width, width),
            v: read(width, width),
            o: write(width),
            cross_norm: gain(width, device),
            cross_q: read(width, width),
            cross_k: read(hidden, width),
            cross_v: read(hidden, width),
            cross_o: write(width),
            cross_gate: Initializer::Zeros.init([1], device),
            ffn_norm: gain(width, device),
            gate: read(width, ffn),
            up: read(width, ffn),
            down: write(ffn),
        };
        let tap = || Tap {
            memory_norm: gain(hidden, device),
            layers: (0..layers).map(|_| layer()).collect(),
            norm: gain(width, device),
        };
        Self {
            embedding: matrix(vocabulary, width, reading(), device),
            operands: matrix(operands + 1, hidden, reading(), device),
            taps: config.behind.iter().map(|_| tap()).collect(),
        }
    }

    /// Logits behind every token of a program at one tap, `[batch, tokens, vocabulary]`'s rows before the output
    /// matrix: `[batch, tokens, width]`.
    ///
    /// `memory`: the text stream, `[batch, positions, hidden]`; `operands`: the operand that stands at each of its
    /// positions, `[batch, positions]`; `unseen`: positions that are not text yet, `[batch, 1, 1, positions]`.
    pub fn forward(
        &self,
        config: &TapConfig,
        tap: &Tap,
        programs: Tensor<2, Int>,
        memory: Tensor<3>,
        operands: Tensor<2, Int>,
        unseen: Tensor<4, Bool>,
    ) -> Tensor<3> {
        let [batch, tokens] = programs.dims();
        let [_, positions, hidden] = memory.dims();
        let device = programs.device();
        let head_dim = config.head_dim();
        let rotary = Rotary::new(tokens, head_dim, config.rope_base.into(), &device);
        let later = causal(tokens, 1, &device);
        let marks = self.operands.val().select(0, operands.reshape([batch * positions]));
        let memory = norm(memory + marks.reshape([batch, positions, hidden]), &tap.memory_norm);
        let rows = self.embedding.val().select(0, programs.reshape([batch * tokens]));
        let mut x = rows.reshape([batch, tokens, config.width]);
        for layer in &tap.layers {
            let normed = norm(x.clone(), &layer.attention_norm);
            let q = rotary.apply(split(linear(normed.clone(), &layer.q), head_dim));
            let k = rotary.apply(split(linear(normed.clone(), &layer.k), head_dim));
            let v = split(linear(normed, &layer.v), head_dim);
            x = x + linear(attend(q, k, v, later.clone()), &layer.o);
            let normed = norm(x.clone(), &layer.cross_norm);
            let q = split(linear(normed, &layer.cross_q), head_dim);
            let k = split(linear(memory.clone(), &layer.cross_k), head_dim);
            let v = split(linear(memory.clone(), &layer.cross_v), head_dim);
            let read = linear(attend(q, k, v, unseen.clone()), &layer.cross_o);
            x = x + read * layer.cross_gate.val().tanh().unsqueeze();
            let normed = norm(x.clone(), &layer.ffn_norm);
            x = x + ffn(normed, &layer.gate, &layer.up, &layer.down);
        }
        norm(x, &tap.norm)
    }

    /// Logits of some tokens, `[rows, vocabulary]`, from what [`Taps::forward`] gave for them, `[rows, width]`.
    pub fn logits(&self, rows: Tensor<2>) -> Tensor<2> {
        rows.matmul(self.embedding.val().transpose())
    }
}
