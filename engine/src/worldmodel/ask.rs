//! A question from beginning to end.
//!
//! The text stream reads the question and writes a plan; at `<wat_model>` each tap writes a program; all are run and scored; the
//! chosen one's result is put into the text between `<computed>` and `</computed>`, and the text stream goes on from there.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Failure};
use super::expression::Given;
use super::numbers::Operands;
use super::original;
use super::program::{self, Outcome};
use super::selection::{self, Score, Selection, Terms};
use super::taps::{Memory, Taps, Written};
use super::transcript::{
    ALONE, ASSISTANT, COMPUTED, COMPUTED_END, END, PROGRAM, THINK, THOUGHT, TranscriptError, Writer,
    computed_text,
};
use crate::kernels::{Compute, ComputeError};
use crate::qwen::decoder::Logits;
use crate::qwen::hooks::{Hook, Recorder};
use crate::qwen::{Decoder, DecoderError};
use crate::sandbox::{Grant, Limits};
use crate::tokenizer::{Shown, Tokenizer};

/// A text stream with its taps, for as long as a question takes.
pub struct WorldModel<'a, C: Compute> {
    /// The text stream.
    pub decoder: &'a mut Decoder<C>,
    /// The WASM streams.
    pub taps: &'a Taps<C>,
    /// Text ⇄ tokens.
    pub tokenizer: &'a Tokenizer,
    /// How candidates are chosen.
    pub selection: &'a Selection,
}

/// By which rule a candidate is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// The trained one.
    #[default]
    Trained,
    /// The published system's ([`original`]).
    Original,
    /// None: the tap with this index, first to last.
    Tap(usize),
}

/// How a question is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What a program may use.
    pub limits: Limits,
    /// Functions of the host that it may call.
    pub granted: Vec<Grant>,
    /// Tokens that the text stream writes at most.
    pub tokens: usize,
    /// WAT tokens that a tap writes at most.
    pub program_tokens: usize,
    /// Whether the model answers by itself instead.
    pub alone: bool,
    /// How one of the programs is chosen.
    pub choice: Choice,
    /// Programs to be run in place of the taps' own, first to last; of an ordinary question none. With any, the model is not asked
    /// whether there is something to compute.
    pub programs: Vec<Vec<program::Token>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: program::LIMITS,
            granted: Vec::new(),
            tokens: 200,
            program_tokens: 256,
            alone: false,
            choice: Choice::Trained,
            programs: Vec::new(),
        }
    }
}

/// What one tap wrote, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The layer it was written behind: 3, 7 or 11.
    pub layer: usize,
    /// The program.
    pub written: Written,
    /// Its run.
    pub outcome: Outcome,
    /// What is known of it.
    pub terms: Terms,
    /// What that counts.
    pub score: Score,
    /// What the published rule says of it.
    pub original: original::Judged,
}

/// Where a token of the text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The question.
    Question,
    /// The model wrote it.
    Model,
    /// It was put in, from a program's run.
    Computed,
}

/// A question with everything that followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What was found in the question.
    pub operands: Operands,
    /// The whole text, with where each token comes from.
    pub tokens: Vec<(u32, Source)>,
    /// The plan, as the model wrote it; empty where it wrote none.
    pub plan: String,
    /// The programs, one a tap; empty where the model saw nothing to compute.
    pub candidates: Vec<Candidate>,
    /// Which of them was chosen.
    pub chosen: Option<usize>,
    /// Which of them the published rule chooses.
    pub by_original: Option<usize>,
    /// What the model said.
    pub reply: String,
    /// Whether it came to its end; else it was cut off.
    pub ended: bool,
}

impl Asked {
    /// What the chosen program came to.
    pub fn result(&self) -> Option<&Result<Answer, Failure>> {
        self.chosen.and_then(|chosen| self.candidates.get(chosen)).map(|candidate| &candidate.outcome.answer)
    }
}

/// What happens while a question is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A token of the text was written, or put in.
    Token(u32, Source),
    /// A tap, by its index, wrote a token of its program.
    Wat(usize, program::Token),
    /// All candidates were run; the one with this index was chosen.
    Chosen(Option<usize>),
}

/// Why a question cannot be answered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AskError {
    /// The tokenizer.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// The text stream: a question longer than the context, for instance.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    /// The device.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// There is no question.
    #[error("the question is empty")]
    Empty,
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

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
    /// Answers a question. `each` is told what happens, may rest, and says whether to go on.
    ///
    /// # Errors
    /// When the question is longer than the context, the device fails, or `each` says so.
    pub async fn ask(
        &mut self,
        question: &str,
        settings: &Settings,
        mut each: impl AsyncFnMut(Event) -> bool,
    ) -> Result<Asked, AskError> {
        if question.trim().is_empty() {
            return Err(AskError::Empty);
        }
        let operands = Operands::find(question);
        let marks = self.marks()?;
        let writer = Writer::new(self.tokenizer)?;
        let mark = if settings.alone { ALONE } else { ASSISTANT };
        let prompt = writer.question(question, &operands, mark)?;
        let mut asked = Asked {
            operands,
            tokens: prompt.tokens.iter().map(|&token| (token, Source::Question)).collect(),
            plan: String::new(),
            candidates: Vec::new(),
            chosen: None,
            by_original: None,
            reply: String::new(),
            ended: false,
        };
        self.decoder.truncate(0);
        let mut memory = Memory::new(self.taps, self.decoder.compute());
        let mut next = self.read(&mut memory, &prompt.tokens, &prompt.operands).await?;
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
            next = match self.read(&mut memory, &[token], &[0]).await {
                Ok(next) => next,
                Err(error) => return self.cut_off(asked, &marks, error),
            };
            if token == marks.program && asked.candidates.is_empty() {
                self.compute(question, settings, &memory, &mut asked, &mut each).await?;
                if !each(Event::Chosen(asked.chosen)).await {
                    return Err(AskError::Stopped);
                }
                let computed = self.computed(&asked, &marks)?;
                for &token in &computed {
                    asked.tokens.push((token, Source::Computed));
                    each(Event::Token(token, Source::Computed)).await;
                }
                next = match self.read(&mut memory, &computed, &vec![0; computed.len()]).await {
                    Ok(next) => next,
                    Err(error) => return self.cut_off(asked, &marks, error),
                };
            }
        }
        (asked.plan, asked.reply) = self.texts(&asked.tokens, &marks);
        Ok(asked)
    }

    /// A full context ends an answer where it is; what was computed stays. Other errors are errors.
    fn cut_off(&self, mut asked: Asked, marks: &Marks, error: AskError) -> Result<Asked, AskError> {
        if !matches!(error, AskError::Decoder(DecoderError::ContextFull { .. })) {
            return Err(error);
        }
        (asked.plan, asked.reply) = self.texts(&asked.tokens, marks);
        Ok(asked)
    }

    /// Lets every tap write, runs what they wrote, and chooses.
    async fn compute(
        &mut self,
        question: &str,
        settings: &Settings,
        memory: &Memory<C>,
        asked: &mut Asked,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<(), AskError> {
        let given = Given::from(&asked.operands);
        for (tap, &layer) in self.taps.config.behind.iter().enumerate() {
            let compute = self.decoder.compute();
            let mut go_on = true;
            let written = match settings.programs.get(tap) {
                Some(tokens) => Written { tokens: tokens.clone(), ended: true, ..Written::default() },
                None => {
                    let each = async |token| {
                        go_on = each(Event::Wat(tap, token)).await;
                        go_on
                    };
                    self.taps.write(compute, memory, tap, settings.program_tokens, each).await?
                }
            };
            if !go_on {
                return Err(AskError::Stopped);
            }
            let outcome = program::run(&written.tokens, &given, settings.limits, &settings.granted);
            let (terms, score) = (Terms::default(), Score::default());
            let original =
                original::Judged::before(question, asked.operands.numbers.len(), layer, &outcome.wat);
            asked.candidates.push(Candidate { layer, written, outcome, terms, score, original });
        }
        let answers: Vec<_> = asked.candidates.iter().map(|candidate| &candidate.outcome.answer).collect();
        let agreement = selection::agreement(&answers);
        for (tap, (candidate, agreement)) in asked.candidates.iter_mut().zip(agreement).enumerate() {
            let readout = self.selection.readouts.get(tap);
            candidate.terms = Terms {
                probability: candidate.written.log_probability(),
                weakest: candidate.written.weakest(),
                agreement,
                ran: if candidate.outcome.answer.is_ok() { 1.0 } else { 0.0 },
                state: readout.map_or(0.0, |readout| readout.read(&candidate.written.state)),
            };
            candidate.score = self.selection.weights.score(tap, &candidate.terms);
        }
        let totals: Vec<f32> = asked.candidates.iter().map(|candidate| candidate.score.total).collect();
        let mut judged: Vec<_> = asked.candidates.iter().map(|candidate| candidate.original).collect();
        let outcomes: Vec<_> = asked
            .candidates
            .iter()
            .map(|candidate| (candidate.outcome.wat.as_str(), &candidate.outcome.answer))
            .collect();
        asked.by_original = original::choose(question, &mut judged, &outcomes);
        for (candidate, judged) in asked.candidates.iter_mut().zip(judged) {
            candidate.original = judged;
        }
        asked.chosen = match settings.choice {
            Choice::Trained => selection::chosen(&totals),
            Choice::Original => asked.by_original,
            Choice::Tap(tap) => (tap < asked.candidates.len()).then_some(tap),
        };
        Ok(())
    }

    /// Takes more text in, for the taps as well, and says which token the model would write next.
    async fn read(
        &mut self,
        memory: &mut Memory<C>,
        tokens: &[u32],
        operands: &[u8],
    ) -> Result<Option<u32>, AskError> {
        let behind = &self.taps.config.behind;
        let places = behind.iter().map(|layer| (layer.saturating_sub(1), Hook::ResidPost));
        let mut recorder = Recorder::new(places.clone(), []);
        let logits = self.decoder.forward(tokens, Logits::Last, &mut recorder)?;
        let streams: Vec<C::Rows> = places.filter_map(|place| recorder.rows.remove(&place)).collect();
        memory.extend(self.taps, self.decoder.compute(), &streams, operands)?;
        let Some(logits) = logits else { return Ok(None) };
        let top = self.decoder.compute().top(&logits, 1).await?.pop();
        Ok(top.and_then(|top| top.largest.first().map(|&(token, _)| token)))
    }

    /// The tokens of the chosen program's result, with the marks around them.
    fn computed(&self, asked: &Asked, marks: &Marks) -> Result<Vec<u32>, AskError> {
        let text = asked.result().map(computed_text).unwrap_or_default();
        let tokens = Writer::new(self.tokenizer)?.text(&text)?;
        Ok(std::iter::once(marks.computed).chain(tokens).chain([marks.computed_end]).collect())
    }

    /// The plan, and the reply: what the model wrote outside of everything else.
    fn texts(&self, tokens: &[(u32, Source)], marks: &Marks) -> (String, String) {
        let (mut plan, mut reply) = (Vec::new(), Vec::new());
        let mut thinking = false;
        for &(token, source) in tokens {
            match token {
                token if token == marks.think => thinking = true,
                // A program ends the thinking, too, where the model forgets to.
                token if token == marks.thought || token == marks.program => thinking = false,
                _ if source != Source::Model => {}
                token if thinking => plan.push(token),
                token => reply.push(token),
            }
        }
        (self.tokenizer.decode(&plan, Shown::All), self.tokenizer.decode(&reply, Shown::WithoutSpecial))
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
