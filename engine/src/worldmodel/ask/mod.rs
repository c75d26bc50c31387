//! A question from beginning to end.
//!
//! Three kinds of models are asked, each in its own way; how programs are run, scored and chosen is the same for all:
//!
//! - `planned`: a text stream that was trained together with its taps. It writes a plan; at `<wat_model>` each tap writes a
//!   program; the chosen one's result is put into the text between `<computed>` and `</computed>`, and the text stream goes on;
//! - `frozen`: taps on a base that was trained by others and knows nothing of them. They read the question; the result is put at
//!   the start of the base's answer;
//! - [`Prompted`]: a model without taps. It is told how programs are written and asked several times.

use serde::{Deserialize, Serialize};

mod frozen;
mod judge;
mod planned;
mod prompted;
#[cfg(test)]
pub(super) mod tests;
mod writing;

pub use judge::by_original;
pub use prompted::Prompted;

use super::adapter::Base;
use super::answer::{Answer, Failure};
use super::numbers::Operands;
use super::original;
use super::program::{self, Outcome};
use super::selection::{Score, Selection, Terms};
use super::taps::{Gate, Taps, Written};
use super::transcript::TranscriptError;
use crate::kernels::{Compute, ComputeError};
use crate::qwen::interventions::Interventions;
use crate::qwen::sampling::SamplingError;
use crate::qwen::{Decoder, DecoderError};
use crate::sandbox::{Grant, Limits};
use crate::tokenizer::Tokenizer;
use crate::tokenizer::chat::ChatError;

/// A text stream with its taps, for as long as a question takes.
pub struct WorldModel<'a, C: Compute> {
    /// Whether text stream and taps were trained together.
    pub base: Base,
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
    /// Whether the model says something behind the result; whoever only wants the programs need not wait for it.
    pub reply: bool,
    /// Programs to be run in place of the taps' own, first to last; of an ordinary question none. With any, the model is not asked
    /// whether there is something to compute.
    pub programs: Vec<Vec<program::Token>>,
    /// How often a model without taps is asked for a program.
    pub samples: usize,
    /// Decides what it writes then.
    pub seed: u64,
    /// What is replaced in the text stream while it computes.
    pub interventions: Interventions,
    /// The taps' gates that are opened otherwise than they were trained.
    pub gates: Vec<Gate>,
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
            reply: true,
            programs: Vec::new(),
            samples: 3,
            seed: 0,
            interventions: Interventions::default(),
            gates: Vec::new(),
        }
    }
}

/// What one tap wrote, or a model without taps in one of several attempts, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The layer it was written behind: 3, 7 or 11; of a model without taps the last.
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
    /// The order in which it is worked out, as the model wrote it; empty where it wrote none.
    pub order: String,
    /// Who wrote the programs.
    pub way: Way,
    /// The programs, one a tap; empty where the model saw nothing to compute. The taps of a frozen base say so by empty
    /// programs ([`Failure::NothingToCompute`]), and so does a model without taps by an attempt that has none.
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

/// Who wrote the programs, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// Taps, behind a plan of the text stream they were trained with.
    Planned,
    /// Taps, from the question, on a base that is as it was.
    Frozen,
    /// The model itself, told to, as text.
    Prompted,
}

impl Way {
    /// As files and `--json` name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Frozen => "frozen",
            Self::Prompted => "prompted",
        }
    }
}

impl Asked {
    /// A question that nothing followed yet.
    fn new(operands: Operands, prompt: &[u32], way: Way) -> Self {
        Self {
            operands,
            tokens: prompt.iter().map(|&token| (token, Source::Question)).collect(),
            plan: String::new(),
            order: String::new(),
            way,
            candidates: Vec::new(),
            chosen: None,
            by_original: None,
            reply: String::new(),
            ended: false,
        }
    }

    /// Whether the model saw nothing to compute: it wrote no program, or an empty one was chosen.
    pub fn computes_nothing(&self) -> bool {
        self.result().is_none_or(|result| matches!(result, Err(Failure::NothingToCompute)))
    }

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
    /// A model without taps wrote a token in one of its attempts, by its index.
    Attempt(usize, u32),
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
    /// The temperature, say, at which a model without taps is asked.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// There is no question.
    #[error("the question is empty")]
    Empty,
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

impl From<ChatError> for AskError {
    fn from(error: ChatError) -> Self {
        Self::Transcript(error.into())
    }
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
        each: impl AsyncFnMut(Event) -> bool,
    ) -> Result<Asked, AskError> {
        if question.trim().is_empty() {
            return Err(AskError::Empty);
        }
        match self.base {
            Base::Own => self.planned(question, settings, each).await,
            Base::Frozen => self.frozen(question, settings, each).await,
        }
    }
}
