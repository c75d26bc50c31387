//! A base that was trained by others: taps read the question, and the base says what came of their programs.

use super::writing::{Speaker, likeliest};
use super::{AskError, Asked, Event, Settings, Way, WorldModel};
use crate::kernels::Compute;
use crate::qwen::decoder::Logits;
use crate::worldmodel::chat::{Asking, Reader};
use crate::worldmodel::numbers::Operands;
use crate::worldmodel::taps::{Memory, streams};

impl<C: Compute> WorldModel<'_, C> {
    /// Answers a question by the base's chat. Where the taps see nothing to compute, the base answers by itself.
    pub(super) async fn frozen(
        &mut self,
        question: &str,
        settings: &Settings,
        mut each: impl AsyncFnMut(Event) -> bool,
    ) -> Result<Asked, AskError> {
        let operands = Operands::find(question);
        let Asking { prompt, preface } = Reader::new(self.tokenizer)?.question(&[], question, &operands)?;
        let mut asked = Asked::new(operands, &prompt.tokens, Way::Frozen);
        let (before, read) = prompt.tokens.split_at_checked(preface).unwrap_or_default();
        let (_, operands) = prompt.operands.split_at_checked(preface).unwrap_or_default();
        let mut hooks = settings.interventions.clone();
        self.decoder.truncate(0);
        if !before.is_empty() {
            self.decoder.forward(before, Logits::None, &mut hooks)?;
        }
        let behind = &self.taps.config.behind;
        let (streams, logits) = streams(self.decoder, behind, read, Logits::Last, &mut hooks)?;
        let mut next = likeliest(self.decoder, logits).await?;
        if !settings.alone {
            let mut memory = Memory::new(self.taps, self.decoder.compute());
            memory.extend(self.taps, self.decoder.compute(), &streams, operands)?;
            self.compute(question, settings, &memory, &mut asked, &mut each).await?;
            // The text's positions, not the memory's: nothing is read of the preface.
            asked.candidates.iter_mut().for_each(|candidate| candidate.written.unread(preface));
            if !each(Event::Chosen(asked.chosen)).await {
                return Err(AskError::Stopped);
            }
        }
        if !settings.reply {
            return Ok(asked);
        }
        let mut speaker = Speaker { decoder: self.decoder, tokenizer: self.tokenizer, hooks };
        if !asked.computes_nothing() {
            next = speaker.computed(&mut asked, &mut each).await?;
        }
        speaker.reply(&mut asked, next, settings, &mut each).await?;
        Ok(asked)
    }
}
