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
const OPENERS: [&str; 34] = [
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
    "number",
    "numbers",
    "double",
    "put",
    "does",
    "how",
    "much",
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
    let before = at.checked_sub(1).and_then(|index| tokens.get(index));
    let further = at.checked_sub(2).and_then(|index| tokens.get(index));
    match &token.kind {
        Kind::Symbol('-') => {
            let attached = token.span.end + usize::from(currency) >= number;
            let spaced = before.is_none_or(|before| before.span.end < token.span.start);
            dash_is_sign(before, further, attached, spaced, in_list)
        }
        Kind::Symbol('负' | '負') => true,
        Kind::Word(word) => match word.as_str() {
            "negative" => true,
            "minus" | "минус" => match before.map(|before| &before.kind) {
                None => true,
                Some(Kind::Number(_)) => false,
                Some(Kind::Symbol(symbol)) => !closes(*symbol) && *symbol != ',',
                Some(Kind::Word(word)) => is_connective(word) || OPENERS.contains(&word.as_str()),
            },
            _ => false,
        },
        _ => false,
    }
}

/// Symbols that end something a number can be subtracted from.
const fn closes(symbol: char) -> bool {
    matches!(symbol, ')' | ']' | '}' | '）' | '%' | '!' | '°' | '²' | '³' | '"' | '\'' | '”' | '’')
}

fn dash_is_sign(
    before: Option<&Token>,
    further: Option<&Token>,
    attached: bool,
    spaced: bool,
    in_list: bool,
) -> bool {
    let Some(before) = before else { return true };
    match &before.kind {
        Kind::Number(_) => in_list && attached && spaced,
        // "5 kg - 3 kg" has an operator, "5 and -3" a sign.
        Kind::Word(word) if is_connective(word) => true,
        Kind::Word(_) if further.is_some_and(Token::is_number) => false,
        Kind::Word(_) => attached && spaced,
        Kind::Symbol(symbol) if closes(*symbol) => false,
        // 5米-3米.
        Kind::Symbol(symbol) if is_ideograph(*symbol) => {
            !further.is_some_and(Token::is_number)
                || matches!(
                    symbol,
                    '加' | '减' | '減' | '乘' | '除' | '以' | '和' | '与' | '到' | '比' | '的' | '是'
                )
        }
        Kind::Symbol(_) => true,
    }
}
