//! Whether a minus is a sign or an operator.

use super::lexer::{Kind, Token, is_ideograph};

/// Words between two numbers that do not name what is counted, so that a minus behind them is a sign.
const CONNECTIVES: [&str; 41] = [
    "and",
    "or",
    "to",
    "by",
    "from",
    "than",
    "times",
    "plus",
    "minus",
    "over",
    "is",
    "of",
    "with",
    "equals",
    "equal",
    "modulo",
    "mod",
    "power",
    "into",
    "between",
    "divides",
    "и",
    "или",
    "до",
    "на",
    "с",
    "к",
    "из",
    "от",
    "плюс",
    "минус",
    "чем",
    "равно",
    "умножить",
    "разделить",
    "делить",
    "умножь",
    "раздели",
    "прибавь",
    "вычти",
    "степени",
];

/// Words behind which the word "minus" begins a number.
const OPENERS: [&str; 111] = [
    "measured",
    "would",
    "calculate",
    "compute",
    "evaluate",
    "add",
    "subtract",
    "multiply",
    "divide",
    "what's",
    "whats",
    "square",
    "cube",
    "convert",
    "value",
    "that",
    "solve",
    "find",
    "take",
    "double",
    "put",
    "does",
    "how",
    "much",
    "sum",
    "compare",
    "larger",
    "smaller",
    "greater",
    "bigger",
    "less",
    "halve",
    "half",
    "triple",
    "raise",
    "increase",
    "decrease",
    "reduce",
    "start",
    "combine",
    "round",
    "exceeds",
    "exceed",
    "above",
    "below",
    "let",
    "was",
    "were",
    "shows",
    "showed",
    "at",
    "are",
    "out",
    "tell",
    "me",
    "give",
    "split",
    "whether",
    "becomes",
    "become",
    "comparing",
    "off",
    "need",
    "reads",
    "under",
    "multiplicand",
    "multiplier",
    "factor",
    "pay",
    "share",
    "cut",
    "quarter",
    "if",
    "given",
    "when",
    "suppose",
    "imagine",
    "pick",
    "choose",
    "type",
    "write",
    "say",
    "begin",
    "distribute",
    "stand",
    "paying",
    "accumulate",
    "worth",
    "beside",
    "twice",
    "pair",
    "numbers",
    "make",
    "values",
    "do",
    "so",
    "covers",
    "has",
    "see",
    "вычисли",
    "вычислите",
    "посчитай",
    "посчитайте",
    "сколько",
    "будет",
    "найди",
    "найдите",
    "число",
    "чему",
    "сложи",
    "сравни",
];

fn is_connective(word: &str) -> bool {
    CONNECTIVES.contains(&word)
}

/// Joins signs with the numbers behind them.
pub(super) fn join(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for mut token in tokens {
        if let Kind::Number(amount) = &mut token.kind {
            let currency = joined.last().is_some_and(|last| {
                matches!(last.symbol(), Some('$' | '€' | '£' | '¥' | '₽'))
                    && last.span.end == token.span.start
            });
            let at = joined.len().checked_sub(1 + usize::from(currency));
            if let Some(at) = at.filter(|&at| is_sign(&joined, at, token.span.start, currency, token.in_list))
            {
                amount.negative = true;
                token.span.start = joined.get(at).map_or(token.span.start, |sign| sign.span.start);
                joined.truncate(at);
            }
        }
        joined.push(token);
    }
    joined
}

/// Whether the token at an index is the sign of a number that starts at a byte.
fn is_sign(tokens: &[Token], at: usize, number: usize, currency: bool, in_list: bool) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let before = tokens.get(..at).unwrap_or(&[]);
    match &token.kind {
        Kind::Symbol('-') => {
            let attached = token.span.end + usize::from(currency) >= number;
            let spaced = before.last().is_none_or(|before| before.span.end < token.span.start);
            dash_is_sign(before, attached, spaced, in_list)
        }
        Kind::Symbol('负' | '負') => true,
        Kind::Word(word) => match word.as_str() {
            "negative" => true,
            "minus" | "минус" => {
                !counts(before)
                    && !refers(before)
                    && (names(before) || before.last().and_then(Token::word).is_none_or(opens))
            }
            _ => false,
        },
        _ => false,
    }
}

fn opens(word: &str) -> bool {
    is_connective(word) || OPENERS.contains(&word)
}

/// Whether tokens end in "what is that" or "how much is that": a number that was computed, and no word that a sentence goes on behind.
fn refers(tokens: &[Token]) -> bool {
    let mut words = tokens.iter().rev().map(|token| token.word().unwrap_or(""));
    words.next() == Some("that")
        && words.next() == Some("is")
        && words.next().is_some_and(|word| matches!(word, "what" | "much"))
}

/// Whether tokens end in "value of the number", behind which its name comes. "What is the number minus 5?" subtracts.
fn names(tokens: &[Token]) -> bool {
    let words = tokens.iter().rev().map(|token| token.word().unwrap_or(""));
    words.take(4).eq(["number", "the", "of", "value"])
}

/// Whether tokens end in something that a number can be subtracted from: a number, a bracket, what is counted.
fn counts(tokens: &[Token]) -> bool {
    let Some((last, before)) = tokens.split_last() else { return false };
    match &last.kind {
        Kind::Number(_) => true,
        Kind::Word(word) => !opens(word) && before.last().is_some_and(Token::is_number),
        // "12, minus 5", but not "which is larger, minus 5".
        Kind::Symbol(',') => counts(before),
        // 5! - 3 and |5| - 3, but not "Hello! -3" and |-3|.
        Kind::Symbol('!' | '|') => before.last().is_some_and(|before| {
            before.span.end == last.span.start && (before.is_number() || before.symbol() == Some(')'))
        }),
        Kind::Symbol(symbol) => {
            matches!(symbol, ')' | ']' | '}' | '）' | '%' | '°' | '²' | '³' | '"' | '\'' | '”' | '’')
        }
    }
}

/// Symbols behind which a number begins, even after a space.
const fn expects_a_number(symbol: char) -> bool {
    matches!(
        symbol,
        '+' | '-'
            | '*'
            | '/'
            | '×'
            | '÷'
            | '·'
            | '^'
            | '='
            | '<'
            | '>'
            | '≤'
            | '≥'
            | '('
            | '['
            | '{'
            | '（'
            | ','
            | '，'
            | ';'
            | ':'
            | '：'
            | '、'
    )
}

fn dash_is_sign(tokens: &[Token], attached: bool, spaced: bool, in_list: bool) -> bool {
    let Some((before, further)) = tokens.split_last() else { return true };
    let behind_a_number = further.last().is_some_and(Token::is_number);
    match &before.kind {
        Kind::Number(_) => in_list && attached && spaced,
        // "5 and - 3" has a sign, "5 kg - 3 kg" and "5kg -3kg" an operator.
        Kind::Word(word) if is_connective(word) => true,
        Kind::Word(_) => {
            let is_unit = further
                .last()
                .is_some_and(|number| number.is_number() && number.span.end == before.span.start);
            attached && spaced && !is_unit
        }
        // 5米-3米.
        Kind::Symbol(symbol) if is_ideograph(*symbol) => {
            !behind_a_number
                || matches!(
                    symbol,
                    '加' | '减' | '減' | '乘' | '除' | '以' | '和' | '与' | '到' | '比' | '的' | '是'
                )
        }
        // In lists, "(1) -2"; elsewhere a bracket can be subtracted from.
        Kind::Symbol(',') => true,
        Kind::Symbol(_) if counts(tokens) => false,
        Kind::Symbol(symbol) => attached || expects_a_number(*symbol),
    }
}
