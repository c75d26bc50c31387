//! Layer 1: where the run is.
//!
//! The latest transfer led to an address, and each instruction that has ended since stands one behind the other: the offset is that of the transfer
//! plus the ends since. It never carries into the page, since code that would cross a page's end jumps there.

use super::super::layout::Dim;
use super::{HeadSpec, Layer, phase};
use crate::interpreter::builder::{constant, dim};
use crate::interpreter::describe::HeadKind;

pub fn layer() -> Layer {
    let mut layer = Layer::new(
        "The instruction pointer",
        "One head finds the latest jump, call or return: the instruction pointer is where it led, plus the ends since. The neurons collect the \
         result's bytes that stand there already, and count bits of the value that ends here.",
    );
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: "latest transfer".into(),
        about:
            "Finds the last token of the latest transfer: two tokens after the one that began it, and an end."
                .into(),
        query: vec![constant(1.0)],
        key: vec![dim(Dim::End) + dim(Dim::TransferBefore)],
        value: vec![(dim(Dim::Value), Dim::JumpPage), (dim(Dim::Byte(0)) - dim(Dim::Ends), Dim::JumpOffset)],
    });
    let back = [Dim::Value, Dim::Byte(0), Dim::Byte(1), Dim::Byte(2)];
    for index in 0..3_usize {
        for (behind, byte) in back.into_iter().enumerate().take(3 - index) {
            layer.neuron(
                &format!("result byte {index} in phase {}", index + behind + 1),
                "A byte of the result that stands there already.",
                phase(index + behind + 1),
                dim(byte),
                (Dim::Result(index), 1.0),
            );
        }
    }
    for (count, byte) in back.into_iter().enumerate() {
        layer.neuron(
            &format!("digit in phase {count}"),
            "The token before this instruction: a quotient's digit, if it follows one.",
            phase(count),
            dim(byte),
            (Dim::Digit, 1.0),
        );
    }
    counts(&mut layer);
    layer
}

/// Leading and trailing zeros: those of the first byte, and those of the next if it is 0, and so on.
fn counts(layer: &mut Layer) {
    let last = || dim(Dim::Last);
    layer.neuron(
        "ones",
        "Ones of the value that ends here.",
        last(),
        dim(Dim::Ones),
        (Dim::WrittenOnes, 1.0),
    );
    let bytes = [Dim::Value, Dim::Byte(0), Dim::Byte(1), Dim::Byte(2)];
    let mut gate = last();
    for (index, byte) in bytes.into_iter().enumerate() {
        layer.neuron(
            &format!("leading zeros of byte {}", 3 - index),
            "They count if all higher bytes are 0.",
            gate.clone(),
            dim(Dim::Leading(index)),
            (Dim::WrittenLeading, 1.0),
        );
        gate = gate - dim(byte);
    }
    let mut gate = last();
    for (index, byte) in bytes.into_iter().enumerate().rev() {
        layer.neuron(
            &format!("trailing zeros of byte {}", 3 - index),
            "They count if all lower bytes are 0.",
            gate.clone(),
            dim(Dim::Trailing(index)),
            (Dim::WrittenTrailing, 1.0),
        );
        gate = gate - dim(byte);
    }
    layer.neuron_to(
        "zeros of nothing written",
        "A value that was set to 0 without being written out.",
        dim(Dim::End) - last(),
        constant(32.0),
        vec![(Dim::WrittenLeading, 1.0), (Dim::WrittenTrailing, 1.0)],
    );
}
