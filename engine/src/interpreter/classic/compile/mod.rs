//! The weight compiler: writes every number of the classic model by hand. One file per layer's job.
//!
//! | layer | file | attention | FFN |
//! |---|---|---|---|
//! | – | `embedding` | | what a token is; the quadratic unembedding |
//! | 0 | `fetch` | 13 heads fetch the instruction | idle |
//! | 1 | `depth` | one sum head counts pushes and pops | depth before the instruction |
//! | 2 | `depth` | none | depth² |
//! | 3 | `stack` | 8 heads fetch the bits of top and second | idle |
//! | 4 | `stack`, `arithmetic` | 2 heads fetch top and second | arithmetic, comparison, bitwise |
//! | 5 | `cells` | one head finds the local | its value, and the cut to 255 |
//! | 6 | `cells` | one head finds the memory cell | its value |
//! | 7 | `files` | 4 cross-attention heads read the files | the byte of the right one |

mod arithmetic;
mod builder;
mod cells;
mod depth;
mod embedding;
mod fetch;
mod files;
mod stack;

use super::isa::MAX_INSTRUCTIONS;
use super::layout::Dim;
use crate::interpreter::describe::{ModelCard, Part};
use crate::interpreter::model::Transformer;

pub use embedding::{BRANCH_TAKEN, HALT, PROGRAM_END, PROGRAM_START, VOCABULARY};

/// Heads of each layer, as published.
pub const HEADS: [usize; 8] = [13, 1, 0, 8, 2, 1, 1, 4];
/// Components of a head's queries, keys and values.
pub const D_HEAD: usize = 2;
/// Neurons of each layer.
pub const D_FFN: usize = 100;
/// Pushes a key or a gate out of the running: more than any sum or score it competes with (the largest
/// gate is 255 · 255), and a power of two, so that adding and taking it away again loses nothing.
pub const FAR: f32 = 131_072.0;
/// The same for keys that find an instruction: the one asked for is always there, so any penalty keeps the
/// others from winning, and a small one leaves the numbers of the longest program exact.
pub const ASIDE: f32 = 4_096.0;

// `f32` holds every integer up to 2²⁴ and every even one up to 2²⁵. With keys (2j, −j² − ASIDE) and queries
// (i, 1), for i and j from −1 to the last instruction's number:
const _: () = {
    let last = MAX_INSTRUCTIONS as u64 - 1;
    // the lowest score, at i = −1: −2j − j² − ASIDE (the lowest key lies above it);
    assert!((last + 1) * (last + 1) - 1 + ASIDE as u64 <= 1 << 24);
    // the largest product, 2ij, which is even.
    assert!(2 * last * last <= 1 << 25);
};

/// Compiles the classic model.
pub fn compile() -> Transformer {
    let layers = [
        fetch::layer(),
        depth::count(),
        depth::square(),
        stack::bits(),
        stack::values_and_arithmetic(),
        cells::locals(),
        cells::memory(),
        files::layer(),
    ];
    let (blocks, cards) = layers.into_iter().map(|layer| layer.build(D_FFN, D_HEAD)).unzip();
    let model = Transformer {
        embed: embedding::embed(),
        blocks,
        unembed: embedding::unembed(),
        card: ModelCard {
            name: "classic".into(),
            parameters: 0,
            tensors: 0,
            vocabulary: VOCABULARY,
            dims: Dim::all().into_iter().map(|dim| Part { label: dim.name(), about: dim.about() }).collect(),
            layers: cards,
            logit: embedding::LOGIT.into(),
            special_tokens: embedding::special_tokens(),
        },
    };
    model.counted()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_the_published_one_counted_from_the_tensors() {
        let model = compile();
        assert_eq!(model.d_model(), 100);
        assert_eq!(model.vocabulary(), 260);
        assert_eq!(model.blocks.len(), 8);
        let heads: Vec<usize> = model.blocks.iter().map(|block| block.heads.len()).collect();
        assert_eq!(heads, HEADS);
        for block in &model.blocks {
            for head in &block.heads {
                assert_eq!([head.wq.shape(), head.wk.shape(), head.wv.shape()], [[2, 100]; 3]);
                assert_eq!(head.wo.shape(), [100, 2]);
            }
            assert_eq!([block.mlp.gate.shape(), block.mlp.value.shape()], [[100, 100]; 2]);
            assert_eq!(block.mlp.out.shape(), [100, 100]);
        }
        assert_eq!(model.tensors().len(), 146);
        assert_eq!(model.parameters(), 316_000);
        assert_eq!((model.card.tensors, model.card.parameters), (146, 316_000));
    }

    #[test]
    fn every_weight_is_an_integer_that_f32_holds_exactly() {
        for (name, matrix) in compile().tensors() {
            for weight in matrix.data() {
                assert!(weight.fract() == 0.0 && weight.abs() < 16_777_216.0, "{name}: {weight}");
            }
        }
    }

    #[test]
    fn every_head_and_every_neuron_in_use_says_what_it_does() {
        let model = compile();
        for (block, card) in model.blocks.iter().zip(&model.card.layers) {
            assert_eq!(card.heads.len(), block.heads.len());
            for head in &card.heads {
                assert!(!head.part.label.is_empty() && head.part.about.ends_with('.'), "{head:?}");
            }
            assert_eq!(card.neurons.len(), D_FFN);
            for (neuron, part) in card.neurons.iter().enumerate() {
                let used = block.mlp.gate.row(neuron).iter().any(|weight| *weight != 0.0);
                assert_eq!(used, !part.label.is_empty(), "neuron {neuron} of {}", card.title);
                assert_eq!(used, part.about.ends_with('.'), "neuron {neuron} of {}", card.title);
            }
        }
    }
}
