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
        let Some(found) = Checked::of(instruction) else { continue };
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
        // These lines are behind all tokens of the program.
        let added = function.lines().into_iter();
        lines.extend(added.map(|(depth, text)| Line { depth, text, index: usize::MAX, constant: None }));
    }
    if let Some(last) = lines.last_mut() {
        last.text.push(')');
    }
    lines
}

impl Checked {
    fn of(instruction: &str) -> Option<&'static Self> {
        CHECKED.iter().find(|checked| checked.instruction == instruction)
    }

    /// Its function, each line with how far it is indented.
    fn lines(&self) -> Vec<(usize, String)> {
        let Self { instruction, signature, body } = self;
        function_lines(&format!("$checked.{instruction} {signature}"), body)
    }
}

/// The lines of a function: its name and signature, and its instructions, which are divided by commas.
pub(super) fn function_lines(head: &str, body: &str) -> Vec<(usize, String)> {
    let mut lines = vec![(1, format!("(func {head}"))];
    let mut depth = 2;
    for text in body.split(", ") {
        depth -= usize::from(text == "end");
        lines.push((depth, text.to_owned()));
        depth += usize::from(text == "if");
    }
    if let Some((_, last)) = lines.last_mut() {
        last.push(')');
    }
    lines
}

/// The body of a 64-bit instruction's function, as [`function_lines`] takes it.
pub(super) fn body_in_64_bits(instruction: &str) -> Option<&'static str> {
    let found = Checked::of(instruction)?;
    found.signature.starts_with("(param i64 i64)").then_some(found.body)
}

/// The same of a module that somebody else wrote as text, in either style: `call $f` stands wherever an instruction does,
/// also as the head of a folded one. Names, strings and comments stay as they are.
pub(super) fn checked_text(wat: &str) -> String {
    let mut used: Vec<&Checked> = Vec::new();
    let mut text = String::with_capacity(wat.len());
    for token in tokens(wat) {
        match Checked::of(token) {
            Some(found) => {
                text.push_str(&format!("call $checked.{token}"));
                if !used.iter().any(|known| known.instruction == found.instruction) {
                    used.push(found);
                }
            }
            None => text.push_str(token),
        }
    }
    let functions = used.iter().flat_map(|checked| checked.lines());
    with_functions(text, functions)
}

/// A module with functions put in before its end, each line with how far it is indented.
pub(super) fn with_functions(mut text: String, functions: impl Iterator<Item = (usize, String)>) -> String {
    // The last parenthesis that is none of a comment or a string closes the module.
    let mut end = None;
    let mut at = 0;
    for token in tokens(&text) {
        if token == ")" {
            end = Some(at);
        }
        at += token.len();
    }
    if let Some(end) = end {
        let functions: String =
            functions.map(|(depth, line)| format!("\n{}{line}", "  ".repeat(depth))).collect();
        text.insert_str(end, &functions);
    }
    text
}

/// The tokens of a text, with what stands between them: joined they are the text again.
pub(super) fn tokens(wat: &str) -> impl Iterator<Item = &str> {
    let mut rest = wat;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let len = match first {
            '"' => string(rest),
            ';' if rest.starts_with(";;") => rest.find('\n').unwrap_or(rest.len()),
            '(' if rest.starts_with("(;") => comment(rest),
            '(' | ')' => 1,
            first if first.is_whitespace() => first.len_utf8(),
            _ => {
                let is_end = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ';');
                rest.find(is_end).unwrap_or(rest.len()).max(first.len_utf8())
            }
        };
        let (token, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        rest = behind;
        Some(token)
    })
}

/// Bytes of a string, with its quotes.
fn string(text: &str) -> usize {
    let mut escaped = false;
    let closing = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    closing.map_or(text.len(), |(at, _)| at + 1)
}

/// Bytes of a comment in parentheses; they nest.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match rest {
            rest if rest.starts_with("(;") => (depth, at) = (depth + 1, at + 2),
            rest if rest.starts_with(";)") => (depth, at) = (depth.saturating_sub(1), at + 2),
            rest => at += rest.chars().next().map_or(1, char::len_utf8),
        }
        if depth == 0 {
            break;
        }
    }
    at
}
