//! Which numbers a run has.

use crate::qwen::{Architecture, Config};
use crate::xray::{Adder, HeadNorm, HeadPart, NeuronPart, Norm, Site, Stage};

/// Kinds of numbers that a decoder has; Llama lacks the four of its heads' norms.
pub const KINDS: usize = 29;

/// Any number of a kind, from 0 to [`KINDS`] − 1, of a text of so many positions. `below(n)` draws from 0 to n − 1.
/// `None` where the model has no such kind.
pub fn any(
    kind: usize,
    config: &Config,
    positions: usize,
    mut below: impl FnMut(usize) -> usize,
) -> Option<Site> {
    let position = below(positions);
    let layer = below(config.layers);
    let attention = Norm::Attention { layer };
    let mlp = Norm::Mlp { layer };
    let mut resid = |stage| Site::Resid { layer, stage, position, dim: below(config.hidden) };
    Some(match kind {
        0 => resid(Stage::Pre),
        1 => resid(Stage::Mid),
        2 => resid(Stage::Post),
        3 => Site::Embed { position, dim: below(config.hidden) },
        4 => Site::Scale { norm: attention, position },
        5 => Site::Scale { norm: mlp, position },
        6 => Site::Scale { norm: Norm::Final, position },
        7 => Site::Normalized { norm: attention, position, dim: below(config.hidden) },
        8 => Site::Normalized { norm: mlp, position, dim: below(config.hidden) },
        9 => Site::Normalized { norm: Norm::Final, position, dim: below(config.hidden) },
        10 => Site::Logit { position, token: below(config.vocabulary) },
        11 | 12 => {
            let by = if kind == 11 { Adder::Attention } else { Adder::Mlp };
            Site::Added { layer, by, position, dim: below(config.hidden) }
        }
        13..=15 => {
            let part = match kind {
                13 => NeuronPart::Pre,
                14 => NeuronPart::PreLinear,
                _ => NeuronPart::Post,
            };
            Site::Neuron { layer, part, position, neuron: below(config.ffn) }
        }
        16 | 17 => {
            let head = below(config.heads);
            let key = below(position + 1);
            match kind {
                16 => Site::Score { layer, head, query: position, key },
                _ => Site::Pattern { layer, head, query: position, key },
            }
        }
        18 | 19 => {
            let norm = if kind == 18 { HeadNorm::Q } else { HeadNorm::K };
            has_head_norms(config).then_some(())?;
            Site::HeadScale { layer, norm, position, head: below(heads_normed(norm, config)) }
        }
        _ => {
            let part = match kind {
                20 => HeadPart::Q,
                21 => HeadPart::K,
                22 => HeadPart::V,
                23 => HeadPart::Z,
                24 => HeadPart::RotQ,
                25 => HeadPart::RotK,
                26 => HeadPart::Result,
                27 => HeadPart::NormedQ,
                28 => HeadPart::NormedK,
                _ => return None,
            };
            let normed = matches!(part, HeadPart::NormedQ | HeadPart::NormedK);
            (!normed || has_head_norms(config)).then_some(())?;
            let (heads, width) = heads(part, config);
            Site::Head { layer, part, position, head: below(heads), component: below(width) }
        }
    })
}

/// Whether queries and keys are normed.
pub(super) fn has_head_norms(config: &Config) -> bool {
    config.architecture == Architecture::Qwen3
}

/// How many heads have such a vector, and how long it is.
fn heads(part: HeadPart, config: &Config) -> (usize, usize) {
    match part {
        HeadPart::Q | HeadPart::NormedQ | HeadPart::RotQ | HeadPart::Z => (config.heads, config.head_dim),
        HeadPart::K | HeadPart::NormedK | HeadPart::RotK | HeadPart::V => (config.kv_heads, config.head_dim),
        HeadPart::Result => (config.heads, config.hidden),
    }
}

const fn heads_normed(norm: HeadNorm, config: &Config) -> usize {
    match norm {
        HeadNorm::Q => config.heads,
        HeadNorm::K => config.kv_heads,
    }
}

/// Why a run of that many positions has no such number; `None` where it has.
pub(super) fn outside(site: Site, config: &Config, positions: usize) -> Option<String> {
    let dims = |dim| (dim, config.hidden, "dimensions");
    let (index, second) = match site {
        Site::PosEmbed { .. } => return Some("positions turn queries and keys, and add nothing".to_owned()),
        Site::Embed { dim, .. }
        | Site::Resid { dim, .. }
        | Site::Normalized { dim, .. }
        | Site::Added { dim, .. } => (dims(dim), None),
        Site::Scale { .. } => ((0, 1, "norms"), None),
        Site::Logit { token, .. } => ((token, config.vocabulary, "tokens in the vocabulary"), None),
        Site::Neuron { neuron, .. } => ((neuron, config.ffn, "neurons in a layer"), None),
        Site::Score { head, query, key, .. } | Site::Pattern { head, query, key, .. } => {
            if key > query {
                return Some("a query sees no key behind its own position".to_owned());
            }
            ((head, config.heads, "heads in a layer"), None)
        }
        Site::HeadScale { norm, head, .. } => {
            if !has_head_norms(config) {
                return Some(NO_HEAD_NORMS.to_owned());
            }
            let what = if norm == HeadNorm::Q { "heads in a layer" } else { KEY_HEADS };
            ((head, heads_normed(norm, config), what), None)
        }
        Site::Head { part, head, component, .. } => {
            if matches!(part, HeadPart::NormedQ | HeadPart::NormedK) && !has_head_norms(config) {
                return Some(NO_HEAD_NORMS.to_owned());
            }
            let (count, width) = heads(part, config);
            let keys = matches!(part, HeadPart::K | HeadPart::NormedK | HeadPart::RotK | HeadPart::V);
            let what = if keys { KEY_HEADS } else { "heads in a layer" };
            ((head, count, what), Some((component, width, "components")))
        }
    };
    let place = (site.position(), positions, "tokens in the text");
    let layer = site.layer().map(|layer| (layer, config.layers, "layers"));
    let all = [Some(place), layer, Some(index), second];
    let (_, limit, what) = all.into_iter().flatten().find(|(index, limit, _)| index >= limit)?;
    Some(format!("there are {limit} {what}, counted from 0"))
}

/// Of Llama.
const NO_HEAD_NORMS: &str = "this architecture norms no queries and keys";
/// Of queries that share a key.
const KEY_HEADS: &str = "key/value heads in a layer";
