//! Layers 5 and 6: locals and memory.
//!
//! Neither is stored anywhere. A `local.set` leaves its value in `TOP` at its position; `local.get` asks for
//! the latest position that set the same local. Memory works the same way with `i32.store` and `i32.load`.
//! The head also brings back a tag, 512 + the index found, so that a cell never written reads 0 instead of
//! its nearest neighbour.

use super::super::layout::{Dim, Flag};
use super::FAR;
use super::builder::{
    HeadSpec, IS_ZERO, LayerBuilder, Linear, constant, dim, guarded_key, only_if, quadratic_query,
};
use crate::interpreter::describe::HeadKind;

/// Above every index: marks a value that was really written.
const WRITTEN: f32 = 512.0;

/// One kind of cells.
struct Cells {
    /// "local" or "memory cell".
    name: &'static str,
    /// 1 where a cell is written.
    writes: Linear,
    /// 1 where one is read.
    reads: Flag,
    /// Where the search puts what it found.
    value: Dim,
    /// Where it puts which it found.
    tag: Dim,
}

fn search(layer: &mut LayerBuilder, cells: Cells) {
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: format!("find the {}", cells.name),
        about: format!(
            "Asks for the latest position that wrote the {} named by OPERAND; brings back the value and \
             512 + which it was.",
            cells.name
        ),
        query: quadratic_query(dim(Dim::Operand)),
        key: guarded_key(Dim::Operand, Dim::OperandSq, cells.writes.clone(), FAR),
        value: vec![(dim(Dim::Top), cells.value), (dim(Dim::Operand) + cells.writes * WRITTEN, cells.tag)],
    });
    let mismatch = dim(cells.tag) - dim(Dim::Operand) - constant(WRITTEN);
    layer.ramps(
        &cells.reads.names(),
        &format!(
            "One ramp of [tag = 512 + OPERAND] · value: the {} if it was ever written, else 0.",
            cells.name
        ),
        &(mismatch + only_if(dim(Dim::Op(cells.reads)))),
        IS_ZERO,
        &dim(cells.value),
        Dim::Result,
    );
}

/// Layer 5: locals; its FFN also cuts sums and products to 255.
pub fn locals() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Locals",
        "One head finds the latest write of the local; the FFN answers with it, and cuts sums and products \
         to 255.",
    );
    search(
        &mut layer,
        Cells {
            name: "local",
            writes: dim(Dim::Op(Flag::LocalSet)) + dim(Dim::Op(Flag::LocalTee)),
            reads: Flag::LocalGet,
            value: Dim::LocalValue,
            tag: Dim::LocalTag,
        },
    );
    layer.ramps(
        "saturate",
        "One ramp of min(UNCLAMPED, 255): the values of this machine saturate.",
        &dim(Dim::Unclamped),
        &[(0.0, 1.0), (-255.0, -1.0)],
        &constant(1.0),
        Dim::Result,
    );
    layer
}

/// Layer 6: memory.
pub fn memory() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Memory",
        "One head finds the latest store to the address; the FFN answers with it, or with 0.",
    );
    search(
        &mut layer,
        Cells {
            name: "memory cell",
            writes: dim(Dim::Op(Flag::Store)),
            reads: Flag::Load,
            value: Dim::MemValue,
            tag: Dim::MemTag,
        },
    );
    layer
}
