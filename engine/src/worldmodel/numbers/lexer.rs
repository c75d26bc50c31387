//! A question as numbers, words and symbols.

use std::ops::Range;

use super::{Value, chinese, digits};

/// A number on its way to a value: plain decimal digits, so that nothing is lost before the sign is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Amount {
    /// `digits`, `digits.digits` or either with `e±digits`; nothing for more than can be counted.
    pub text: Option<String>,
    pub negative: bool,
}

impl Amount {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), negative: false }
    }

    pub(super) fn value(&self) -> Value {
        let Some(text) = &self.text else { return Value::TooLarge };
        let text = if self.negative { format!("-{text}") } else { text.clone() };
        if !text.contains('.') {
            let whole = match text.split_once(['e', 'E']) {
                None => text.parse().ok(),
                Some((digits, exponent)) => {
                    let zeros = exponent.trim_start_matches('+').parse::<u32>().ok();
                    let power = zeros.and_then(|zeros| 10_i64.checked_pow(zeros));
                    digits
                        .parse::<i64>()
                        .ok()
                        .zip(power)
                        .and_then(|(digits, power)| digits.checked_mul(power))
                }
            };
            if let Some(whole) = whole {
                return Value::Integer(whole);
            }
            if !text.contains(['e', 'E']) {
                return Value::TooLarge;
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Value::Decimal(value),
            _ => Value::TooLarge,
        }
    }

    /// Ten to a power times the amount: "2.5 million".
    pub(super) fn scaled(&self, zeros: usize) -> Self {
        let Some(text) = &self.text else { return self.clone() };
        if text.contains(['e', 'E']) {
            return self.clone();
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut fraction = fraction.to_owned();
        while fraction.len() < zeros {
            fraction.push('0');
        }
        let (moved, rest) = fraction.split_at(zeros);
        let text = if rest.is_empty() { format!("{whole}{moved}") } else { format!("{whole}{moved}.{rest}") };
        Self { text: Some(text), negative: self.negative }
    }
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(Amount),
    /// Letters, lower-case, with the digits of an identifier.
    Word(String),
    /// Any other character that is no space; dashes as `-`, the operator `x` as `×`.
    Symbol(char),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
    /// In square brackets, where numbers are a list.
    pub in_list: bool,
}

impl Token {
    pub(super) const fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number(_))
    }

    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) const fn symbol(&self) -> Option<char> {
        match self.kind {
            Kind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }
}

/// Characters of a question, with equal ones made equal: full-width digits and dashes.
pub(super) struct Chars {
    pub chars: Vec<(usize, char)>,
    pub length: usize,
    /// The text has Cyrillic letters, so a comma may be decimal.
    pub cyrillic: bool,
}

impl Chars {
    fn new(question: &str) -> Self {
        let plain = |c: char| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            '−' | '–' | '－' | '‐' | '‑' => '-',
            '．' => '.',
            other => other,
        };
        Self {
            chars: question.char_indices().map(|(at, c)| (at, plain(c))).collect(),
            length: question.len(),
            cyrillic: question.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')),
        }
    }

    /// The character at an index, or one that is nothing.
    pub(super) fn at(&self, index: usize) -> char {
        self.chars.get(index).map_or('\0', |&(_, c)| c)
    }

    pub(super) fn byte(&self, index: usize) -> usize {
        self.chars.get(index).map_or(self.length, |&(at, _)| at)
    }

    /// How many digits stand from an index on.
    pub(super) fn digits(&self, from: usize) -> usize {
        self.chars.get(from..).unwrap_or(&[]).iter().take_while(|(_, c)| c.is_ascii_digit()).count()
    }

    /// The characters of a range, without those that are no digit.
    pub(super) fn plain(&self, range: Range<usize>) -> String {
        self.chars.get(range).unwrap_or(&[]).iter().map(|&(_, c)| c).filter(char::is_ascii_digit).collect()
    }
}

/// What an open bracket means for the commas in it.
#[derive(Clone, Copy, Default)]
pub(super) struct Bracket {
    /// A square one.
    pub list: bool,
    /// A comma without a space separates.
    pub tight_commas_separate: bool,
}

/// Functions of one argument, in which a comma groups digits.
const OF_ONE: [&str; 7] = ["abs", "fabs", "ceil", "floor", "int", "print", "sqrt"];

/// Whether the bracket that opens at an index belongs to a function of one argument.
fn takes_one(chars: &Chars, open: usize) -> bool {
    let name: Vec<char> =
        (0..open).rev().map(|index| chars.at(index)).take_while(|&c| is_letter(c)).take(8).collect();
    OF_ONE.iter().any(|function| name.iter().rev().map(char::to_ascii_lowercase).eq(function.chars()))
}

/// Which bracket opens at each index, if one does.
fn brackets(chars: &Chars) -> Vec<Option<Bracket>> {
    let mut found = vec![None; chars.chars.len()];
    let mut open: Vec<(usize, bool)> = Vec::new();
    for index in 0..chars.chars.len() {
        match chars.at(index) {
            '[' | '(' => open.push((index, false)),
            ']' | ')' => {
                let Some((start, spaced)) = open.pop() else { continue };
                let list = chars.at(start) == '[';
                // The x of 82x(28-3,806) is a sign, and no function's name.
                let times = start > 1
                    && matches!(chars.at(start - 1), 'x' | 'X')
                    && chars.at(start - 2).is_ascii_digit();
                let call = start > 0 && is_letter(chars.at(start - 1)) && !times && !takes_one(chars, start);
                if let Some(slot) = found.get_mut(start) {
                    *slot = Some(Bracket { list, tight_commas_separate: (list || call) && !spaced });
                }
            }
            ',' if chars.at(index + 1).is_whitespace() => {
                if let Some(last) = open.last_mut() {
                    last.1 = true;
                }
            }
            ';' => {
                if let Some(last) = open.last_mut() {
                    last.1 = true;
                }
            }
            _ => {}
        }
    }
    found
}

/// A letter that words are made of. Chinese and Japanese have no spaces, so theirs stand alone.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_ideograph(c)
}

pub(super) const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Reads a question.
pub(super) fn tokens(question: &str) -> Vec<Token> {
    let chars = Chars::new(question);
    let brackets = brackets(&chars);
    let mut open: Vec<Bracket> = Vec::new();
    let mut tokens: Vec<Token> = Vec::new();
    let mut index = 0;
    // A row of digit groups that is no grouped number is not looked at again from its middle.
    let mut ungrouped_to = 0;
    while index < chars.chars.len() {
        let c = chars.at(index);
        if c.is_whitespace() {
            index += 1;
            continue;
        }
        let bracket = open.last().copied().unwrap_or_default();
        let (kind, end) = if c.is_ascii_digit() || digits::is_leading_point(&chars, index) {
            let scan = digits::scan(&chars, index, bracket, index < ungrouped_to);
            ungrouped_to = ungrouped_to.max(scan.ungrouped_to);
            (scan.kind, scan.end)
        } else if chinese::is_numeral(c) {
            chinese::scan(&chars, index)
        } else if is_letter(c) {
            word(&chars, index, tokens.last())
        } else {
            (Kind::Symbol(c), index + 1)
        };
        match c {
            '[' | '(' => open.push(brackets.get(index).copied().flatten().unwrap_or_default()),
            ']' | ')' => {
                open.pop();
            }
            _ => {}
        }
        let in_list = bracket.list;
        tokens.push(Token { kind, span: chars.byte(index)..chars.byte(end), in_list });
        index = end.max(index + 1);
    }
    tokens
}

/// The word that starts at an index, and where it ends.
fn word(chars: &Chars, start: usize, before: Option<&Token>) -> (Kind, usize) {
    let times = matches!(chars.at(start), 'x' | 'X' | 'х' | 'Х') && !is_letter(chars.at(start + 1));
    let countable = before.is_some_and(|token| token.is_number() || token.symbol() == Some(')'));
    if times && countable {
        return (Kind::Symbol('×'), start + 1);
    }
    let mut end = start;
    loop {
        let c = chars.at(end);
        let inside = is_letter(c) || c.is_ascii_digit() || c == '_';
        let apostrophe = matches!(c, '\'' | '’') && is_letter(chars.at(end + 1));
        // COVID-19; but not the minus of 5kg-3kg.
        let is_unit = before.is_some_and(|token| token.is_number() && token.span.end == chars.byte(start));
        let designation = c == '-' && chars.at(end + 1).is_ascii_digit() && !is_unit;
        let version =
            c == '.' && chars.at(end.wrapping_sub(1)).is_ascii_digit() && chars.at(end + 1).is_ascii_digit();
        if !(inside || apostrophe || designation || version) {
            break;
        }
        end += 1;
    }
    let letters = chars.chars.get(start..end).unwrap_or(&[]);
    let text = letters
        .iter()
        .flat_map(|&(_, c)| c.to_lowercase())
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    (Kind::Word(text), end.max(start + 1))
}
