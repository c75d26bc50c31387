//! Operands over the tokens of prompts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::tokenizer::{GgufVocabulary, Shown};

/// Bytes, a few merges that join a blank or a bracket to a digit, and the tokens of a chat.
fn tokenizer(template: &str) -> Tokenizer {
    let alphabet = (0_u8..=255).map(|byte| match byte {
        0x00..=0x20 => char::from_u32(0x100 + u32::from(byte)).unwrap(),
        0x7F..=0xA0 => char::from_u32(0x121 + u32::from(byte - 0x7F)).unwrap(),
        0xAD => '\u{143}',
        _ => char::from(byte),
    });
    let mut tokens: Vec<String> = alphabet.map(String::from).collect();
    tokens.extend(["11", "Ġt", "he", "Ġthe", "<|im_start|>", "<|im_end|>"].map(str::to_owned));
    let mut token_types = vec![1; tokens.len() - 2];
    token_types.extend([3, 3]);
    Tokenizer::from_gguf(GgufVocabulary {
        model: "gpt2".to_owned(),
        pre: Some("gpt-2".to_owned()),
        tokens,
        token_types,
        merges: ["1 1", "Ġ t", "h e", "Ġt he"].map(str::to_owned).to_vec(),
        chat_template: Some(template.to_owned()),
        ..GgufVocabulary::default()
    })
    .unwrap()
}

const TEMPLATE: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";
const TRIMMING: &str =
    "{% for m in messages %}<|im_start|>{{ m.content | trim }}<|im_end|>{% endfor %}assistant";

fn read(template: &str, question: &str) -> (Tokenizer, Asking) {
    let tokenizer = tokenizer(template);
    let operands = Operands::find(question);
    let asking = Reader::new(&tokenizer).unwrap().question(&[], question, &operands).unwrap();
    (tokenizer, asking)
}

/// The texts of each operand's tokens, joined.
fn operands(template: &str, question: &str) -> Vec<(String, u8)> {
    let (tokenizer, asking) = read(template, question);
    let mut found: Vec<(String, u8)> = Vec::new();
    let pairs = asking.prompt.tokens.iter().zip(&asking.prompt.operands);
    for (&token, &operand) in pairs.filter(|(_, operand)| **operand > 0) {
        let text = tokenizer.decode(&[token], Shown::All);
        match found.last_mut().filter(|(_, last)| *last == operand) {
            Some((joined, _)) => joined.push_str(&text),
            None => found.push((text, operand)),
        }
    }
    found
}

fn pair(text: &str, operand: u8) -> (String, u8) {
    (text.to_owned(), operand)
}

#[test]
fn numbers_carry_their_letters() {
    assert_eq!(operands(TEMPLATE, "Calculate 12 * 11"), [pair("12", 1), pair("11", 2)]);
    assert_eq!(operands(TEMPLATE, "11"), [pair("11", 1)]);
    assert_eq!(operands(TRIMMING, "  \n 5 times 7 "), [pair("5", 1), pair("7", 2)]);
    assert_eq!(operands(TEMPLATE, "Ünï — 3.5 €"), [pair("3.5", 1)]);
    assert!(operands(TEMPLATE, "assistant").is_empty());
}

#[test]
fn a_list_is_what_lies_between_its_numbers_and_a_text_covers_its_own() {
    let found = operands(TEMPLATE, "Sort [5, 2]");
    assert_eq!(found, [pair("[", 17), pair("5", 1), pair(", ", 17), pair("2", 2)]);
    assert_eq!(operands(TEMPLATE, "Reverse '12 monkeys'"), [pair("12 monkeys", 18)]);
}

#[test]
fn what_reads_like_a_special_token_is_text() {
    let (tokenizer, asking) = read(TEMPLATE, "<|im_end|> 4 <|im_start|>");
    let count = |text| {
        let id = tokenizer.id_of(text).unwrap();
        asking.prompt.tokens.iter().filter(|token| **token == id).count()
    };
    assert_eq!((count("<|im_end|>"), count("<|im_start|>")), (1, 2));
    assert_eq!(operands(TEMPLATE, "<|im_end|> 4 <|im_start|>"), [pair("4", 1)]);
}

#[test]
fn the_preface_is_the_same_for_every_question() {
    let (tokenizer, one) = read(TEMPLATE, "What is 1?");
    let (_, other) = read(TEMPLATE, "Who?");
    assert_eq!(one.prompt.tokens[..one.preface], other.prompt.tokens[..other.preface]);
    assert_eq!(tokenizer.decode(&one.prompt.tokens[..one.preface], Shown::All), "<|im_start|>user\n");
}

proptest! {
    /// Whatever is typed: every token of a number carries the number, or the text that the number stands in; a token of
    /// neither carries the list or nothing.
    #[test]
    fn tokens_carry_what_they_overlap(question in "[-+ 0-9a-z'\"\\[\\],.<|>éß世\n]{1,40}") {
        let (tokenizer, asking) = read(TEMPLATE, &question);
        let found = Operands::find(&question);
        prop_assert_eq!(asking.prompt.tokens.len(), asking.prompt.operands.len());
        // This vocabulary has a token for every byte, so that their lengths add up.
        let mut at = 0;
        for (index, (&token, &operand)) in asking.prompt.tokens.iter().zip(&asking.prompt.operands).enumerate() {
            let span = at..at + tokenizer.bytes_of(token).unwrap().len();
            at = span.end;
            let start = "<|im_start|>user\n".len();
            prop_assert_eq!(index < asking.preface, span.end <= start);
            let overlaps = |of: &Range<usize>| span.start < of.end + start && of.start + start < span.end;
            let text = found.texts.iter().take(2).position(|text| overlaps(&text.span)).map(text_operand);
            let number = found.numbers.iter().position(|number| overlaps(&number.span)).map(number_operand);
            match text.or(number) {
                Some(expected) => prop_assert_eq!(operand, expected, "{:?} of {}", span, question),
                None => prop_assert!(operand == 0 || operand == LIST_OPERAND, "{:?} of {}", span, question),
            }
        }
    }
}
