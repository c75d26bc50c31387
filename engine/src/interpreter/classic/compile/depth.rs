//! Layers 1 and 2: how deep the stack is.

use super::super::layout::{Dim, Flag};
use super::builder::{HeadSpec, LayerBuilder, Linear, constant, dim};
use crate::interpreter::describe::HeadKind;

/// What the instruction executed here does to the depth: +1 for a push, −1 for a pop, −2 for `fd_write`.
fn own_change() -> Linear {
    Flag::ALL
        .into_iter()
        .filter(|flag| flag.depth_change() != 0)
        .fold(Linear::default(), |sum, flag| sum + dim(Dim::Op(flag)) * flag.depth_change() as f32)
}

/// Layer 1: one head adds up every instruction's change so far, this one included; the FFN takes this one's
/// away again.
pub fn count() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Stack depth",
        "Adds up +1 for every push and −1 for every pop so far. The stack itself is never stored: it is the \
         tokens, and the depth says where each belongs.",
    );
    layer.head(HeadSpec {
        kind: HeadKind::Sum,
        label: "count pushes and pops".into(),
        about: "Adds the change of depth of all instructions so far: +1 push, −1 pop, −2 fd_write.".into(),
        query: vec![Linear::default(); 2],
        key: vec![Linear::default(); 2],
        value: vec![(own_change(), Dim::DepthAfter)],
    });
    layer.neuron(
        "depth before this instruction",
        "STACK_DEPTH = STACK_DEPTH_AFTER − this instruction's own change.",
        constant(1.0),
        dim(Dim::DepthAfter) - own_change(),
        (Dim::Depth, 1.0),
    );
    layer
}

/// Layer 2: the square that the stack's keys need.
pub fn square() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Depth squared",
        "No heads. One neuron gates the depth with itself; the stack's keys (2d, −d²) need the square.",
    );
    layer.neuron(
        "depth · depth",
        "STACK_DEPTH_SQ = max(0, STACK_DEPTH) · STACK_DEPTH.",
        dim(Dim::Depth),
        dim(Dim::Depth),
        (Dim::DepthSq, 1.0),
    );
    layer
}
