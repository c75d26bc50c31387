//! Where a number comes from: its inputs, and the number computed again from them.
//!
//! The value is what the engine's capture holds; the recomputation reads the weights of the compiled model
//! and the captured inputs, and shares no code with any engine's forward pass.

use super::{
    Capture, Explanation, HeadCapture, HeadPart, Input, KeyScore, LayerCapture, NeuronPart, Site, Stage,
};
use crate::interpreter::HeadKind;
use crate::interpreter::engine::{Engine, EngineError, HeadAddress};
use crate::interpreter::model::{Block, Matrix, Transformer};
use crate::interpreter::sequence::Sequence;

/// Keys of a head that are looked at; those left out score no higher.
const MOST_KEYS: usize = 32_768;
/// Why a head returns 0 though there are keys.
const NOT_ASKED_FOR: &str = "0: no key equals the query, and nothing reads what the head returns here; plain attention would take the nearest key";

/// Explains one number of a run.
///
/// # Errors
/// When the site is outside the model or the run, or the engine fails.
pub async fn explain<E: Engine>(
    engine: &mut E,
    model: &Transformer,
    sequence: &Sequence,
    site: Site,
) -> Result<Explanation, EngineError> {
    let capture = engine.capture(sequence, site.position()).await?;
    explain_captured(engine, model, sequence, &capture, site).await
}

/// Explains one number of a position that is captured already: capturing costs a forward pass.
///
/// # Errors
/// When the site is outside the model or the captured position, or the engine fails.
pub async fn explain_captured<E: Engine>(
    engine: &mut E,
    model: &Transformer,
    sequence: &Sequence,
    capture: &Capture,
    site: Site,
) -> Result<Explanation, EngineError> {
    if site.position() != capture.position {
        return Err(EngineError::NoSuchPart { what: format!("{site} at position {}", capture.position) });
    }
    let view = View { model, sequence, capture };
    let explained = match site {
        Site::Embed { dim, .. } => view.embed(dim),
        Site::PosEmbed { dim, .. } => view.pos_embed(dim),
        Site::Resid { layer, stage, dim, .. } => view.resid(layer, stage, dim),
        Site::Head { layer, part: HeadPart::Z, head, component, .. } => {
            let address = HeadAddress { layer, head };
            if view.is_long_sum(address) {
                // What the position before had: to list all positions would take too long.
                let before = engine.capture(sequence, capture.position - 1).await?;
                view.running_sum(address, component, &before)
            } else {
                let detail = engine.attention(sequence, capture, address, view.most_keys(address)).await?;
                view.head_result(layer, head, component, &detail)
            }
        }
        Site::Head { layer, part, head, component, .. } => view.head_vector(layer, part, head, component),
        Site::Score { layer, head, key, .. } | Site::Pattern { layer, head, key, .. } => {
            let address = HeadAddress { layer, head };
            let mut detail = engine.attention(sequence, capture, address, view.most_keys(address)).await?;
            if key <= capture.position && detail.keys.iter().all(|found| found.position != key) {
                let other = engine.capture(sequence, key).await?;
                detail.keys.extend(view.key_of(address, &other));
            }
            match site {
                Site::Score { .. } => view.score(layer, head, key, &detail),
                _ => view.pattern(layer, head, key, &detail),
            }
        }
        Site::Neuron { layer, part, neuron, .. } => view.neuron(layer, part, neuron),
        Site::Logit { token, .. } => view.logit(token),
        // Of a language model.
        Site::Scale { .. } | Site::Normalized { .. } | Site::HeadScale { .. } | Site::Added { .. } => None,
    };
    let Some(Explained { label, rule, value, recomputed, inputs }) = explained else {
        return Err(EngineError::NoSuchPart { what: site.to_string() });
    };
    Ok(Explanation { site, label, rule, value, recomputed, inputs })
}

/// An [`Explanation`] without its site.
struct Explained {
    label: String,
    rule: String,
    value: f32,
    recomputed: f32,
    inputs: Vec<Input>,
}

impl Explained {
    /// A number that is the weighted sum of its inputs.
    fn sum(label: String, rule: &str, value: f32, inputs: Vec<Input>) -> Self {
        let recomputed = sum(inputs.iter().map(|input| input.value * input.weight));
        let inputs = inputs.into_iter().filter(|input| input.weight != 0.0).collect();
        Self { label, rule: rule.into(), value, recomputed, inputs }
    }
}

/// A sum whose least is 0: of nothing, Rust's own is −0.
fn sum(numbers: impl Iterator<Item = f32>) -> f32 {
    numbers.fold(0.0, |sum, number| sum + number)
}

/// One position of a run.
struct View<'a> {
    model: &'a Transformer,
    sequence: &'a Sequence,
    capture: &'a Capture,
}

impl View<'_> {
    fn dim_label(&self, dim: usize) -> Option<String> {
        self.model.card.dims.get(dim).map(|part| part.label.clone())
    }

    fn head_label(&self, layer: usize, head: usize) -> Option<String> {
        Some(self.model.card.layers.get(layer)?.heads.get(head)?.part.label.clone())
    }

    fn neuron_label(&self, layer: usize, neuron: usize) -> Option<String> {
        let label = &self.model.card.layers.get(layer)?.neurons.get(neuron)?.label;
        Some(if label.is_empty() { format!("neuron {neuron} (idle)") } else { format!("neuron `{label}`") })
    }

    fn layer(&self, layer: usize) -> Option<(&Block, &LayerCapture)> {
        self.model.blocks.get(layer).zip(self.capture.layers.get(layer))
    }

    /// Inputs from the residual stream, weighted by a row of a matrix.
    fn resid_inputs(
        &self,
        layer: usize,
        stage: Stage,
        resid: &[f32],
        matrix: &Matrix,
        row: usize,
    ) -> Vec<Input> {
        let position = self.capture.position;
        let weights = matrix.row(row).iter().zip(resid).enumerate();
        weights
            .filter(|(_, (weight, _))| **weight != 0.0)
            .map(|(dim, (weight, value))| Input {
                site: Site::Resid { layer, stage, position, dim },
                label: self.dim_label(dim).unwrap_or_default(),
                value: *value,
                weight: *weight,
            })
            .collect()
    }

    fn embed(&self, dim: usize) -> Option<Explained> {
        let token = self.capture.token;
        Some(Explained {
            label: format!("{} of token {token}", self.dim_label(dim)?),
            rule: format!("row {token} of the embedding"),
            value: *self.capture.embed.get(dim)?,
            recomputed: self.model.embed.get(usize::from(token), dim),
            inputs: Vec::new(),
        })
    }

    fn pos_embed(&self, dim: usize) -> Option<Explained> {
        let encoding = self.sequence.encoding(self.capture.position);
        let given = encoding.iter().filter(|(index, _)| *index == dim);
        Some(Explained {
            label: self.dim_label(dim)?,
            rule: if self.sequence.is_ruled() {
                "the positional encoding: a function of the position alone".into()
            } else {
                "given by the host, as part of the positional encoding".into()
            },
            value: *self.capture.pos_embed.get(dim)?,
            recomputed: sum(given.map(|(_, value)| *value)),
            inputs: Vec::new(),
        })
    }

    fn resid(&self, layer: usize, stage: Stage, dim: usize) -> Option<Explained> {
        let label = self.dim_label(dim)?;
        let (block, captured) = self.layer(layer)?;
        let position = self.capture.position;
        let carried = |site, value| Input { site, label: label.clone(), value, weight: 1.0 };
        match stage {
            Stage::Pre => {
                let value = *captured.resid_pre.get(dim)?;
                let Some(before) = layer.checked_sub(1) else {
                    let embed = carried(Site::Embed { position, dim }, *self.capture.embed.get(dim)?);
                    let pos = carried(Site::PosEmbed { position, dim }, *self.capture.pos_embed.get(dim)?);
                    let rule = "embedding + positional encoding";
                    return Some(Explained::sum(label.clone(), rule, value, vec![embed, pos]));
                };
                let site = Site::Resid { layer: before, stage: Stage::Post, position, dim };
                let input = carried(site, *self.capture.layers.get(before)?.resid_post.get(dim)?);
                let rule = "what the layer before left";
                Some(Explained::sum(label.clone(), rule, value, vec![input]))
            }
            Stage::Mid => {
                let site = Site::Resid { layer, stage: Stage::Pre, position, dim };
                let mut inputs = vec![carried(site, *captured.resid_pre.get(dim)?)];
                for (head, (weights, numbers)) in block.heads.iter().zip(&captured.heads).enumerate() {
                    for (component, value) in numbers.z.iter().enumerate() {
                        inputs.push(Input {
                            site: Site::Head { layer, part: HeadPart::Z, position, head, component },
                            label: self.head_label(layer, head).unwrap_or_default(),
                            value: *value,
                            weight: weights.wo.get(dim, component),
                        });
                    }
                }
                let value = *captured.resid_mid.get(dim)?;
                Some(Explained::sum(label, "residual + Σ heads W_O · z", value, inputs))
            }
            Stage::Post => {
                let site = Site::Resid { layer, stage: Stage::Mid, position, dim };
                let mut inputs = vec![carried(site, *captured.resid_mid.get(dim)?)];
                inputs.extend(captured.post.iter().zip(block.mlp.out.row(dim)).enumerate().map(
                    |(neuron, (value, weight))| Input {
                        site: Site::Neuron { layer, part: NeuronPart::Post, position, neuron },
                        label: self.neuron_label(layer, neuron).unwrap_or_default(),
                        value: *value,
                        weight: *weight,
                    },
                ));
                let value = *captured.resid_post.get(dim)?;
                Some(Explained::sum(label, "residual + Σ neurons W_out · post", value, inputs))
            }
        }
    }

    fn head_vector(&self, layer: usize, part: HeadPart, head: usize, component: usize) -> Option<Explained> {
        let (block, captured) = self.layer(layer)?;
        let weights = block.heads.get(head)?;
        let numbers: &HeadCapture = captured.heads.get(head)?;
        let (name, matrix, vector) = match part {
            HeadPart::Q => ("query", &weights.wq, &numbers.q),
            HeadPart::K => ("key", &weights.wk, &numbers.k),
            HeadPart::V | HeadPart::Z => ("value", &weights.wv, &numbers.v),
            // These transformers norm and turn nothing.
            _ => return None,
        };
        Some(Explained::sum(
            format!("{name} of head `{}`, component {component}", self.head_label(layer, head)?),
            "Σ weight · residual before the layer",
            *vector.get(component)?,
            self.resid_inputs(layer, Stage::Pre, &captured.resid_pre, matrix, component),
        ))
    }

    fn head(&self, address: HeadAddress) -> Option<&crate::interpreter::model::Head> {
        self.model.blocks.get(address.layer)?.heads.get(address.head)
    }

    /// How many of a head's keys are looked at: of a store's entries, which belong to no position, all.
    fn most_keys(&self, address: HeadAddress) -> usize {
        let is_cross = self.head(address).is_some_and(|head| matches!(head.kind, HeadKind::Cross { .. }));
        if is_cross { usize::MAX } else { MOST_KEYS }
    }

    /// Whether a head adds up more positions than are looked at.
    fn is_long_sum(&self, address: HeadAddress) -> bool {
        let is_sum = self.head(address).is_some_and(|head| head.kind == HeadKind::Sum);
        is_sum && self.capture.position >= MOST_KEYS
    }

    /// A sum as what it was one position before, and this position's value.
    fn running_sum(&self, address: HeadAddress, component: usize, before: &Capture) -> Option<Explained> {
        let HeadAddress { layer, head } = address;
        let number = |capture: &Capture, part| {
            let captured = capture.layers.get(layer)?.heads.get(head)?;
            let vector = if part == HeadPart::Z { &captured.z } else { &captured.v };
            let site = Site::Head { layer, part, position: capture.position, head, component };
            Some((site, *vector.get(component)?))
        };
        let (site, sum) = number(before, HeadPart::Z)?;
        let (own, value) = number(self.capture, HeadPart::V)?;
        let inputs = vec![
            Input { site, label: "the sum one position before".into(), value: sum, weight: 1.0 },
            Input { site: own, label: "this position's value".into(), value, weight: 1.0 },
        ];
        let label = format!("result of head `{}`, component {component}", self.head_label(layer, head)?);
        let (_, value) = number(self.capture, HeadPart::Z)?;
        Some(Explained::sum(label, "the sum so far + this position's value", value, inputs))
    }

    /// The key of another position, scored.
    fn key_of(&self, address: HeadAddress, other: &Capture) -> Option<KeyScore> {
        if matches!(self.head(address)?.kind, HeadKind::Cross { .. }) {
            return None;
        }
        let own = self.capture.layers.get(address.layer)?.heads.get(address.head)?;
        let HeadCapture { k, v, .. } = other.layers.get(address.layer)?.heads.get(address.head)?.clone();
        let score = sum(own.q.iter().zip(&k).map(|(q, k)| q * k));
        Some(KeyScore { position: other.position, token: other.token, k, v, score })
    }

    fn head_result(
        &self,
        layer: usize,
        head: usize,
        component: usize,
        detail: &super::AttentionDetail,
    ) -> Option<Explained> {
        let (block, captured) = self.layer(layer)?;
        let kind = block.heads.get(head)?.kind;
        let query = self.capture.position;
        let label = format!("result of head `{}`, component {component}", self.head_label(layer, head)?);
        let value = *captured.heads.get(head)?.z.get(component)?;
        if kind == HeadKind::HardMax && detail.winner.is_none() {
            return Some(Explained::sum(label, NOT_ASKED_FOR, value, Vec::new()));
        }
        let chosen = |position: usize| kind == HeadKind::Sum || Some(position) == best_key(detail);
        let mut inputs = Vec::new();
        for key in detail.keys.iter().filter(|key| chosen(key.position)) {
            let v = *key.v.get(component)?;
            let at = key.position;
            inputs.push(match kind {
                // An entry of a store is no position: its value has no site of its own.
                HeadKind::Cross { store } => Input {
                    site: Site::Pattern { layer, head, query, key: at },
                    label: format!("pattern at entry {at} of store {store}, whose value is the weight"),
                    value: 1.0,
                    weight: v,
                },
                HeadKind::HardMax | HeadKind::Sum => Input {
                    site: Site::Head { layer, part: HeadPart::V, position: at, head, component },
                    label: format!("value at position {at}"),
                    value: v,
                    weight: if v == 0.0 && kind == HeadKind::Sum { 0.0 } else { 1.0 },
                },
            });
        }
        let rule = match kind {
            HeadKind::Sum => "Σ of the values of all positions so far",
            _ => "the value of the best key (the latest of equals)",
        };
        Some(Explained::sum(label, rule, value, inputs))
    }

    fn score(
        &self,
        layer: usize,
        head: usize,
        key: usize,
        detail: &super::AttentionDetail,
    ) -> Option<Explained> {
        let found = detail.keys.iter().find(|candidate| candidate.position == key)?;
        let position = detail.position;
        let inputs = detail.q.iter().zip(&found.k).enumerate().map(|(component, (q, k))| Input {
            site: Site::Head { layer, part: HeadPart::Q, position, head, component },
            label: format!("query, component {component}; the weight is the key's"),
            value: *q,
            weight: *k,
        });
        let label = format!("score of head `{}` for key {key}", self.head_label(layer, head)?);
        Some(Explained::sum(label, "q · k", found.score, inputs.collect()))
    }

    fn pattern(
        &self,
        layer: usize,
        head: usize,
        key: usize,
        detail: &super::AttentionDetail,
    ) -> Option<Explained> {
        let kind = self.layer(layer)?.0.heads.get(head)?.kind;
        let query = detail.position;
        let found = detail.keys.iter().find(|candidate| candidate.position == key)?;
        let best = best_key(detail);
        let attended = |winner: Option<usize>| match kind {
            HeadKind::Sum => 1.0,
            _ if winner == Some(key) => 1.0,
            _ => 0.0,
        };
        let winner = detail.keys.iter().find(|candidate| Some(candidate.position) == best)?;
        let mut compared = vec![found];
        if winner.position != key {
            compared.push(winner);
        }
        let inputs = compared.into_iter().map(|candidate| Input {
            site: Site::Score { layer, head, query, key: candidate.position },
            label: format!("score of key {}", candidate.position),
            value: candidate.score,
            weight: 1.0,
        });
        Some(Explained {
            label: format!("attention of head `{}` to key {key}", self.head_label(layer, head)?),
            rule: match kind {
                HeadKind::Sum => "1: a sum head takes every position".into(),
                _ if detail.winner.is_none() => NOT_ASKED_FOR.into(),
                _ => "1 for the key with the highest score (the latest of equals), 0 for all others".into(),
            },
            value: attended(detail.winner),
            recomputed: attended(detail.winner.and(best)),
            inputs: inputs.collect(),
        })
    }

    fn neuron(&self, layer: usize, part: NeuronPart, neuron: usize) -> Option<Explained> {
        let (block, captured) = self.layer(layer)?;
        let label = self.neuron_label(layer, neuron)?;
        let position = self.capture.position;
        let pre = *captured.pre.get(neuron)?;
        let pre_linear = *captured.pre_linear.get(neuron)?;
        let (name, matrix, value) = match part {
            NeuronPart::Pre => ("gate", &block.mlp.gate, pre),
            NeuronPart::PreLinear => ("value", &block.mlp.value, pre_linear),
            NeuronPart::Post => {
                let open = pre.max(0.0);
                let factor = |part, name: &str, value, weight| Input {
                    site: Site::Neuron { layer, part, position, neuron },
                    label: format!("{name} of {label}"),
                    value,
                    weight,
                };
                return Some(Explained {
                    label: format!("output of {label}"),
                    rule: "max(0, gate) · value; the weight beside each factor is the other one".into(),
                    value: *captured.post.get(neuron)?,
                    recomputed: open * pre_linear,
                    inputs: vec![
                        factor(NeuronPart::Pre, "gate", pre, if pre > 0.0 { pre_linear } else { 0.0 }),
                        factor(NeuronPart::PreLinear, "value", pre_linear, open),
                    ],
                });
            }
        };
        Some(Explained::sum(
            format!("{name} of {label}"),
            "Σ weight · residual after attention",
            value,
            self.resid_inputs(layer, Stage::Mid, &captured.resid_mid, matrix, neuron),
        ))
    }

    fn logit(&self, token: usize) -> Option<Explained> {
        let value = *self.capture.logits.get(token)?;
        let layer = self.capture.layers.len().checked_sub(1)?;
        let resid = &self.capture.layers.last()?.resid_post;
        Some(Explained::sum(
            format!("logit of token {token}"),
            &format!("Σ weight · last residual = {}", self.model.card.logit),
            value,
            self.resid_inputs(layer, Stage::Post, resid, &self.model.unembed, token),
        ))
    }
}

/// The position with the highest score, the latest of equals, found again from the scores.
fn best_key(detail: &super::AttentionDetail) -> Option<usize> {
    let best =
        detail.keys.iter().max_by(|a, b| a.score.total_cmp(&b.score).then(a.position.cmp(&b.position)));
    best.map(|key| key.position)
}
