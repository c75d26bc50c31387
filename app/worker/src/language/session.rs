//! A loaded model, and the text whose keys and values its caches hold.

use std::sync::Arc;

use engine::kernels::Compute;
use engine::qwen::decoder::Logits;
use engine::qwen::generate::CHUNK;
use engine::qwen::hooks::Hooks;
use engine::qwen::{Decoder, Model};
use engine::tokenizer::Tokenizer;
use engine::tokenizer::chat::{ChatError, ChatTemplate};
use protocol::AppError;
use protocol::asking::Question;
use protocol::language::{Intervention, LanguageProgress, TextOf};

use super::asking::Adapted;
use super::errand::Errand;
use super::error;
use super::open::Recorded;
use super::switched::Switched;
use super::traced::LastAnswers;

/// Seconds that one pass over a piece of a prompt should take: a cancel is heard between two of them.
const PATIENCE: f64 = 0.25;
/// Tokens of the first piece, and the fewest of any: fewer would not share the unpacking of weights.
const FEWEST: usize = 8;

/// A loaded model and the text in its caches.
pub struct Session<C: Compute> {
    /// What the model is called in files.
    pub(super) name: String,
    pub(super) decoder: Decoder<C>,
    pub(super) model: Arc<Model<C>>,
    pub(super) tokenizer: Tokenizer,
    pub(super) template: Result<ChatTemplate, ChatError>,
    /// Its taps, if it is a WorldModel.
    pub(super) adapted: Option<Adapted<C>>,
    /// Tokens of the last chat, its answer included: what a look speaks of.
    pub(super) chat: Vec<u32>,
    /// Tokens whose keys and values are in the caches.
    cached: Vec<u32>,
    /// What was replaced while they were taken in.
    pub(super) switched: Switched,
    /// The last question that was answered with nothing replaced, and its text.
    pub(super) plain: Option<(Question, Vec<u32>)>,
    /// The last question's text as it was answered with something replaced, and that.
    pub(super) changed: Option<(Vec<u32>, Switched)>,
    /// The last answers, of which there may be files.
    pub(super) last: LastAnswers,
    /// The text whose numbers were opened last.
    pub(super) recorded: Option<Recorded>,
}

/// How taking in a text went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Tokens that were taken in; those before them were in the caches already.
    pub tokens: usize,
    /// Whether somebody stopped it before the end.
    pub stopped: bool,
}

impl<C: Compute> Session<C> {
    /// A model before any text.
    pub fn new(
        name: String,
        compute: C,
        model: Model<C>,
        tokenizer: Tokenizer,
        adapted: Option<Adapted<C>>,
        context: usize,
    ) -> Self {
        let model = Arc::new(model);
        let template = ChatTemplate::of(&tokenizer);
        Self {
            name,
            decoder: Decoder::new(compute, Arc::clone(&model), context),
            model,
            tokenizer,
            template,
            adapted,
            chat: Vec::new(),
            cached: Vec::new(),
            switched: Switched::default(),
            plain: None,
            changed: None,
            last: LastAnswers::default(),
            recorded: None,
        }
    }

    /// What computes, in words.
    pub fn device_name(&mut self) -> String {
        self.decoder.compute().name()
    }

    /// Positions at most.
    pub fn context(&self) -> usize {
        self.decoder.context()
    }

    /// A token as it is shown; one that the tokenizer does not know by its number.
    pub(super) fn shown(&self, token: u32) -> String {
        self.tokenizer.token_text(token).map_or_else(|| format!("<{token}>"), |text| text.into_owned())
    }

    /// Replaces the parts that are asked for and makes the caches hold exactly `tokens[..upto]`, computed that way.
    /// What they hold already of this text stays.
    ///
    /// # Errors
    /// When a part does not exist, the context is full or the device fails.
    pub(super) async fn take_in(
        &mut self,
        tokens: &[u32],
        upto: usize,
        interventions: &[Intervention],
        errand: &Errand<'_>,
    ) -> Result<Taken, AppError> {
        if !self.switched.serves(interventions, tokens) {
            let found = Switched::find(self, interventions, tokens, errand).await;
            // What the caches hold was computed another way.
            self.forget(0);
            let Some(switched) = found? else { return Ok(Taken { tokens: 0, stopped: true }) };
            self.switched = switched;
        }
        self.take_in_so(tokens, upto, errand).await
    }

    /// A text that was read, and what was replaced in it; `None` where that is not kept, because whoever asks says it. A text that is
    /// not there is empty.
    pub(super) fn text_of(&self, of: TextOf) -> (Vec<u32>, Option<Switched>) {
        match of {
            TextOf::Last => (self.chat.clone(), None),
            TextOf::Question => {
                let text = self.plain.as_ref().map(|(_, text)| text.clone());
                (text.unwrap_or_default(), Some(Switched::default()))
            }
            TextOf::Changed => {
                let (text, switched) = self.changed.clone().unwrap_or_default();
                (text, Some(switched))
            }
        }
    }

    /// What is replaced in a text, ready for a pass: as it was while the caches took it in, if that was the same.
    ///
    /// # Errors
    /// When a part does not exist, somebody stops it, or the device fails.
    pub(super) async fn switched_on(
        &mut self,
        interventions: &[Intervention],
        tokens: &[u32],
        errand: &Errand<'_>,
    ) -> Result<Switched, AppError> {
        if !self.switched.serves(interventions, tokens) {
            let found = Switched::find(self, interventions, tokens, errand).await;
            self.forget(0);
            self.switched = found?.ok_or_else(error::stopped)?;
        }
        Ok(self.switched.clone())
    }

    /// Makes the caches hold exactly `tokens[..upto]`, computed with what is replaced now.
    ///
    /// # Errors
    /// When the context is full or the device fails.
    pub(super) async fn take_in_so(
        &mut self,
        tokens: &[u32],
        upto: usize,
        errand: &Errand<'_>,
    ) -> Result<Taken, AppError> {
        let same = self.cached.iter().zip(tokens).take_while(|(cached, token)| cached == token).count();
        self.forget(same.min(upto));
        let from = self.cached.len();
        let mut hooks = self.switched.hooks.clone();
        let mut pace = Pace::new();
        while let Some(piece) = tokens.get(self.cached.len()..upto).filter(|piece| !piece.is_empty()) {
            let piece = piece.get(..pace.piece.min(piece.len())).unwrap_or(piece);
            let begin = errand.scope.seconds();
            self.forward(piece, Logits::None, &mut hooks)?;
            // A graphics device is only given its work: else all of the prompt would be, and nothing could stop it.
            self.decoder.compute().settle().await.map_err(|failure| error::compute(&failure))?;
            pace.took(errand.scope.seconds() - begin);
            let taken = self.cached.len() - from;
            errand.tell_now_and_then(LanguageProgress::Reading {
                tokens: taken,
                of: upto.saturating_sub(from),
            });
            if errand.is_to_stop().await {
                return Ok(Taken { tokens: taken, stopped: self.cached.len() < upto });
            }
        }
        Ok(Taken { tokens: self.cached.len() - from, stopped: false })
    }

    /// One pass over more tokens.
    ///
    /// # Errors
    /// When the context is full or the device fails.
    pub(super) fn forward(
        &mut self,
        tokens: &[u32],
        logits: Logits,
        hooks: &mut impl Hooks<C>,
    ) -> Result<Option<C::Rows>, AppError> {
        let rows = self.decoder.forward(tokens, logits, hooks).map_err(|failure| error::decoder(&failure))?;
        self.cached.extend_from_slice(tokens);
        Ok(rows)
    }

    /// From now on, this is replaced and nothing else.
    pub(super) fn switch_to(&mut self, switched: Switched) {
        if self.switched != switched {
            self.forget(0);
            self.switched = switched;
        }
    }

    /// Forgets the positions from `keep` on.
    pub(super) fn forget(&mut self, keep: usize) {
        self.cached.truncate(keep);
        self.decoder.truncate(keep);
    }

    /// Positions in the caches.
    pub(super) fn seen(&self) -> usize {
        self.cached.len()
    }
}

/// How many tokens a pass takes, by how long the last one took.
pub(super) struct Pace {
    /// Tokens of the next piece.
    pub piece: usize,
}

impl Pace {
    /// Begins with few.
    pub const fn new() -> Self {
        Self { piece: 2 * FEWEST }
    }

    /// The last piece took so many seconds.
    pub fn took(&mut self, seconds: f64) {
        self.piece = match seconds {
            _ if seconds < PATIENCE / 2.0 => self.piece * 2,
            _ if seconds > PATIENCE => self.piece / 2,
            _ => self.piece,
        }
        .clamp(FEWEST, CHUNK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_grow_while_they_are_quick_and_shrink_when_they_are_slow() {
        let mut pace = Pace::new();
        pace.took(0.01);
        assert_eq!(pace.piece, 32);
        pace.took(0.01);
        pace.took(0.01);
        assert_eq!(pace.piece, CHUNK);
        pace.took(0.2);
        assert_eq!(pace.piece, CHUNK);
        for _ in 0..9 {
            pace.took(5.0);
        }
        assert_eq!(pace.piece, FEWEST);
    }
}
