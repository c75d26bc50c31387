//! The heads of layer 5: bits, signs, memory, the table.

use super::super::layout::Dim;
use super::{FAR, HeadSpec, Layer, address, letter, record};
use crate::interpreter::builder::{constant, dim};
use crate::interpreter::describe::HeadKind;

/// Adds them.
pub fn heads(layer: &mut Layer) {
    for (index, bit) in [Dim::X as fn(usize) -> Dim, Dim::Y].into_iter().enumerate() {
        layer.head(letter(dim(Dim::Source(index))).head(
            &format!("bits {index}"),
            "Reads the bits of a byte off the alphabet.",
            (0..8).map(|at| (dim(Dim::Bit(at)), bit(at))).collect(),
        ));
    }
    for index in 0..2 {
        layer.head(HeadSpec {
            kind: HeadKind::HardMax,
            label: format!("sign {index}"),
            about: "Tells the sign of a number of any size: of the keys 1 and −1, the one that it makes larger wins, and of equals the \
                    latest, which is 1."
                .into(),
            query: vec![
                dim(Dim::High(index)) + dim(Dim::Low(index)) * (1.0 / 65_536.0),
                constant(FAR * 16.0),
            ],
            key: vec![dim(Dim::Sign), dim(Dim::SignSq) - constant(1.0)],
            value: vec![((dim(Dim::Sign) + dim(Dim::SignSq)) * 0.5, Dim::NotBelow(index))],
        });
    }
    // What was never written is 0: the start offers that, half below what an equal address scores.
    let mut query: Vec<_> = (0..4).map(address).collect();
    let mut key: Vec<_> = (0..4).map(|index| address(index) * 2.0).collect();
    query.extend([constant(1.0), dim(Dim::AddressSq) - constant(0.5), constant(FAR)]);
    key.extend([
        dim(Dim::AddressSq) * -1.0,
        dim(Dim::Start),
        dim(Dim::StoresNow) + dim(Dim::Start) - constant(1.0),
    ]);
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: "memory".into(),
        about: "Finds the latest byte written to the address. It stands where it was about to be written."
            .into(),
        query,
        key,
        value: vec![(dim(Dim::Stored), Dim::Found)],
    });
    let entry = record(dim(Dim::Imm(2)) + dim(Dim::A(1)), dim(Dim::A(0)), Dim::IsImm);
    layer.head(entry.head(
        "table",
        "Finds the type of the table's entry, which is in the immediate of a jump.",
        vec![(dim(Dim::Byte(0)), Dim::EntryType(0)), (dim(Dim::Value), Dim::EntryType(1))],
    ));
}
