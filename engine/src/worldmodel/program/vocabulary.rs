//! The tokens of programs. Their numbers are part of every trained model: new ones are added at the end, none is moved or removed.
//!
//! Most tokens are pieces of WebAssembly's text format. A number behind `i32.const`, `i64.const` or `f64.const` is one or several
//! *literal* tokens: one that stands for something of the question (`<a>`, `<count>`), or pieces that are joined (`1` `7` is 17).
//! [`spell`] says how a number is spelled: as one token if it has one, else character by character.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::worldmodel::expression::{Letter, Source, SystemNumber, SystemText};

/// A token of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u16);

/// What a token is good for; the text it stands for is [`Token::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The end of the program; nothing follows.
    End,
    /// What a decoder reads before the first token; never part of a program.
    Start,
    /// `(module`
    Module,
    /// `)`
    Close,
    /// A function of the host.
    Import,
    /// A memory.
    Memory,
    /// A data segment that is the same in all programs.
    Data,
    /// A data segment that the question fills.
    Fill(Fill),
    /// The beginning of a function.
    Function,
    /// A parameter.
    Param,
    /// A result, of a function or of a block.
    Result,
    /// A local variable.
    Local,
    /// `block`, `loop`
    Block,
    /// `if`
    If,
    /// `else`
    Else,
    /// `end`
    EndBlock,
    /// A branch out of as many blocks.
    Branch(u8),
    /// An instruction with nothing behind it.
    Plain,
    /// An instruction with a number behind it.
    Const(NumberType),
    /// A piece of a number.
    Piece,
    /// A number of the question.
    Operand(Letter),
    /// A size of the question's list or texts.
    Size(Size),
}

/// Types of numbers that can stand in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberType {
    /// 32-bit integers: addresses and lengths.
    I32,
    /// 64-bit integers.
    I64,
    /// Decimal numbers.
    F64,
}

/// Data that the question brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// The list as 64-bit integers, at address 0.
    Integers,
    /// The list as decimal numbers, at address 0.
    Decimals,
    /// A text: the first at address 0, the second at [`SECOND_TEXT`].
    Text(Source),
}

/// A number that depends on the size of what the question brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// How many numbers are in the list.
    ListCount,
    /// Their bytes: eight each.
    ListBytes,
    /// The bytes of a text.
    TextBytes(Source),
}

/// Where the second text begins. The first may have as many bytes.
pub const SECOND_TEXT: usize = 20_480;
/// Where results of the same size are written. The second text ends here at the latest.
pub const SCRATCH: usize = 40_960;
/// Where "yes" stands; "no" follows it.
pub const YES: usize = 65_528;

/// The pieces: digits, and numbers that programs often contain.
const PIECES: [&str; 43] = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    ".",
    "-",
    "10",
    "12",
    "20",
    "26",
    "32",
    "48",
    "60",
    "64",
    "90",
    "97",
    "100",
    "127",
    "128",
    "180",
    "192",
    "400",
    "1000",
    "20480",
    "40960",
    "65528",
    "65531",
    "1065233",
    "0.5",
    "0.001",
    "1e-9",
    "1e14",
    "0.00981",
    "1.5707963267948966",
    "3.141592653589793",
    "6.283185307179586",
    "2.302585092994046",
];

/// Numbers of formulas: the day's hours, the fall of a stone, the length of a mile.
const CONSTANTS: [&str; 14] = [
    "24",
    "30",
    "365",
    "1.8",
    "2.54",
    "3600",
    "9.81",
    "1024",
    "273.15",
    "18.015",
    "44.009",
    "58.44",
    "1.609344",
    "0.45359237",
];

const I32: [&str; 19] = [
    "i32.add",
    "i32.sub",
    "i32.mul",
    "i32.div_u",
    "i32.rem_u",
    "i32.and",
    "i32.or",
    "i32.shl",
    "i32.shr_u",
    "i32.eqz",
    "i32.eq",
    "i32.ne",
    "i32.lt_s",
    "i32.gt_s",
    "i32.lt_u",
    "i32.gt_u",
    "i32.le_u",
    "i32.ge_u",
    "i32.xor",
];
const I64: [&str; 17] = [
    "i64.add",
    "i64.sub",
    "i64.mul",
    "i64.div_s",
    "i64.rem_s",
    "i64.and",
    "i64.or",
    "i64.xor",
    "i64.shl",
    "i64.shr_s",
    "i64.eqz",
    "i64.eq",
    "i64.ne",
    "i64.lt_s",
    "i64.gt_s",
    "i64.le_s",
    "i64.ge_s",
];
const F64: [&str; 20] = [
    "f64.add",
    "f64.sub",
    "f64.mul",
    "f64.div",
    "f64.sqrt",
    "f64.abs",
    "f64.neg",
    "f64.floor",
    "f64.ceil",
    "f64.nearest",
    "f64.trunc",
    "f64.min",
    "f64.max",
    "f64.copysign",
    "f64.eq",
    "f64.ne",
    "f64.lt",
    "f64.gt",
    "f64.le",
    "f64.ge",
];
const OTHER: [&str; 18] = [
    "return",
    "unreachable",
    "drop",
    "select",
    "i64.extend_i32_u",
    "i64.extend_i32_s",
    "i32.wrap_i64",
    "f64.convert_i64_s",
    "f64.convert_i32_u",
    "i64.trunc_f64_s",
    "i32.trunc_f64_s",
    "i64.load",
    "i64.store",
    "f64.load",
    "f64.store",
    "i32.load8_u",
    "i32.store8",
    "memory.copy",
];

/// Functions that a program may have beside `compute`.
pub const HELPERS: usize = 6;
/// Locals of a function, with its parameters.
pub const LOCALS: usize = 6;
/// How many blocks a branch can leave.
const BRANCHES: u8 = 3;

struct Vocabulary {
    entries: Vec<(String, Class)>,
    by_text: HashMap<String, Token>,
    /// Characters of the longest text.
    longest: usize,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);

impl Vocabulary {
    fn new() -> Self {
        let mut entries: Vec<(String, Class)> = Vec::new();
        let mut add = |text: &str, class: Class| entries.push((text.to_owned(), class));
        add("<end>", Class::End);
        add("<start>", Class::Start);
        add("(module", Class::Module);
        add(")", Class::Close);
        for text in SystemText::ALL {
            add(&import(text.name(), "(param i32) (result i32)"), Class::Import);
        }
        for number in SystemNumber::ALL {
            add(&import(number.name(), "(result i64)"), Class::Import);
        }
        add("(memory 1)", Class::Memory);
        for name in ["text", "integers", "decimals"] {
            add(&format!("(memory (export \"{name}\") 1)"), Class::Memory);
        }
        add("<list of i64>", Class::Fill(Fill::Integers));
        add("<list of f64>", Class::Fill(Fill::Decimals));
        add("<text>", Class::Fill(Fill::Text(Source::First)));
        add("<text2>", Class::Fill(Fill::Text(Source::Second)));
        add(&format!("(data (i32.const {YES}) \"yesno\")"), Class::Data);
        add("(func (export \"compute\")", Class::Function);
        for helper in 0..HELPERS {
            add(&format!("(func $f{helper}"), Class::Function);
        }
        for (keyword, class) in [("param", Class::Param), ("result", Class::Result), ("local", Class::Local)]
        {
            for ty in ["i32", "i64", "f64"] {
                add(&format!("({keyword} {ty})"), class);
            }
        }
        add("(result i32 i32)", Class::Result);
        add("block", Class::Block);
        add("loop", Class::Block);
        add("if", Class::If);
        add("else", Class::Else);
        add("end", Class::EndBlock);
        for depth in 0..BRANCHES {
            add(&format!("br {depth}"), Class::Branch(depth));
            add(&format!("br_if {depth}"), Class::Branch(depth));
        }
        for helper in 0..HELPERS {
            add(&format!("call $f{helper}"), Class::Plain);
        }
        let told = SystemText::ALL.iter().map(|text| text.name());
        for name in told.chain(SystemNumber::ALL.iter().map(|number| number.name())) {
            add(&format!("call ${name}"), Class::Plain);
        }
        for access in ["get", "set", "tee"] {
            for local in 0..LOCALS {
                add(&format!("local.{access} {local}"), Class::Plain);
            }
        }
        add("i32.const", Class::Const(NumberType::I32));
        add("i64.const", Class::Const(NumberType::I64));
        add("f64.const", Class::Const(NumberType::F64));
        for text in PIECES {
            add(text, Class::Piece);
        }
        for letter in (0..Letter::COUNT).filter_map(Letter::new) {
            add(&letter.to_string(), Class::Operand(letter));
        }
        add("<count>", Class::Size(Size::ListCount));
        add("<bytes>", Class::Size(Size::ListBytes));
        add("<text bytes>", Class::Size(Size::TextBytes(Source::First)));
        add("<text2 bytes>", Class::Size(Size::TextBytes(Source::Second)));
        for text in I64.iter().chain(&F64).chain(&I32).chain(&OTHER) {
            add(text, Class::Plain);
        }
        for text in CONSTANTS {
            add(text, Class::Piece);
        }
        let by_text = (0_u16..).zip(&entries).map(|(id, (text, _))| (text.clone(), Token(id))).collect();
        let longest = entries.iter().map(|(text, _)| text.len()).max().unwrap_or(0);
        Self { entries, by_text, longest }
    }
}

fn import(name: &str, signature: &str) -> String {
    format!("(import \"api\" \"{name}\" (func ${name} {signature}))")
}

/// How many tokens there are; their numbers are 0 to one less.
pub fn size() -> usize {
    VOCABULARY.entries.len()
}

impl Token {
    /// The end of a program.
    pub const END: Self = Self(0);
    /// What stands before a program.
    pub const START: Self = Self(1);

    /// The token that stands for a text, `i64.mul` or `<a>`.
    pub fn of(text: &str) -> Option<Self> {
        VOCABULARY.by_text.get(text).copied()
    }

    /// The token that stands for a number of the question.
    pub fn operand(letter: Letter) -> Option<Self> {
        Self::of(&letter.to_string())
    }

    /// What it stands for; `None` for a number that is no token.
    pub fn text(self) -> Option<&'static str> {
        VOCABULARY.entries.get(usize::from(self.0)).map(|(text, _)| text.as_str())
    }

    /// What it is good for.
    pub fn class(self) -> Option<Class> {
        VOCABULARY.entries.get(usize::from(self.0)).map(|(_, class)| *class)
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.text() {
            Some(text) => f.write_str(text),
            None => write!(f, "<token {}>", self.0),
        }
    }
}

/// A text that contains something that is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no token of programs")]
pub struct NoToken(pub String);

/// The tokens of a number: itself if it is a token, else its characters.
///
/// # Errors
/// A character that no number has.
pub fn spell(number: &str) -> Result<Vec<Token>, NoToken> {
    if let Some(token) = Token::of(number) {
        return Ok(vec![token]);
    }
    let piece = |c: char| {
        let token = Token::of(c.encode_utf8(&mut [0; 4]));
        token.filter(|token| token.class() == Some(Class::Piece))
    };
    number.chars().map(piece).collect::<Option<_>>().ok_or_else(|| NoToken(number.to_owned()))
}

/// Reads a program as [`shown`] writes it, with or without spaces at parentheses and with any white space between tokens.
///
/// # Errors
/// The first word that is no token.
pub fn read(text: &str) -> Result<Vec<Token>, NoToken> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (bytes, found) = first(rest)?;
        tokens.extend(found);
        rest = rest.get(bytes..).unwrap_or("").trim_start();
    }
    Ok(tokens)
}

/// The tokens at the start of a text, and their bytes.
fn first(rest: &str) -> Result<(usize, Vec<Token>), NoToken> {
    let ends = |bytes: usize| {
        let after = rest.get(bytes..).and_then(|rest| rest.chars().next());
        after.is_none_or(|c| c.is_whitespace() || c == ')') || rest.get(..bytes) == Some(")")
    };
    for bytes in (1..=VOCABULARY.longest.min(rest.len())).rev() {
        let token = rest.get(..bytes).filter(|_| ends(bytes)).and_then(Token::of);
        if let Some(token) = token {
            return Ok((bytes, vec![token]));
        }
    }
    let bytes = rest.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(rest.len());
    let word = rest.get(..bytes).unwrap_or(rest);
    spell(word).map(|tokens| (bytes, tokens))
}

/// Tokens on one line, for people and tests: numbers in one piece, no space before `)`.
pub fn shown(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut in_number = false;
    for token in tokens {
        let piece = token.class() == Some(Class::Piece);
        let joined = token.class() == Some(Class::Close) || (piece && in_number);
        if !joined && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&token.to_string());
        in_number = piece;
    }
    text
}
