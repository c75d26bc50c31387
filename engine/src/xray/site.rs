//! The name of one number inside a model.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Adder, HeadNorm, HeadPart, NeuronPart, Norm, Stage};

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
    /// `blocks.L.attn.hook_q|k|v|z|…[position, head, component]`, see [`HeadPart`]
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
    /// `blocks.L.ln1|ln2.hook_scale[position]`, `ln_final.hook_scale[position]`
    Scale {
        /// Which norm.
        norm: Norm,
        /// Position in the sequence.
        position: usize,
    },
    /// `blocks.L.ln1|ln2.hook_normalized[position, dim]`, `ln_final.hook_normalized[position, dim]`
    Normalized {
        /// Which norm.
        norm: Norm,
        /// Position in the sequence.
        position: usize,
        /// Dimension of the residual stream.
        dim: usize,
    },
    /// `blocks.L.attn.q_norm|k_norm.hook_scale[position, head]`
    HeadScale {
        /// Layer.
        layer: usize,
        /// Which of the head's vectors is normed.
        norm: HeadNorm,
        /// Position in the sequence.
        position: usize,
        /// Head within the layer.
        head: usize,
    },
    /// `blocks.L.hook_attn_out|mlp_out[position, dim]`
    Added {
        /// Layer.
        layer: usize,
        /// What adds it to the stream.
        by: Adder,
        /// Position in the sequence.
        position: usize,
        /// Dimension of the residual stream.
        dim: usize,
    },
}

impl Site {
    /// The position whose computation the number belongs to (the query's, for scores and patterns).
    pub const fn position(&self) -> usize {
        let mut site = *self;
        *site.place()
    }

    /// The same number at another position (of another query, for scores and patterns).
    #[must_use]
    pub const fn moved(mut self, to: usize) -> Self {
        *self.place() = to;
        self
    }

    const fn place(&mut self) -> &mut usize {
        match self {
            Self::Embed { position, .. }
            | Self::PosEmbed { position, .. }
            | Self::Resid { position, .. }
            | Self::Head { position, .. }
            | Self::Neuron { position, .. }
            | Self::Logit { position, .. }
            | Self::Scale { position, .. }
            | Self::Normalized { position, .. }
            | Self::HeadScale { position, .. }
            | Self::Added { position, .. } => position,
            Self::Score { query, .. } | Self::Pattern { query, .. } => query,
        }
    }

    /// The layer it belongs to; what stands before and behind all layers belongs to none.
    pub const fn layer(&self) -> Option<usize> {
        match *self {
            Self::Resid { layer, .. }
            | Self::Head { layer, .. }
            | Self::Score { layer, .. }
            | Self::Pattern { layer, .. }
            | Self::Neuron { layer, .. }
            | Self::HeadScale { layer, .. }
            | Self::Added { layer, .. } => Some(layer),
            Self::Scale { norm, .. } | Self::Normalized { norm, .. } => norm.layer(),
            Self::Embed { .. } | Self::PosEmbed { .. } | Self::Logit { .. } => None,
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Embed { position, dim } => write!(f, "hook_embed[{position}, {dim}]"),
            Self::PosEmbed { position, dim } => write!(f, "hook_pos_embed[{position}, {dim}]"),
            Self::Resid { layer, stage, position, dim } => {
                write!(f, "blocks.{layer}.{}[{position}, {dim}]", stage.name())
            }
            Self::Head { layer, part, position, head, component } => {
                write!(f, "blocks.{layer}.{}[{position}, {head}, {component}]", part.name())
            }
            Self::Score { layer, head, query, key } => {
                write!(f, "blocks.{layer}.attn.hook_attn_scores[{head}, {query}, {key}]")
            }
            Self::Pattern { layer, head, query, key } => {
                write!(f, "blocks.{layer}.attn.hook_pattern[{head}, {query}, {key}]")
            }
            Self::Neuron { layer, part, position, neuron } => {
                write!(f, "blocks.{layer}.{}[{position}, {neuron}]", part.name())
            }
            Self::Logit { position, token } => write!(f, "hook_logits[{position}, {token}]"),
            Self::Scale { norm, position } => write!(f, "{norm}.hook_scale[{position}]"),
            Self::Normalized { norm, position, dim } => {
                write!(f, "{norm}.hook_normalized[{position}, {dim}]")
            }
            Self::HeadScale { layer, norm, position, head } => {
                write!(f, "blocks.{layer}.{}[{position}, {head}]", norm.scale_name())
            }
            Self::Added { layer, by, position, dim } => {
                write!(f, "blocks.{layer}.{}[{position}, {dim}]", by.name())
            }
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
        return match (name, indices.as_slice()) {
            ("hook_embed", &[position, dim]) => Some(Site::Embed { position, dim }),
            ("hook_pos_embed", &[position, dim]) => Some(Site::PosEmbed { position, dim }),
            ("hook_logits", &[position, token]) => Some(Site::Logit { position, token }),
            (name, indices) => of_norm(Norm::Final, name.strip_prefix("ln_final.")?, indices),
        };
    };
    let (layer, hook) = name.split_once('.')?;
    let layer = layer.parse().ok()?;
    if let Some(name) = hook.strip_prefix("ln1.") {
        return of_norm(Norm::Attention { layer }, name, &indices);
    }
    if let Some(name) = hook.strip_prefix("ln2.") {
        return of_norm(Norm::Mlp { layer }, name, &indices);
    }
    match (hook, indices.as_slice()) {
        ("attn.hook_attn_scores", &[head, query, key]) => Some(Site::Score { layer, head, query, key }),
        ("attn.hook_pattern", &[head, query, key]) => Some(Site::Pattern { layer, head, query, key }),
        (hook, &[position, head, component]) => {
            let part = HeadPart::ALL.into_iter().find(|part| part.name() == hook)?;
            Some(Site::Head { layer, part, position, head, component })
        }
        (hook, &[position, index]) => {
            let resid = || {
                let stage = Stage::ALL.into_iter().find(|stage| stage.name() == hook)?;
                Some(Site::Resid { layer, stage, position, dim: index })
            };
            let neuron = || {
                let part = NeuronPart::ALL.into_iter().find(|part| part.name() == hook)?;
                Some(Site::Neuron { layer, part, position, neuron: index })
            };
            let scale = || {
                let norm = HeadNorm::ALL.into_iter().find(|norm| norm.scale_name() == hook)?;
                Some(Site::HeadScale { layer, norm, position, head: index })
            };
            let added = || {
                let by = Adder::ALL.into_iter().find(|by| by.name() == hook)?;
                Some(Site::Added { layer, by, position, dim: index })
            };
            resid().or_else(neuron).or_else(scale).or_else(added)
        }
        _ => None,
    }
}

/// A number of a norm.
fn of_norm(norm: Norm, name: &str, indices: &[usize]) -> Option<Site> {
    match (name, indices) {
        ("hook_scale", &[position]) => Some(Site::Scale { norm, position }),
        ("hook_normalized", &[position, dim]) => Some(Site::Normalized { norm, position, dim }),
        _ => None,
    }
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
            "blocks.3.ln1.hook_scale[8]",
            "blocks.3.ln1.hook_normalized[8, 5]",
            "blocks.3.ln2.hook_scale[8]",
            "blocks.3.ln2.hook_normalized[8, 5]",
            "ln_final.hook_scale[8]",
            "ln_final.hook_normalized[8, 5]",
            "blocks.3.attn.q_norm.hook_scale[8, 2]",
            "blocks.3.attn.k_norm.hook_scale[8, 2]",
            "blocks.3.attn.q_norm.hook_normalized[8, 2, 1]",
            "blocks.3.attn.k_norm.hook_normalized[8, 2, 1]",
            "blocks.3.attn.hook_rot_q[8, 2, 1]",
            "blocks.3.attn.hook_rot_k[8, 2, 1]",
            "blocks.3.attn.hook_result[8, 2, 100]",
            "blocks.3.hook_attn_out[8, 5]",
            "blocks.3.hook_mlp_out[8, 5]",
        ];
        for name in names {
            assert_eq!(name.parse::<Site>().map(|site| site.to_string()), Ok(name.to_owned()));
            let site: Site = name.parse().unwrap();
            let moved = site.moved(21);
            assert_eq!((moved.position(), moved.moved(site.position())), (21, site));
            let layer = name.strip_prefix("blocks.").and_then(|rest| rest.split('.').next());
            assert_eq!(site.layer().map(|layer| layer.to_string()).as_deref(), layer);
        }
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for text in [
            "",
            "blocks.x.hook_resid_pre[1, 2]",
            "hook_embed[1]",
            "ln1.hook_scale[1]",
            "blocks.1.mlp.hook_post[1, -2]",
        ] {
            let error = text.parse::<Site>().unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}
