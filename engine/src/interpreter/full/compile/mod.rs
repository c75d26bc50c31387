//! The weight compiler of the full machine: writes every number by hand. One file per layer's job; `docs/full-machine.md` says how they
//! fit together.
//!
//! | layer | file | attention | neurons |
//! |---|---|---|---|
//! | – | `embedding` | | what a token is; the quadratic unembedding |
//! | 0 | `history` | the three tokens before, the latest end, how many ends and calls there were | the phase; the value that ends here |
//! | 1 | `pointer` | the latest transfer, and so the instruction pointer | what of the result stands there; bit counts |
//! | 2 | `fetch` | the record of the instruction, the slot that was written, where a return leads | what kind of instruction it is; keys of slots |
//! | 3 | `operands` | three operands, the pages, a quotient's digit | signs, zeros, carries of addresses, products |
//! | 4 | `prepare` | by how much is shifted; a quotient's digit, roughly | columns, addresses, what is compared, which bytes are shifted |
//! | 5 | `find`, `answer` | bits of two bytes, two signs, memory, the table | the answer, but for sums and products |
//! | 6 to 9 | `columns` | none | carries; the sum or product modulo 256 |
//!
//! `special` puts a program into the weights: a layer more, and no instruction in the prompt.

mod answer;
mod columns;
mod embedding;
mod fetch;
mod find;
mod history;
mod operands;
mod pointer;
mod prepare;
pub mod special;

use super::isa::{Op, RADIUS_SQUARED};
use super::layout::Dim;
use super::token::{Token, VOCABULARY};
use crate::interpreter::builder::{self, constant, dim};
use crate::interpreter::describe::{HeadKind, ModelCard, Part};
use crate::interpreter::model::Transformer;

/// A linear expression over the residual stream.
type Linear = builder::Linear<Dim>;
/// One head, before it is a matrix.
type HeadSpec = builder::HeadSpec<Dim>;
/// Collects a layer's heads and neurons.
type Layer = builder::LayerBuilder<Dim>;

/// Puts a key out of the running: more than any score, which are below 2²⁵, and a component of its own, so that the others' sums lose
/// nothing.
const FAR: f32 = 67_108_864.0;

/// 1 at an instruction, and at most −7 at others.
fn is(op: Op) -> Linear {
    let (x, y) = op.point();
    let radius = (RADIUS_SQUARED - 1) as f32;
    dim(Dim::OpcodeX) * x as f32 + dim(Dim::OpcodeY) * y as f32 - constant(radius)
}

/// 1 if so many tokens of the instruction stand there.
fn phase(count: usize) -> Linear {
    match count.checked_sub(1) {
        None => dim(Dim::End),
        Some(index) => dim(Dim::Phase(index)),
    }
}

/// Whatever the phase is, from 0 to so many tokens less one: 1 in those phases.
fn phases(count: usize) -> Linear {
    (0..count).map(phase).sum()
}

/// How many tokens of the instruction stand there, up to three.
fn count() -> Linear {
    (1..4).map(|count| phase(count) * count as f32).sum()
}

/// Σ 256ⁱ · byte, over some bytes of four.
fn bytes(of: fn(usize) -> Dim, range: std::ops::Range<usize>) -> Linear {
    let first = range.start;
    range.map(|index| dim(of(index)) * 256_f32.powi((index - first) as i32)).sum()
}

/// All of some bytes.
fn sum(of: fn(usize) -> Dim, count: usize) -> Linear {
    (0..count).map(|index| dim(of(index))).sum()
}

/// A byte of the offset of an access to memory.
fn offset(index: usize) -> Linear {
    dim(Dim::Imm(index)) + dim(Dim::OffsetDelta(index))
}

/// A byte of the address that is read or written.
fn address(index: usize) -> Linear {
    let own = dim(Dim::A(index)) + offset(index);
    let carried = |index| dim(Dim::Carry(index));
    match index {
        0 => own + count() - carried(0) * 256.0,
        1 | 2 => own + carried(index - 1) - carried(index) * 256.0,
        _ => own + carried(2),
    }
}

/// A token's number.
fn token(token: Token) -> f32 {
    f32::from(token.id())
}

/// Looks a value up by integers: the key `(2k, −Σk²)` that equals the query `(q, 1)` scores highest, the latest of equals wins, and no
/// other comes within 1 of it. Keys whose guard is not 1 are out of the running.
struct Lookup {
    query: Vec<Linear>,
    key: Vec<Linear>,
    /// Σk²
    square: Linear,
    /// 1 where there is a key; less elsewhere.
    guard: Linear,
}

impl Lookup {
    fn head(self, label: &str, about: &str, value: Vec<(Linear, Dim)>) -> HeadSpec {
        let mut query = self.query;
        query.extend([constant(1.0), constant(FAR)]);
        let mut key: Vec<Linear> = self.key.into_iter().map(|key| key * 2.0).collect();
        key.extend([self.square * -1.0, self.guard - constant(1.0)]);
        HeadSpec { kind: HeadKind::HardMax, label: label.into(), about: about.into(), query, key, value }
    }
}

/// A byte of the alphabet.
fn letter(byte: Linear) -> Lookup {
    Lookup {
        query: vec![byte],
        key: vec![dim(Dim::Value)],
        square: dim(Dim::ValueSq),
        guard: dim(Dim::Alphabet),
    }
}

/// A token of a record, by the address of its instruction.
fn record(page: Linear, offset: Linear, guard: Dim) -> Lookup {
    Lookup {
        query: vec![page, offset],
        key: vec![dim(Dim::RecordPage), dim(Dim::RecordOffset)],
        square: dim(Dim::RecordSq),
        guard: dim(guard),
    }
}

/// The offset of the instruction that is executed.
fn pointer() -> Linear {
    dim(Dim::JumpOffset) + dim(Dim::Ends)
}

/// Compiles the machine.
pub fn compile() -> Transformer {
    let fetched = [history::layer(), pointer::layer(), fetch::layer()];
    model("full", fetched.into_iter().chain(execution())).counted()
}

/// The layers behind the fetch: they execute the instruction that it has found.
fn execution() -> [Layer; 7] {
    [
        operands::layer(),
        prepare::layer(),
        answer::layer(),
        columns::second_carry(),
        columns::total(),
        columns::thousands(),
        columns::byte(),
    ]
}

/// A model of some layers, between embedding and unembedding.
fn model(name: &str, layers: impl IntoIterator<Item = Layer>) -> Transformer {
    let (blocks, cards) = layers.into_iter().map(|layer| layer.build(0, 0)).unzip();
    Transformer {
        embed: embedding::embed(),
        blocks,
        unembed: embedding::unembed(),
        card: ModelCard {
            name: name.into(),
            parameters: 0,
            tensors: 0,
            vocabulary: VOCABULARY.into(),
            dims: Dim::all()
                .into_iter()
                .map(|dim| Part { label: dim.label(), about: dim.about().into() })
                .collect(),
            layers: cards,
            logit: embedding::LOGIT.into(),
            special_tokens: embedding::special_tokens(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::builder::Dimension;

    #[test]
    fn its_shape_counted_from_the_tensors() {
        let model = compile();
        assert_eq!(model.d_model(), Dim::width());
        let heads: Vec<usize> = model.blocks.iter().map(|block| block.heads.len()).collect();
        assert_eq!(heads, [5, 1, 5, 5, 2, 6, 0, 0, 0, 0]);
        let largest = model.blocks.iter().flat_map(|block| &block.heads);
        assert!(largest.into_iter().all(|head| head.wq.shape()[0] <= 8 && head.wv.shape()[0] <= 8));
    }

    #[test]
    fn every_head_and_every_neuron_says_what_it_does() {
        for card in compile().card.layers {
            let heads = card.heads.into_iter().map(|head| head.part);
            for part in heads.chain(card.neurons) {
                assert!(!part.label.is_empty() && part.about.ends_with('.'), "{part:?}");
            }
        }
    }

    #[test]
    fn every_weight_is_exact() {
        for (name, matrix) in compile().tensors() {
            for weight in matrix.data() {
                assert!((weight * 65_536.0).fract() == 0.0, "{name}: {weight}");
            }
        }
    }
}
