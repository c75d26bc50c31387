//! What the text stream reads and writes of a question, as tokens.
//!
//! ```text
//! <|user|>calculate<a>12 *<b>11<|assistant|><think><a>*<b></think><wat_model><computed>132</computed>12 × 11 = 132.<|end|>
//! ```
//!
//! A marker stands before each operand. The digits behind it are there to be read, not to be computed with: the plan and the
//! programs name the operand. Questions are put in lower case, since the model is small and has better things to learn.

use std::ops::Range;

use super::answer::{Answer, Failure};
use super::expression::Plan;
use super::numbers::{LETTERS, Operands};
use crate::tokenizer::chat::ChatError;
use crate::tokenizer::{Special, Tokenizer, TokenizerError};

/// The tokens of a transcript that no text can spell, but for the letters. Their order is that of their ids.
pub const MARKS: [&str; 14] = [
    END,
    USER,
    ASSISTANT,
    ALONE,
    THINK,
    THOUGHT,
    PROGRAM,
    COMPUTED,
    COMPUTED_END,
    LIST,
    TEXT,
    TEXT_2,
    MORE,
    CUT,
];
/// Ends everything.
pub const END: &str = "<|end|>";
/// Before a question.
pub const USER: &str = "<|user|>";
/// Before what the model writes.
pub const ASSISTANT: &str = "<|assistant|>";
/// Before what the model writes when it has no tools: it answers at once, by itself.
pub const ALONE: &str = "<|alone|>";
/// Before a plan.
pub const THINK: &str = "<think>";
/// Behind a plan.
pub const THOUGHT: &str = "</think>";
/// Between a plan and the order in which it is worked out.
pub const ORDER: char = ';';
/// Where the taps write programs.
pub const PROGRAM: &str = "<wat_model>";
/// Before a result.
pub const COMPUTED: &str = "<computed>";
/// Behind a result.
pub const COMPUTED_END: &str = "</computed>";
/// Before the list.
const LIST: &str = "<list>";
/// Before what is `text` in a plan.
const TEXT: &str = "<text>";
/// Before what is `text2` in a plan.
const TEXT_2: &str = "<text2>";
/// Before a number that has no letter.
const MORE: &str = "<more>";
/// In place of what a long number or text has besides.
const CUT: &str = "<cut>";

/// Operands that the taps can tell apart: the letters, then list, texts and numbers without a letter.
pub const OPERANDS: usize = LETTERS + 4;
/// The list among them.
pub(super) const LIST_OPERAND: u8 = LETTERS as u8 + 1;
/// Characters of a number that the model sees.
const NUMBER_SEEN: usize = 20;
/// Characters of a quoted text that the model sees.
const TEXT_SEEN: usize = 48;

/// What stands between [`COMPUTED`] and [`COMPUTED_END`].
pub fn computed_text(outcome: &Result<Answer, Failure>) -> String {
    match outcome {
        Ok(answer) => answer.to_string(),
        Err(failure) => format!("error: {failure}"),
    }
}

/// The token of an operand with a letter.
pub fn letter_mark(index: usize) -> Option<String> {
    Operands::letter(index).map(|letter| format!("<{letter}>"))
}

/// Tokens, and the operand that stands at each; 0 for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The tokens.
    pub tokens: Vec<u32>,
    /// Letters count from 1; then [`OPERANDS`]' others.
    pub operands: Vec<u8>,
}

impl Prompt {
    fn push(&mut self, tokens: impl IntoIterator<Item = u32>, operand: u8) {
        self.tokens.extend(tokens);
        self.operands.resize(self.tokens.len(), operand);
    }
}

/// Writes transcripts with one tokenizer.
pub struct Writer<'a> {
    tokenizer: &'a Tokenizer,
}

/// A tokenizer that lacks a token, or fails.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TranscriptError {
    /// It was not made for this.
    #[error("the tokenizer has no token {0}")]
    Missing(String),
    /// The text is too long, for instance.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The model's chat template.
    #[error(transparent)]
    Chat(#[from] ChatError),
}

impl<'a> Writer<'a> {
    /// With a tokenizer that has all marks.
    ///
    /// # Errors
    /// [`TranscriptError::Missing`].
    pub fn new(tokenizer: &'a Tokenizer) -> Result<Self, TranscriptError> {
        let this = Self { tokenizer };
        let letters = (0..LETTERS).filter_map(letter_mark);
        for mark in MARKS.map(str::to_owned).into_iter().chain(letters) {
            this.mark(&mark)?;
        }
        Ok(this)
    }

    /// The id of a mark.
    ///
    /// # Errors
    /// [`TranscriptError::Missing`].
    pub fn mark(&self, mark: &str) -> Result<u32, TranscriptError> {
        self.tokenizer.id_of(mark).ok_or_else(|| TranscriptError::Missing(mark.to_owned()))
    }

    /// A question up to where the model goes on; `alone` is the mark there: [`ASSISTANT`] or [`ALONE`].
    ///
    /// # Errors
    /// A question too long for any tokenizer.
    pub fn question(
        &self,
        question: &str,
        operands: &Operands,
        mark: &str,
    ) -> Result<Prompt, TranscriptError> {
        let mut prompt = Prompt::default();
        prompt.push([self.mark(USER)?], 0);
        let mut at = 0;
        for place in places(operands) {
            // What one place covers, no other starts in: a number in a quoted text is part of the text.
            let Some(before) = question.get(at..place.span.start) else { continue };
            self.plain(&mut prompt, before, 0)?;
            for (mark, operand) in &place.marks {
                prompt.push([self.mark(mark)?], *operand);
            }
            let whole = question.get(place.span.clone()).unwrap_or_default();
            let seen: String = whole.chars().take(place.seen).collect();
            self.plain(&mut prompt, &seen, place.operand)?;
            if seen.len() < whole.len() {
                prompt.push([self.mark(CUT)?], place.operand);
            }
            at = place.span.end;
        }
        self.plain(&mut prompt, question.get(at..).unwrap_or_default(), 0)?;
        prompt.push([self.mark(mark)?], 0);
        Ok(prompt)
    }

    /// A plan as the model writes it, and behind [`ORDER`] the order in which it is worked out, where it has one: without blanks, and
    /// with a token of its own for each symbol, since `)*(` in one piece would say three things at once.
    ///
    /// # Errors
    /// As [`Writer::question`].
    pub fn plan(&self, plan: &Plan) -> Result<Vec<u32>, TranscriptError> {
        let mut text = plan.to_string();
        if let Some(order) = plan.order() {
            text.push(ORDER);
            text.push_str(&order);
        }
        text.retain(|c| !c.is_whitespace());
        let mut tokens = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at_checked(symbol(rest)).unwrap_or((rest, ""));
            tokens.extend(self.tokenizer.encode(piece, Special::Parse, false)?);
            rest = behind;
        }
        Ok(tokens)
    }

    /// A result or an answer.
    ///
    /// # Errors
    /// As [`Writer::question`].
    pub fn text(&self, text: &str) -> Result<Vec<u32>, TranscriptError> {
        Ok(self.tokenizer.encode(text, Special::AsText, false)?)
    }

    /// A piece of a question. A blank before a mark says nothing and is left out; a parenthesis is a token by itself.
    fn plain(&self, prompt: &mut Prompt, piece: &str, operand: u8) -> Result<(), TranscriptError> {
        let piece = piece.trim_end().to_lowercase();
        for part in piece.split_inclusive(['(', ')']) {
            let parenthesis = part.rfind(['(', ')']).unwrap_or(part.len());
            let (before, parenthesis) = part.split_at_checked(parenthesis).unwrap_or((part, ""));
            // Its blank stays with it, as it would without this.
            let blank = before.strip_suffix(' ').filter(|_| !parenthesis.is_empty());
            let parenthesis =
                if blank.is_some() { format!(" {parenthesis}") } else { parenthesis.to_owned() };
            for text in [blank.unwrap_or(before), &parenthesis] {
                prompt.push(self.text(text)?, operand);
            }
        }
        Ok(())
    }
}

/// Bytes of a plan's first symbol: a mark, a number, a name with the parenthesis that opens behind it, or what stands by itself.
fn symbol(plan: &str) -> usize {
    let word =
        plan.find(|c: char| !c.is_ascii_alphanumeric() && !['.', '_'].contains(&c)).unwrap_or(plan.len());
    let mark = plan.strip_prefix('<').and_then(|rest| rest.find(|c: char| !c.is_ascii_lowercase()));
    match (plan.as_bytes().first(), mark) {
        (Some(first), _) if first.is_ascii_alphabetic() => {
            word + usize::from(plan.get(word..).is_some_and(|rest| rest.starts_with('(')))
        }
        _ if word > 0 => word,
        (_, Some(1)) if plan.get(2..3) == Some(">") => "<a>".len(),
        _ if ["<=", ">="].iter().any(|comparison| plan.starts_with(comparison)) => "<=".len(),
        _ => plan.chars().next().map_or(1, char::len_utf8),
    }
}

/// Where an operand stands.
struct Place {
    span: Range<usize>,
    /// Each with the operand it stands for.
    marks: Vec<(String, u8)>,
    operand: u8,
    seen: usize,
}

/// All operands by place.
fn places(operands: &Operands) -> Vec<Place> {
    let first_of_list = operands.list.first().copied();
    let numbers = operands.numbers.iter().enumerate().map(|(index, number)| {
        let own = letter_mark(index).unwrap_or_else(|| MORE.to_owned());
        let operand = number_operand(index);
        let list = (first_of_list == Some(index)).then(|| (LIST.to_owned(), LIST_OPERAND));
        Place {
            span: number.span.clone(),
            marks: list.into_iter().chain([(own, operand)]).collect(),
            operand,
            seen: NUMBER_SEEN,
        }
    });
    let texts = operands.texts.iter().take(2).enumerate().map(|(index, text)| Place {
        span: text.span.clone(),
        marks: vec![(if index == 0 { TEXT } else { TEXT_2 }.to_owned(), text_operand(index))],
        operand: text_operand(index),
        seen: TEXT_SEEN,
    });
    // A text may begin with a number: the text comes first, and what it covers is passed over.
    let mut places: Vec<Place> = texts.chain(numbers).collect();
    places.sort_by_key(|place| place.span.start);
    places
}

/// What stands at a number, by its index.
pub(super) fn number_operand(index: usize) -> u8 {
    let number = if index < LETTERS { index + 1 } else { OPERANDS };
    u8::try_from(number).unwrap_or(0)
}

/// What stands at a text, by its index: there are two.
pub(super) fn text_operand(index: usize) -> u8 {
    u8::try_from(LETTERS + 2 + index).unwrap_or(0)
}
