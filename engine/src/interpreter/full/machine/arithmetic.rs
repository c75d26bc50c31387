//! What instructions compute.

use crate::interpreter::full::isa::Op;

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
        Op::Magnitude => signed.unsigned_abs(),
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

/// What is left of a long division in base 256 before a round, 3 to 0, times 256, plus the round's byte of the dividend.
fn next(round: u32, dividend: u32, rest: u32) -> u64 {
    let byte = dividend.to_le_bytes().get(round as usize).copied().unwrap_or(0);
    let rest = if round == 3 { 0 } else { rest };
    u64::from(rest) << 8 | u64::from(byte)
}

/// The quotient's digit of a round.
pub fn digit(round: u32, dividend: u32, divisor: u32, rest: u32) -> u8 {
    next(round, dividend, rest).checked_div(divisor.into()).unwrap_or(0) as u8
}

/// What the digit leaves.
pub fn rest(round: u32, dividend: u32, divisor: u32, rest: u32, digit: u8) -> u32 {
    next(round, dividend, rest).wrapping_sub(u64::from(digit) * u64::from(divisor)) as u32
}

/// A value with the sign of the first operand or, with 1, of both operands' quotient.
pub const fn signed(of_both: u32, a: u32, b: u32, value: u32) -> u32 {
    let is_negative = (a.cast_signed() < 0) != (of_both == 1 && b.cast_signed() < 0);
    if is_negative { value.wrapping_neg() } else { value }
}
