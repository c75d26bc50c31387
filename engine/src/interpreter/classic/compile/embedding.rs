//! What a token is, and which token an answer is.

use super::super::isa::Op;
use super::super::layout::{BITS, D_MODEL, Dim, Flag};
use crate::interpreter::model::Matrix;

/// Tokens: the 256 bytes and four marks.
pub const VOCABULARY: usize = 260;
/// First token of every sequence. It also stands for "no instruction".
pub const PROGRAM_START: u16 = 256;
/// Ends the program; at its position the first instruction is executed.
pub const PROGRAM_END: u16 = 257;
/// The answer of a `br_if` that branches.
pub const BRANCH_TAKEN: u16 = 258;
/// The answer of `halt`.
pub const HALT: u16 = 259;

/// The meaning of the tokens that are not bytes.
pub fn special_tokens() -> Vec<(u16, String)> {
    vec![
        (PROGRAM_START, "program start".into()),
        (PROGRAM_END, "program end".into()),
        (BRANCH_TAKEN, "branch taken".into()),
        (HALT, "halt".into()),
    ]
}

/// `[vocabulary, d_model]`: a byte's value, square and bits, and what it would mean as an opcode.
pub fn embed() -> Matrix {
    let mut embed = Matrix::zeros(VOCABULARY, D_MODEL);
    for token in 0..VOCABULARY {
        embed.add(token, Dim::One.index(), 1.0);
    }
    for byte in 0..=u8::MAX {
        let (row, value) = (usize::from(byte), f32::from(byte));
        embed.add(row, Dim::Value.index(), value);
        embed.add(row, Dim::ValueSq.index(), value * value);
        for bit in 0..BITS {
            embed.add(row, Dim::Bit(bit).index(), f32::from(byte >> bit & 1));
        }
        let Some(op) = Op::from_opcode(byte) else { continue };
        if let Some(flag) = Flag::of(op) {
            embed.add(row, Dim::ByteIs(flag).index(), 1.0);
        }
        if op.pushes() {
            embed.add(row, Dim::BytePushes.index(), 1.0);
        }
    }
    embed
}

/// What [`unembed`] computes.
pub const LOGIT: &str = "2·token·RESULT − token²";

/// `[vocabulary, d_model]`: `logit(t) = 2tR − t²`, a parabola whose peak is at t = R, the `RESULT`.
pub fn unembed() -> Matrix {
    let mut unembed = Matrix::zeros(VOCABULARY, D_MODEL);
    for token in 0..VOCABULARY {
        let t = token as f32;
        unembed.add(token, Dim::Result.index(), 2.0 * t);
        unembed.add(token, Dim::One.index(), -t * t);
    }
    unembed
}
