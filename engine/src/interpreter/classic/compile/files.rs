//! Layer 7: files, by cross-attention over stores that the host keeps.

use super::super::isa::FILES;
use super::super::layout::{Dim, Flag};
use super::builder::{
    HeadSpec, IS_ZERO, LayerBuilder, constant, dim, only_if, quadratic_key, quadratic_query,
};
use crate::interpreter::describe::HeadKind;

/// Four heads, one for each file, fetch the byte at its cursor; the FFN picks the one that the descriptor on
/// top of the stack names.
pub fn layer() -> LayerBuilder {
    let mut layer = LayerBuilder::new(
        "Files",
        "Four cross-attention heads, one for each file, fetch the byte at the file's cursor from a store \
         outside the sequence; the FFN picks the file that the descriptor names.",
    );
    for file in 0..FILES {
        layer.head(HeadSpec {
            kind: HeadKind::Cross { store: file },
            label: format!("read file {file}"),
            about: format!("Asks file {file}'s store for the latest byte written at CURSOR_{file}."),
            query: quadratic_query(dim(Dim::Cursor(file))),
            key: quadratic_key(Dim::Index, Dim::IndexSq),
            value: vec![(dim(Dim::Value), Dim::File(file))],
        });
    }
    for file in 0..FILES {
        let mismatch = dim(Dim::Top) - constant(file as f32);
        layer.ramps(
            &format!("fd_read {file}"),
            &format!(
                "One ramp of [TOP = {file}] · FILE_{file}: answers the byte if the descriptor is {file}."
            ),
            &(mismatch + only_if(dim(Dim::Op(Flag::FdRead)))),
            IS_ZERO,
            &dim(Dim::File(file)),
            Dim::Result,
        );
    }
    layer
}
