//! What a text stream writes by itself, token after token, the likeliest each time.

use super::{AskError, Asked, Event, Settings, Source};
use crate::kernels::{Compute, ComputeError};
use crate::qwen::decoder::Logits;
use crate::qwen::interventions::Interventions;
use crate::qwen::{Decoder, DecoderError};
use crate::tokenizer::{Shown, Special, Tokenizer};
use crate::worldmodel::transcript::{COMPUTED, COMPUTED_END, TranscriptError, computed_text};

/// How a base's answer begins behind a result. It was never trained to read one, and would speak of something else.
const ANSWER: &str = "The answer is";
/// How it begins behind the reason why there is none.
const NO_ANSWER: &str = "This cannot be computed:";

/// The token of the highest logit.
pub async fn likeliest<C: Compute>(
    decoder: &mut Decoder<C>,
    logits: Option<C::Rows>,
) -> Result<Option<u32>, ComputeError> {
    let Some(logits) = logits else { return Ok(None) };
    let top = decoder.compute().top(&logits, 1).await?.pop();
    Ok(top.and_then(|top| top.largest.first().map(|&(token, _)| token)))
}

/// A base that was trained by others, and what it says.
pub struct Speaker<'a, C: Compute> {
    /// The base.
    pub decoder: &'a mut Decoder<C>,
    /// Its tokenizer, whose ends are the answer's.
    pub tokenizer: &'a Tokenizer,
    /// What is replaced in it while it computes.
    pub hooks: Interventions,
}

impl<C: Compute> Speaker<'_, C> {
    /// Reads tokens, and says which would come next.
    pub async fn read(&mut self, tokens: &[u32]) -> Result<Option<u32>, AskError> {
        let logits = self.decoder.forward(tokens, Logits::Last, &mut self.hooks)?;
        Ok(likeliest(self.decoder, logits).await?)
    }

    /// Puts a program's result into the text and begins the answer, and says which token would come next.
    pub async fn computed(
        &mut self,
        asked: &mut Asked,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<Option<u32>, AskError> {
        let result = asked.result().map(computed_text).unwrap_or_default();
        let lead = if asked.result().is_some_and(Result::is_ok) { ANSWER } else { NO_ANSWER };
        let text = format!("{COMPUTED}{result}{COMPUTED_END}\n{lead}");
        lead.clone_into(&mut asked.reply);
        let tokens =
            self.tokenizer.encode(&text, Special::AsText, false).map_err(TranscriptError::Tokenizer)?;
        for &token in &tokens {
            asked.tokens.push((token, Source::Computed));
            each(Event::Token(token, Source::Computed)).await;
        }
        match self.read(&tokens).await {
            Err(AskError::Decoder(DecoderError::ContextFull { .. })) => Ok(None),
            read => read,
        }
    }

    /// Writes from a token on what the base says, until it ends or may not go on. A full context ends an answer where it is.
    pub async fn reply(
        &mut self,
        asked: &mut Asked,
        mut next: Option<u32>,
        settings: &Settings,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<(), AskError> {
        let mut reply = Vec::new();
        while let Some(token) = next {
            if self.tokenizer.ends().contains(&token) {
                asked.ended = true;
                break;
            }
            if reply.len() >= settings.tokens {
                break;
            }
            reply.push(token);
            asked.tokens.push((token, Source::Model));
            if !each(Event::Token(token, Source::Model)).await {
                return Err(AskError::Stopped);
            }
            next = match self.read(&[token]).await {
                Err(AskError::Decoder(DecoderError::ContextFull { .. })) => None,
                read => read?,
            };
        }
        asked.reply.push_str(&self.tokenizer.decode(&reply, Shown::WithoutSpecial));
        Ok(())
    }
}
