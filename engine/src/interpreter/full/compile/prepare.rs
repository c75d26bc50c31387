//! Layer 4: what the next layer is to look for, and the columns of sums.
//!
//! By how much is shifted is read off the alphabet. A quotient's digit is guessed: of all bytes q, 2qR − q²b is largest for the q that is
//! nearest to R / b. In `f32` that is the digit, or one more or less; the next layer sees which.

use super::super::isa::Op;
use super::super::layout::Dim;
use super::operands::{divided_high, divided_low};
use super::{HeadSpec, Layer, Linear, address, bytes, is, letter, offset, phase};
use crate::interpreter::builder::{constant, dim};
use crate::interpreter::describe::HeadKind;

pub fn layer() -> Layer {
    let mut layer = Layer::new(
        "What to look for",
        "One head reads by how much is shifted, one guesses a quotient's digit. The neurons choose the bytes to shift, the numbers whose signs \
         are wanted, and the columns of sums, differences and products.",
    );
    layer.head(letter(dim(Dim::B(0))).head(
        "by how much is shifted",
        "Reads the lower five bits of the second operand off the alphabet.",
        (0..5).map(|bit| (dim(Dim::Bit(bit)), Dim::Amount(bit))).collect(),
    ));
    guess(&mut layer);
    for index in 0..4 {
        let about = "Squares a byte of the address.";
        let label = format!("address byte {index}²");
        layer.neuron(&label, about, address(index), address(index), (Dim::AddressSq, 1.0));
    }
    let about = "The byte that is written to memory.";
    layer.neuron("stored", about, dim(Dim::Store), dim(Dim::BNow), (Dim::Stored, 1.0));
    layer.neuron("stored of data", about, dim(Dim::Data), dim(Dim::ImmNow), (Dim::Stored, 1.0));
    signs(&mut layer);
    sources(&mut layer);
    columns(&mut layer);
    let least =
        dim(Dim::SignA) * 1_000.0 + constant(129.0 - 1_000.0) - (0..4).map(|index| dim(Dim::A(index))).sum();
    let about = "Whether the first operand is −2³¹.";
    layer.neuron("first operand is −2³¹", about, least, constant(1.0), (Dim::MinimumA, 1.0));
    layer
}

fn guess(layer: &mut Layer) {
    // Scores reach 2⁴⁹ here.
    const FARTHER: f32 = 1_152_921_504_606_846_976.0;
    let divided = divided_low() + divided_high() * 65_536.0;
    layer.head(HeadSpec {
        kind: HeadKind::HardMax,
        label: "guess a digit".into(),
        about: "Finds the byte q for which 2qR − q²b is largest: R / b, to the nearest.".into(),
        query: vec![divided * 2.0, bytes(Dim::B, 0..4), constant(FARTHER)],
        key: vec![dim(Dim::Value), dim(Dim::ValueSq) * -1.0, dim(Dim::Alphabet) - constant(1.0)],
        value: vec![(dim(Dim::Value), Dim::Guess)],
    });
}

/// Two numbers whose signs are wanted, as 65,536 · HIGH + LOW. All four parts are exact, and their sum, rounded once, has the sign of the
/// exact one.
fn signs(layer: &mut Layer) {
    let high = |of| bytes(of, 2..4);
    let low = |of| bytes(of, 0..2);
    let (a_high, a_low) = (|| high(Dim::A as fn(usize) -> Dim), || low(Dim::A as fn(usize) -> Dim));
    let (b_high, b_low) = (|| high(Dim::B as fn(usize) -> Dim), || low(Dim::B as fn(usize) -> Dim));
    let both = |part: fn(usize) -> Dim, first: f32, second: f32| vec![(part(0), first), (part(1), second)];
    let mut number = |label: &str, gate: Linear, value: Linear, out: Vec<(Dim, f32)>| {
        layer.neuron_to(label, "Part of a number whose sign is wanted.", gate, value, out);
    };
    let compare = || dim(Dim::Compare);
    number("compare: upper halves", compare(), a_high() - b_high(), both(Dim::High, 1.0, -1.0));
    number("compare: lower halves", compare(), a_low() - b_low(), both(Dim::Low, 1.0, -1.0));
    let signs = (dim(Dim::SignB) - dim(Dim::SignA)) * 65_536.0;
    number("compare: signs", dim(Dim::CompareSigned), signs, both(Dim::High, 1.0, -1.0));

    // R − q·b, and R − (q + 1)·b.
    let digit = || dim(Dim::Divides);
    number("division: upper bytes", digit(), divided_high(), both(Dim::High, 1.0, 1.0));
    number("division: lower bytes", digit(), divided_low(), both(Dim::Low, 1.0, 1.0));
    number("division: one more, above", digit(), b_high(), vec![(Dim::High(1), -1.0)]);
    number("division: one more, below", digit(), b_low(), vec![(Dim::Low(1), -1.0)]);
    let guess = || dim(Dim::Guess) + digit() * 1_024.0 - constant(1_024.0);
    number("division: guess, above", guess(), b_high(), both(Dim::High, -1.0, -1.0));
    number("division: guess, below", guess(), b_low(), both(Dim::Low, -1.0, -1.0));

    let offset_high = offset(2) + offset(3) * 256.0;
    let offset_low = offset(0) + offset(1) * 256.0;
    let memory = || dim(Dim::Memory);
    let within = dim(Dim::Pages) - a_high() - offset_high;
    number("memory: pages left", memory(), within, vec![(Dim::High(0), 1.0)]);
    let end = a_low() + offset_low + dim(Dim::Width);
    number("memory: bytes", memory(), end, vec![(Dim::Low(0), -1.0)]);

    let imm = |range| bytes(Dim::Imm, range);
    let table = || is(Op::JumpTable);
    number("branch table: upper half", table(), a_high(), vec![(Dim::High(0), -1.0)]);
    number("branch table: lower half", table(), imm(2..4) - a_low(), vec![(Dim::Low(0), 1.0)]);
    let indirect = || is(Op::CallIndirect);
    number("table: upper half", indirect(), a_high(), vec![(Dim::High(0), -1.0)]);
    let last = dim(Dim::DestLow) + dim(Dim::Imm(3)) * 256.0 - constant(1.0);
    number("table: lower half", indirect(), last - a_low(), vec![(Dim::Low(0), 1.0)]);
    let grow = || is(Op::MemoryGrow);
    number("growing: upper half", grow(), imm(2..4) - a_high(), vec![(Dim::High(0), 1.0)]);
    let room = imm(0..2) - a_low() - dim(Dim::Pages);
    number("growing: lower half", grow(), room, vec![(Dim::Low(0), 1.0)]);
}

/// The bytes whose bits are wanted: both operands' of this phase, or the two of the first operand that a shift takes this byte from.
fn sources(layer: &mut Layer) {
    let about = "A byte whose bits are wanted.";
    for (index, now) in [Dim::ANow, Dim::BNow].into_iter().enumerate() {
        let label = format!("bits of operand {index}");
        layer.neuron(&label, about, dim(Dim::Bitwise), dim(now), (Dim::Source(index), 1.0));
    }
    for count in 0..4_i32 {
        for whole in 0..4_i32 {
            let bit = |index: usize, is_one: bool| {
                let bit = dim(Dim::Amount(index));
                if is_one { bit } else { constant(1.0) - bit }
            };
            let here = phase(count as usize) + bit(3, whole & 1 == 1) + bit(4, whole & 2 == 2);
            for (index, next) in [(0, 0), (1, 1)] {
                // A shift to the right takes from higher bytes.
                let ways = [
                    (count + whole + next, Dim::Right, Dim::RotateRight, Some(Dim::ShiftSigned)),
                    (count - whole - next, Dim::Left, Dim::RotateLeft, None),
                ];
                for (byte, shifts, rotates, fills) in ways {
                    let within = (0..4).contains(&byte);
                    let way = if within { shifts } else { rotates };
                    let byte = byte.rem_euclid(4) as usize;
                    let label = format!("{} by {whole} bytes, byte {count}: source {index}", way.label());
                    let gate = here.clone() + dim(way) - constant(3.0);
                    layer.neuron(&label, about, gate, dim(Dim::A(byte)), (Dim::Source(index), 1.0));
                    if let Some(fills) = fills.filter(|_| !within) {
                        let label = format!("sign by {whole} bytes, byte {count}: source {index}");
                        let gate = here.clone() + dim(fills) - constant(3.0);
                        let value = dim(Dim::SignA) * 255.0;
                        layer.neuron(&label, about, gate, value, (Dim::Source(index), 1.0));
                    }
                }
            }
        }
    }
}

fn columns(layer: &mut Layer) {
    let about = "A column of the result, before anything is carried.";
    for index in 0..4 {
        let (a, b, c) = (dim(Dim::A(index)), dim(Dim::B(index)), dim(Dim::C(index)));
        let before = match index.checked_sub(1) {
            None => dim(Dim::NextByte),
            Some(before) => dim(Dim::Rest(before)),
        };
        let values = [
            (Op::Add, a.clone() + b.clone()),
            (Op::Sub, a.clone() - b),
            (Op::Mul, dim(Dim::Product(index))),
            (Op::DivRest, before - dim(Dim::DigitProduct(index))),
            (Op::Magnitude, a.clone()),
            (Op::Signed, c.clone()),
        ];
        for (op, value) in values {
            let label = format!("{}: column {index}", op.mnemonic());
            layer.neuron(&label, about, is(op), value, (Dim::Column(index), 1.0));
        }
        let mut negate = |op: Op, label: &str, gate: Linear, value: &Linear, weight: f32| {
            let label = format!("{}: {label}, column {index}", op.mnemonic());
            layer.neuron(&label, about, is(op) + gate, value.clone(), (Dim::Column(index), weight));
        };
        let one = || constant(1.0);
        let (sign_a, sign_b, asked) = (|| dim(Dim::SignA), || dim(Dim::SignB), || dim(Dim::Imm(0)));
        negate(Op::Magnitude, "negative", sign_a() - one(), &a, -2.0);
        negate(Op::Signed, "first is negative", sign_a() - one(), &c, -2.0);
        let only_second = sign_b() + asked() - sign_a() - one() * 2.0;
        negate(Op::Signed, "only the second is", only_second, &c, -2.0);
        let both = sign_a() + sign_b() + asked() - one() * 3.0;
        negate(Op::Signed, "both are", both, &c, 2.0);
    }
    for op in [Op::MemorySize, Op::MemoryGrow] {
        let label = format!("{}: column 0", op.mnemonic());
        layer.neuron(&label, about, is(op), dim(Dim::Pages), (Dim::Column(0), 1.0));
    }
}
