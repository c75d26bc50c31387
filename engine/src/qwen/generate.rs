//! Token after token.

use super::decoder::{Decoder, DecoderError, Logits};
use super::hooks::Hooks;
use super::sampling::Sampler;
use crate::kernels::{Compute, Top};

/// Tokens taken in by one pass of a prompt: enough to share the unpacking of weights, few enough that a cancel is
/// heard soon.
pub const CHUNK: usize = 64;

/// A text being written.
///
/// Cancelling is not calling [`Generation::prefill`] or [`Generation::next`] any more.
pub struct Generation {
    sampler: Sampler,
    /// All tokens: those the decoder has seen, and those it has still to see.
    tokens: Vec<u32>,
    stop: Vec<u32>,
}

impl Generation {
    /// A generation that goes on from `prompt`, until one of the tokens `stop`.
    pub fn new(prompt: Vec<u32>, stop: Vec<u32>, sampler: Sampler) -> Self {
        Self { sampler, tokens: prompt, stop }
    }

    /// All tokens so far, the prompt's first.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Takes in some of the prompt, and says how many tokens are left besides the last one, which
    /// [`Generation::next`] takes in itself.
    ///
    /// # Errors
    /// When the context is full or the device fails.
    pub fn prefill<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        hooks: &mut impl Hooks<C>,
    ) -> Result<usize, DecoderError> {
        let (seen, end) = (decoder.seen(), self.tokens.len().saturating_sub(1));
        let upto = end.min(seen + CHUNK);
        if let Some(chunk) = self.tokens.get(seen..upto).filter(|chunk| !chunk.is_empty()) {
            decoder.forward(chunk, Logits::None, hooks)?;
        }
        Ok(end.saturating_sub(decoder.seen()))
    }

    /// The next token; `None` where the model ends the text, or where there is nothing to go on from.
    ///
    /// # Errors
    /// When the context is full, the device fails, or the logits are no numbers.
    pub async fn next<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        hooks: &mut impl Hooks<C>,
    ) -> Result<Option<u32>, DecoderError> {
        // The last token's logits are needed, even where the decoder has seen it already.
        if decoder.seen() >= self.tokens.len() {
            decoder.truncate(self.tokens.len().saturating_sub(1));
        }
        while self.prefill(decoder, hooks)? > 0 {}
        let unseen = self.tokens.get(decoder.seen()..).filter(|unseen| !unseen.is_empty());
        let Some(unseen) = unseen else { return Ok(None) };
        let Some(logits) = decoder.forward(unseen, Logits::Last, hooks)? else { return Ok(None) };
        let drawn = match self.sampler.needs() {
            Some(count) => {
                let top = decoder.compute().top(&logits, count).await?.pop().unwrap_or_default();
                self.sampler.draw_from(&top.of_numbers()?.largest)
            }
            None => {
                let mut logits = decoder.compute().read(&logits).await?;
                Top::of(&logits, 1).of_numbers()?;
                self.sampler.draw(&mut logits, &self.tokens)
            }
        };
        let Some(token) = drawn.filter(|token| !self.stop.contains(token)) else { return Ok(None) };
        self.tokens.push(token);
        Ok(Some(token))
    }
}

/// Finds texts that end an answer, in pieces as they arrive.
#[derive(Clone, Debug, Default)]
pub struct StopText {
    stops: Vec<String>,
    held: String,
}

impl StopText {
    /// Stops at the first of these texts; empty ones are ignored.
    pub fn new(stops: impl IntoIterator<Item = String>) -> Self {
        Self { stops: stops.into_iter().filter(|stop| !stop.is_empty()).collect(), held: String::new() }
    }

    /// Takes a piece; gives the text that surely belongs to the answer, and whether it ends there.
    pub fn push(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        let found = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min();
        if let Some(end) = found {
            self.held.truncate(end);
            return (std::mem::take(&mut self.held), true);
        }
        let is_beginning = |at: usize| {
            let tail = self.held.get(at..).unwrap_or("");
            self.stops.iter().any(|stop| stop.starts_with(tail))
        };
        let keep = self.held.char_indices().map(|(at, _)| at).find(|&at| is_beginning(at));
        let rest = self.held.split_off(keep.unwrap_or(self.held.len()));
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back, once nothing more arrives.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_text_is_found_across_pieces_and_a_false_start_is_given_back() {
        let mut stop = StopText::new(["</a>".to_owned(), String::new()]);
        assert_eq!(stop.push("one <"), ("one ".to_owned(), false));
        assert_eq!(stop.push("/b> <"), ("</b> ".to_owned(), false));
        assert_eq!(stop.push("/"), (String::new(), false));
        assert_eq!(stop.push("a> three"), (String::new(), true));
        let mut stop = StopText::new(["</a>".to_owned()]);
        assert_eq!(stop.push("é</"), ("é".to_owned(), false));
        assert_eq!(stop.finish(), "</");
    }
}
