//! Numbers written in words.

mod tables;

use super::lexer::{Amount, Kind, Token};
use tables::{Part, part};

/// A number of words, as far as it has been read.
#[derive(Clone, Debug)]
struct Tally {
    /// The thousands and millions that are finished.
    total: u64,
    /// What stands before the next of them, below a thousand.
    group: u64,
    /// The next "thousand" or "million" must be less.
    scale: u64,
    started: bool,
    /// An ordinal or a zero: nothing follows.
    ended: bool,
}

impl Tally {
    const fn new() -> Self {
        Self { total: 0, group: 0, scale: u64::MAX, started: false, ended: false }
    }

    /// Takes the next word, or refuses it.
    fn feed(&mut self, part: Part) -> bool {
        if self.ended {
            return false;
        }
        let rest = self.group % 100;
        let taken = match part {
            Part::Zero => !self.started,
            Part::Unit(_) => rest == 0 || (rest >= 20 && rest.is_multiple_of(10)),
            Part::Teen(_) | Part::Ten(_) => rest == 0,
            Part::Hundreds(_) => self.group == 0,
            Part::Hundred => self.group < 100 && (self.group > 0 || !self.started),
            Part::Scale(value) => value < self.scale && (self.group > 0 || !self.started),
        };
        if !taken {
            return false;
        }
        match part {
            Part::Zero => self.ended = true,
            Part::Unit(value) | Part::Teen(value) | Part::Ten(value) | Part::Hundreds(value) => {
                self.group += value
            }
            Part::Hundred => self.group = self.group.max(1) * 100,
            Part::Scale(value) => {
                // At most 999 of each scale, and each less than the one before.
                self.total = self.total.saturating_add(self.group.max(1).saturating_mul(value));
                self.group = 0;
                self.scale = value;
            }
        }
        self.started = true;
        true
    }

    const fn value(&self) -> u64 {
        self.total.saturating_add(self.group)
    }
}

/// How far a number of words reaches.
struct Reading {
    amount: Amount,
    /// Tokens taken.
    length: usize,
}

/// Replaces words by the numbers they spell, and "3 million" by one number.
pub(super) fn join(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let rest = tokens.get(index..).unwrap_or(&[]);
        let reading = match &token.kind {
            Kind::Word(_) => read(rest, joined.last()),
            Kind::Number(amount) => scaled(amount, rest),
            Kind::Symbol(_) => None,
        };
        match reading.and_then(|reading| Some((rest.get(reading.length.checked_sub(1)?)?, reading))) {
            Some((last, reading)) => {
                let span = token.span.start..last.span.end;
                joined.push(Token { kind: Kind::Number(reading.amount), span, in_list: token.in_list });
                index += reading.length;
            }
            None => {
                joined.push(token.clone());
                index += 1;
            }
        }
    }
    joined
}

/// "3 million".
fn scaled(amount: &Amount, rest: &[Token]) -> Option<Reading> {
    let zeros = match part(rest.get(1)?.word()?)?.part {
        Part::Hundred => 2,
        Part::Scale(value) => usize::try_from(value.ilog10()).ok()?,
        _ => return None,
    };
    Some(Reading { amount: amount.scaled(zeros), length: 2 })
}

fn read(tokens: &[Token], before: Option<&Token>) -> Option<Reading> {
    let mut tally = Tally::new();
    let mut length = 0;
    // "a hundred", but not the "a" of "a cat".
    if matches!(tokens.first()?.word(), Some("a" | "an")) {
        let next = part(tokens.get(1)?.word()?)?;
        if !matches!(next.part, Part::Hundred | Part::Scale(_)) || next.ordinal {
            return None;
        }
        length = 1;
    }
    loop {
        let hyphen = length > 0 && is_tight_hyphen(tokens, length);
        let at = length + usize::from(hyphen);
        if let Some(next) = tokens.get(at).and_then(Token::word).and_then(part) {
            if next.only_behind_a_hyphen && !hyphen {
                break;
            }
            if tally.feed(next.part) {
                length = at + 1;
                if next.ordinal {
                    tally.ended = true;
                }
                continue;
            }
        } else if let Some(taken) = conjunction(tokens, length, &tally) {
            // The word behind "and" is fed in the next round.
            length += taken;
            continue;
        }
        break;
    }
    if !tally.started || is_lone_one(tokens, length, &tally, before) {
        return None;
    }
    let mut text = tally.value().to_string();
    if matches!(tokens.get(length).and_then(Token::word), Some("point")) {
        let decimals: String =
            tokens.get(length + 1..)?.iter().map_while(|token| digit(token.word()?)).collect();
        if !decimals.is_empty() {
            length += 1 + decimals.len();
            text = format!("{text}.{decimals}");
        }
    }
    Some(Reading { amount: Amount::new(text), length })
}

/// The digits behind "point".
fn digit(word: &str) -> Option<char> {
    let part = part(word).filter(|part| !part.ordinal)?;
    match part.part {
        Part::Zero => Some('0'),
        Part::Unit(value) => char::from_digit(u32::try_from(value).ok()?, 10),
        _ => None,
    }
}

/// The hyphen of "twenty-three".
fn is_tight_hyphen(tokens: &[Token], at: usize) -> bool {
    let (Some(before), Some(hyphen), Some(behind)) =
        (at.checked_sub(1).and_then(|at| tokens.get(at)), tokens.get(at), tokens.get(at + 1))
    else {
        return false;
    };
    hyphen.symbol() == Some('-')
        && before.span.end == hyphen.span.start
        && hyphen.span.end == behind.span.start
}

/// The "and" of "two hundred and five", which is none in "two hundred and five hundred".
fn conjunction(tokens: &[Token], at: usize, tally: &Tally) -> Option<usize> {
    if !tally.started
        || tally.value() < 100
        || !tally.group.is_multiple_of(100)
        || tokens.get(at)?.word()? != "and"
    {
        return None;
    }
    let mut ahead = at + 1;
    let mut below = Tally::new();
    while let Some(next) = tokens.get(ahead).and_then(Token::word).and_then(part) {
        if matches!(next.part, Part::Hundred | Part::Zero | Part::Hundreds(_)) {
            return None;
        }
        // "six hundred and five thousand" is one number.
        if matches!(next.part, Part::Scale(_)) || !below.feed(next.part) {
            break;
        }
        ahead += 1;
        if is_tight_hyphen(tokens, ahead) {
            ahead += 1;
        }
    }
    below.started.then_some(1)
}

/// A "one" that counts nothing: "which one". Beside an operator it is a number.
fn is_lone_one(tokens: &[Token], length: usize, tally: &Tally, before: Option<&Token>) -> bool {
    if tally.value() != 1 || length != 1 {
        return false;
    }
    !(before.is_some_and(is_operator) || tokens.get(length).is_some_and(is_operator))
}

fn is_operator(token: &Token) -> bool {
    match &token.kind {
        Kind::Symbol(symbol) => {
            matches!(symbol, '+' | '-' | '*' | '×' | '/' | '÷' | '^' | '·' | '=' | '<' | '>' | '%')
        }
        Kind::Word(word) => {
            matches!(
                word.as_str(),
                "plus"
                    | "minus"
                    | "times"
                    | "divided"
                    | "multiplied"
                    | "плюс"
                    | "минус"
                    | "умножить"
                    | "разделить"
            )
        }
        Kind::Number(_) => false,
    }
}
