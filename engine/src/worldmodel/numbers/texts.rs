//! The texts of a question: what stands in quotes, or one word behind "the word".

use super::Text;
use super::lexer::{is_ideograph, is_letter};

/// Opening quotes with what closes them.
const QUOTES: [(char, &[char]); 10] = [
    ('\'', &['\'']),
    ('"', &['"']),
    ('`', &['`']),
    ('“', &['”', '“']),
    ('‘', &['’']),
    ('«', &['»']),
    ('„', &['“', '”']),
    ('「', &['」']),
    ('『', &['』']),
    ('‹', &['›']),
];

/// Words before an unquoted text.
const INTRODUCTIONS: [&str; 19] = [
    "word",
    "string",
    "name",
    "letter",
    "letters",
    "text",
    "term",
    "character",
    "слово",
    "слова",
    "слове",
    "строку",
    "строки",
    "строке",
    "имя",
    "имени",
    "буква",
    "букву",
    "буквы",
];

/// The same in Chinese, where nothing stands between them and the text.
const IDEOGRAPHS: [&str; 7] = ["单词", "字符串", "词语", "名字", "字母", "英文词", "词"];

/// Words that follow an introduction without being the text.
const NO_TEXT: [&str; 58] = [
    "is",
    "are",
    "was",
    "of",
    "in",
    "and",
    "or",
    "for",
    "that",
    "this",
    "which",
    "count",
    "counts",
    "from",
    "with",
    "has",
    "have",
    "had",
    "does",
    "do",
    "to",
    "by",
    "on",
    "at",
    "as",
    "it",
    "its",
    "means",
    "mean",
    "meaning",
    "backwards",
    "backward",
    "problem",
    "problems",
    "order",
    "the",
    "a",
    "an",
    "please",
    "there",
    "appear",
    "appears",
    "occur",
    "occurs",
    "length",
    "be",
    "not",
    "written",
    "processor",
    "for",
    "в",
    "на",
    "и",
    "из",
    "наоборот",
    "задом",
    "есть",
    "встречается",
];

/// Finds the texts: in order, but for the longer of the first two, which comes first.
pub(super) fn find(question: &str) -> Vec<Text> {
    let mut found = in_order(question);
    if let [first, second, ..] = found.as_mut_slice()
        && second.value.chars().count() > first.value.chars().count()
    {
        std::mem::swap(first, second);
    }
    found
}

fn in_order(question: &str) -> Vec<Text> {
    let chars: Vec<(usize, char)> = question.char_indices().collect();
    let mut found: Vec<Text> = Vec::new();
    let mut index = 0;
    // The word before, to know an introduction by.
    let mut introduced = false;
    let mut behind_letter = false;
    // An opening quote that nothing closes is not looked at twice.
    let mut unclosed: Vec<char> = Vec::new();
    while let Some(&(at, c)) = chars.get(index) {
        if let Some((start, end)) = quoted(&chars, index, &mut unclosed) {
            let inside = chars.get(start..end).unwrap_or(&[]);
            if !is_arithmetic(inside) {
                found.push(text(question, byte(&chars, start, question), byte(&chars, end, question)));
            }
            index = end + 1;
            introduced = false;
        } else if is_letter(c) || c.is_ascii_digit() {
            let end = word_end(&chars, index);
            let behind = byte(&chars, end, question);
            let word = question.get(at..behind).unwrap_or("").to_lowercase();
            // "the letter a": one that introduces letters is not followed by an article.
            let text_follows =
                introduced && (!NO_TEXT.contains(&word.as_str()) || (behind_letter && word == "a"));
            if text_follows && !INTRODUCTIONS.contains(&word.as_str()) {
                found.push(text(question, at, behind));
            }
            introduced = INTRODUCTIONS.contains(&word.as_str());
            behind_letter = word == "letter";
            index = end;
        } else {
            let rest = question.get(..at + c.len_utf8()).unwrap_or("");
            introduced = match c {
                _ if is_ideograph(c) => IDEOGRAPHS.iter().any(|word| rest.ends_with(word)),
                c if c.is_whitespace() || c == ':' || c == '：' => introduced,
                _ => false,
            };
            index += 1;
        }
    }
    found
}

/// "12 * 11" in quotes is to be computed, and "5, 2, 8" to be sorted; "12345" may be a text.
fn is_arithmetic(inside: &[(usize, char)]) -> bool {
    let has = |wanted: fn(char) -> bool| inside.iter().any(|&(_, c)| wanted(c));
    has(|c| c.is_ascii_digit()) && !has(char::is_alphabetic) && has(|c| !c.is_ascii_digit())
}

fn text(question: &str, start: usize, end: usize) -> Text {
    Text { span: start..end, value: question.get(start..end).unwrap_or("").to_owned() }
}

fn byte(chars: &[(usize, char)], index: usize, question: &str) -> usize {
    chars.get(index).map_or(question.len(), |&(at, _)| at)
}

fn char_at(chars: &[(usize, char)], index: usize) -> char {
    chars.get(index).map_or(' ', |&(_, c)| c)
}

fn word_end(chars: &[(usize, char)], start: usize) -> usize {
    let mut end = start;
    loop {
        let c = char_at(chars, end);
        let joint = matches!(c, '\'' | '’' | '-' | '_') && is_letter(char_at(chars, end + 1)) && end > start;
        if !(is_letter(c) || c.is_ascii_digit() || joint) {
            return end.max(start + 1);
        }
        end += 1;
    }
}

/// The characters between a quote that opens at an index and the one that closes it.
fn quoted(chars: &[(usize, char)], index: usize, unclosed: &mut Vec<char>) -> Option<(usize, usize)> {
    let open = char_at(chars, index);
    let &(_, closers) = QUOTES.iter().find(|(known, _)| *known == open)?;
    if unclosed.contains(&open) {
        return None;
    }
    let ascii = matches!(open, '\'' | '"');
    let before = index.checked_sub(1).map_or(' ', |before| char_at(chars, before));
    let next = char_at(chars, index + 1);
    // The apostrophe of "What's" and the inches of 6" open nothing.
    if ascii && (is_letter(before) || before.is_ascii_digit()) {
        return None;
    }
    if open == '\'' && next.is_whitespace() {
        return None;
    }
    let mut end = index + 1;
    while end < chars.len() {
        let c = char_at(chars, end);
        let behind = char_at(chars, end + 1);
        let apostrophe = matches!(c, '\'' | '’') && (is_letter(behind) || behind.is_ascii_digit());
        let late = c == '\'' && char_at(chars, end - 1).is_whitespace();
        if closers.contains(&c) && !apostrophe && !late {
            return Some((index + 1, end));
        }
        end += 1;
    }
    unclosed.push(open);
    None
}
