//! What one position computed, layer by layer.

use serde::{Deserialize, Serialize};

/// Everything that happened at one position of a sequence, from the token to the logits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// The position in the sequence, from 0.
    pub position: usize,
    /// The token at this position.
    pub token: u16,
    /// The token's row of the embedding, `[d_model]`. Site `hook_embed[position, dim]`.
    pub embed: Vec<f32>,
    /// The positional encoding added to it, `[d_model]`. Site `hook_pos_embed[position, dim]`.
    pub pos_embed: Vec<f32>,
    /// The layers, front to back.
    pub layers: Vec<LayerCapture>,
    /// The score of each token, `[vocabulary]`. Site `hook_logits[position, token]`.
    pub logits: Vec<f32>,
    /// The token of the highest logit (ties to the lower token).
    pub argmax: u16,
}

/// One layer at one position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerCapture {
    /// The residual stream before the layer, `[d_model]`. Site `blocks.L.hook_resid_pre[position, dim]`.
    pub resid_pre: Vec<f32>,
    /// The heads, in order.
    pub heads: Vec<HeadCapture>,
    /// The residual stream between attention and FFN, `[d_model]`. Site `blocks.L.hook_resid_mid[…]`.
    pub resid_mid: Vec<f32>,
    /// Each neuron's gate before the ReLU, `[d_ffn]`. Site `blocks.L.mlp.hook_pre[position, neuron]`.
    pub pre: Vec<f32>,
    /// Each neuron's value, `[d_ffn]`. Site `blocks.L.mlp.hook_pre_linear[position, neuron]`.
    pub pre_linear: Vec<f32>,
    /// Each neuron's output, max(0, gate) · value, `[d_ffn]`. Site `blocks.L.mlp.hook_post[position, neuron]`.
    pub post: Vec<f32>,
    /// The residual stream after the layer, `[d_model]`. Site `blocks.L.hook_resid_post[position, dim]`.
    pub resid_post: Vec<f32>,
}

/// One head at one position. Query and key have as many components as each other, value and result too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeadCapture {
    /// The query. Site `blocks.L.attn.hook_q[position, head, component]`.
    pub q: Vec<f32>,
    /// This position's own key. Site `blocks.L.attn.hook_k[…]`.
    pub k: Vec<f32>,
    /// This position's own value. Site `blocks.L.attn.hook_v[…]`.
    pub v: Vec<f32>,
    /// The position (for a cross-attention head: the entry of the external store) whose key won.
    /// `None` for a sum head, which takes all, for an empty store, and where an engine knows that nobody asks for the nearest
    /// of the keys and returns 0 (`full::engine`).
    pub winner: Option<usize>,
    /// The winner's score, q · k. For a sum head, 0.
    pub score: f32,
    /// What the head returns, before its output matrix. Site `blocks.L.attn.hook_z[…]`.
    pub z: Vec<f32>,
}

/// One head at one position, with all the keys it chose between.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttentionDetail {
    /// The layer, from 0.
    pub layer: usize,
    /// The head within the layer, from 0.
    pub head: usize,
    /// The position that asks.
    pub position: usize,
    /// Its query.
    pub q: Vec<f32>,
    /// The winning position or store entry.
    pub winner: Option<usize>,
    /// The keys, in order of position; the best-scoring ones if there were more than asked for.
    pub keys: Vec<KeyScore>,
    /// Keys left out: of those read, the others; and those that were not read.
    pub omitted: usize,
    /// Positions from the first whose keys were not read, but for the winner's: a trace may be longer than anybody would wait.
    pub unread: usize,
}

/// One key a head looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyScore {
    /// The position (or store entry) it belongs to.
    pub position: usize,
    /// The token there.
    pub token: u16,
    /// The key.
    pub k: Vec<f32>,
    /// The value that position offers.
    pub v: Vec<f32>,
    /// q · k.
    pub score: f32,
}
