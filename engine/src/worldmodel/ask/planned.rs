//! A text stream that was trained together with its taps: it plans, they write.

use super::writing::likeliest;
use super::{AskError, Asked, Event, Settings, Source, Way, WorldModel};
use crate::kernels::Compute;
use crate::qwen::DecoderError;
use crate::qwen::decoder::Logits;
use crate::qwen::interventions::Interventions;
use crate::tokenizer::Shown;
use crate::worldmodel::numbers::Operands;
use crate::worldmodel::taps::{Memory, streams};
use crate::worldmodel::transcript::{
    ALONE, ASSISTANT, COMPUTED, COMPUTED_END, END, ORDER, PROGRAM, THINK, THOUGHT, TranscriptError, Writer,
    computed_text,
};

/// The marks that steer a text.
struct Marks {
    end: u32,
    think: u32,
    thought: u32,
    program: u32,
    computed: u32,
    computed_end: u32,
}

impl<C: Compute> WorldModel<'_, C> {
    /// Answers a question by a plan and what the taps make of it.
    pub(super) async fn planned(
        &mut self,
        question: &str,
        settings: &Settings,
        mut each: impl AsyncFnMut(Event) -> bool,
    ) -> Result<Asked, AskError> {
        let operands = Operands::find(question);
        let marks = self.marks()?;
        let writer = Writer::new(self.tokenizer)?;
        let mark = if settings.alone { ALONE } else { ASSISTANT };
        let prompt = writer.question(question, &operands, mark)?;
        let mut asked = Asked::new(operands, &prompt.tokens, Way::Planned);
        self.decoder.truncate(0);
        let mut memory = Memory::new(self.taps, self.decoder.compute());
        let mut hooks = settings.interventions.clone();
        let mut next = self.read(&mut memory, &prompt.tokens, &prompt.operands, &mut hooks).await?;
        if !settings.programs.is_empty() {
            next = Some(marks.program);
        }
        for _ in 0..settings.tokens {
            let Some(token) = next else { break };
            if token == marks.end {
                asked.ended = true;
                break;
            }
            asked.tokens.push((token, Source::Model));
            if !each(Event::Token(token, Source::Model)).await {
                return Err(AskError::Stopped);
            }
            next = match self.read(&mut memory, &[token], &[0], &mut hooks).await {
                Ok(next) => next,
                Err(error) => return self.cut_off(asked, &marks, error),
            };
            if token == marks.program && asked.candidates.is_empty() {
                self.compute(question, settings, &memory, &mut asked, &mut each).await?;
                if !each(Event::Chosen(asked.chosen)).await {
                    return Err(AskError::Stopped);
                }
                if !settings.reply {
                    break;
                }
                let computed = self.computed(&asked, &marks)?;
                for &token in &computed {
                    asked.tokens.push((token, Source::Computed));
                    each(Event::Token(token, Source::Computed)).await;
                }
                next = match self.read(&mut memory, &computed, &vec![0; computed.len()], &mut hooks).await {
                    Ok(next) => next,
                    Err(error) => return self.cut_off(asked, &marks, error),
                };
            }
        }
        self.read_texts(&mut asked, &marks);
        Ok(asked)
    }

    /// A full context ends an answer where it is; what was computed stays. Other errors are errors.
    fn cut_off(&self, mut asked: Asked, marks: &Marks, error: AskError) -> Result<Asked, AskError> {
        if !matches!(error, AskError::Decoder(DecoderError::ContextFull { .. })) {
            return Err(error);
        }
        self.read_texts(&mut asked, marks);
        Ok(asked)
    }

    /// Takes more text in, for the taps as well, and says which token the model would write next.
    async fn read(
        &mut self,
        memory: &mut Memory<C>,
        tokens: &[u32],
        operands: &[u8],
        hooks: &mut Interventions,
    ) -> Result<Option<u32>, AskError> {
        let (streams, logits) = streams(self.decoder, &self.taps.config.behind, tokens, Logits::Last, hooks)?;
        memory.extend(self.taps, self.decoder.compute(), &streams, operands)?;
        Ok(likeliest(self.decoder, logits).await?)
    }

    /// The tokens of the chosen program's result, with the marks around them.
    fn computed(&self, asked: &Asked, marks: &Marks) -> Result<Vec<u32>, AskError> {
        let text = asked.result().map(computed_text).unwrap_or_default();
        let tokens = Writer::new(self.tokenizer)?.text(&text)?;
        Ok(std::iter::once(marks.computed).chain(tokens).chain([marks.computed_end]).collect())
    }

    /// Reads off the plan, its order, and the reply: what the model wrote outside of everything else.
    fn read_texts(&self, asked: &mut Asked, marks: &Marks) {
        let (mut plan, mut reply) = (Vec::new(), Vec::new());
        let mut thinking = false;
        for &(token, source) in &asked.tokens {
            match token {
                token if token == marks.think => thinking = true,
                // A program ends the thinking, too, where the model forgets to.
                token if token == marks.thought || token == marks.program => thinking = false,
                _ if source != Source::Model => {}
                token if thinking => plan.push(token),
                token => reply.push(token),
            }
        }
        let plan = self.tokenizer.decode(&plan, Shown::All);
        let (plan, order) = plan.split_once(ORDER).unwrap_or((&plan, ""));
        (asked.plan, asked.order) = (plan.to_owned(), order.to_owned());
        asked.reply = self.tokenizer.decode(&reply, Shown::WithoutSpecial);
    }

    fn marks(&self) -> Result<Marks, TranscriptError> {
        let writer = Writer::new(self.tokenizer)?;
        Ok(Marks {
            end: writer.mark(END)?,
            think: writer.mark(THINK)?,
            thought: writer.mark(THOUGHT)?,
            program: writer.mark(PROGRAM)?,
            computed: writer.mark(COMPUTED)?,
            computed_end: writer.mark(COMPUTED_END)?,
        })
    }
}
