//! Layer 2: the instruction.
//!
//! Its record is found by the address; the record of the instruction that has just ended, by the address before. The latest call of this depth
//! says where a return leads. An opcode is a point on a circle, so one gate tells it from all others.

use super::super::isa::{Effect, Op};
use super::super::layout::Dim;
use super::history::written_low;
use super::{Layer, Linear, Lookup, bytes, is, phase, phases, pointer, record};
use crate::interpreter::builder::{IS_NOT_NEGATIVE, constant, dim};

pub fn layer() -> Layer {
    let mut layer = Layer::new(
        "The instruction",
        "Heads fetch opcode, immediate and slots from the program by the address, the slot that was written just now, and where a return \
         leads. The neurons raise flags for kinds of instructions, and make keys and queries of slots.",
    );
    heads(&mut layer);
    calls(&mut layer);
    neurons(&mut layer);
    layer
}

/// The same where a layer before it knows the program.
pub fn without_program() -> Layer {
    let mut layer = Layer::new(
        "The instruction",
        "A head finds where a return leads. The neurons raise flags for kinds of instructions, and make keys and queries of slots.",
    );
    calls(&mut layer);
    neurons(&mut layer);
    layer
}

fn neurons(layer: &mut Layer) {
    slots(layer);
    quotient(layer);
    immediate(layer);
    for op in Op::ALL {
        let flags = flags(op);
        if !flags.is_empty() {
            let about = "Raises the flags of this instruction.";
            layer.neuron_to(op.mnemonic(), about, is(op), constant(1.0), flags);
        }
        if let Effect::Store(width) = op.effect() {
            layer.neuron(
                &format!("{} writes", op.mnemonic()),
                "Whether the next token is a byte of memory.",
                is(op) + phases(width.into()) - constant(1.0),
                constant(1.0),
                (Dim::StoresNow, 1.0),
            );
        }
    }
}

/// The lower three bits of a byte: what of it belongs to a slot's number.
fn slot_bits() -> Linear {
    (0..3).map(|bit| dim(Dim::Bit(bit)) * f32::from(1_u8 << bit)).sum()
}

fn heads(layer: &mut Layer) {
    let here = |guard| record(dim(Dim::JumpPage), pointer(), guard);
    layer.head(here(Dim::IsOp).head(
        "opcode",
        "Finds the opcode of the instruction that is executed.",
        vec![(dim(Dim::OpX), Dim::OpcodeX), (dim(Dim::OpY), Dim::OpcodeY)],
    ));
    layer.head(here(Dim::IsImm).head(
        "immediate",
        "Finds its immediate: the last of four bytes knows the three before it.",
        vec![
            (dim(Dim::Byte(2)), Dim::Imm(0)),
            (dim(Dim::Byte(1)), Dim::Imm(1)),
            (dim(Dim::Byte(0)), Dim::Imm(2)),
            (dim(Dim::Value), Dim::Imm(3)),
        ],
    ));
    let high = dim(Dim::Byte(1)) - dim(Dim::BitNext) * 16.0 - dim(Dim::BitGlobal) * 32.0;
    layer.head(here(Dim::IsSlots).head(
        "slots",
        "Finds the slots that it reads and writes.",
        vec![
            (dim(Dim::Byte(2)) + high * 256.0, Dim::SlotA),
            (dim(Dim::BitNext), Dim::SlotANext),
            (dim(Dim::BitGlobal), Dim::SlotAGlobal),
            (dim(Dim::Byte(0)), Dim::DestLow),
            (slot_bits(), Dim::DestHigh),
        ],
    ));
    let done = record(dim(Dim::JumpPage), pointer() - dim(Dim::End), Dim::IsSlots);
    layer.head(done.head(
        "slot that was written",
        "Finds the slot that this token's own instruction writes: at its end, the pointer has gone on.",
        vec![
            (dim(Dim::Byte(0)) + slot_bits() * 256.0, Dim::DoneSlot),
            (dim(Dim::Bit(3)), Dim::DoneFrame),
            (dim(Dim::Bit(4)), Dim::DoneNext),
            (dim(Dim::Bit(5)), Dim::DoneGlobal),
            (dim(Dim::Bit(6)), Dim::DonePages),
        ],
    ));
}

fn calls(layer: &mut Layer) {
    let calls = Lookup {
        // Behind its first token, a return has left the depth it began in.
        query: vec![dim(Dim::Depth) + dim(Dim::Return) + dim(Dim::ReturnBefore)],
        key: vec![dim(Dim::Depth)],
        square: dim(Dim::DepthSq),
        guard: dim(Dim::Call),
    };
    layer.head(calls.head(
        "where a return leads",
        "Finds the latest call that opened this depth: a return leads behind it.",
        vec![(dim(Dim::JumpPage), Dim::BackPage), (pointer() + constant(1.0), Dim::BackOffset)],
    ));
}

fn slots(layer: &mut Layer) {
    let one = || constant(1.0);
    let depth = || dim(Dim::Depth);
    // Before the run, nothing ends: there, what was found as the slot may be any three flags.
    let ends = dim(Dim::End) - dim(Dim::TransferBefore) - one();
    let writes = dim(Dim::DoneFrame) + dim(Dim::DoneNext) + dim(Dim::DoneGlobal) + ends * 4.0;
    let about = "Whether a value ends here that was written to a slot.";
    layer.neuron("writes", about, writes, one(), (Dim::Writes, 1.0));
    let key = "The frame of the value that ends here, and its square.";
    layer.neuron("key: this frame", key, dim(Dim::DoneFrame), depth(), (Dim::KeyDepth, 1.0));
    layer.neuron("key: next frame", key, dim(Dim::DoneNext), depth() + one(), (Dim::KeyDepth, 1.0));
    layer.neuron_to(
        "key: global",
        key,
        dim(Dim::DoneGlobal),
        one(),
        vec![(Dim::KeyDepth, -1.0), (Dim::KeySq, 1.0)],
    );
    let square = || dim(Dim::DepthSq);
    layer.neuron("key²: this frame", key, dim(Dim::DoneFrame), square(), (Dim::KeySq, 1.0));
    let next = square() + depth() * 2.0 + one();
    layer.neuron("key²: next frame", key, dim(Dim::DoneNext), next, (Dim::KeySq, 1.0));
    let slot = || dim(Dim::DoneSlot);
    layer.neuron("key²: slot", "The square of the slot.", slot(), slot(), (Dim::KeySq, 1.0));
    // Behind the first token of a transfer, the depth is already the next function's.
    let own = depth() - dim(Dim::Call) - dim(Dim::CallBefore) + dim(Dim::Return) + dim(Dim::ReturnBefore);
    let query = "The frame of the first operand.";
    let frame = own + dim(Dim::SlotANext);
    layer.neuron("query: frame", query, one() - dim(Dim::SlotAGlobal), frame, (Dim::QueryDepth, 1.0));
    layer.neuron("query: global", query, dim(Dim::SlotAGlobal), one(), (Dim::QueryDepth, -1.0));
    layer.neuron(
        "pages added",
        "What ends here was added to the pages.",
        dim(Dim::Last) + dim(Dim::DonePages) - dim(Dim::TransferBefore) - one(),
        written_low(),
        (Dim::PagesAdded, 1.0),
    );
}

/// Where the digits of a quotient stand: each round of a division is five tokens, the digit and what it leaves, and the lowest digit is
/// the latest.
fn quotient(layer: &mut Layer) {
    let distance: Linear = (0..4).map(|count| phase(count) * (4 + 6 * count) as f32).sum();
    let low = dim(Dim::PosLow) - distance;
    let base = super::super::prompt::DIGIT as f32;
    let about = "Where the quotient's digit of this phase stands.";
    let one = || constant(1.0);
    layer.neuron("digit: low", about, one(), low.clone() + constant(base), (Dim::DigitLow, 1.0));
    layer.neuron("digit: high", about, one(), dim(Dim::PosHigh) - one(), (Dim::DigitHigh, 1.0));
    for (shift, weight) in IS_NOT_NEGATIVE {
        layer.neuron_to(
            &format!("digit: {weight:+} ramp {shift:+}"),
            "Borrows from the high digit of the position only if the low one is too small.",
            low.clone() + constant(*shift),
            one(),
            vec![(Dim::DigitLow, -base * weight), (Dim::DigitHigh, *weight)],
        );
    }
}

fn immediate(layer: &mut Layer) {
    for count in 0..4 {
        layer.neuron(
            &format!("immediate in phase {count}"),
            "The immediate's byte of this phase.",
            phase(count),
            dim(Dim::Imm(count)),
            (Dim::ImmNow, 1.0),
        );
    }
    // The offset of an access: the immediate, but for data, whose immediate is what is written.
    let data = [dim(Dim::DestLow), dim(Dim::DestHigh), Linear::default(), Linear::default()];
    let mut low = Linear::default();
    for (index, own) in data.into_iter().enumerate() {
        let delta = own - dim(Dim::Imm(index));
        let about = "The offset of data is where the slot that is written would stand.";
        let out = (Dim::OffsetDelta(index), 1.0);
        layer.neuron(&format!("data offset byte {index}"), about, is(Op::Data), delta.clone(), out);
        if index < 3 {
            low = low + delta * 256_f32.powi(index as i32);
        }
    }
    let about = "The lower three bytes of the offset, centred so that sums stay exact.";
    let centred = bytes(Dim::Imm, 0..3) - constant(super::operands::HALF);
    layer.neuron("offset", about, constant(1.0), centred, (Dim::OffsetLow, 1.0));
    layer.neuron("offset of data", about, is(Op::Data), low, (Dim::OffsetLow, 1.0));
    for ramp in 0..6_usize {
        let weights = [(ramp, 1.0), (ramp.wrapping_sub(1), -2.0), (ramp.wrapping_sub(2), 1.0)];
        let out = weights.into_iter().filter(|(round, _)| *round < 4);
        layer.neuron_to(
            &format!("round: ramp {:+}", 1 - ramp as i32),
            "Which round of a division this is.",
            dim(Dim::Imm(0)) + constant(1.0 - ramp as f32),
            constant(1.0),
            out.map(|(round, weight)| (Dim::Round(round), weight)).collect(),
        );
    }
}

/// The flags that an instruction raises.
fn flags(op: Op) -> Vec<(Dim, f32)> {
    let mut flags = Vec::new();
    let mut raise = |dim: Dim, if_so: bool| {
        if if_so {
            flags.push((dim, 1.0));
        }
    };
    let loads = op.width() > 0 && op.effect() == Effect::Value;
    raise(Dim::Four, matches!(op.effect(), Effect::Value | Effect::Store(4)));
    raise(Dim::Memory, op.width() > 0);
    raise(Dim::Load, loads);
    raise(Dim::Store, matches!(op, Op::Store | Op::Store8 | Op::Store16));
    raise(Dim::Data, op == Op::Data);
    let copies = [Op::Get, Op::Arg, Op::Take, Op::GlobalGet, Op::GlobalSet, Op::Output];
    raise(Dim::Copy, copies.contains(&op));
    raise(Dim::Right, matches!(op, Op::ShrS | Op::ShrU | Op::Rotr));
    raise(Dim::Left, matches!(op, Op::Shl | Op::Rotl));
    raise(Dim::RotateRight, op == Op::Rotr);
    raise(Dim::RotateLeft, op == Op::Rotl);
    raise(Dim::ShiftSigned, op == Op::ShrS);
    raise(Dim::Bitwise, matches!(op, Op::And | Op::Or | Op::Xor));
    let signed = matches!(op, Op::LtS | Op::GtS | Op::LeS | Op::GeS);
    let unsigned = matches!(op, Op::LtU | Op::GtU | Op::LeU | Op::GeU | Op::Eq | Op::Ne);
    raise(Dim::Compare, signed || unsigned);
    raise(Dim::CompareSigned, signed);
    let sums =
        [Op::Add, Op::Sub, Op::Mul, Op::DivRest, Op::Magnitude, Op::Signed, Op::MemorySize, Op::MemoryGrow];
    raise(Dim::Sums, sums.contains(&op));
    raise(Dim::Divides, op == Op::DivDigit);
    raise(Dim::Direct, matches!(op, Op::Jump | Op::JumpIf | Op::JumpUnless | Op::Call));
    if op.width() > 0 {
        flags.push((Dim::Width, f32::from(op.width())));
    }
    flags
}
