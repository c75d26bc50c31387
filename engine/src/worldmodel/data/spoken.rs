//! Integers in words.

/// A language of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, and whatever else is written in Latin letters.
    English,
    /// Russian.
    Russian,
    /// Chinese.
    Chinese,
}

impl Language {
    /// The language of a text, by its letters.
    pub fn of(text: &str) -> Self {
        if text.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}')) {
            Self::Chinese
        } else if text.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')) {
            Self::Russian
        } else {
            Self::English
        }
    }
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const RUSSIAN_SMALL: [&str; 20] = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];
const RUSSIAN_TENS: [&str; 10] = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];
const RUSSIAN_HUNDREDS: [&str; 10] =
    ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"];
const CHINESE: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

fn word(table: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| table.get(index)).copied().unwrap_or("")
}

/// A number in words, where its language has them up to there. `and` says "two hundred and five".
pub(super) fn words(value: u64, language: Language, and: bool) -> Option<String> {
    match language {
        Language::English if value < 1_000_000_000_000 => Some(english(value, and)),
        Language::Russian if value < 1000 => Some(russian(value)),
        Language::Chinese if value < 10_000 => Some(chinese(value)),
        _ => None,
    }
}

fn english(value: u64, and: bool) -> String {
    let scales = [(1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred")];
    for (scale, name) in scales {
        if value >= scale {
            let head = format!("{} {name}", english(value / scale, and));
            let rest = value % scale;
            return match rest {
                0 => head,
                rest if and && rest < 100 => format!("{head} and {}", english(rest, and)),
                rest => format!("{head} {}", english(rest, and)),
            };
        }
    }
    if value < 20 {
        return word(&SMALL, value).to_owned();
    }
    match value % 10 {
        0 => word(&TENS, value / 10).to_owned(),
        unit => format!("{}-{}", word(&TENS, value / 10), word(&SMALL, unit)),
    }
}

fn russian(value: u64) -> String {
    if value == 0 {
        return "ноль".to_owned();
    }
    let below = value % 100;
    let (tens, units) = if below < 20 { (0, below) } else { (below / 10, below % 10) };
    let parts = [
        word(&RUSSIAN_HUNDREDS, value / 100),
        word(&RUSSIAN_TENS, tens),
        if units == 0 { "" } else { word(&RUSSIAN_SMALL, units) },
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn chinese(value: u64) -> String {
    if value == 0 {
        return "零".to_owned();
    }
    let mut text = String::new();
    let mut gap = false;
    for (scale, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = value / scale % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        // 十二, not 一十二.
        if !(scale == 10 && digit == 1 && value < 20) {
            text.push_str(word(&CHINESE, digit));
        }
        text.push_str(name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worldmodel::numbers::{Operands, Value};

    /// What is written in words is read as the same number.
    #[test]
    fn words_are_read_back() {
        let languages = [Language::English, Language::Russian, Language::Chinese];
        for value in (0..10_000).chain([12_345, 100_000, 999_999, 1_000_001, 987_654_321_012]) {
            for language in languages {
                for and in [false, true] {
                    let Some(words) = words(value, language, and) else { continue };
                    // A lone "one" is no number.
                    if value == 1 {
                        continue;
                    }
                    let found = Operands::find(&words);
                    let values: Vec<_> = found.numbers.iter().map(|number| number.value).collect();
                    assert_eq!(values, [Value::Integer(i64::try_from(value).unwrap())], "{words}");
                }
            }
        }
    }
}
