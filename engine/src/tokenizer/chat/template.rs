//! Jinja templates from model files, rendered the way `transformers` does: blocks leave no line behind, and
//! templates find `raise_exception`, `tojson` and Python's methods.
//!
//! A template is a program that somebody else wrote. It can reach nothing but the messages, its steps are counted
//! and so is what it writes and what it keeps.

use super::super::Tokenizer;
use super::{ChatError, ChatOptions, Message, bounded, json, python};
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};
use std::io::{self, Write};
use std::sync::Arc;

/// Steps a template may take: a chat of a thousand messages needs a tenth.
const FUEL: u64 = 2_000_000;
/// Bytes a prompt may have.
const LIMIT: usize = 16 << 20;
const NAME: &str = "chat_template";

/// A parsed template.
#[derive(Clone, Debug)]
pub(super) struct Template {
    environment: Arc<Environment<'static>>,
    source: String,
}

impl Template {
    pub(super) fn parse(source: &str) -> Result<Self, ChatError> {
        let mut environment = Environment::new();
        let syntax = environment.syntax().to_builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| explained(&error))?);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(python::method);
        environment.add_filter("tojson", json::tojson);
        environment.add_filter(bounded::FILTER, bounded::filter);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            let raised = Raised(message);
            Err(Error::new(ErrorKind::InvalidOperation, "raise_exception").with_source(raised))
        });
        environment.add_template_owned(NAME, bounded::source(source)).map_err(|error| explained(&error))?;
        Ok(Self { environment: Arc::new(environment), source: source.to_owned() })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn render(
        &self,
        tokenizer: &Tokenizer,
        messages: &[Message],
        options: ChatOptions,
    ) -> Result<String, ChatError> {
        let text_of = |id: Option<u32>| id.and_then(|id| tokenizer.token_text(id)).unwrap_or_default();
        let messages = messages.iter().map(|Message { role, content }| {
            context! { role => role.name(), content => content.as_str() }
        });
        let messages: Vec<Value> = messages.collect();
        let variables = context! {
            messages => messages,
            add_generation_prompt => options.answer,
            enable_thinking => options.thinking,
            bos_token => text_of(tokenizer.bos()),
            eos_token => text_of(tokenizer.eos()),
        };
        let mut prompt = Bounded(Vec::new());
        let template = self.environment.get_template(NAME).map_err(|error| explained(&error))?;
        template.render_captured_to(variables, &mut prompt).map_err(|error| explained(&error))?;
        String::from_utf8(prompt.0)
            .map_err(|error| ChatError::Template { message: error.to_string(), line: None })
    }
}

/// What a template said about a chat that it does not take.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Raised(String);

/// A prompt while it is written, up to a limit.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn explained(error: &Error) -> ChatError {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    if let Some(raised) = causes.find_map(|cause| cause.downcast_ref::<Raised>()) {
        return ChatError::Refused(raised.0.clone());
    }
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    if let Some(large) = causes.find_map(|cause| cause.downcast_ref::<bounded::TooLarge>()) {
        return ChatError::TooMuch(large.to_string());
    }
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownFunction if detail.contains("strftime_now") => ChatError::NeedsClock,
        ErrorKind::OutOfFuel => ChatError::TooMuch(format!("it takes more than {FUEL} steps")),
        ErrorKind::WriteFailure => ChatError::TooMuch(format!("its text has more than {LIMIT} bytes")),
        kind if detail.is_empty() => ChatError::Template { message: kind.to_string(), line: error.line() },
        kind => ChatError::Template { message: format!("{kind}: {detail}"), line: error.line() },
    }
}
