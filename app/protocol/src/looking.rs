//! Looking into a language model: what is asked about one position or a whole text, what is replaced meanwhile, and what is answered.

use engine::xray::{LensMap, Site};
use serde::{Deserialize, Serialize};

/// A part of the model whose result is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intervention {
    /// The layer, from 0; of a gate the tap, by its place among the taps.
    pub layer: usize,
    /// The part of it.
    pub part: Part,
    /// What stands in for it.
    pub with: Replacement,
    /// The only position at which it is replaced; `None` for all. A gate knows no positions.
    pub position: Option<usize>,
}

/// A part of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    /// An attention head.
    Head(usize),
    /// A neuron of the FFN.
    Neuron(usize),
    /// A dimension of the residual stream behind the layer.
    Dimension(usize),
    /// The gate of a tap's layer: the share of the text that passes.
    Gate(usize),
}

/// What stands in for a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Replacement {
    /// Zero.
    #[default]
    Zero,
    /// Its mean over the text: of a chat so far, of a question as it was answered with nothing replaced. A gate has none.
    Mean,
    /// This value, in each of a head's dimensions.
    Value(f32),
}

/// A text that the model has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextOf {
    /// The last chat, or the last question if that came later.
    #[default]
    Last,
    /// The last question as it was answered with nothing replaced, whatever was said since.
    Question,
    /// The last question as it was answered with something replaced.
    Changed,
}

/// What somebody wants to see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LookRequest {
    /// Place of the token in the chat, from 0: what the model computed when it read it.
    pub position: usize,
    /// The layer whose heads and neurons are shown.
    pub layer: usize,
    /// Tokens of each layer's logit lens, and neurons.
    pub top: usize,
    /// Whether the stations of all layers are wanted too.
    pub stations: bool,
    /// What is replaced, as in the chat. A question's own are known.
    pub interventions: Vec<Intervention>,
    /// Which text is meant.
    pub of: TextOf,
}

/// What somebody wants opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenRequest {
    /// What.
    pub what: Opened,
    /// What is replaced, as in [`LookRequest`].
    pub interventions: Vec<Intervention>,
    /// Which text is meant.
    pub of: TextOf,
}

/// What can be opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Opened {
    /// These numbers. Answers [`crate::language::LanguageResponse::Explanations`].
    Numbers(Vec<Site>),
    /// All heads' patterns. Answers [`crate::language::LanguageResponse::Survey`].
    Heads,
    /// The logit lens of every position, and the probability of one token that is followed. Answers [`crate::language::LanguageResponse::LensMap`].
    Lens(Option<u32>),
    /// The logit of a token at a position, by what wrote it. Answers [`crate::language::LanguageResponse::Attribution`].
    Logit {
        /// The position.
        position: usize,
        /// The token.
        token: u32,
    },
    /// A dimension of the stream behind a layer, by what wrote it. Answers [`crate::language::LanguageResponse::Written`].
    Dimension {
        /// The position.
        position: usize,
        /// The layer.
        layer: usize,
        /// The dimension.
        dim: usize,
    },
    /// Each layer's neurons that passed on most anywhere in the text: so many. Answers [`crate::language::LanguageResponse::Peaks`].
    Peaks(usize),
}

/// The logit lens of every position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LensOfText {
    /// For the embedding and then behind each layer, for each position: the likeliest token, and its probability.
    pub map: LensMap,
    /// How the tokens of the map are written.
    pub words: Vec<(u32, String)>,
}

/// What the model computed at one position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// What was asked.
    pub request: LookRequest,
    /// For the embedding and then for each layer: the tokens that its residual stream would say, and their
    /// probabilities (the logit lens).
    pub lens: Vec<Vec<(String, f32)>>,
    /// The numbers of the last layer's tokens, and their logits, in the order of `lens`.
    pub logits: Vec<(u32, f32)>,
    /// The dimensions that the layer changes most: number, the stream before it, between attention and FFN, and behind it.
    pub dimensions: Vec<(usize, f32, f32, f32)>,
    /// Length of the residual stream, for the embedding and then behind each layer.
    pub norms: Vec<f32>,
    /// For each head of the layer, its pattern over the positions up to this one.
    pub patterns: Vec<Vec<f32>>,
    /// Length of what each head of the layer adds to the stream: what it attended to (z), times its columns of the
    /// output matrix.
    pub heads: Vec<f32>,
    /// The strongest neurons: number, gate before silu, value it multiplies, and what passed on: their product, or
    /// what an intervention put in its place.
    pub neurons: Vec<(usize, f32, f32, f32)>,
    /// Length of what attention and the FFN of the layer add to the stream.
    pub added: (f32, f32),
    /// What each layer adds, first to last, where that was asked for; else empty.
    pub stations: Vec<Station>,
}

/// What a layer adds to the residual stream at one position, as lengths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// What each head adds.
    pub heads: Vec<f32>,
    /// What attention adds: all heads together.
    pub attention: f32,
    /// What the FFN adds.
    pub ffn: f32,
}
