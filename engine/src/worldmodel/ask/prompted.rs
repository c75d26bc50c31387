//! A model without taps: it is told how programs are written, and asked several times.

use super::judge::{candidate, choose};
use super::writing::Speaker;
use super::{AskError, Asked, Candidate, Event, Settings, Source, Way};
use crate::kernels::Compute;
use crate::qwen::decoder::Logits;
use crate::qwen::sampling::{Sampler, Sampling};
use crate::qwen::{Decoder, DecoderError};
use crate::tokenizer::chat::{Message, Role};
use crate::tokenizer::{Shown, Tokenizer};
use crate::worldmodel::answer::{Answer, Failure};
use crate::worldmodel::chat::Reader;
use crate::worldmodel::expression::Given;
use crate::worldmodel::numbers::Operands;
use crate::worldmodel::program;
use crate::worldmodel::selection::Selection;
use crate::worldmodel::taps::Written;

/// What the model is told.
const SYSTEM: &str = r#"You compute with WebAssembly. If a question needs a calculation, write one program between <wat_model> and </wat_model> and nothing else: a module with a function that is exported as "compute", takes nothing and returns the result. It is run for you. If there is nothing to calculate, answer without a program."#;
/// What was said before, as if: a small model follows examples better than words. They are of the kinds that are wanted most,
/// integers and decimals, and one of what needs no program.
const EXAMPLES: [(&str, &str); 3] = [
    (
        "What is 17 times 23?",
        r#"<wat_model>(module (func (export "compute") (result i64) i64.const 17 i64.const 23 i64.mul))</wat_model>"#,
    ),
    ("What is the capital of France?", "The capital of France is Paris."),
    (
        "How much is 15% of 80.5?",
        r#"<wat_model>(module (func (export "compute") (result f64) f64.const 15 f64.const 100 f64.div f64.const 80.5 f64.mul))</wat_model>"#,
    ),
];
const PROGRAM: &str = "<wat_model>";
const PROGRAM_END: &str = "</wat_model>";
/// Attempts must differ, and still be programs.
const TEMPERATURE: f32 = 0.6;
const TOP_P: f32 = 0.95;

/// A model without taps, for as long as a question takes.
pub struct Prompted<'a, C: Compute> {
    /// The model.
    pub decoder: &'a mut Decoder<C>,
    /// Text ⇄ tokens.
    pub tokenizer: &'a Tokenizer,
}

/// One completion.
struct Attempt {
    tokens: Vec<u32>,
    probabilities: Vec<f32>,
    text: String,
}

impl<C: Compute> Prompted<'_, C> {
    /// Answers a question: the programs of several completions are the candidates; a completion without one says that there is
    /// nothing to compute. Where that is chosen, or nothing that is a program, the model answers by itself, as if it had not been
    /// told of programs. `each` is told what happens, may rest, and says whether to go on.
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
        let reader = Reader::new(self.tokenizer)?;
        let alone = reader.question(&[], question, &operands)?.prompt.tokens;
        let mut asked = Asked::new(operands, &alone, Way::Prompted);
        if !settings.alone {
            let prompt = reader.question(&told(), question, &asked.operands)?.prompt.tokens;
            let attempts = self.attempts(&prompt, settings, &mut each).await?;
            let candidates =
                attempts.iter().map(|attempt| self.candidate(question, &asked.operands, settings, attempt));
            asked.candidates = candidates.collect();
            choose(question, settings, &Selection::untrained(attempts.len()), &mut asked);
            if asked.result().is_some_and(is_no_program) {
                asked.chosen = None;
            }
            if !each(Event::Chosen(asked.chosen)).await {
                return Err(AskError::Stopped);
            }
            let chosen = asked.chosen.filter(|_| !asked.computes_nothing());
            if let Some(attempt) = chosen.and_then(|chosen| attempts.get(chosen)) {
                asked.tokens = prompt.iter().map(|&token| (token, Source::Question)).collect();
                if settings.reply {
                    self.go_on(&mut asked, prompt.len(), attempt, settings, &mut each).await?;
                }
                return Ok(asked);
            }
        }
        if settings.reply {
            self.decoder.truncate(0);
            let hooks = settings.interventions.clone();
            let mut speaker = Speaker { decoder: self.decoder, tokenizer: self.tokenizer, hooks };
            let next = speaker.read(&alone).await?;
            speaker.reply(&mut asked, next, settings, &mut each).await?;
        }
        Ok(asked)
    }

    /// All completions of a prompt, which is read once.
    async fn attempts(
        &mut self,
        prompt: &[u32],
        settings: &Settings,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<Vec<Attempt>, AskError> {
        self.decoder.truncate(0);
        let logits = self.logits(prompt, settings).await?;
        let mut attempts = Vec::with_capacity(settings.samples);
        for (number, seed) in (0..settings.samples).zip(settings.seed..) {
            self.decoder.truncate(prompt.len());
            let sampling = Sampling { temperature: TEMPERATURE, top_p: TOP_P, seed, ..Sampling::default() };
            let sampler = Sampler::new(sampling)?;
            attempts.push(self.attempt(number, logits.clone(), sampler, settings, each).await?);
        }
        Ok(attempts)
    }

    /// One completion, up to the end of its program.
    async fn attempt(
        &mut self,
        number: usize,
        mut logits: Vec<f32>,
        mut sampler: Sampler,
        settings: &Settings,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<Attempt, AskError> {
        let mut attempt = Attempt { tokens: Vec::new(), probabilities: Vec::new(), text: String::new() };
        while attempt.tokens.len() < settings.program_tokens {
            let mut weighed = logits.clone();
            let drawn = sampler.draw(&mut weighed, &[]);
            let Some(token) = drawn.filter(|token| !self.tokenizer.ends().contains(token)) else { break };
            attempt.tokens.push(token);
            attempt.probabilities.push(probability(&logits, token));
            if !each(Event::Attempt(number, token)).await {
                return Err(AskError::Stopped);
            }
            attempt.text = self.tokenizer.decode(&attempt.tokens, Shown::All);
            if attempt.text.contains(PROGRAM_END) {
                break;
            }
            logits = match self.logits(&[token], settings).await {
                Err(AskError::Decoder(DecoderError::ContextFull { .. })) => break,
                logits => logits?,
            };
        }
        Ok(attempt)
    }

    async fn logits(&mut self, tokens: &[u32], settings: &Settings) -> Result<Vec<f32>, AskError> {
        let mut hooks = settings.interventions.clone();
        let Some(rows) = self.decoder.forward(tokens, Logits::Last, &mut hooks)? else {
            return Ok(Vec::new());
        };
        Ok(self.decoder.compute().read(&rows).await?)
    }

    /// What a completion has of a program, run.
    fn candidate(
        &self,
        question: &str,
        operands: &Operands,
        settings: &Settings,
        attempt: &Attempt,
    ) -> Candidate {
        let wat = attempt.text.split_once(PROGRAM).map(|(_, wat)| wat);
        let wat = wat.map(|wat| wat.split_once(PROGRAM_END).map_or(wat, |(wat, _)| wat).trim());
        let Settings { limits, ref granted, .. } = *settings;
        let outcome = match wat {
            Some(wat) => program::run_text(wat, limits, granted),
            None => program::run(&[], &Given::from(operands), limits, granted),
        };
        let written = Written {
            probabilities: attempt.probabilities.clone(),
            ended: attempt.text.contains(PROGRAM_END),
            ..Written::default()
        };
        let layers = self.decoder.model().config.layers;
        candidate(question, operands, layers, written, outcome)
    }

    /// Puts the chosen completion and its result into the text, and lets the model go on.
    async fn go_on(
        &mut self,
        asked: &mut Asked,
        prompt: usize,
        attempt: &Attempt,
        settings: &Settings,
        each: &mut impl AsyncFnMut(Event) -> bool,
    ) -> Result<(), AskError> {
        self.decoder.truncate(prompt);
        let hooks = settings.interventions.clone();
        let mut speaker = Speaker { decoder: self.decoder, tokenizer: self.tokenizer, hooks };
        for &token in &attempt.tokens {
            asked.tokens.push((token, Source::Model));
        }
        match speaker.read(&attempt.tokens).await {
            Err(AskError::Decoder(DecoderError::ContextFull { .. })) => return Ok(()),
            read => read?,
        };
        let next = speaker.computed(asked, each).await?;
        speaker.reply(asked, next, settings, each).await
    }
}

/// Whether what was written between the tags is none: the model makes texts of every kind.
const fn is_no_program(result: &Result<Answer, Failure>) -> bool {
    matches!(result, Err(Failure::DoesNotCompile(_) | Failure::ExportsNothing | Failure::WantsArguments))
}

/// What stands before a question.
fn told() -> Vec<Message> {
    let examples = EXAMPLES
        .iter()
        .flat_map(|(asked, said)| [Message::new(Role::User, *asked), Message::new(Role::Assistant, *said)]);
    std::iter::once(Message::new(Role::System, SYSTEM)).chain(examples).collect()
}

/// A token's probability by the logits of all.
fn probability(logits: &[f32], token: u32) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    let own = usize::try_from(token).ok().and_then(|at| logits.get(at)).copied();
    own.map_or(0.0, |own| (own - highest).exp() / total)
}
