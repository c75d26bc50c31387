//! Layers 3 and 4: reads the two values on top of the stack.
//!
//! A token that was pushed offers itself under the key of the depth it was pushed to. Whoever asks for that
//! depth gets the latest such token, which is the one that is still there.

use super::super::layout::{BITS, Dim};
use super::FAR;
use super::arithmetic;
use super::builder::{HeadSpec, LayerBuilder, Linear, constant, dim, guarded_key, quadratic_query};
use crate::interpreter::describe::HeadKind;

/// A head that asks for the value `below` places under the top.
fn stack_head(below: f32, label: String, about: String, value: Vec<(Linear, Dim)>) -> HeadSpec {
    HeadSpec {
        kind: HeadKind::HardMax,
        label,
        about,
        query: quadratic_query(dim(Dim::Depth) - constant(below)),
        key: guarded_key(Dim::Depth, Dim::DepthSq, dim(Dim::PrevPushes), FAR),
        value,
    }
}

/// Layer 3: eight heads fetch two bits each.
pub fn bits() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Bits of the operands",
        "Eight heads fetch the bits of the stack's top and of the value under it, two bits each, for the \
         bitwise operations.",
    );
    type Target = fn(usize) -> Dim;
    let operands: [(f32, &str, Target); 2] = [(0.0, "top", Dim::TopBit), (1.0, "second", Dim::SecondBit)];
    for (below, name, target) in operands {
        for low in (0..BITS).step_by(2) {
            layer.head(stack_head(
                below,
                format!("{name}: bits {low} and {}", low + 1),
                format!("Finds the latest token pushed to the {name}'s depth and copies two of its bits."),
                [low, low + 1].map(|bit| (dim(Dim::Bit(bit)), target(bit))).to_vec(),
            ));
        }
    }
    layer
}

/// Layer 4: two heads fetch the values; the FFN computes with them.
pub fn values_and_arithmetic() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Operands and arithmetic",
        "Two heads fetch the stack's top and the value under it; the FFN adds, multiplies, compares and \
         combines them, and gates each result with its opcode.",
    );
    for (below, name, target) in [(0.0, "top", Dim::Top), (1.0, "second", Dim::Second)] {
        layer.head(stack_head(
            below,
            format!("fetch {name}"),
            format!("Finds the latest token pushed to the {name}'s depth and copies its value."),
            vec![(dim(Dim::Value), target)],
        ));
    }
    arithmetic::neurons(&mut layer);
    layer
}
