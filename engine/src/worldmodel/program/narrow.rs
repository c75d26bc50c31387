//! A program in 32 bits: what the full interpreter transformer can run.
//!
//! Programs compute in 64 bits. With `i32` for `i64` they are right as long as every number fits; so arithmetic traps where one does
//! not, as it does in 64 bits, and what goes through memory, where numbers have eight bytes, is looked at as well. A result is the same
//! as that in 64 bits, or there is none.

use super::checked::{body_in_64_bits, function_lines, tokens, with_functions};

/// Why a program cannot be had in 32 bits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooWide {
    /// It computes with decimal numbers.
    #[error("it computes with decimal numbers (`{0}`): the transformer computes with integers of 32 bits")]
    Decimal(String),
    /// A number does not fit.
    #[error("{0} does not fit into 32 bits")]
    Number(String),
    /// An instruction would come to something else in 32 bits.
    #[error("`{0}` would come to something else in 32 bits")]
    Instruction(String),
}

/// Trap, as at −2³¹ / −1.
macro_rules! overflow {
    () => {
        "if, i32.const -2147483648, i32.const -1, i32.div_s, drop, end"
    };
}

/// Functions for 64-bit instructions that are more than one in 32 bits: the instruction, what it takes and gives, and its body.
const FUNCTIONS: [(&str, &str, &str); 3] = [
    (
        "i64.load",
        "(param i32) (result i32)",
        concat!(
            "local.get 0, i32.load offset=4, local.get 0, i32.load, i32.const 31, i32.shr_s, i32.ne, ",
            overflow!(),
            ", local.get 0, i32.load"
        ),
    ),
    (
        "i64.store",
        "(param i32 i32)",
        "local.get 0, local.get 1, i32.store, local.get 0, local.get 1, i32.const 31, i32.shr_s, i32.store offset=4",
    ),
    (
        "i64.extend_i32_u",
        "(param i32) (result i32)",
        concat!("local.get 0, i32.const 0, i32.lt_s, ", overflow!(), ", local.get 0"),
    ),
];

/// 64-bit instructions that are the same in 32 bits, whatever the numbers are, if those fit.
const SAME: [&str; 16] = [
    "div_s", "rem_s", "and", "or", "xor", "eqz", "eq", "ne", "lt_s", "gt_s", "le_s", "ge_s", "lt_u", "gt_u",
    "le_u", "ge_u",
];

/// What is told apart by 64-bit types, or has other limits in the sandbox.
const REFUSED: [&str; 2] = ["call_indirect", "memory.grow"];

/// A module's text in 32 bits. `i32.add` and its like are checked too.
///
/// # Errors
/// See [`TooWide`].
pub fn narrow(wat: &str) -> Result<String, TooWide> {
    let mut text = String::with_capacity(wat.len());
    let mut used: Vec<String> = Vec::new();
    let mut is_constant = false;
    for token in tokens(wat) {
        if token.starts_with("f64") || token.starts_with("f32") {
            return Err(TooWide::Decimal(token.to_owned()));
        }
        if REFUSED.contains(&token) || token.starts_with("offset=") || token.starts_with("align=") {
            return Err(TooWide::Instruction(token.to_owned()));
        }
        let is_space = token.trim().is_empty() || token.starts_with(";;") || token.starts_with("(;");
        if is_constant && !is_space {
            is_constant = false;
            if integer(token).is_none_or(|number| i32::try_from(number).is_err()) {
                return Err(TooWide::Number(token.to_owned()));
            }
        }
        is_constant |= token == "i64.const";
        let wide = token.strip_prefix("i64.");
        let mut call = |function: &str| {
            text.push_str(&format!("call $narrow.{function}"));
            if !used.iter().any(|known| known == function) {
                used.push(function.to_owned());
            }
        };
        match (token, wide) {
            ("i64", _) => text.push_str("i32"),
            ("i64.const", _) => text.push_str("i32.const"),
            // The same number in 32 bits as in 64. An instruction that does nothing keeps the text as it was.
            ("i32.wrap_i64" | "i64.extend_i32_s", _) => text.push_str("nop"),
            ("i32.add" | "i32.sub" | "i32.mul", _) => call(&token.replace("i32", "i64")),
            (_, Some(_)) if body_in_64_bits(token).is_some() => call(token),
            (_, Some(_)) if FUNCTIONS.iter().any(|(instruction, ..)| *instruction == token) => call(token),
            (_, Some(rest)) if SAME.contains(&rest) => text.push_str(&format!("i32.{rest}")),
            (_, Some(_)) => return Err(TooWide::Instruction(token.to_owned())),
            _ => text.push_str(token),
        }
    }
    let functions = used.iter().flat_map(|instruction| {
        let own = FUNCTIONS.iter().find(|(known, ..)| known == instruction);
        let (signature, body) = match own {
            Some((_, signature, body)) => ((*signature).to_owned(), (*body).to_owned()),
            None => {
                let body = body_in_64_bits(instruction).unwrap_or_default();
                let body = body.replace("-9223372036854775808", "-2147483648").replace("i64", "i32");
                ("(param i32 i32) (result i32)".to_owned(), body)
            }
        };
        function_lines(&format!("$narrow.{instruction} {signature}"), &body)
    });
    Ok(with_functions(text, functions))
}

/// An integer as WebAssembly writes it.
fn integer(text: &str) -> Option<i64> {
    let text = text.replace('_', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(&format!("{sign}{digits}"), 16).ok(),
        None => format!("{sign}{digits}").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{self, Limits, TrapKind, Value};
    use crate::wat::Module;

    fn run(wat: &str) -> Result<Value, TrapKind> {
        let narrowed = narrow(wat).unwrap();
        assert!(!tokens(&narrowed).any(|token| token.starts_with("i64")), "{narrowed}");
        let module = Module::from_text(&narrowed).unwrap_or_else(|error| panic!("{error}\n{narrowed}"));
        let run = sandbox::run(&module, None, &[], Limits::default(), &[]).unwrap();
        run.trap.map_or_else(|| Ok(run.result[0]), |trap| Err(trap.kind))
    }

    fn computed(first: i64, instruction: &str, second: i64) -> Result<Value, TrapKind> {
        run(&format!(
            "(module (func (export \"compute\") (result i64) i64.const {first} i64.const {second} {instruction}))"
        ))
    }

    #[test]
    fn what_fits_is_the_same_and_what_does_not_traps() {
        assert_eq!(computed(12, "i64.mul", 11), Ok(Value::I32(132)));
        assert_eq!(computed(-46_341, "i64.mul", 46_340), Ok(Value::I32(-2_147_441_940)));
        assert_eq!(computed(46_341, "i64.mul", 46_341), Err(TrapKind::IntegerOverflow));
        assert_eq!(computed(2_147_483_647, "i64.add", 1), Err(TrapKind::IntegerOverflow));
        assert_eq!(computed(-2_147_483_648, "i64.sub", 1), Err(TrapKind::IntegerOverflow));
        assert_eq!(computed(-2_147_483_648, "i64.add", 2_147_483_647), Ok(Value::I32(-1)));
        assert_eq!(computed(-7, "i64.rem_s", 2), Ok(Value::I32(-1)));
        assert_eq!(computed(7, "i64.div_s", 0), Err(TrapKind::DivisionByZero));
    }

    /// Each instruction on two numbers that fit: in 32 bits it gives what it gives in 64, or it traps where that does not fit.
    #[test]
    fn each_instruction_is_the_same_in_both_widths_or_traps() {
        let numbers = [i64::from(i32::MIN), -46_341, -7, -1, 0, 1, 2, 7, 46_341, i64::from(i32::MAX)];
        let two = ["add", "sub", "mul", "div_s", "rem_s", "and", "or", "xor"];
        let compared = ["eq", "ne", "lt_s", "gt_s", "le_s", "ge_s", "lt_u", "gt_u", "le_u", "ge_u"];
        let all = two.map(|name| (name, "i64")).into_iter().chain(compared.map(|name| (name, "i32")));
        for (name, ty) in all {
            for (first, second) in numbers.iter().flat_map(|first| numbers.map(|second| (*first, second))) {
                let wat = format!(
                    "(module (func (export \"compute\") (result {ty}) i64.const {first} i64.const {second} i64.{name}))"
                );
                let module = Module::from_text(&wat).unwrap();
                let wide = sandbox::run(&module, None, &[], Limits::default(), &[]).unwrap();
                let expected = match (wide.trap, wide.result.as_slice()) {
                    (None, [Value::I64(value)]) => i32::try_from(*value).ok(),
                    (None, [Value::I32(value)]) => Some(*value),
                    _ => None,
                };
                assert_eq!(run(&wat).ok(), expected.map(Value::I32), "{first} {name} {second}");
            }
        }
        for (number, fits) in [(5, true), (-1, false)] {
            let wat =
                format!("(module (func (export \"f\") (result i64) i32.const {number} i64.extend_i32_u))");
            assert_eq!(run(&wat).is_ok(), fits);
        }
    }

    #[test]
    fn numbers_in_memory_keep_their_eight_bytes() {
        let sum = "(module (memory 1) (data (i32.const 0) \"\\05\\00\\00\\00\\00\\00\\00\\00\\fb\\ff\\ff\\ff\\ff\\ff\\ff\\ff\")
            (func (export \"compute\") (result i64)
              i32.const 16 i32.const 0 i64.load i32.const 8 i64.load i64.const 3 i64.mul i64.add i64.store
              i32.const 16 i64.load))";
        assert_eq!(run(sum), Ok(Value::I32(-10)));
        let large = sum.replace("\\05\\00\\00\\00\\00", "\\05\\00\\00\\00\\01");
        assert_eq!(run(&large), Err(TrapKind::IntegerOverflow));
    }

    #[test]
    fn what_would_be_another_program_is_refused_by_name() {
        for (text, message) in [
            ("(module (func (result f64) f64.const 1))", "decimal"),
            ("(module (func (result i64) i64.const 4294967296))", "4294967296 does not fit"),
            ("(module (func (result i64) i64.const 1 i64.clz))", "`i64.clz`"),
            ("(module (func (result i64) i64.const (; c ;) 0x1_0000_0000))", "0x1_0000_0000 does not fit"),
            ("(module (memory 1) (func (result i32) i32.const 1 memory.grow))", "`memory.grow`"),
            ("(module (memory 1) (func (result i64) i32.const 1 i64.load offset=8))", "`offset=8`"),
        ] {
            assert!(narrow(text).unwrap_err().to_string().contains(message), "{text}");
        }
        let hexadecimal = "(module (func (export \"f\") (result i64) i64.const (; c ;) -0x10))";
        assert_eq!(run(hexadecimal), Ok(Value::I32(-16)));
        // Names and strings are not instructions.
        let named = "(module (func $i64.add (export \"f64.add\") (result i32) i32.const 1))";
        assert_eq!(narrow(named).unwrap(), named);
    }
}
