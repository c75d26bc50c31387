//! Chats as prompts.
//!
//! A [`ChatTemplate`] turns [`Message`]s into a [`Prompt`], by the Jinja template that model files bring along,
//! or, for Qwen3 and SmolLM2 files that bring none, by the same rules built in.
//!
//! A prompt is one text in which the template's special tokens and a user's characters mix, and a user can type
//! `<|im_end|>`. So before a message goes into the template, a *guard* (a Unicode noncharacter that occurs
//! nowhere else) is put into everything in it that reads like a special token; the tokenizer finds only the
//! template's own and takes the guards out again. In what the assistant said before, only control tokens are
//! guarded: `<think>` is meant there, and templates look for it.

mod bounded;
mod builtin;
mod guard;
mod json;
mod python;
mod template;

use super::Tokenizer;
use guard::Guard;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions for the whole chat.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The name that templates use.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What; of the assistant, everything including `<think>…</think>`.
    pub content: String,
}

impl Message {
    /// A message.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// What the prompt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatOptions {
    /// Whether the prompt ends where the assistant's answer begins; else it is but the chat so far.
    pub answer: bool,
    /// Whether the model may think before it answers. Only templates with a switch for it (Qwen3) read it.
    pub thinking: bool,
}

impl Default for ChatOptions {
    /// An answer, with thinking: what Qwen3's own template does unless told otherwise.
    fn default() -> Self {
        Self { answer: true, thinking: true }
    }
}

/// The families whose chats are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Qwen3, as of its release: thoughts of earlier turns are left out; thinking can be switched off.
    Qwen3,
    /// SmolLM2: with a system message of its own when a chat has none.
    SmolLm2,
}

impl Family {
    /// The family whose special tokens a tokenizer has.
    pub fn of(tokenizer: &Tokenizer) -> Option<Self> {
        let has = |text: &str| tokenizer.added_tokens().any(|(_, token)| token == text);
        if !has("<|im_start|>") || !has("<|im_end|>") {
            return None;
        }
        if has("<think>") && has("</think>") {
            return Some(Self::Qwen3);
        }
        has("<jupyter_code>").then_some(Self::SmolLm2)
    }
}

/// A chat that cannot become a prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// The file has no template, and is of no family whose chats are built in.
    #[error("the model file has no chat template, and it is neither Qwen3 nor SmolLM2")]
    NoTemplate,
    /// The template does not parse, or does something that is not supported.
    #[error("the model's chat template does not work{}: {message}", line.map_or_else(String::new, |line| format!(", line {line}")))]
    Template {
        /// What is wrong.
        message: String,
        /// Where in the template, from 1.
        line: Option<usize>,
    },
    /// The template itself objects, for example to two user messages in a row.
    #[error("the model's chat template does not take this chat: {0}")]
    Refused(String),
    /// The template asks what day it is.
    #[error("the model's chat template asks for the date (`strftime_now`), and the engine has no clock")]
    NeedsClock,
    /// The template does not come to an end, or its text does not.
    #[error("the model's chat template does too much: {0}")]
    TooMuch(String),
    /// The messages and the template use every character that could be a guard.
    #[error("the messages contain all noncharacters from U+FDD0 to U+FDEF; take one of them out")]
    NoGuard,
}

/// How chats become prompts for one model.
#[derive(Clone, Debug)]
pub struct ChatTemplate {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Jinja(template::Template),
    BuiltIn(Family),
}

impl ChatTemplate {
    /// The template in the tokenizer's file, else the one of its family.
    ///
    /// # Errors
    /// When there is neither, or the file's does not parse.
    pub fn of(tokenizer: &Tokenizer) -> Result<Self, ChatError> {
        match tokenizer.chat_template() {
            Some(source) => Self::parse(source),
            None => Family::of(tokenizer).map(Self::built_in).ok_or(ChatError::NoTemplate),
        }
    }

    /// A Jinja template as model files have it.
    ///
    /// # Errors
    /// When it does not parse.
    pub fn parse(source: &str) -> Result<Self, ChatError> {
        Ok(Self { kind: Kind::Jinja(template::Template::parse(source)?) })
    }

    /// The rules of a family, without any file.
    pub fn built_in(family: Family) -> Self {
        Self { kind: Kind::BuiltIn(family) }
    }

    /// The prompt for a chat. The tokenizer says what reads like a special token.
    ///
    /// # Errors
    /// When the template fails or objects.
    pub fn render(
        &self,
        tokenizer: &Tokenizer,
        messages: &[Message],
        options: ChatOptions,
    ) -> Result<Prompt, ChatError> {
        let source = match &self.kind {
            Kind::Jinja(template) => template.source(),
            Kind::BuiltIn(_) => "",
        };
        let texts = messages.iter().map(|message| message.content.as_str()).chain([source]);
        let guard = Guard::absent_from(texts).ok_or(ChatError::NoGuard)?;
        let guarded: Vec<Message> = messages
            .iter()
            .map(|Message { role, content }| {
                Message::new(*role, guard.put_into(content, *role, &tokenizer.added))
            })
            .collect();
        let text = match &self.kind {
            Kind::Jinja(template) => template.render(tokenizer, &guarded, options)?,
            Kind::BuiltIn(family) => builtin::render(*family, &guarded, options),
        };
        Ok(Prompt { text, guard })
    }
}

/// A chat as one text, ready for [`Tokenizer::encode_prompt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// With the guards.
    text: String,
    guard: Guard,
}

impl Prompt {
    /// The text, as `transformers` gives it. To tokenize it, use the prompt itself: only that still knows which
    /// `<|im_end|>` the template wrote.
    pub fn text(&self) -> Cow<'_, str> {
        self.unguarded(&self.text)
    }

    /// What an assistant has said of a message that it is to go on with. As in [`ChatTemplate::render`], its words are
    /// not taken for control tokens; `<think>` is one that it wrote.
    ///
    /// # Errors
    /// When the text has every character that could be a guard.
    pub fn begun(tokenizer: &Tokenizer, text: &str) -> Result<Self, ChatError> {
        let guard = Guard::absent_from([text].into_iter()).ok_or(ChatError::NoGuard)?;
        Ok(Self { text: guard.put_into(text, Role::Assistant, &tokenizer.added), guard })
    }

    pub(super) fn guarded(&self) -> &str {
        &self.text
    }

    /// A part of [`guarded`](Self::guarded) as it was meant.
    pub(super) fn unguarded<'text>(&self, part: &'text str) -> Cow<'text, str> {
        self.guard.take_out_of(part)
    }
}

#[cfg(test)]
mod tests;
