//! The machine specialised to one program: its instructions are neurons, and the prompt has none of them.
//!
//! This is Futamura's first projection (Y. Futamura, *Partial Evaluation of Computation Process*, 1971): an interpreter, specialised to a
//! program, is that program compiled. Here the interpreter is a transformer, and what attention fetches from the prompt becomes weights.
//! A layer between the pointer and the fetch has, for each instruction, a neuron that is open where the instruction pointer is its address,
//! and writes what the heads would have found. Everything behind it is the same, and so is every token of the trace.
//!
//! The gate of address k is `1 − (x − k)²`, which is 1 at k and at most 0 at every other integer. `x²` is a neuron's product, one layer before.

use super::super::isa::Op;
use super::super::layout::Dim;
use super::super::program::{Program, Record};
use super::super::prompt::encode;
use super::super::stub::Stub;
use super::super::token::Token;
use super::{Layer, Linear, execution, fetch, history, model, pointer};
use crate::interpreter::builder::{constant, dim};
use crate::interpreter::describe::Part;
use crate::interpreter::model::Transformer;

/// Instructions that a program may have, with those that begin its run: squares of their addresses are exact far beyond.
pub const MAX_INSTRUCTIONS: usize = 1_024;

/// Why there is no such machine for a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSpecial {
    /// It is too long.
    #[error(
        "the program has {0} instructions, with those that begin its run; {MAX_INSTRUCTIONS} is the most that become neurons here"
    )]
    TooLong(usize),
    /// It calls through its table, whose types the machine reads in the prompt.
    #[error("the program calls through its table, and the machine reads the table in the prompt")]
    Table,
}

/// The square of the address.
const ADDRESS_SQ: Dim = Dim::RecordSq;
/// The square of the address of the instruction that ends, plus 1.
const DONE_SQ: Dim = Dim::RecordPage;

/// The address of the instruction that is executed.
fn here() -> Linear {
    dim(Dim::JumpPage) * 256.0 + pointer()
}

/// The address of the instruction that has just ended, where one has, plus 1: where a transfer to address 0 ends it would be −1, whose
/// square no neuron writes.
fn done() -> Linear {
    here() - dim(Dim::End) + constant(1.0)
}

/// Compiles the machine for one program and the call that its run begins with.
///
/// # Errors
/// See [`NotSpecial`].
pub fn specialise(program: &Program, stub: &Stub) -> Result<Transformer, NotSpecial> {
    let records: Vec<&Record> = program.code.iter().chain(&stub.records).collect();
    if records.len() > MAX_INSTRUCTIONS {
        return Err(NotSpecial::TooLong(records.len()));
    }
    if records.iter().any(|record| record.op == Op::CallIndirect) {
        return Err(NotSpecial::Table);
    }
    let mut pointer = pointer::layer();
    let about = "The square of the address, for the gates of the program's neurons.";
    pointer.neuron("address²", about, here(), here(), (ADDRESS_SQ, 1.0));
    pointer.neuron("address² of what ends", about, done(), done(), (DONE_SQ, 1.0));
    let mut program = Layer::new(
        "The program",
        "A neuron for each instruction, open where the instruction pointer is its address: it writes the opcode, the immediate and the slots. \
         Another for each says, at its end, which slot it has written. The general machine fetches both from the prompt, by attention.",
    );
    for (address, record) in records.into_iter().enumerate() {
        neurons(&mut program, address, record);
    }
    let fetched = [history::layer(), pointer, program, fetch::without_program()];
    let mut model = model("full, specialised", fetched.into_iter().chain(execution()));
    let names = [
        (ADDRESS_SQ, "ADDRESS_SQ", "The square of the instruction's address."),
        (DONE_SQ, "DONE_SQ", "The square of the address of the instruction that ends here, plus 1."),
        (Dim::RecordOffset, "UNUSED", "The general machine's; this one has no records in its prompt."),
    ];
    for (dim, label, about) in names {
        use crate::interpreter::builder::Dimension;
        if let Some(part) = model.card.dims.get_mut(dim.index()) {
            *part = Part { label: label.into(), about: about.into() };
        }
    }
    Ok(model.counted())
}

fn neurons(layer: &mut Layer, address: usize, record: &Record) {
    let name = format!("{address}: {}", record.op.mnemonic());
    let k = address as f32;
    let gate = |x: Linear, square: Dim, k: f32| x * (2.0 * k) - dim(square) + constant(1.0 - k * k);
    let bytes = encode(record).map(|token| f32::from(token.byte().unwrap_or(0)));
    let [_, i0, i1, i2, i3, a_low, a_high, dest_low, dest_high] = bytes;
    let bit = |byte: f32, bit: u32| f32::from(((byte as u32) >> bit & 1) as u8);
    let (x, y) = record.op.point();
    // What stands above a slot's number says which frame is meant.
    let slot_high = |byte: f32| f32::from((byte as u32 & 7) as u8);
    let fetched = [
        (Dim::OpcodeX, x as f32),
        (Dim::OpcodeY, y as f32),
        (Dim::Imm(0), i0),
        (Dim::Imm(1), i1),
        (Dim::Imm(2), i2),
        (Dim::Imm(3), i3),
        (Dim::SlotA, a_low + slot_high(a_high) * 256.0),
        (Dim::SlotANext, bit(a_high, 4)),
        (Dim::SlotAGlobal, bit(a_high, 5)),
        (Dim::DestLow, dest_low),
        (Dim::DestHigh, slot_high(dest_high)),
    ];
    let ended = [
        (Dim::DoneSlot, dest_low + slot_high(dest_high) * 256.0),
        (Dim::DoneFrame, bit(dest_high, 3)),
        (Dim::DoneNext, bit(dest_high, 4)),
        (Dim::DoneGlobal, bit(dest_high, 5)),
        (Dim::DonePages, bit(dest_high, 6)),
    ];
    let not_zero = |all: &[(Dim, f32)]| all.iter().copied().filter(|(_, weight)| *weight != 0.0).collect();
    let about = "An instruction of the program: what it is, and which slots it has.";
    layer.neuron_to(&name, about, gate(here(), ADDRESS_SQ, k), constant(1.0), not_zero(&fetched));
    let out: Vec<(Dim, f32)> = not_zero(&ended);
    if !out.is_empty() {
        let about = "The slot that the instruction has written, where it ends.";
        layer.neuron_to(&format!("{name} done"), about, gate(done(), DONE_SQ, k + 1.0), constant(1.0), out);
    }
}

/// What the specialised machine reads before it runs: no instruction.
pub fn prompt(stub: &Stub) -> Vec<Token> {
    let [offset, page] = stub.first.bytes();
    let mut tokens = vec![Token::Start];
    tokens.extend((0..=u8::MAX).map(Token::Byte));
    tokens.extend([Token::Jump, Token::Byte(offset), Token::Last(page)]);
    tokens
}
