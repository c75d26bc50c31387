//! The text form of a classic program, and back.
//!
//! A flat WebAssembly-text flavour, the one the REPL types: instructions one after the other, separated by
//! white space, several on a line or one; `;; comment` to the end of the line, `(; comment ;)` anywhere,
//! nested. Operands are decimal or `0x` hexadecimal, single `_` between digits. `br_if` may leave out its depth.
//!
//! ```text
//! i32.const 3   ;; push 3
//! i32.const 5
//! i32.add
//! output        ;; 8
//! ```

use serde::{Deserialize, Serialize};

use super::isa::{Instruction, MAX_INSTRUCTIONS, Op, Operand};
use super::program::{OpenLoops, Program};
use crate::source::{NotAnInteger, SourceError, Span, integer};

/// What a stretch of text is, for highlighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// A mnemonic that exists.
    Mnemonic(Op),
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// Anything else: an error.
    Unknown,
}

/// One token of the text. White space is between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// Splits a text into tokens. Never fails: what is no token is [`TokenKind::Unknown`].
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut cursor = Cursor { text, at: 0, line: 1, column: 1 };
    while let Some(first) = cursor.peek() {
        if first.is_whitespace() {
            cursor.next();
            continue;
        }
        let start = cursor.mark();
        let kind = if cursor.rest().starts_with(";;") {
            cursor.skip_while(|c| c != '\n');
            TokenKind::Comment
        } else if cursor.rest().starts_with("(;") {
            cursor.skip_block_comment()
        } else {
            cursor.skip_word();
            let word = text.get(start.start..cursor.at).unwrap_or("");
            match Op::from_mnemonic(word) {
                Some(op) => TokenKind::Mnemonic(op),
                None if first.is_ascii_digit() || first == '-' || first == '+' => TokenKind::Number,
                None => TokenKind::Unknown,
            }
        };
        tokens.push(Token { kind, span: Span { end: cursor.at, ..start } });
    }
    tokens
}

/// Turns a text into a program.
///
/// # Errors
/// Every error of the text, in order, each with its exact span and, where there is one, a remedy.
pub fn assemble(text: &str, open: OpenLoops) -> Result<Assembly, Vec<SourceError>> {
    let mut instructions = Vec::new();
    let mut spans = Vec::new();
    let mut errors = Vec::new();
    let tokens: Vec<Token> = lex(text).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let word = |token: &Token| text.get(token.span.start..token.span.end).unwrap_or("");
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenKind::Mnemonic(op) = token.kind else {
            errors.push(not_an_instruction(word(token), token));
            if token.kind == TokenKind::Unknown {
                // Its operand belongs to it: one mistake, one error.
                tokens.next_if(|next| next.kind == TokenKind::Number);
            }
            continue;
        };
        let mut span = token.span;
        let operand = match op.operand() {
            Operand::None => Ok(0),
            // What follows `br_if` may as well be the next instruction, misspelt.
            kind => match tokens.next_if(|next| match next.kind {
                TokenKind::Number => true,
                TokenKind::Unknown => kind != Operand::Label && !word(next).starts_with("(;"),
                TokenKind::Mnemonic(_) | TokenKind::Comment => false,
            }) {
                Some(number) => {
                    span.end = number.span.end;
                    operand(op, word(number), number.span)
                }
                None if kind == Operand::Label => Ok(0),
                None => Err(SourceError::new(token.span, format!("{} needs an operand", op.mnemonic()))
                    .with_help(format!("it takes {}", kind.describe()))),
            },
        };
        match operand {
            Ok(operand) => {
                instructions.push(Instruction::new(op, operand));
                spans.push(span);
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Some(span) = spans.get(MAX_INSTRUCTIONS) {
        return Err(vec![
            SourceError::new(
                *span,
                format!("the program has {} instructions; {MAX_INSTRUCTIONS} is the most", spans.len()),
            )
            .with_help(
                "the model finds an instruction by the square of its number, exact in f32 up to there",
            ),
        ]);
    }
    Program::new(instructions, open).map(|program| Assembly { program, spans: spans.clone() }).map_err(
        |errors| {
            errors
                .into_iter()
                .map(|error| {
                    let span = spans.get(error.ip).copied().unwrap_or_default();
                    SourceError::new(span, error.kind.to_string()).with_help(error.kind.help())
                })
                .collect()
        },
    )
}

/// A program and where its instructions stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembly {
    /// The program.
    pub program: Program,
    /// The span of each instruction with its operand, by index.
    pub spans: Vec<Span>,
}

/// The text of a program, one instruction a line, loop bodies indented. [`assemble`] reads it back.
pub fn disassemble(program: &[Instruction]) -> String {
    let mut depth = 0_usize;
    let mut text = String::new();
    for instruction in program {
        if instruction.op == Op::EndLoop {
            depth = depth.saturating_sub(1);
        }
        text.push_str(&"  ".repeat(depth));
        text.push_str(&instruction.to_string());
        text.push('\n');
        if instruction.op == Op::Loop {
            depth += 1;
        }
    }
    text
}

fn not_an_instruction(word: &str, token: &Token) -> SourceError {
    let span = token.span;
    if token.kind == TokenKind::Number {
        return SourceError::new(span, format!("`{word}` is not an operand of anything"))
            .with_help("the instruction before it takes no operand, or has one already");
    }
    if word.starts_with("(;") {
        return SourceError::new(span, "this comment is never closed").with_help("close it with `;)`");
    }
    if word.starts_with('(') || word.ends_with(')') {
        return SourceError::new(span, "modules and folded expressions are outside this text form").with_help(
            "write the instructions one after the other, without parentheses; a whole module runs with `--engine wasmi`",
        );
    }
    let error = SourceError::new(span, format!("unknown instruction `{word}`"));
    match closest(word) {
        Some(op) => error.with_help(format!("did you mean `{}`?", op.mnemonic())),
        None => error.with_help("the reference lists the 26 instructions of this machine"),
    }
}

fn operand(op: Op, word: &str, span: Span) -> Result<u8, SourceError> {
    let kind = op.operand();
    let takes = || format!("{} takes {}", op.mnemonic(), kind.describe());
    match integer(word) {
        Ok(value) if (0..=i128::from(kind.max())).contains(&value) => Ok(value as u8),
        Ok(_) | Err(NotAnInteger::TooLarge) => {
            Err(SourceError::new(span, format!("`{word}` is out of range")).with_help(takes()))
        }
        Err(NotAnInteger::Form) => {
            Err(SourceError::new(span, format!("`{word}` is not a number")).with_help(takes()))
        }
    }
}

/// The mnemonic within two edits of a word, if there is one.
fn closest(word: &str) -> Option<Op> {
    Op::ALL
        .into_iter()
        .map(|op| (edits(word, op.mnemonic()), op))
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, op)| op)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let above = *cell;
            let best = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
            diagonal = above;
            left = best;
            *cell = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// A reading position that knows its line and column.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn mark(&self) -> Span {
        Span { start: self.at, end: self.at, line: self.line, column: self.column }
    }

    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.next();
        }
    }

    /// A word ends at white space or where a comment starts.
    fn skip_word(&mut self) {
        self.next();
        while let Some(c) = self.peek() {
            if c.is_whitespace() || self.rest().starts_with(";;") || self.rest().starts_with("(;") {
                break;
            }
            self.next();
        }
    }

    /// A comment that never closes is an error.
    fn skip_block_comment(&mut self) -> TokenKind {
        let mut depth = 0_usize;
        while self.peek().is_some() {
            let step = if self.rest().starts_with("(;") {
                depth += 1;
                2
            } else if self.rest().starts_with(";)") {
                depth = depth.saturating_sub(1);
                2
            } else {
                1
            };
            for _ in 0..step {
                self.next();
            }
            if depth == 0 {
                return TokenKind::Comment;
            }
        }
        TokenKind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let errors = assemble(text, OpenLoops::Refuse).unwrap_err();
        errors.iter().map(|error| format!("{error} [{}]", &text[error.span.start..error.span.end])).collect()
    }

    #[test]
    fn assembles_what_it_disassembles() {
        let text = "i32.const 0x0a\nloop (; body (; nested ;) ;) local.tee 1 ;; keep\nbr_if end_loop halt";
        let program = assemble(text, OpenLoops::Refuse).unwrap().program;
        let printed = disassemble(program.instructions());
        assert_eq!(printed, "i32.const 10\nloop\n  local.tee 1\n  br_if\nend_loop\nhalt\n");
        assert_eq!(assemble(&printed, OpenLoops::Refuse).unwrap().program, program);
    }

    #[test]
    fn every_error_names_its_place() {
        assert_eq!(errors("i32.const 1\n  i32.ad"), ["2:3: unknown instruction `i32.ad` [i32.ad]"]);
        assert_eq!(errors("i32.const"), ["1:1: i32.const needs an operand [i32.const]"]);
        assert_eq!(errors("i32.const x"), ["1:11: `x` is not a number [x]"]);
        assert_eq!(
            errors("i32.const 256 i32.const -1"),
            ["1:11: `256` is out of range [256]", "1:25: `-1` is out of range [-1]"]
        );
        assert_eq!(errors("fd_open 4"), ["1:9: `4` is out of range [4]"]);
        assert_eq!(errors("i32.add 4"), ["1:9: `4` is not an operand of anything [4]"]);
        assert_eq!(errors("end_loop"), ["1:1: end_loop without a loop [end_loop]"]);
        assert_eq!(errors("i32.const 1 loop"), ["1:13: this loop is never closed [loop]"]);
        assert_eq!(errors("i32.const 1 br_if"), ["1:13: br_if outside a loop [br_if]"]);
        assert_eq!(
            errors("(module)"),
            ["1:1: modules and folded expressions are outside this text form [(module)]"]
        );
        assert_eq!(
            errors("é (; x"),
            ["1:1: unknown instruction `é` [é]", "1:3: this comment is never closed [(; x]"]
        );
        assert_eq!(
            errors("i32.const (; x"),
            ["1:1: i32.const needs an operand [i32.const]", "1:11: this comment is never closed [(; x]"]
        );
        assert_eq!(
            errors("loop i32.const 1 br_if i32.ad end_loop"),
            ["1:24: unknown instruction `i32.ad` [i32.ad]"]
        );
        for number in ["0x-5", "0x+5", "_5", "5_", "1__0", "0x"] {
            let error = format!("1:11: `{number}` is not a number [{number}]");
            assert_eq!(errors(&format!("i32.const {number}")), [error]);
        }
        let long = "-0x80000000000000000000000000000000";
        assert_eq!(
            errors(&format!("i32.const {long}")),
            [format!("1:11: `{long}` is out of range [{long}]")]
        );
    }

    #[test]
    fn a_typing_mistake_gets_the_name_it_meant() {
        let error = assemble("i32.cnst 3", OpenLoops::Refuse).unwrap_err().remove(0);
        assert_eq!(error.help.as_deref(), Some("did you mean `i32.const`?"));
    }

    #[test]
    fn a_program_beyond_exact_keys_is_refused() {
        let text = "i32.const 1\n".repeat(10_000);
        let error = assemble(&text, OpenLoops::Refuse).unwrap_err().remove(0);
        assert_eq!(error.span.line, MAX_INSTRUCTIONS + 1);
    }
}
