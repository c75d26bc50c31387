//! Layers 6 to 9: what is carried, and the sum or product modulo 256.
//!
//! What a column carries needs no division: it is the column with what was carried into it, less the byte that was written of it, over 256. The
//! bytes stand in the trace.

use super::super::layout::Dim;
use super::super::token::Token;
use super::super::trap::Trap;
use super::answer::{all, indirect};
use super::{Layer, Linear, phase, token};
use crate::interpreter::builder::{IS_NOT_NEGATIVE, IS_POSITIVE, constant, dim};

/// What makes columns positive: they are above −65,536.
const LIFT: f32 = 65_536.0;
/// The largest lifted column is below 2¹⁶ + 2¹⁸.
const LARGEST: usize = 65_536 + 262_144;
/// What the first of two rounds divides by.
const FIRST: usize = 8_192;

/// Layer 6.
pub fn second_carry() -> Layer {
    let mut layer = Layer::new("Second carry", "What column 1 carries into column 2.");
    layer.neuron(
        "carry into column 2",
        "What is carried: the column and what was carried into it, less the byte written, over 256.",
        dim(Dim::Sums),
        (dim(Dim::Column(1)) + dim(Dim::CarryColumn(0)) - dim(Dim::Result(1))) * (1.0 / 256.0),
        (Dim::CarryColumn(1), 1.0),
    );
    let about = "Whether the table's entry has another type than is wanted.";
    layer.ramps("wrong type", about, &dim(Dim::TypeDiffers), IS_POSITIVE, &constant(1.0), Dim::WrongType);
    layer
}

/// Layer 7.
pub fn total() -> Layer {
    let mut layer = Layer::new("Total", "This phase's column with what is carried into it.");
    let about = "The column of this phase, with what is carried into it.";
    let into = [
        constant(LIFT),
        dim(Dim::CarryColumn(0)) + constant(LIFT),
        dim(Dim::CarryColumn(1)) + constant(LIFT),
        constant(LIFT),
    ];
    for (index, into) in into.into_iter().enumerate() {
        let value = dim(Dim::Column(index)) + into;
        layer.neuron(
            &format!("total {index}"),
            about,
            all([dim(Dim::Sums), phase(index)]),
            value,
            (Dim::Total, 1.0),
        );
    }
    let third = (dim(Dim::Column(2)) + dim(Dim::CarryColumn(1)) - dim(Dim::Result(2))) * (1.0 / 256.0);
    layer.neuron("carry into column 3", about, all([dim(Dim::Sums), phase(3)]), third, (Dim::Total, 1.0));

    // A call through the table, once it is known whether there is such a function.
    let call = token(Token::Call);
    let trap = |trap| token(Token::Trap(trap)) - call;
    let about = "Traps instead of calling.";
    let exists = || indirect() + dim(Dim::NotBelow(0)) - dim(Dim::NoEntry) - constant(1.0);
    let wrong = exists() + dim(Dim::WrongType) - constant(1.0);
    let out = (Dim::Answer, trap(Trap::WrongType));
    layer.neuron("call_indirect: wrong type", about, wrong, constant(1.0), out);
    let deep = exists() - dim(Dim::WrongType) + dim(Dim::Deep) - constant(1.0);
    let out = (Dim::Answer, trap(Trap::StackExhausted));
    layer.neuron("call_indirect: too deep", about, deep, constant(1.0), out);
    layer
}

/// Layer 8.
pub fn thousands() -> Layer {
    let mut layer = Layer::new("Modulo 8,192", "How often 8,192 goes into the total.");
    steps(&mut layer, &dim(Dim::Total), Dim::Wholes(0), FIRST, LARGEST);
    layer
}

/// Layer 9.
pub fn byte() -> Layer {
    let mut layer =
        Layer::new("Modulo 256", "How often 256 goes into what that leaves. The unembedding takes it away.");
    // Only here, since a sum of products by 8,192 would not be exact.
    let modulo = || dim(Dim::Total) - dim(Dim::Wholes(0)) * FIRST as f32;
    layer.neuron("modulo 8,192", "What is left of the total.", constant(1.0), modulo(), (Dim::Modulo, 1.0));
    steps(&mut layer, &modulo(), Dim::Wholes(1), 256, FIRST);
    layer
}

fn steps(layer: &mut Layer, from: &Linear, to: Dim, size: usize, largest: usize) {
    for multiple in 1..=(largest - 1) / size {
        let x = from.clone() - constant((multiple * size) as f32);
        let label = format!("at {}", multiple * size);
        layer.ramps(&label, "Counts a multiple.", &x, IS_NOT_NEGATIVE, &constant(1.0), to);
    }
}
