//! The next message of a chat.

use engine::kernels::{Compute, Top};
use engine::qwen::decoder::Logits;
use engine::qwen::generate::StopText;
use engine::qwen::sampling::{Sampler, Sampling};
use engine::tokenizer::chat::{self, Message, Prompt, Role};
use engine::tokenizer::{Shown, Special, TextStream};
use protocol::language::{
    ChatMessage, ChatOptions, ChatRole, LanguageProgress, Piece, Said, SaidEnding, Speed,
};
use protocol::{AppError, Problem};

use super::browser::memory;
use super::errand::Errand;
use super::error;
use super::session::Session;

/// Likely tokens told with each token.
const OTHERS: usize = 5;

impl<C: Compute> Session<C> {
    /// Writes the next message, token after token.
    ///
    /// # Errors
    /// When the chat makes no prompt, does not fit the context, or the device fails.
    pub async fn chat(
        &mut self,
        messages: &[ChatMessage],
        options: &ChatOptions,
        errand: &Errand<'_>,
    ) -> Result<Said, AppError> {
        let begin = errand.scope.seconds();
        let sampler = sampler(options)?;
        let prompt = self.prompt(messages, options)?;
        let context = self.context();
        if prompt.len() > context {
            let message = format!("the chat has {} tokens; the context ends at {context}", prompt.len());
            let remedy = "Begin a new chat, shorten it, or load the model with a longer context.";
            return Err(error::error(Problem::BadRequest, message, remedy));
        }
        let first = prompt.len();
        let Some(before_last) = first.checked_sub(1) else {
            let message = "the text has no tokens: there is nothing to go on from";
            return Err(error::error(Problem::BadRequest, message, "Type something."));
        };
        let taken = self.take_in(&prompt, before_last, &options.interventions, errand).await?;
        self.chat = prompt;
        let mut writing = Writing::new(sampler, options);
        if taken.stopped {
            writing.ending = Some(SaidEnding::Cancelled);
        }
        let mut spoken = None;
        while writing.ending.is_none() {
            let token = self.next(&mut writing, options, errand).await?;
            if token {
                spoken.get_or_insert_with(|| errand.scope.seconds());
            }
            if writing.ending.is_none() && errand.is_to_stop().await {
                writing.ending = Some(SaidEnding::Cancelled);
            }
        }
        let end = errand.scope.seconds();
        let spoken = spoken.unwrap_or(end);
        // Without an answer nobody waited for what a graphics device was given.
        let read = writing.answered.map_or(0, |_| taken.tokens + 1);
        let read_seconds = writing.answered.unwrap_or(end) - begin;
        let ending = writing.ending.unwrap_or(SaidEnding::End);
        Ok(Said {
            text: writing.finish(),
            ending,
            tokens: self.chat.iter().map(|token| self.shown(*token)).collect(),
            first,
            speed: Speed {
                read,
                read_seconds,
                first_seconds: spoken - begin,
                written: self.chat.len() - first,
                written_seconds: end - spoken,
                dispatches: writing.dispatches,
                memory: memory(),
            },
        })
    }

    /// Adds one token to the chat, or sets the ending; says whether there was one.
    async fn next(
        &mut self,
        writing: &mut Writing,
        options: &ChatOptions,
        errand: &Errand<'_>,
    ) -> Result<bool, AppError> {
        if writing.written >= options.tokens {
            writing.ending = Some(SaidEnding::Tokens);
            return Ok(false);
        }
        let seen = self.seen();
        if seen >= self.context() {
            writing.ending = Some(SaidEnding::Context);
            return Ok(false);
        }
        let before = self.decoder.compute().dispatches();
        let unseen = self.chat.get(seen..).unwrap_or_default().to_vec();
        let mut hooks = self.switched.hooks.clone();
        let Some(logits) = self.forward(&unseen, Logits::Last, &mut hooks)? else { return Ok(false) };
        let drawn = writing.draw(self.decoder.compute(), &logits, &self.chat).await;
        let (token, top) = drawn.map_err(|failure| error::compute(&failure))?;
        writing.answered.get_or_insert_with(|| errand.scope.seconds());
        writing.dispatches = self.decoder.compute().dispatches() - before;
        let Some((token, logit)) = token.filter(|(token, _)| !self.tokenizer.ends().contains(token)) else {
            writing.ending = Some(SaidEnding::End);
            return Ok(false);
        };
        self.chat.push(token);
        writing.written += 1;
        let (text, stopped) = writing.stops.push(&writing.stream.push(&self.tokenizer, token));
        writing.text.push_str(&text);
        let others = top.largest.iter().take(OTHERS);
        let others = others.map(|(token, logit)| (self.shown(*token), top.probability(*logit))).collect();
        errand.tell(LanguageProgress::Token(Piece {
            token,
            text,
            probability: top.probability(logit),
            others,
        }));
        if stopped {
            writing.ending = Some(SaidEnding::Stop);
        }
        Ok(true)
    }

    /// The tokens that the message follows.
    fn prompt(&self, messages: &[ChatMessage], options: &ChatOptions) -> Result<Vec<u32>, AppError> {
        let text = |failure| error::text(&failure);
        if options.plain {
            let plain: String = messages.iter().map(|message| message.content.as_str()).collect();
            return self.tokenizer.encode(&plain, Special::AsText, true).map_err(text);
        }
        let template = self.template.as_ref().map_err(error::chat)?;
        let (before, begun) = match messages.split_last() {
            Some((last, before)) if options.continues && last.role == ChatRole::Assistant => {
                (before, Some(last.content.as_str()))
            }
            _ => (messages, None),
        };
        let before: Vec<Message> = before.iter().map(message).collect();
        let how = chat::ChatOptions { answer: true, thinking: options.thinking };
        let prompt =
            template.render(&self.tokenizer, &before, how).map_err(|failure| error::chat(&failure))?;
        let mut tokens = self.tokenizer.encode_prompt(&prompt).map_err(text)?;
        if let Some(begun) = begun {
            let begun = Prompt::begun(&self.tokenizer, begun).map_err(|failure| error::chat(&failure))?;
            tokens.extend(self.tokenizer.encode_prompt(&begun).map_err(text)?);
        }
        Ok(tokens)
    }
}

/// A message while it is written.
struct Writing {
    sampler: Sampler,
    stream: TextStream,
    stops: StopText,
    text: String,
    written: usize,
    /// Dispatches of the last token.
    dispatches: usize,
    /// When the first logits were there, and with them all that the device had been given before.
    answered: Option<f64>,
    ending: Option<SaidEnding>,
}

impl Writing {
    fn new(sampler: Sampler, options: &ChatOptions) -> Self {
        Self {
            sampler,
            stream: TextStream::new(Shown::WithoutSpecial),
            stops: StopText::new(options.stops.clone()),
            text: String::new(),
            written: 0,
            dispatches: 0,
            answered: None,
            ending: None,
        }
    }

    /// The next token with its logit before sampling, and the highest logits.
    async fn draw<C: Compute>(
        &mut self,
        compute: &mut C,
        logits: &C::Rows,
        past: &[u32],
    ) -> Result<(Option<(u32, f32)>, Top), engine::kernels::ComputeError> {
        if let Some(count) = self.sampler.needs() {
            let top = compute.top(logits, count.max(OTHERS)).await?.pop().unwrap_or_default().of_numbers()?;
            let token =
                self.sampler.draw_from(top.largest.get(..count.min(top.largest.len())).unwrap_or_default());
            let drawn =
                token.and_then(|token| top.largest.iter().find(|(other, _)| *other == token).copied());
            return Ok((drawn, top));
        }
        let logits = compute.read(logits).await?;
        let top = Top::of(&logits, OTHERS).of_numbers()?;
        let token = self.sampler.draw(&mut logits.clone(), past);
        Ok((token.and_then(|token| Some((token, *logits.get(token as usize)?))), top))
    }

    /// The whole text, with what was held back in case it began a stop text.
    fn finish(&mut self) -> String {
        if self.ending != Some(SaidEnding::Stop) {
            let (rest, found) = self.stops.push(&self.stream.finish());
            self.text.push_str(&rest);
            if !found {
                self.text.push_str(&self.stops.finish());
            }
        }
        std::mem::take(&mut self.text)
    }
}

fn sampler(options: &ChatOptions) -> Result<Sampler, AppError> {
    let sampling = Sampling {
        temperature: options.temperature,
        top_k: options.top_k,
        top_p: options.top_p,
        repetition_penalty: options.repetition_penalty,
        seed: options.seed,
        ..Sampling::default()
    };
    Sampler::new(sampling).map_err(|failure| error::sampling(&failure))
}

fn message(message: &ChatMessage) -> Message {
    let role = match message.role {
        ChatRole::System => Role::System,
        ChatRole::User => Role::User,
        ChatRole::Assistant => Role::Assistant,
    };
    Message::new(role, message.content.as_str())
}
