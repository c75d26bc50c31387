//! What a language model's run is at a glance, as data: a logit by its sources, all heads, the logit lens of a whole text. The
//! `language` module computes it.

use serde::{Deserialize, Serialize};

/// Positions of a thumbnail at most, on each side: of longer texts, several share a place, and the largest is shown.
pub const SIDE: usize = 32;
/// What adds to the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The token's embedding.
    Embedding,
    /// A head.
    Head {
        /// The layer.
        layer: usize,
        /// The head in it.
        head: usize,
    },
    /// A neuron.
    Neuron {
        /// The layer.
        layer: usize,
        /// The neuron in it.
        neuron: usize,
    },
    /// All neurons of a layer that are not named by themselves.
    Mlp {
        /// The layer.
        layer: usize,
    },
    /// What was put into dimensions of the stream behind a layer, less what stood there.
    Replaced {
        /// The layer.
        layer: usize,
    },
}

/// A logit, by what wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The position whose logit it is.
    pub position: usize,
    /// The token.
    pub token: u32,
    /// The logit that the run has.
    pub logit: f32,
    /// Its parts, in the order of the pass. They sum to the logit.
    pub parts: Vec<(Source, f32)>,
}

/// A dimension of the stream behind a layer, by what wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// The position.
    pub position: usize,
    /// The layer behind which it is looked at.
    pub layer: usize,
    /// The dimension.
    pub dim: usize,
    /// The number that the run has there.
    pub value: f32,
    /// Its parts, in the order of the pass. They sum to the number. The [`NEURONS_NAMED`] neurons that wrote most are named.
    pub parts: Vec<(Source, f32)>,
}

/// Neurons that [`Written`] names, of all layers together.
pub const NEURONS_NAMED: usize = 12;

/// A neuron where it passed on most in a text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The neuron.
    pub neuron: usize,
    /// The position.
    pub position: usize,
    /// What it passed on there: `mlp.hook_post`.
    pub product: f32,
}

/// All heads of all layers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Places of each side of a thumbnail.
    pub side: usize,
    /// For each layer and each of its heads: the pattern, `[side, side]`, queries downwards and keys to the right, each the largest
    /// share of attention within its place, of 255.
    pub thumbnails: Vec<Vec<Vec<u8>>>,
    /// For each layer and each of its heads: the mean share on the first token, on the token that asks, and on the one before it, over
    /// the tokens from the third on.
    pub habits: Vec<Vec<[f32; 3]>>,
}

/// What the stream would say: the logit lens over a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LensMap {
    /// For the embedding and then behind each layer, for each position: the likeliest token and its probability.
    pub likeliest: Vec<Vec<(u32, f32)>>,
    /// The same for one token that is followed: its probability; empty where none is.
    pub followed: Vec<Vec<f32>>,
}
