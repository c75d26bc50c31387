//! What the compiler says of a model: the meaning of each dimension, head and neuron.

use serde::{Deserialize, Serialize};

/// A model's shape and the meaning of each of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// The model's name.
    pub name: String,
    /// Parameters, counted from the tensors.
    pub parameters: usize,
    /// Number of tensors.
    pub tensors: usize,
    /// Size of the vocabulary.
    pub vocabulary: usize,
    /// The residual stream's dimensions, by index.
    pub dims: Vec<Part>,
    /// The layers, front to back.
    pub layers: Vec<LayerCard>,
    /// What the weights make of a token's logit, as a formula in the dimensions' names.
    pub logit: String,
    /// What each token outside 0–255 means, by token.
    pub special_tokens: Vec<(u16, String)>,
}

/// One layer of a [`ModelCard`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerCard {
    /// What the layer is for ("opcode fetch").
    pub title: String,
    /// A sentence or two of how.
    pub about: String,
    /// Its heads.
    pub heads: Vec<HeadCard>,
    /// Its neurons, by index; an unused one has an empty label.
    pub neurons: Vec<Part>,
}

/// One head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadCard {
    /// Name and meaning.
    pub part: Part,
    /// How it attends.
    pub kind: HeadKind,
    /// The dimensions that its values are written to, a name each.
    pub values: Vec<String>,
}

/// How a head attends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeadKind {
    /// Takes the value of the best key; the latest of equals.
    HardMax,
    /// Adds up all values so far.
    Sum,
    /// Like hard-max, over an external key/value store instead of the sequence.
    Cross {
        /// Which store.
        store: usize,
    },
}

/// A named part of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The compiler's label ("STACK_DEPTH", "fetch i32.add").
    pub label: String,
    /// A sentence of what it does.
    pub about: String,
}
