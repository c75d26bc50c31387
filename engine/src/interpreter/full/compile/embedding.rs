//! What a token is, and which token an answer is.

use super::super::isa::Op;
use super::super::layout::Dim;
use super::super::token::{Token, VOCABULARY};
use crate::interpreter::builder::Dimension;
use crate::interpreter::model::Matrix;

/// The meaning of the tokens that are not bytes.
pub fn special_tokens() -> Vec<(u16, String)> {
    let others = (0..VOCABULARY).filter_map(|id| Some((id, Token::of(id)?)));
    others
        .filter(|(_, token)| !matches!(token, Token::Byte(_)))
        .map(|(id, token)| (id, token.to_string()))
        .collect()
}

/// `[vocabulary, d_model]`: a byte's value, square, bits and their counts; an opcode's point; what a mark marks.
pub fn embed() -> Matrix {
    let mut embed = Matrix::zeros(VOCABULARY.into(), Dim::width());
    for id in 0..VOCABULARY {
        let Some(token) = Token::of(id) else { continue };
        let mut set = |dim: Dim, value: f32| embed.add(id.into(), dim.index(), value);
        set(Dim::One, 1.0);
        if let Some(byte) = token.byte() {
            let value = f32::from(byte);
            set(Dim::Value, value);
            set(Dim::ValueSq, value * value);
            (0..8).for_each(|bit| set(Dim::Bit(bit), f32::from(byte >> bit & 1)));
            set(Dim::Ones, byte.count_ones() as f32);
            set(Dim::Leading(0), byte.leading_zeros() as f32);
            set(Dim::Trailing(0), byte.trailing_zeros() as f32);
        }
        let flag = f32::from;
        set(Dim::Start, flag(token == Token::Start));
        set(Dim::End, flag(token.ends() || token == Token::Start));
        set(Dim::Last, flag(matches!(token, Token::Last(_))));
        set(Dim::Transfer, flag(matches!(token, Token::Jump | Token::Call | Token::Return)));
        set(Dim::Call, flag(token == Token::Call));
        set(Dim::Return, flag(token == Token::Return));
        if let Token::Op(op) = token {
            let (x, y) = Op::point(op);
            set(Dim::OpX, x as f32);
            set(Dim::OpY, y as f32);
        }
    }
    embed
}

/// What [`unembed`] computes.
pub const LOGIT: &str = "2·token·(ANSWER + MODULO − 256·WHOLES_1) − token²";

/// `[vocabulary, d_model]`: `logit(t) = 2tA − t²`, a parabola whose peak is at t = A, the answer.
pub fn unembed() -> Matrix {
    let mut unembed = Matrix::zeros(VOCABULARY.into(), Dim::width());
    for id in 0..VOCABULARY {
        let t = f32::from(id);
        let answer = [(Dim::Answer, 1.0), (Dim::Modulo, 1.0), (Dim::Wholes(1), -256.0)];
        answer.into_iter().for_each(|(dim, weight)| unembed.add(id.into(), dim.index(), 2.0 * t * weight));
        unembed.add(id.into(), Dim::One.index(), -t * t);
    }
    unembed
}
