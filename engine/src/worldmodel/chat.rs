//! What a frozen base reads of a question.
//!
//! Its tokenizer has no marks, and it is asked as it was made to be: by its chat template. Operands are marked beside the text
//! instead: every token that overlaps one carries its number, and the taps add their row for it to the stream there, as they do
//! at nano's markers.

use std::ops::Range;

use super::numbers::Operands;
use super::transcript::{LIST_OPERAND, Prompt, TranscriptError, number_operand, text_operand};
use crate::tokenizer::Tokenizer;
use crate::tokenizer::chat::{ChatError, ChatOptions, ChatTemplate, Message, Role};

/// A question as a base reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// The whole prompt, up to where the base answers.
    pub prompt: Prompt,
    /// Its tokens before the question. They are those of every question, and a base that reads from left to right holds nothing
    /// of this one there: the taps do not read them.
    pub preface: usize,
}

/// Writes prompts for one base.
pub struct Reader<'a> {
    tokenizer: &'a Tokenizer,
    template: ChatTemplate,
}

/// Stands for a question while its place in a prompt is looked for; no template says it.
const PLACEHOLDER: &str = "⟪question⟫";

impl<'a> Reader<'a> {
    /// For a base with this tokenizer.
    ///
    /// # Errors
    /// When there is no chat template for it.
    pub fn new(tokenizer: &'a Tokenizer) -> Result<Self, ChatError> {
        Ok(Self { tokenizer, template: ChatTemplate::of(tokenizer)? })
    }

    /// A question up to where the base answers, behind what was said before.
    ///
    /// # Errors
    /// When the template objects, or the question is too long for any tokenizer.
    pub fn question(
        &self,
        before: &[Message],
        question: &str,
        operands: &Operands,
    ) -> Result<Asking, TranscriptError> {
        let render = |content: &str| {
            let messages = [before, &[Message::new(Role::User, content)]].concat();
            // Whoever has taps need not think: they do.
            let how = ChatOptions { thinking: false, ..ChatOptions::default() };
            self.template.render(self.tokenizer, &messages, how)
        };
        let prompt = render(question)?;
        let frame = render(PLACEHOLDER)?;
        let place = place(&prompt.text(), &frame.text(), question);
        let marked = marked(question, operands);
        let mut asking = Asking::default();
        for (token, span) in self.tokenizer.encode_prompt_places(&prompt)? {
            if span.end <= place.at {
                asking.preface += 1;
            }
            let overlaps = |of: &Range<usize>| {
                let (start, end) = (place.in_prompt(of.start), place.in_prompt(of.end));
                span.start < end && start < span.end
            };
            let operand = marked.iter().find(|(of, _)| overlaps(of)).map_or(0, |(_, operand)| *operand);
            asking.prompt.tokens.push(token);
            asking.prompt.operands.push(operand);
        }
        Ok(asking)
    }
}

/// Where a question stands in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Bytes of the prompt before it.
    at: usize,
    /// Bytes of the question that the template leaves out at its beginning: blanks.
    cut: usize,
}

impl Place {
    fn in_prompt(self, at: usize) -> usize {
        self.at + at.saturating_sub(self.cut)
    }
}

/// Finds it by what the template writes around another message.
fn place(prompt: &str, frame: &str, question: &str) -> Place {
    let (before, after) = frame.split_once(PLACEHOLDER).unwrap_or((frame, ""));
    let inside = prompt.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    // A template that writes something else for this question than for another is none that anybody has.
    let Some(inside) = inside else {
        return Place { at: prompt.find(question).unwrap_or(prompt.len()), cut: 0 };
    };
    let cut = match question.find(inside) {
        Some(cut) if !inside.is_empty() => cut,
        _ => 0,
    };
    Place { at: before.len(), cut }
}

/// The bytes of each operand in a question, what counts most first: a number in a quoted text is a part of the text, and
/// the list is what lies between its numbers.
fn marked(question: &str, operands: &Operands) -> Vec<(Range<usize>, u8)> {
    let texts = operands.texts.iter().take(2).enumerate();
    let texts = texts.map(|(index, text)| (text.span.clone(), text_operand(index)));
    let numbers = operands.numbers.iter().enumerate();
    let numbers = numbers.map(|(index, number)| (number.span.clone(), number_operand(index)));
    let ends = operands.list().map(|number| number.span.clone());
    let list = ends.reduce(|all, number| all.start.min(number.start)..all.end.max(number.end));
    // With what stands before it: a blank or a bracket, so that a list of any tokens has one of its own.
    let opened = |list: Range<usize>| {
        let before = question.get(..list.start).and_then(|text| text.chars().next_back());
        list.start - before.map_or(0, char::len_utf8)..list.end
    };
    texts.chain(numbers).chain(list.map(|list| (opened(list), LIST_OPERAND))).collect()
}

#[cfg(test)]
mod tests;
