//! Numbers in Chinese characters.

use super::lexer::{Amount, Chars, Kind};

/// Words that begin with a numeral and are none.
const WORDS: [&str; 28] = [
    "百分之",
    "百分",
    "百万富翁",
    "一下",
    "一共",
    "一半",
    "一些",
    "一样",
    "一起",
    "一般",
    "一点",
    "一首",
    "一次",
    "一个",
    "四舍五入",
    "三角",
    "万一",
    "千万",
    "十分",
    "两个数",
    "两数",
    "两者",
    "四边",
    "六边",
    "五边",
    "一元",
    "千克",
    "千米",
];

pub(super) const fn is_numeral(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some()
}

const fn digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

const fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

/// Reads what starts at a numeral: a number, or a word that begins like one.
pub(super) fn scan(chars: &Chars, start: usize) -> (Kind, usize) {
    let starts =
        |word: &str, at: usize| word.chars().enumerate().all(|(offset, c)| chars.at(at + offset) == c);
    if let Some(word) = WORDS.iter().find(|word| starts(word, start)) {
        return (Kind::Word((*word).to_owned()), start + word.chars().count());
    }
    let mut end = start;
    // 三百分之… does not occur; but 十 before 分之 is the whole of a fraction.
    while is_numeral(chars.at(end)) && (end == start || !WORDS.iter().take(2).any(|word| starts(word, end))) {
        end += 1;
    }
    let run: Vec<char> = (start..end).map(|index| chars.at(index)).collect();
    let lone = run.len() == 1
        && !matches!(
            run.first(),
            Some('零' | '二' | '两' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十')
        );
    if lone {
        return (Kind::Symbol(chars.at(start)), end);
    }
    let text = if run.iter().all(|&c| digit(c).is_some()) { Some(positional(&run)) } else { additive(&run) };
    (Kind::Number(Amount { text, negative: false }), end)
}

/// 一九六九.
fn positional(run: &[char]) -> String {
    run.iter().filter_map(|&c| digit(c)).map(|digit| digit.to_string()).collect()
}

/// 三千二百万零五: `None` if it is more than can be counted.
fn additive(run: &[char]) -> Option<String> {
    let (mut total, mut section, mut current): (u64, u64, u64) = (0, 0, 0);
    // 一亿二千万 has 万 of the second half alone, 一万亿 has 亿 of all.
    let mut last_unit = 0;
    for &c in run {
        if let Some(digit) = digit(c) {
            current = digit;
        } else if let Some(unit) = unit(c).filter(|&unit| unit < 10_000) {
            section = section.checked_add(unit.checked_mul(current.max(1))?)?;
            current = 0;
        } else if let Some(unit) = unit(c) {
            let below = section.checked_add(current)?;
            total = if unit < last_unit {
                total.checked_add(below.checked_mul(unit)?)?
            } else {
                total.checked_add(below)?.max(1).checked_mul(unit)?
            };
            last_unit = unit;
            (section, current) = (0, 0);
        }
    }
    Some(total.checked_add(section)?.checked_add(current)?.to_string())
}
