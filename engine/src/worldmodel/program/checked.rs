//! Programs as they are run: arithmetic that could give a wrong number quietly is replaced by functions that trap.
//!
//! WebAssembly's integers wrap around, and its decimals have infinity. The functions trap as WebAssembly's own division does:
//! "integer overflow" for −2⁶³ / −1, "division by zero" for 1 / 0.

use super::text::Line;

/// An instruction, and the function that stands for it: what it takes and gives, and its instructions, one a line.
struct Checked {
    instruction: &'static str,
    signature: &'static str,
    body: &'static str,
}

/// The instructions that compute on two 32-bit integers in 64 bits, by this instruction, where nothing overflows, and trap if the
/// result does not fit.
macro_rules! in_64_bits {
    ($instruction:literal) => {
        concat!(
            "local.get 0, i64.extend_i32_s, local.get 1, i64.extend_i32_s, ",
            $instruction,
            ", local.tee 2, local.get 2, i32.wrap_i64, i64.extend_i32_s, i64.ne, \
             if, i64.const -9223372036854775808, i64.const -1, i64.div_s, drop, end, \
             local.get 2, i32.wrap_i64"
        )
    };
}

const CHECKED: [Checked; 7] = [
    // A sum is wrong if both have the other sign than it.
    Checked {
        instruction: "i64.add",
        signature: "(param i64 i64) (result i64)",
        body: "local.get 0, local.get 1, i64.add, local.get 0, i64.xor, \
               local.get 0, local.get 1, i64.add, local.get 1, i64.xor, i64.and, i64.const 0, i64.lt_s, \
               if, i64.const -9223372036854775808, i64.const -1, i64.div_s, drop, end, \
               local.get 0, local.get 1, i64.add",
    },
    // A difference is wrong if the two have different signs, and it not that of the first.
    Checked {
        instruction: "i64.sub",
        signature: "(param i64 i64) (result i64)",
        body: "local.get 0, local.get 1, i64.xor, \
               local.get 0, local.get 1, i64.sub, local.get 0, i64.xor, i64.and, i64.const 0, i64.lt_s, \
               if, i64.const -9223372036854775808, i64.const -1, i64.div_s, drop, end, \
               local.get 0, local.get 1, i64.sub",
    },
    // A product is wrong if division does not undo it.
    Checked {
        instruction: "i64.mul",
        signature: "(param i64 i64) (result i64)",
        body: "local.get 0, i64.eqz, if, i64.const 0, return, end, \
               local.get 0, local.get 1, i64.mul, local.get 0, i64.div_s, local.get 1, i64.ne, \
               if, i64.const -9223372036854775808, i64.const -1, i64.div_s, drop, end, \
               local.get 0, local.get 1, i64.mul",
    },
    Checked {
        instruction: "i32.add",
        signature: "(param i32 i32) (result i32) (local i64)",
        body: in_64_bits!("i64.add"),
    },
    Checked {
        instruction: "i32.sub",
        signature: "(param i32 i32) (result i32) (local i64)",
        body: in_64_bits!("i64.sub"),
    },
    Checked {
        instruction: "i32.mul",
        signature: "(param i32 i32) (result i32) (local i64)",
        body: in_64_bits!("i64.mul"),
    },
    Checked {
        instruction: "f64.div",
        signature: "(param f64 f64) (result f64)",
        body: "local.get 1, f64.const 0, f64.eq, \
               if, i64.const 1, i64.const 0, i64.div_s, drop, end, \
               local.get 0, local.get 1, f64.div",
    },
];

/// The lines of a program with each such instruction replaced, and the functions that it calls now before the module's end.
pub(super) fn checked(mut lines: Vec<Line>) -> Vec<Line> {
    let mut used: Vec<&Checked> = Vec::new();
    for line in &mut lines {
        // A line may close a function or the module behind its instruction.
        let instruction = line.text.trim_end_matches(')');
        let Some(found) = CHECKED.iter().find(|checked| checked.instruction == instruction) else { continue };
        let rest = line.text.get(instruction.len()..).unwrap_or("");
        line.text = format!("call $checked.{}{rest}", found.instruction);
        if !used.iter().any(|known| known.instruction == found.instruction) {
            used.push(found);
        }
    }
    if used.is_empty() {
        return lines;
    }
    if let Some(last) = lines.last_mut() {
        last.text.truncate(last.text.len().saturating_sub(1));
    }
    for function in used {
        let Checked { instruction, signature, body } = function;
        // These lines are behind all tokens of the program.
        let mut add =
            |depth, text: String| lines.push(Line { depth, text, index: usize::MAX, constant: None });
        add(1, format!("(func $checked.{instruction} {signature}"));
        let mut depth = 2;
        for text in body.split(", ") {
            depth -= usize::from(text == "end");
            add(depth, text.to_owned());
            depth += usize::from(text == "if");
        }
        if let Some(last) = lines.last_mut() {
            last.text.push(')');
        }
    }
    if let Some(last) = lines.last_mut() {
        last.text.push(')');
    }
    lines
}
