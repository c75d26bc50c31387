//! The number words of English and Russian.

/// What a word contributes to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Zero,
    /// 1 to 9.
    Unit(u64),
    /// 10 to 19.
    Teen(u64),
    /// 20, 30 … 90.
    Ten(u64),
    /// 100, 200 … 900 as one word: "двести".
    Hundreds(u64),
    /// Times 100: "hundred".
    Hundred,
    /// A thousand, a million, …
    Scale(u64),
}

/// A number word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub part: Part,
    pub ordinal: bool,
    /// "second" is a number only in "twenty-second".
    pub only_behind_a_hyphen: bool,
}

const UNITS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const TEENS: [&str; 10] = [
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
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The ordinals that are no number word with "th".
const ORDINALS: [(&str, Part); 6] = [
    ("first", Part::Unit(1)),
    ("second", Part::Unit(2)),
    ("third", Part::Unit(3)),
    ("fifth", Part::Unit(5)),
    ("eighth", Part::Unit(8)),
    ("ninth", Part::Unit(9)),
];

fn position(words: &[&str], word: &str) -> Option<u64> {
    words.iter().position(|&known| known == word).and_then(|at| u64::try_from(at).ok())
}

fn cardinal(word: &str) -> Option<Part> {
    if let Some(at) = position(&UNITS, word) {
        return Some(Part::Unit(at + 1));
    }
    if let Some(at) = position(&TEENS, word) {
        return Some(Part::Teen(at + 10));
    }
    if let Some(at) = position(&TENS, word) {
        return Some(Part::Ten((at + 2) * 10));
    }
    Some(match word {
        "zero" => Part::Zero,
        "hundred" => Part::Hundred,
        "thousand" => Part::Scale(1000),
        "million" => Part::Scale(1_000_000),
        "billion" => Part::Scale(1_000_000_000),
        "trillion" => Part::Scale(1_000_000_000_000),
        _ => return russian(word),
    })
}

fn ordinal(word: &str) -> Option<Part> {
    // "thirds" and "tenths", but no "seconds".
    let singular = word.strip_suffix('s').filter(|&word| word != "second" && word != "first").unwrap_or(word);
    if let Some(&(_, part)) = ORDINALS.iter().find(|(known, _)| *known == singular) {
        return Some(part);
    }
    if singular == "twelfth" {
        return Some(Part::Teen(12));
    }
    if let Some(stem) = singular.strip_suffix("ieth") {
        return cardinal(&format!("{stem}y"));
    }
    cardinal(singular.strip_suffix("th")?).filter(|part| *part != Part::Zero)
}

/// What a lower-case word says, if it is a number word.
pub(super) fn part(word: &str) -> Option<Word> {
    let word = word.strip_suffix("'s").unwrap_or(word);
    if let Some(part) = cardinal(word) {
        return Some(Word { part, ordinal: false, only_behind_a_hyphen: false });
    }
    let part = ordinal(word)?;
    Some(Word { part, ordinal: true, only_behind_a_hyphen: matches!(word, "first" | "second") })
}

/// Russian number words, with the cases that questions put them in.
const RUSSIAN: [(&[&str], Part); 40] = [
    (&["ноль", "нуль", "нуля", "нулю"], Part::Zero),
    (&["один", "одна", "одно", "одного", "одной", "одну", "одному"], Part::Unit(1)),
    (&["два", "две", "двух", "двум", "двумя"], Part::Unit(2)),
    (&["три", "трёх", "трех", "трём", "трем", "тремя"], Part::Unit(3)),
    (&["четыре", "четырёх", "четырех", "четырём", "четырем", "четырьмя"], Part::Unit(4)),
    (&["пять", "пяти", "пятью"], Part::Unit(5)),
    (&["шесть", "шести", "шестью"], Part::Unit(6)),
    (&["семь", "семи", "семью"], Part::Unit(7)),
    (&["восемь", "восьми", "восемью", "восьмью"], Part::Unit(8)),
    (&["девять", "девяти", "девятью"], Part::Unit(9)),
    (&["десять", "десяти", "десятью"], Part::Teen(10)),
    (&["одиннадцать", "одиннадцати", "одиннадцатью"], Part::Teen(11)),
    (&["двенадцать", "двенадцати", "двенадцатью"], Part::Teen(12)),
    (&["тринадцать", "тринадцати", "тринадцатью"], Part::Teen(13)),
    (&["четырнадцать", "четырнадцати", "четырнадцатью"], Part::Teen(14)),
    (&["пятнадцать", "пятнадцати", "пятнадцатью"], Part::Teen(15)),
    (&["шестнадцать", "шестнадцати", "шестнадцатью"], Part::Teen(16)),
    (&["семнадцать", "семнадцати", "семнадцатью"], Part::Teen(17)),
    (&["восемнадцать", "восемнадцати", "восемнадцатью"], Part::Teen(18)),
    (&["девятнадцать", "девятнадцати", "девятнадцатью"], Part::Teen(19)),
    (&["двадцать", "двадцати", "двадцатью"], Part::Ten(20)),
    (&["тридцать", "тридцати", "тридцатью"], Part::Ten(30)),
    (&["сорок", "сорока"], Part::Ten(40)),
    (&["пятьдесят", "пятидесяти", "пятьюдесятью"], Part::Ten(50)),
    (&["шестьдесят", "шестидесяти", "шестьюдесятью"], Part::Ten(60)),
    (&["семьдесят", "семидесяти", "семьюдесятью"], Part::Ten(70)),
    (&["восемьдесят", "восьмидесяти", "восемьюдесятью"], Part::Ten(80)),
    (&["девяносто", "девяноста"], Part::Ten(90)),
    (&["сто", "ста"], Part::Hundreds(100)),
    (&["двести", "двухсот", "двумстам"], Part::Hundreds(200)),
    (&["триста", "трёхсот", "трехсот"], Part::Hundreds(300)),
    (&["четыреста", "четырёхсот", "четырехсот"], Part::Hundreds(400)),
    (&["пятьсот", "пятисот"], Part::Hundreds(500)),
    (&["шестьсот", "шестисот"], Part::Hundreds(600)),
    (&["семьсот", "семисот"], Part::Hundreds(700)),
    (&["восемьсот", "восьмисот"], Part::Hundreds(800)),
    (&["девятьсот", "девятисот"], Part::Hundreds(900)),
    (&["тысяча", "тысячи", "тысяч", "тысячу", "тысяче"], Part::Scale(1000)),
    (&["миллион", "миллиона", "миллионов"], Part::Scale(1_000_000)),
    (&["миллиард", "миллиарда", "миллиардов"], Part::Scale(1_000_000_000)),
];

fn russian(word: &str) -> Option<Part> {
    // Most words of most questions are English.
    if word.is_ascii() {
        return None;
    }
    RUSSIAN.iter().find(|(forms, _)| forms.contains(&word)).map(|&(_, part)| part)
}
