//! What the machine reads before it runs: a program and the instructions that begin its run, as tokens; and what each position is told
//! about itself.
//!
//! ```text
//! start                        token 0
//! 00 01 02 … ff                the alphabet, from which bits and signs are read
//! add  00 00 00 00  02 00 02 08   a record for each instruction: opcode, immediate, slot of the first operand, slot that is written
//! jump 07 00.                  leads to the first instruction of the run
//! ```
//!
//! The two high bytes of slots say in their upper bits which frame is meant: of the first operand, 16 the next one and 32 the globals; of the
//! slot that is written, 8 this frame, 16 the next one, 32 the globals, 64 the memory's pages, and none of them: nothing is written.

use super::isa::Place;
use super::layout::Dim;
use super::program::{MAX_CODE, PAGE, Program, Record};
use super::stub::Stub;
use super::token::Token;
use crate::interpreter::builder::Dimension;

/// Tokens of a record.
pub const RECORD: usize = 9;
/// Where the first record stands: behind the start and the alphabet.
pub const RECORDS: usize = 1 + 256;
/// Base of the digits of positions.
pub const DIGIT: usize = 2_048;
/// The longest sequence whose positions have two digits.
pub const MAX_POSITIONS: usize = DIGIT * DIGIT;

/// The tokens of a run's prompt.
pub fn prompt(program: &Program, stub: &Stub) -> Vec<Token> {
    let mut tokens = vec![Token::Start];
    tokens.extend((0..=u8::MAX).map(Token::Byte));
    // The stub stands right behind the program.
    for record in program.code.iter().chain(&stub.records).take(MAX_CODE) {
        tokens.extend(encode(record));
    }
    let [offset, page] = stub.first.bytes();
    tokens.extend([Token::Jump, Token::Byte(offset), Token::Last(page)]);
    tokens
}

/// A record's tokens.
pub fn encode(record: &Record) -> [Token; RECORD] {
    let Record { op, imm, a, dest, .. } = *record;
    let [i0, i1, i2, i3] = imm.to_le_bytes();
    let [a_low, a_high] = a.to_le_bytes();
    let [dest_low, dest_high] = dest.to_le_bytes();
    let read = match op.reads() {
        Place::NextFrame => 16,
        Place::Global => 32,
        _ => 0,
    };
    let written = match op.writes() {
        Place::Nowhere => 0,
        Place::Frame => 8,
        Place::NextFrame => 16,
        Place::Global => 32,
        Place::Pages => 64,
    };
    let bytes = [i0, i1, i2, i3, a_low, a_high | read, dest_low, dest_high | written];
    let [b0, b1, b2, b3, b4, b5, b6, b7] = bytes.map(Token::Byte);
    [Token::Op(op), b0, b1, b2, b3, b4, b5, b6, b7]
}

/// What a position is told about itself, as (dimension, value); dimensions that are not named are 0.
pub fn encoding(position: usize) -> Vec<(usize, f32)> {
    let mut encoding = Vec::new();
    tell(position, |dim, value| encoding.push((dim.index(), value)));
    encoding
}

/// The same where no records stand in the prompt.
pub fn encoding_without_records(position: usize) -> Vec<(usize, f32)> {
    let mut encoding = Vec::new();
    tell_without_records(position, |dim, value| encoding.push((dim.index(), value)));
    encoding
}

/// Tells a position about itself: dimensions that are not 0.
///
/// It depends on the position alone: records have a fixed width, so a position knows whose record it would be part of, up to the last
/// that has an address. Behind the prompt that is none that is ever asked for.
pub fn tell(position: usize, mut each: impl FnMut(Dim, f32)) {
    tell_without_records(position, &mut each);
    let mut tell = |dim: Dim, value: usize| each(dim, value as f32);
    if let Some(behind) = position.checked_sub(RECORDS).filter(|behind| *behind < MAX_CODE * RECORD) {
        let (page, offset) = (behind / RECORD / PAGE, behind / RECORD % PAGE);
        tell(Dim::RecordPage, page);
        tell(Dim::RecordOffset, offset);
        tell(Dim::RecordSq, page * page + offset * offset);
        match behind % RECORD {
            0 => tell(Dim::IsOp, 1),
            4 => tell(Dim::IsImm, 1),
            8 => tell(Dim::IsSlots, 1),
            _ => {}
        }
    }
}

/// The same where no records stand in the prompt.
pub fn tell_without_records(position: usize, mut each: impl FnMut(Dim, f32)) {
    let mut tell = |dim: Dim, value: usize| each(dim, value as f32);
    let digits = |position: usize| (position % DIGIT, position / DIGIT);
    let (low, high) = digits(position);
    tell(Dim::PosLow, low);
    tell(Dim::PosHigh, high);
    tell(Dim::PosSq, low * low + high * high);
    for back in 0..3 {
        let (low, high) = digits(position.saturating_sub(back + 1));
        tell(Dim::BackLow(back), low);
        tell(Dim::BackHigh(back), high);
    }
    if position >= RECORDS {
        return;
    }
    if position > 0 {
        tell(Dim::Alphabet, 1);
    }
    if let Some(sign) = [-1.0, 1.0].get(position.wrapping_sub(1)) {
        tell(Dim::SignSq, 1);
        each(Dim::Sign, *sign);
    }
}
