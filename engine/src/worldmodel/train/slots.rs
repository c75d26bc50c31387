//! Every tensor that is learned, by the name that files give it.

use burn::module::Param;
use burn::tensor::Tensor;

use super::decoder::{Block, Decoder};
use super::taps::{TapLayer, Taps};

/// Where a tensor is held, and how it lies there.
pub(super) enum Slot<'a> {
    /// `[width]`.
    Vector(&'a mut Param<Tensor<1>>),
    /// `[rows, columns]`, in files as here.
    Table(&'a mut Param<Tensor<2>>),
    /// `[inputs, outputs]`, in files `[outputs, inputs]`.
    Matrix(&'a mut Param<Tensor<2>>),
}

/// The text stream's, named as `transformers` names Qwen3's.
pub(super) fn text(decoder: &mut Decoder) -> Vec<(String, Slot<'_>)> {
    let Decoder { embedding, layers, norm } = decoder;
    let mut slots = vec![
        ("model.embed_tokens.weight".to_owned(), Slot::Table(embedding)),
        ("model.norm.weight".to_owned(), Slot::Vector(norm)),
    ];
    for (at, block) in layers.iter_mut().enumerate() {
        let Block { attention_norm, q, k, v, o, q_norm, k_norm, ffn_norm, gate, up, down } = block;
        let parts = [
            ("input_layernorm", Slot::Vector(attention_norm)),
            ("self_attn.q_norm", Slot::Vector(q_norm)),
            ("self_attn.k_norm", Slot::Vector(k_norm)),
            ("post_attention_layernorm", Slot::Vector(ffn_norm)),
            ("self_attn.q_proj", Slot::Matrix(q)),
            ("self_attn.k_proj", Slot::Matrix(k)),
            ("self_attn.v_proj", Slot::Matrix(v)),
            ("self_attn.o_proj", Slot::Matrix(o)),
            ("mlp.gate_proj", Slot::Matrix(gate)),
            ("mlp.up_proj", Slot::Matrix(up)),
            ("mlp.down_proj", Slot::Matrix(down)),
        ];
        slots.extend(parts.map(|(part, slot)| (format!("model.layers.{at}.{part}.weight"), slot)));
    }
    slots
}

/// The taps', named as [`crate::worldmodel::taps::Taps::load`] wants them.
pub(super) fn taps(taps: &mut Taps) -> Vec<(String, Slot<'_>)> {
    let Taps { embedding, operands, taps } = taps;
    let mut slots = vec![
        ("embedding.weight".to_owned(), Slot::Table(embedding)),
        ("operands.weight".to_owned(), Slot::Table(operands)),
    ];
    for (at, tap) in taps.iter_mut().enumerate() {
        slots.push((format!("taps.{at}.memory_norm.weight"), Slot::Vector(&mut tap.memory_norm)));
        slots.push((format!("taps.{at}.norm.weight"), Slot::Vector(&mut tap.norm)));
        for (number, layer) in tap.layers.iter_mut().enumerate() {
            let TapLayer {
                attention_norm,
                q,
                k,
                v,
                o,
                cross_norm,
                cross_q,
                cross_k,
                cross_v,
                cross_o,
                cross_gate,
                ffn_norm,
                gate,
                up,
                down,
            } = layer;
            let parts = [
                ("attention_norm", Slot::Vector(attention_norm)),
                ("cross_norm", Slot::Vector(cross_norm)),
                ("cross_gate", Slot::Vector(cross_gate)),
                ("ffn_norm", Slot::Vector(ffn_norm)),
                ("q", Slot::Matrix(q)),
                ("k", Slot::Matrix(k)),
                ("v", Slot::Matrix(v)),
                ("o", Slot::Matrix(o)),
                ("cross_q", Slot::Matrix(cross_q)),
                ("cross_k", Slot::Matrix(cross_k)),
                ("cross_v", Slot::Matrix(cross_v)),
                ("cross_o", Slot::Matrix(cross_o)),
                ("gate", Slot::Matrix(gate)),
                ("up", Slot::Matrix(up)),
                ("down", Slot::Matrix(down)),
            ];
            slots
                .extend(parts.map(|(part, slot)| (format!("taps.{at}.layers.{number}.{part}.weight"), slot)));
        }
    }
    slots
}
