//! What instructions compute, and the work that a division shows.

use crate::interpreter::full::isa::Op;
use crate::interpreter::full::token::Token;
use crate::interpreter::full::trap::Trap;

/// The value of an instruction with one or two operands.
pub fn computed(op: Op, a: u32, b: u32) -> u32 {
    let (signed, other) = (a.cast_signed(), b.cast_signed());
    match op {
        Op::Eqz => u32::from(a == 0),
        Op::Clz => a.leading_zeros(),
        Op::Ctz => a.trailing_zeros(),
        Op::Popcnt => a.count_ones(),
        Op::Extend8 => i32::from(a as i8).cast_unsigned(),
        Op::Extend16 => i32::from(a as i16).cast_unsigned(),
        Op::Add => a.wrapping_add(b),
        Op::Sub => a.wrapping_sub(b),
        Op::Mul => a.wrapping_mul(b),
        Op::And => a & b,
        Op::Or => a | b,
        Op::Xor => a ^ b,
        Op::Shl => a.wrapping_shl(b),
        Op::ShrS => signed.wrapping_shr(b).cast_unsigned(),
        Op::ShrU => a.wrapping_shr(b),
        Op::Rotl => a.rotate_left(b % 32),
        Op::Rotr => a.rotate_right(b % 32),
        Op::Eq => u32::from(a == b),
        Op::Ne => u32::from(a != b),
        Op::LtS => u32::from(signed < other),
        Op::LtU => u32::from(a < b),
        Op::GtS => u32::from(signed > other),
        Op::GtU => u32::from(a > b),
        Op::LeS => u32::from(signed <= other),
        Op::LeU => u32::from(a <= b),
        Op::GeS => u32::from(signed >= other),
        Op::GeU => u32::from(a >= b),
        _ => 0,
    }
}

/// A quotient or a remainder, by long division in base 256. The work stands in the trace: of signed division both absolute
/// values; then, from the highest byte down, a byte of the quotient and the four of the remainder that is left.
///
/// # Errors
/// A divisor of 0, and a quotient that does not fit.
pub fn divided(op: Op, a: u32, b: u32, trace: &mut impl FnMut(Token)) -> Result<u32, Trap> {
    if b == 0 {
        return Err(Trap::DivisionByZero);
    }
    let is_signed = matches!(op, Op::DivS | Op::RemS);
    let (signed, other) = (a.cast_signed(), b.cast_signed());
    if op == Op::DivS && signed == i32::MIN && other == -1 {
        return Err(Trap::Overflow);
    }
    let mut show = |value: u32| value.to_le_bytes().into_iter().for_each(|byte| trace(Token::Byte(byte)));
    let (dividend, divisor) = if is_signed { (signed.unsigned_abs(), other.unsigned_abs()) } else { (a, b) };
    if is_signed {
        show(dividend);
        show(divisor);
    }
    let (mut quotient, mut rest) = (0_u32, 0_u64);
    for byte in dividend.to_be_bytes() {
        rest = rest << 8 | u64::from(byte);
        let digit = rest / u64::from(divisor);
        rest %= u64::from(divisor);
        quotient = quotient << 8 | digit as u32;
        trace(Token::Byte(digit as u8));
        (rest as u32).to_le_bytes().into_iter().for_each(|byte| trace(Token::Byte(byte)));
    }
    Ok(match op {
        Op::DivS if (signed < 0) != (other < 0) => quotient.wrapping_neg(),
        Op::DivS | Op::DivU => quotient,
        Op::RemS if signed < 0 => (rest as u32).wrapping_neg(),
        _ => rest as u32,
    })
}
