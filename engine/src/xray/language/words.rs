//! What a number is, in words.

use super::run::Run;
use crate::xray::{Adder, HeadNorm, HeadPart, NeuronPart, Norm, Site, Stage};

/// How tokens are written.
pub(super) type Name<'a> = &'a dyn Fn(u32) -> String;

/// What a number is, with the token at its position.
pub(super) fn label(run: &Run, name: Name<'_>, site: Site) -> String {
    let token = |position: usize| match run.tokens.get(position) {
        Some(token) => format!("token {position} {:?}", name(*token)),
        None => format!("token {position}"),
    };
    let at = format!("at {}", token(site.position()));
    match site {
        Site::Embed { dim, position } => format!("embedding of {}, dimension {dim}", token(position)),
        Site::PosEmbed { dim, .. } => format!("encoding of the position, dimension {dim}, {at}"),
        Site::Resid { layer, stage, dim, .. } => {
            let place = match stage {
                Stage::Pre => "in front of layer",
                Stage::Mid => "between attention and FFN of layer",
                Stage::Post => "behind layer",
            };
            format!("residual stream {place} {layer}, dimension {dim}, {at}")
        }
        Site::Scale { norm, .. } => format!("length of the residual stream {}, {at}", before(norm)),
        Site::Normalized { norm, dim, .. } => {
            format!("normed residual stream {}, dimension {dim}, {at}", before(norm))
        }
        Site::HeadScale { layer, norm, head, .. } => match norm {
            HeadNorm::Q => format!("length of the query of head {head} of layer {layer}, {at}"),
            HeadNorm::K => format!("length of the key of key/value head {head} of layer {layer}, {at}"),
        },
        Site::Head { layer, part, head, component, .. } => {
            let what = match part {
                HeadPart::Q => "query",
                HeadPart::K => "key",
                HeadPart::V => "value",
                HeadPart::Z => "what is attended to",
                HeadPart::NormedQ => "normed query",
                HeadPart::NormedK => "normed key",
                HeadPart::RotQ => "turned query",
                HeadPart::RotK => "turned key",
                HeadPart::Result => {
                    return format!("what head {head} of layer {layer} adds to dimension {component}, {at}");
                }
            };
            let of = match part {
                HeadPart::K | HeadPart::V | HeadPart::NormedK | HeadPart::RotK => "key/value head",
                _ => "head",
            };
            format!("{what} of {of} {head} of layer {layer}, component {component}, {at}")
        }
        Site::Score { layer, head, key, .. } => {
            format!("score of {} in head {head} of layer {layer}, {at}", token(key))
        }
        Site::Pattern { layer, head, key, .. } => {
            format!("attention to {} of head {head} of layer {layer}, {at}", token(key))
        }
        Site::Neuron { layer, part, neuron, .. } => {
            let what = match part {
                NeuronPart::Pre => "gate of ",
                NeuronPart::PreLinear => "value of ",
                NeuronPart::Post => "",
            };
            format!("{what}neuron {neuron} of layer {layer}, {at}")
        }
        Site::Added { layer, by, dim, .. } => {
            let by = match by {
                Adder::Attention => "all heads",
                Adder::Mlp => "all neurons",
            };
            format!("what {by} of layer {layer} add to dimension {dim}, {at}")
        }
        Site::Logit { token: next, position } => {
            let next =
                u32::try_from(next).map_or_else(|_| next.to_string(), |next| format!("{:?}", name(next)));
            format!("logit of {next} behind {}", token(position))
        }
    }
}

/// Where a norm stands.
fn before(norm: Norm) -> String {
    match norm {
        Norm::Attention { layer } => format!("before attention of layer {layer}"),
        Norm::Mlp { layer } => format!("before the FFN of layer {layer}"),
        Norm::Final => "before the output matrix".to_owned(),
    }
}
