//! Layer 3: the operands.
//!
//! The latest value written to a slot of a frame is what the slot holds. A value's key stands where its last byte does, and its four
//! bytes come together. The neurons begin to compute: signs, zeros, the carries of an address, the columns of a product.

use super::super::layout::Dim;
use super::history::written_low;
use super::{HeadSpec, Layer, Linear, Lookup, bytes, count, offset, phase, sum};
use crate::interpreter::builder::{IS_NOT_NEGATIVE, constant, dim};
use crate::interpreter::describe::HeadKind;

/// Half of 2²⁴: numbers of 24 bits are centred by it, so that sums of two are exact.
pub const HALF: f32 = 8_388_608.0;

pub fn layer() -> Layer {
    let mut layer = Layer::new(
        "The operands",
        "Three heads find the latest values of three slots, one the pages of memory, one a quotient's digit. The neurons tell signs and \
         zeros, carry in addresses, and multiply bytes.",
    );
    heads(&mut layer);
    for (of, now, name) in [(Dim::A as fn(usize) -> Dim, Dim::ANow, "first"), (Dim::B, Dim::BNow, "second")] {
        for index in 0..4 {
            let about = "The operand's byte of this phase.";
            let label = format!("{name} operand in phase {index}");
            layer.neuron(&label, about, phase(index), dim(of(index)), (now, 1.0));
        }
    }
    tests(&mut layer);
    carries(&mut layer);
    for i in 0..4 {
        for k in 0..4 - i {
            let label = format!("a{i} · b{k}");
            let about =
                "A byte of the first operand times one of the second, in the column where it belongs.";
            layer.neuron(&label, about, dim(Dim::A(i)), dim(Dim::B(k)), (Dim::Product(i + k), 1.0));
        }
    }
    division(&mut layer);
    layer
}

fn heads(layer: &mut Layer) {
    let values = |of: fn(usize) -> Dim| (0..4).map(move |index| (dim(Dim::Written(index)), of(index)));
    let mut first: Vec<(Linear, Dim)> = values(Dim::A).collect();
    first.extend([
        (written_low() - constant(HALF), Dim::ALow),
        (dim(Dim::WrittenOnes), Dim::AOnes),
        (dim(Dim::WrittenLeading), Dim::ALeading),
        (dim(Dim::WrittenTrailing), Dim::ATrailing),
    ]);
    let operands = [
        ("first operand", first),
        ("second operand", values(Dim::B).collect()),
        ("third operand", values(Dim::C).collect()),
    ];
    for (above, (label, values)) in operands.into_iter().enumerate() {
        let slot = Lookup {
            query: vec![dim(Dim::QueryDepth), dim(Dim::SlotA) + constant(above as f32)],
            key: vec![dim(Dim::KeyDepth), dim(Dim::DoneSlot)],
            square: dim(Dim::KeySq),
            guard: dim(Dim::Writes),
        };
        layer.head(slot.head(label, "Finds the latest value written to its slot, in its frame.", values));
    }
    layer.head(HeadSpec {
        kind: HeadKind::Sum,
        label: "pages".into(),
        about: "Adds up the pages that were added to the memory.".into(),
        query: vec![],
        key: vec![],
        value: vec![(dim(Dim::PagesAdded), Dim::Pages)],
    });
    let digit = Lookup {
        query: vec![dim(Dim::DigitLow), dim(Dim::DigitHigh)],
        key: vec![dim(Dim::PosLow), dim(Dim::PosHigh)],
        square: dim(Dim::PosSq),
        guard: constant(1.0),
    };
    layer.head(digit.head(
        "digit of a quotient",
        "Looks so far back as the quotient's digit of this phase stands.",
        vec![(dim(Dim::Value), Dim::OldDigit)],
    ));
}

fn tests(layer: &mut Layer) {
    let signs = [
        (Dim::A(3), Dim::SignA),
        (Dim::B(3), Dim::SignB),
        (Dim::A(0), Dim::SignByte(0)),
        (Dim::A(1), Dim::SignByte(1)),
        (Dim::Result(0), Dim::SignResult(0)),
        (Dim::Result(1), Dim::SignResult(1)),
    ];
    for (byte, sign) in signs {
        let label = format!("sign of {}", byte.label());
        let about = "Whether the byte's highest bit is 1.";
        let x = dim(byte) - constant(128.0);
        layer.ramps(&label, about, &x, IS_NOT_NEGATIVE, &constant(1.0), sign);
    }
    let zeros = [(Dim::A as fn(usize) -> Dim, Dim::ZeroA), (Dim::B, Dim::ZeroB), (Dim::C, Dim::ZeroC)];
    for (of, zero) in zeros {
        let gate = constant(1.0) - sum(of, 4);
        let label = zero.label().to_lowercase();
        layer.neuron(&label, "Whether all bytes are 0.", gate, constant(1.0), (zero, 1.0));
    }
    let all_ones = sum(Dim::B, 4) - constant(4.0 * 255.0 - 1.0);
    let about = "Whether all bytes are 255.";
    layer.neuron("second operand is −1", about, all_ones, constant(1.0), (Dim::MinusB, 1.0));
}

/// What is carried when the bytes of an address, of an offset and the phase are added: a step at each multiple of what counts one.
fn carries(layer: &mut Layer) {
    let low = dim(Dim::A(0)) + offset(0) + count();
    let middle = low.clone() + (dim(Dim::A(1)) + offset(1)) * 256.0;
    let steps = [
        (low.clone() - constant(256.0), 0),
        (low - constant(512.0), 0),
        (middle - constant(65_536.0), 1),
        (dim(Dim::ALow) + dim(Dim::OffsetLow) + count(), 2),
    ];
    for (x, index) in steps {
        let label = format!("carry into byte {} of an address", index + 1);
        let about = "What the lower bytes of operand and offset carry.";
        layer.ramps(&label, about, &x, IS_NOT_NEGATIVE, &constant(1.0), Dim::Carry(index));
    }
}

fn division(layer: &mut Layer) {
    for index in 0..4 {
        layer.neuron(
            &format!("digit · b{index}"),
            "The quotient's digit times a byte of the divisor.",
            dim(Dim::Digit),
            dim(Dim::B(index)),
            (Dim::DigitProduct(index), 1.0),
        );
        layer.neuron(
            &format!("dividend's byte in round {index}"),
            "The byte that comes down in this round.",
            dim(Dim::Round(index)),
            dim(Dim::A(index)),
            (Dim::NextByte, 1.0),
        );
        layer.neuron(
            &format!("rest byte {index}"),
            "What was left by the round before; nothing before the first, which is round 3.",
            constant(1.0) - dim(Dim::Round(3)),
            dim(Dim::C(index)),
            (Dim::Rest(index), 1.0),
        );
    }
}

/// What a round of a division divides: the rest before, and a byte of the dividend behind it. Its lower two bytes.
pub fn divided_low() -> Linear {
    dim(Dim::NextByte) + dim(Dim::Rest(0)) * 256.0
}

/// Its upper three bytes.
pub fn divided_high() -> Linear {
    bytes(Dim::Rest, 1..4)
}
