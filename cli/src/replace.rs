//! Parts of a language model that are replaced while it computes, as they are typed: `blocks.3.attn.hook_z[2]=0`.

use std::str::FromStr;

use anyhow::{Result, bail};
use engine::kernels::Replacement as Values;
use engine::qwen::Config;
use engine::qwen::interventions::{Intervention, Interventions, Part};
use engine::worldmodel::taps::Gate;

/// How a part is typed.
const HELP: &str = "parts are typed as 'blocks.3.attn.hook_z[2]=0' (head 2 of layer 3), 'blocks.3.mlp.hook_post[17]=1.5' (a neuron) or \
                    'blocks.3.hook_resid_post[40]=0' (a dimension of the residual stream), with \
                    '@4' behind the value for token 4 alone, or as 'taps.0.layers.1.cross_gate=0' (a gate of the first tap)";

/// One part, and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Replacement {
    /// A part of the text stream.
    Stream {
        /// The layer.
        layer: usize,
        /// The part of it.
        part: Part,
        /// What stands in each of its places.
        value: f32,
        /// The only position at which it does.
        position: Option<usize>,
    },
    /// A gate of a tap.
    Gate(Gate),
}

impl FromStr for Replacement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parsed(text).ok_or_else(|| format!("'{text}' names no part and value; {HELP}"))
    }
}

fn parsed(text: &str) -> Option<Replacement> {
    let (name, value) = text.split_once('=')?;
    let (value, position) = match value.split_once('@') {
        Some((value, position)) => (value, Some(position.trim().parse().ok()?)),
        None => (value, None),
    };
    let value = value.trim().parse::<f32>().ok().filter(|value| value.is_finite())?;
    if let Some(name) = name.trim().strip_prefix("taps.") {
        let (tap, layer) = name.strip_suffix(".cross_gate")?.split_once(".layers.")?;
        let (tap, layer) = (tap.parse().ok()?, layer.parse().ok()?);
        return position.is_none().then_some(Replacement::Gate(Gate { tap, layer, to: value }));
    }
    let (name, number) = name.trim().strip_suffix(']')?.split_once('[')?;
    let (layer, hook) = name.strip_prefix("blocks.")?.split_once('.')?;
    let number = number.trim().parse().ok()?;
    let part = match hook {
        "attn.hook_z" => Part::Head(number),
        "mlp.hook_post" => Part::Neuron(number),
        "hook_resid_post" => Part::Dimension(number),
        _ => return None,
    };
    Some(Replacement::Stream { layer: layer.parse().ok()?, part, value, position })
}

/// Those of the text stream, for a model of this shape.
///
/// # Errors
/// When the model has no such part.
pub fn interventions(all: &[Replacement], config: &Config) -> Result<Interventions> {
    let of = |one: &Replacement| {
        let Replacement::Stream { layer, part, value, position } = *one else { return Ok(None) };
        let (kind, number, count) = match part {
            Part::Head(head) => ("heads", head, config.heads),
            Part::Neuron(neuron) => ("neurons", neuron, config.ffn),
            Part::Dimension(dimension) => ("dimensions", dimension, config.hidden),
        };
        if layer >= config.layers || number >= count {
            bail!(
                "layer {layer} and number {number} are replaced; the model has {} layers of {count} {kind}, counted from 0",
                config.layers
            );
        }
        let with = match value {
            0.0 => Values::Zero,
            value => Values::Values(vec![value; part.columns(config.head_dim).len()]),
        };
        Ok(Some(Intervention { layer, part, position, with }))
    };
    Ok(Interventions::new(
        all.iter().filter_map(|one| of(one).transpose()).collect::<Result<_>>()?,
        config.head_dim,
    ))
}

/// The gates, for taps of this shape: how many there are, and layers of each.
///
/// # Errors
/// When there is no such gate.
pub fn gates(all: &[Replacement], (taps, layers): (usize, usize)) -> Result<Vec<Gate>> {
    let gates = all.iter().filter_map(|one| match one {
        Replacement::Gate(gate) => Some(*gate),
        Replacement::Stream { .. } => None,
    });
    let gates: Vec<Gate> = gates.collect();
    if let Some(Gate { tap, layer, .. }) = gates.iter().find(|gate| gate.tap >= taps || gate.layer >= layers)
    {
        bail!(
            "the gate of layer {layer} of tap {tap} is replaced; the model has {taps} taps of {layers} layers, counted from 0"
        );
    }
    Ok(gates)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn parts_are_named_as_everywhere() {
        let one = |part, value, position| Replacement::Stream { layer: 3, part, value, position };
        let read = |text: &str| text.parse::<Replacement>();
        assert_eq!(read("blocks.3.attn.hook_z[2]=0"), Ok(one(Part::Head(2), 0.0, None)));
        assert_eq!(read("blocks.3.mlp.hook_post[17] = -1.5@4"), Ok(one(Part::Neuron(17), -1.5, Some(4))));
        assert_eq!(read("blocks.3.hook_resid_post[40]=2"), Ok(one(Part::Dimension(40), 2.0, None)));
        let gate = Gate { tap: 0, layer: 1, to: 0.5 };
        assert_eq!(read("taps.0.layers.1.cross_gate=0.5"), Ok(Replacement::Gate(gate)));
        let wrong = [
            "",
            "taps.0.layers.1.cross_gate=0@3",
            "blocks.3.attn.hook_z[2]",
            "blocks.x.attn.hook_z[2]=0",
            "blocks.3.attn.hook_q[2]=0",
        ];
        for text in wrong.into_iter().chain([
            "blocks.3.attn.hook_z[2]=NaN",
            "blocks.3.attn.hook_z=0",
            "blocks.3.attn.hook_z[2]=0@x",
        ]) {
            assert!(read(text).unwrap_err().contains("parts are typed as"), "{text}");
        }
    }
}
