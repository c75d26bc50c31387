//! How fast a model is, and what it would choose: the two questions that tests and benchmarks ask.

use engine::kernels::Compute;
use engine::qwen::decoder::Logits;
use engine::qwen::generate::CHUNK;
use protocol::language::{LanguageProgress, Speed};
use protocol::{AppError, Problem};

use super::browser::memory;
use super::errand::Errand;
use super::error;
use super::session::Session;

/// Logits that are computed at once: 32 MiB of them.
const LOGITS: usize = 8 << 20;

impl<C: Compute> Session<C> {
    /// Reads a prompt of so many tokens in pieces of [`CHUNK`], which gives the first of the answer, and writes `tokens`
    /// more, the likeliest each. The caches begin empty, and one pass before it is not counted.
    ///
    /// # Errors
    /// When both together do not fit the context, somebody stops it, or the device fails.
    pub async fn measure(
        &mut self,
        prompt: usize,
        tokens: usize,
        errand: &Errand<'_>,
    ) -> Result<Speed, AppError> {
        let context = self.context();
        if prompt == 0 || prompt.saturating_add(tokens) > context {
            let message = format!("{prompt} tokens and {tokens} more do not fit the context of {context}");
            return Err(error::error(
                Problem::BadRequest,
                message,
                "Measure with fewer, but at least one of a prompt.",
            ));
        }
        self.begin_again();
        // The first pass finds the weights in no cache of the processor, and no kernel compiled.
        self.choice(&[0]).await?;
        self.forget(0);
        let vocabulary = self.model.config.vocabulary as u32;
        // Any tokens do: how long a pass takes does not depend on which.
        let text: Vec<u32> = (0..prompt as u32).map(|at| (100 + 7 * at) % vocabulary).collect();
        let (before, last) = text.split_at(prompt - 1);
        let begin = errand.scope.seconds();
        for piece in before.chunks(CHUNK) {
            self.forward(piece, Logits::None, &mut ())?;
            errand.tell_now_and_then(LanguageProgress::Reading { tokens: self.seen(), of: prompt + tokens });
            errand.go_on().await?;
        }
        // Waits for the logits, and with them for all passes before: a graphics device is only given them.
        let mut next = self.choice(last).await?;
        let first = errand.scope.seconds();
        let mut dispatches = 0;
        for _ in 0..tokens {
            let before = self.decoder.compute().dispatches();
            next = self.choice(&[next]).await?;
            dispatches = self.decoder.compute().dispatches() - before;
            errand.tell_now_and_then(LanguageProgress::Reading { tokens: self.seen(), of: prompt + tokens });
            errand.go_on().await?;
        }
        Ok(Speed {
            read: prompt,
            read_seconds: first - begin,
            first_seconds: first - begin,
            // The first came of the prompt.
            written: tokens + 1,
            written_seconds: errand.scope.seconds() - first,
            dispatches,
            memory: memory(),
        })
    }

    /// The likeliest token behind each position of a text from `skip` on.
    ///
    /// # Errors
    /// When the text does not fit the context, somebody stops it, or the device fails.
    pub async fn choose(
        &mut self,
        tokens: &[u32],
        skip: usize,
        errand: &Errand<'_>,
    ) -> Result<Vec<u32>, AppError> {
        self.begin_again();
        let (skipped, asked) = tokens.split_at(skip.min(tokens.len()));
        for piece in skipped.chunks(CHUNK) {
            self.forward(piece, Logits::None, &mut ())?;
            errand.go_on().await?;
        }
        let at_once = (LOGITS / self.model.config.vocabulary.max(1)).clamp(1, CHUNK);
        let mut chosen = Vec::with_capacity(asked.len());
        for piece in asked.chunks(at_once) {
            let Some(logits) = self.forward(piece, Logits::All, &mut ())? else { continue };
            let tops =
                self.decoder.compute().top(&logits, 1).await.map_err(|failure| error::compute(&failure))?;
            chosen.extend(tops.iter().filter_map(|top| top.largest.first()).map(|(token, _)| *token));
            errand.tell_now_and_then(LanguageProgress::Reading { tokens: self.seen(), of: tokens.len() });
            errand.go_on().await?;
        }
        Ok(chosen)
    }

    /// Empty caches, nothing switched off.
    fn begin_again(&mut self) {
        self.switched = Default::default();
        self.forget(0);
    }

    /// The likeliest token behind some more.
    async fn choice(&mut self, tokens: &[u32]) -> Result<u32, AppError> {
        let Some(logits) = self.forward(tokens, Logits::Last, &mut ())? else { return Ok(0) };
        let tops =
            self.decoder.compute().top(&logits, 1).await.map_err(|failure| error::compute(&failure))?;
        Ok(tops.first().and_then(|top| top.largest.first()).map_or(0, |(token, _)| *token))
    }
}
