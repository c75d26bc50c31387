//! Numbers written in digits: groups of thousands, decimals, exponents.

use super::lexer::{Amount, Bracket, Chars, Kind, is_letter};

/// What starts at a digit.
pub(super) struct Scan {
    pub kind: Kind,
    /// The index behind it.
    pub end: usize,
    /// Up to here, groups of digits are numbers of their own.
    pub ungrouped_to: usize,
}

/// Whether `.5` starts here.
pub(super) fn is_leading_point(chars: &Chars, index: usize) -> bool {
    let before = if index == 0 { ' ' } else { chars.at(index - 1) };
    chars.at(index) == '.'
        && chars.at(index + 1).is_ascii_digit()
        && !is_letter(before)
        && !before.is_ascii_digit()
        && !matches!(before, '.' | ')' | ']')
}

/// Digit groups with one separator between each two, from an index on.
struct Groups {
    /// Digits of each group.
    sizes: Vec<usize>,
    /// The index behind the last.
    end: usize,
}

fn groups(chars: &Chars, start: usize, separates: impl Fn(char) -> bool) -> Groups {
    let mut sizes = vec![chars.digits(start)];
    let mut end = start + chars.digits(start);
    while separates(chars.at(end)) && chars.at(end + 1).is_ascii_digit() {
        let size = chars.digits(end + 1);
        sizes.push(size);
        end += 1 + size;
    }
    Groups { sizes, end }
}

impl Groups {
    /// 1,000,000: up to three digits, then threes.
    fn thousands(&self, chars: &Chars, start: usize) -> bool {
        let mut sizes = self.sizes.iter();
        let first = sizes.next().is_some_and(|&size| size <= 3);
        first && chars.at(start) != '0' && self.sizes.len() > 1 && sizes.all(|&size| size == 3)
    }
}

/// Reads the number that starts at a digit or at the point before one. `plain` says that this is the middle of a row of groups.
pub(super) fn scan(chars: &Chars, start: usize, bracket: Bracket, plain: bool) -> Scan {
    let mut ungrouped_to = 0;
    let mut whole_end = start + chars.digits(start);
    // 1_000, always.
    while chars.at(whole_end) == '_' && chars.at(whole_end + 1).is_ascii_digit() {
        whole_end += 1 + chars.digits(whole_end + 1);
    }
    let single = whole_end == start + chars.digits(start) && whole_end > start;
    let commas = groups(chars, start, |c| c == ',');
    let mut decimal_comma = false;
    if single && !plain && commas.sizes.len() > 1 && !bracket.tight_commas_separate {
        if chars.cyrillic && commas.sizes.len() == 2 {
            decimal_comma = true;
        } else if commas.thousands(chars, start) {
            whole_end = commas.end;
        } else {
            ungrouped_to = commas.end;
        }
    } else if single && !plain && !bracket.list {
        let separator = chars.at(whole_end);
        let spaces =
            groups(chars, start, |c| c == separator && matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'));
        // In "Add 12 345,6 7" the row goes on in another way.
        if spaces.thousands(chars, start) {
            whole_end = spaces.end;
            decimal_comma = chars.cyrillic;
        } else {
            ungrouped_to = spaces.end;
        }
    }
    let dots = groups(chars, start, |c| c == '.');
    if single && dots.sizes.len() > 2 {
        if dots.thousands(chars, start) {
            return number(chars.plain(start..dots.end), dots.end, ungrouped_to);
        }
        // A version, a date, an address.
        return Scan { kind: Kind::Word(String::new()), end: dots.end, ungrouped_to };
    }
    let mut text = chars.plain(start..whole_end);
    let mut end = whole_end;
    let point = chars.at(end);
    if (point == '.' || (point == ',' && decimal_comma)) && chars.at(end + 1).is_ascii_digit() {
        let places = chars.digits(end + 1);
        let fraction = chars.plain(end + 1..end + 1 + places);
        end += 1 + places;
        text = if text.is_empty() { format!("0.{fraction}") } else { format!("{text}.{fraction}") };
    }
    if matches!(chars.at(end), 'e' | 'E') {
        let signed = matches!(chars.at(end + 1), '+' | '-');
        let from = end + 1 + usize::from(signed);
        let places = chars.digits(from);
        if places > 0 && !is_letter(chars.at(from + places)) {
            let sign = if signed { chars.at(end + 1).to_string() } else { String::new() };
            text = format!("{text}e{sign}{}", chars.plain(from..from + places));
            end = from + places;
        }
    }
    // 3万: a Chinese unit counts thousands.
    let zeros = match chars.at(end) {
        '百' if chars.at(end + 1) != '分' => 2,
        '千' if !matches!(chars.at(end + 1), '克' | '米' | '瓦' | '卡' | '字') => 3,
        '万' => 4,
        '亿' => 8,
        _ => 0,
    };
    if zeros > 0 {
        let kind = Kind::Number(Amount::new(text).scaled(zeros));
        return Scan { kind, end: end + 1, ungrouped_to };
    }
    number(text, end, ungrouped_to)
}

fn number(text: String, end: usize, ungrouped_to: usize) -> Scan {
    Scan { kind: Kind::Number(Amount::new(text)), end, ungrouped_to }
}
