//! Numbers of a run, drawn at random.

use engine::interpreter::HeadKind;
use engine::interpreter::model::Transformer;
use engine::interpreter::sequence::Sequence;
use engine::xray::{HeadPart, NeuronPart, Site, Stage};

/// Draws numbers of a run: the same ones for the same seed.
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 to `below` − 1 (splitmix64).
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }

    fn one<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let index = self.below(others.len() + 1);
        others.get(index).copied().unwrap_or(first)
    }

    /// Any kind of site, equally often; then any number of that kind.
    pub fn site(&mut self, model: &Transformer, sequence: &Sequence) -> Site {
        let d_model = model.d_model();
        let position = self.below(sequence.len());
        let layer = self.below(model.blocks.len());
        let heads = |layer: usize| model.blocks.get(layer).map_or(0, |block| block.heads.len());
        let neurons = model.blocks.get(layer).map_or(0, |block| block.mlp.gate.shape()[0]);
        match self.below(8) {
            0 => Site::Embed { position, dim: self.below(d_model) },
            1 => Site::PosEmbed { position, dim: self.below(d_model) },
            2 => {
                let stage = self.one(Stage::Pre, &[Stage::Mid, Stage::Post]);
                Site::Resid { layer, stage, position, dim: self.below(d_model) }
            }
            3 => {
                let part = self.one(NeuronPart::Pre, &[NeuronPart::PreLinear, NeuronPart::Post]);
                Site::Neuron { layer, part, position, neuron: self.below(neurons) }
            }
            4 => Site::Logit { position, token: self.below(model.vocabulary()) },
            kind => {
                // A layer without heads gives its turn to the first layer.
                let layer = if heads(layer) == 0 { 0 } else { layer };
                let head = self.below(heads(layer));
                let keys = model
                    .blocks
                    .get(layer)
                    .and_then(|block| block.heads.get(head))
                    .map_or(0, |found| sequence.visible_keys(found.kind, position));
                let key = self.below(keys);
                match kind {
                    5 if keys > 0 => Site::Score { layer, head, query: position, key },
                    6 if keys > 0 => Site::Pattern { layer, head, query: position, key },
                    _ => {
                        let spec = model.blocks.get(layer).and_then(|block| block.heads.get(head));
                        let cross = spec.is_some_and(|head| matches!(head.kind, HeadKind::Cross { .. }));
                        let asks = spec.is_some_and(|head| head.wq.shape()[0] > 0);
                        let part = match (asks, cross) {
                            (true, true) => self.one(HeadPart::Q, &[HeadPart::Z]),
                            (true, false) => self.one(HeadPart::Q, &[HeadPart::K, HeadPart::V, HeadPart::Z]),
                            (false, _) => self.one(HeadPart::V, &[HeadPart::Z]),
                        };
                        let components = spec.map_or(0, |head| match part {
                            HeadPart::Q | HeadPart::K => head.wq.shape()[0],
                            _ => head.wv.shape()[0],
                        });
                        Site::Head { layer, part, position, head, component: self.below(components) }
                    }
                }
            }
        }
    }
}
