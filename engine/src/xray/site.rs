//! The name of one number inside a model, and its explanation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One number inside a model, named the way TransformerLens names it.
///
/// [`fmt::Display`] and [`FromStr`] are inverse to each other: `blocks.4.mlp.hook_post[17, 3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Site {
    /// `hook_embed[position, dim]`
    Embed {
        /// Position in the sequence.
        position: usize,
        /// Dimension of the residual stream.
        dim: usize,
    },
    /// `hook_pos_embed[position, dim]`
    PosEmbed {
        /// Position in the sequence.
        position: usize,
        /// Dimension of the residual stream.
        dim: usize,
    },
    /// `blocks.L.hook_resid_pre|mid|post[position, dim]`
    Resid {
        /// Layer.
        layer: usize,
        /// Where in the layer.
        stage: Stage,
        /// Position in the sequence.
        position: usize,
        /// Dimension of the residual stream.
        dim: usize,
    },
    /// `blocks.L.attn.hook_q|k|v|z[position, head, component]`
    Head {
        /// Layer.
        layer: usize,
        /// Which of the head's vectors.
        part: HeadPart,
        /// Position in the sequence.
        position: usize,
        /// Head within the layer.
        head: usize,
        /// Component of the vector.
        component: usize,
    },
    /// `blocks.L.attn.hook_attn_scores[head, query, key]`
    Score {
        /// Layer.
        layer: usize,
        /// Head within the layer.
        head: usize,
        /// Position that asks.
        query: usize,
        /// Position that answers (for cross-attention: entry of the store).
        key: usize,
    },
    /// `blocks.L.attn.hook_pattern[head, query, key]`
    Pattern {
        /// Layer.
        layer: usize,
        /// Head within the layer.
        head: usize,
        /// Position that asks.
        query: usize,
        /// Position that answers (for cross-attention: entry of the store).
        key: usize,
    },
    /// `blocks.L.mlp.hook_pre|pre_linear|post[position, neuron]`
    Neuron {
        /// Layer.
        layer: usize,
        /// Which of the neuron's numbers.
        part: NeuronPart,
        /// Position in the sequence.
        position: usize,
        /// Neuron within the layer.
        neuron: usize,
    },
    /// `hook_logits[position, token]`
    Logit {
        /// Position in the sequence.
        position: usize,
        /// Token of the vocabulary.
        token: usize,
    },
}

/// Where in a layer the residual stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// Before the layer.
    Pre,
    /// Between attention and FFN.
    Mid,
    /// After the layer.
    Post,
}

/// One of a head's vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeadPart {
    /// The query.
    Q,
    /// The key.
    K,
    /// The value.
    V,
    /// The value attended to: the head's result before its output matrix.
    Z,
}

/// One of a neuron's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NeuronPart {
    /// The gate before the ReLU.
    Pre,
    /// The value that the gate multiplies.
    PreLinear,
    /// max(0, gate) · value.
    Post,
}

impl Site {
    /// The position whose computation the number belongs to (the query's, for scores and patterns).
    pub const fn position(&self) -> usize {
        match *self {
            Self::Embed { position, .. }
            | Self::PosEmbed { position, .. }
            | Self::Resid { position, .. }
            | Self::Head { position, .. }
            | Self::Neuron { position, .. }
            | Self::Logit { position, .. } => position,
            Self::Score { query, .. } | Self::Pattern { query, .. } => query,
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Embed { position, dim } => write!(f, "hook_embed[{position}, {dim}]"),
            Self::PosEmbed { position, dim } => write!(f, "hook_pos_embed[{position}, {dim}]"),
            Self::Resid { layer, stage, position, dim } => {
                let stage = match stage {
                    Stage::Pre => "pre",
                    Stage::Mid => "mid",
                    Stage::Post => "post",
                };
                write!(f, "blocks.{layer}.hook_resid_{stage}[{position}, {dim}]")
            }
            Self::Head { layer, part, position, head, component } => {
                let part = match part {
                    HeadPart::Q => "q",
                    HeadPart::K => "k",
                    HeadPart::V => "v",
                    HeadPart::Z => "z",
                };
                write!(f, "blocks.{layer}.attn.hook_{part}[{position}, {head}, {component}]")
            }
            Self::Score { layer, head, query, key } => {
                write!(f, "blocks.{layer}.attn.hook_attn_scores[{head}, {query}, {key}]")
            }
            Self::Pattern { layer, head, query, key } => {
                write!(f, "blocks.{layer}.attn.hook_pattern[{head}, {query}, {key}]")
            }
            Self::Neuron { layer, part, position, neuron } => {
                let part = match part {
                    NeuronPart::Pre => "pre",
                    NeuronPart::PreLinear => "pre_linear",
                    NeuronPart::Post => "post",
                };
                write!(f, "blocks.{layer}.mlp.hook_{part}[{position}, {neuron}]")
            }
            Self::Logit { position, token } => write!(f, "hook_logits[{position}, {token}]"),
        }
    }
}

/// A text that names no site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no site; a site looks like `blocks.4.mlp.hook_post[17, 3]`")]
pub struct SiteError(
    /// The text.
    pub String,
);

impl FromStr for Site {
    type Err = SiteError;

    fn from_str(text: &str) -> Result<Self, SiteError> {
        parse(text).ok_or_else(|| SiteError(text.to_owned()))
    }
}

/// `None` where the text is no site.
fn parse(text: &str) -> Option<Site> {
    let (name, rest) = text.trim().split_once('[')?;
    let indices = rest
        .strip_suffix(']')?
        .split(',')
        .map(|index| index.trim().parse().ok())
        .collect::<Option<Vec<usize>>>()?;
    let Some(name) = name.strip_prefix("blocks.") else {
        let &[position, index] = indices.as_slice() else { return None };
        return match name {
            "hook_embed" => Some(Site::Embed { position, dim: index }),
            "hook_pos_embed" => Some(Site::PosEmbed { position, dim: index }),
            "hook_logits" => Some(Site::Logit { position, token: index }),
            _ => None,
        };
    };
    let (layer, hook) = name.split_once('.')?;
    let layer = layer.parse().ok()?;
    match (hook, indices.as_slice()) {
        ("hook_resid_pre", &[position, dim]) => Some(Site::Resid { layer, stage: Stage::Pre, position, dim }),
        ("hook_resid_mid", &[position, dim]) => Some(Site::Resid { layer, stage: Stage::Mid, position, dim }),
        ("hook_resid_post", &[position, dim]) => {
            Some(Site::Resid { layer, stage: Stage::Post, position, dim })
        }
        ("attn.hook_attn_scores", &[head, query, key]) => Some(Site::Score { layer, head, query, key }),
        ("attn.hook_pattern", &[head, query, key]) => Some(Site::Pattern { layer, head, query, key }),
        (hook, &[position, head, component]) => {
            let part = match hook {
                "attn.hook_q" => HeadPart::Q,
                "attn.hook_k" => HeadPart::K,
                "attn.hook_v" => HeadPart::V,
                "attn.hook_z" => HeadPart::Z,
                _ => return None,
            };
            Some(Site::Head { layer, part, position, head, component })
        }
        (hook, &[position, neuron]) => {
            let part = match hook {
                "mlp.hook_pre" => NeuronPart::Pre,
                "mlp.hook_pre_linear" => NeuronPart::PreLinear,
                "mlp.hook_post" => NeuronPart::Post,
                _ => return None,
            };
            Some(Site::Neuron { layer, part, position, neuron })
        }
        _ => None,
    }
}

/// One number, recomputed from its inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Which number.
    pub site: Site,
    /// What it means, in the compiler's words ("DEPTH after layer 1", "neuron `add: a + b`").
    pub label: String,
    /// How it is computed, as a formula in words ("Σ weight · input", "max(0, gate) · value").
    pub rule: String,
    /// The number the run used.
    pub value: f32,
    /// The same number, computed again from `inputs`.
    pub recomputed: f32,
    /// The numbers it is made of; those with weight 0 are left out.
    pub inputs: Vec<Input>,
}

/// One input of an explained number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Which number.
    pub site: Site,
    /// What it means.
    pub label: String,
    /// Its value.
    pub value: f32,
    /// What it is multiplied with.
    pub weight: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_the_site_they_came_from() {
        let names = [
            "hook_embed[3, 99]",
            "hook_pos_embed[0, 1]",
            "blocks.0.hook_resid_pre[12, 4]",
            "blocks.7.hook_resid_mid[12, 4]",
            "blocks.7.hook_resid_post[12, 4]",
            "blocks.3.attn.hook_q[8, 2, 1]",
            "blocks.3.attn.hook_k[8, 2, 1]",
            "blocks.3.attn.hook_v[8, 2, 1]",
            "blocks.3.attn.hook_z[8, 2, 1]",
            "blocks.3.attn.hook_attn_scores[2, 8, 1]",
            "blocks.3.attn.hook_pattern[2, 8, 1]",
            "blocks.4.mlp.hook_pre[17, 3]",
            "blocks.4.mlp.hook_pre_linear[17, 3]",
            "blocks.4.mlp.hook_post[17, 3]",
            "hook_logits[17, 259]",
        ];
        for name in names {
            assert_eq!(name.parse::<Site>().map(|site| site.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for text in ["", "blocks.x.hook_resid_pre[1, 2]", "hook_embed[1]", "blocks.1.mlp.hook_post[1, -2]"] {
            let error = text.parse::<Site>().unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}
