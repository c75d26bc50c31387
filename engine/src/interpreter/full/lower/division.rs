//! Division, as instructions that each write one value.
//!
//! Long division in base 256: from the highest byte of the first operand down, a digit of the quotient and what it leaves, four
//! times. Signed division divides absolute values, and its result is given the sign.

use wasmparser::Operator;

use super::code::Code;
use crate::interpreter::full::isa::Op;

/// One of WebAssembly's four.
#[derive(Clone, Copy, Debug)]
pub struct Division {
    is_signed: bool,
    wants_rest: bool,
}

/// Instructions of the longest.
const LONGEST: usize = 13;

impl Division {
    /// If an operator is one.
    pub const fn of(operator: &Operator<'_>) -> Option<Self> {
        let (is_signed, wants_rest) = match operator {
            Operator::I32DivU => (false, false),
            Operator::I32DivS => (true, false),
            Operator::I32RemU => (false, true),
            Operator::I32RemS => (true, true),
            _ => return None,
        };
        Some(Self { is_signed, wants_rest })
    }

    /// Adds its instructions, for operands in a slot and the one behind it. The result is written to the first of them; the next ones are
    /// for work.
    pub fn lower(self, code: &mut Code, slot: u16) {
        let Self { is_signed, wants_rest } = self;
        // The quotient's digits are found by how far back they stand.
        code.together(LONGEST);
        code.push(Op::DivCheck, u32::from(is_signed && !wants_rest), slot, 0);
        let mut from = slot;
        if is_signed {
            from = slot + 2;
            code.push(Op::Magnitude, 0, slot, from);
            code.push(Op::Magnitude, 0, slot + 1, from + 1);
        }
        for round in (0..4).rev() {
            let is_result = wants_rest && round == 0;
            code.push(Op::DivDigit, round, from, 0);
            code.push(Op::DivRest, round, from, if is_result { from } else { from + 2 });
        }
        if !wants_rest {
            code.push(Op::Quotient, 0, 0, from);
        }
        if is_signed {
            code.push(Op::Signed, u32::from(!wants_rest), slot, slot);
        }
    }
}
