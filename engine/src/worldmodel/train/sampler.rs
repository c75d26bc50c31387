//! From questions to samples, and which of them a step reads.

use fastrand::Rng;

use super::batch::Sample;
use crate::sandbox::API;
use crate::worldmodel::answer::{Answer, Failure};
use crate::worldmodel::data::{Example, Families, Mix, Split, Stage, cannot};
use crate::worldmodel::program::{LIMITS, Token};
use crate::worldmodel::transcript::{
    ALONE, ASSISTANT, COMPUTED, COMPUTED_END, END, PROGRAM, THINK, THOUGHT, TranscriptError, Writer,
    computed_text,
};

/// Steps whose samples are drawn together and sorted by length, so that little is filled up.
pub const POOL: u64 = 16;
/// Longer texts and programs are left out.
pub(super) const LONGEST: (usize, usize) = (320, 220);
/// One sample in so many is answered without tools.
const ALONE_EVERY: u32 = 16;
/// One sample in so many is told that its program failed.
const FAILED_EVERY: u32 = 40;
/// One sample in so many whose program asks the host is told that this was not granted.
const REFUSED_EVERY: u32 = 3;

/// What a model may be told instead of a result. It learns to say it, not to remember it.
fn failures() -> [Failure; 9] {
    [
        Failure::Overflow,
        Failure::DivisionByZero,
        Failure::Undefined,
        Failure::NotANumber,
        Failure::Infinite,
        Failure::Conversion,
        Failure::OutOfBounds,
        Failure::OutOfFuel { limit: LIMITS.fuel },
        Failure::StackOverflow,
    ]
}

/// What the model is told of an example's program: mostly what it gave.
fn told(example: &Example, rng: &mut Rng) -> Option<Result<Answer, Failure>> {
    let Example { answer, failure, granted, .. } = example;
    if let Some(failure) = failure {
        return Some(Err(failure.clone()));
    }
    let answer = answer.as_ref()?;
    if let Some(grant) = granted.first().filter(|_| rng.u32(..REFUSED_EVERY) == 0) {
        return Some(Err(Failure::ImportRefused(format!("{API}.{}", grant.name))));
    }
    Some(match rng.u32(..FAILED_EVERY) {
        0 => rng.choice(failures()).map_or_else(|| Ok(answer.clone()), Err),
        _ => Ok(answer.clone()),
    })
}

/// Draws the samples of a run.
pub struct Sampler<'a> {
    families: &'a Families,
    writer: Writer<'a>,
    seed: u64,
    batch: usize,
    /// Steps of the curriculum: how long the easier stages have the larger share.
    curriculum: u64,
}

/// Why there are no samples.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SamplerError {
    /// The tokenizer.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// The questions of the stages that are due do not give enough.
    #[error(
        "the questions give {found} samples of {wanted} for step {step}: is there a family of the first stage \
         (arithmetic)? With a curriculum of 0 steps all stages come at once"
    )]
    TooFew {
        /// Samples that came.
        found: usize,
        /// Samples of a pool.
        wanted: usize,
        /// The pool's first step.
        step: u64,
    },
}

impl<'a> Sampler<'a> {
    /// For a run with this seed and so many samples a step.
    pub fn new(families: &'a Families, writer: Writer<'a>, seed: u64, batch: usize, curriculum: u64) -> Self {
        Self { families, writer, seed, batch, curriculum }
    }

    /// The samples of [`POOL`] steps, from step `number · POOL` on: the same whenever they are asked for.
    ///
    /// # Errors
    /// When the tokenizer fails, or the families give too little.
    pub fn pool(&self, number: u64) -> Result<Vec<Vec<Sample>>, SamplerError> {
        let mut rng = Rng::with_seed(self.seed ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mix = self.mix(number * POOL);
        let wanted = self.batch * usize::try_from(POOL).unwrap_or(1);
        let mut samples = Vec::with_capacity(wanted);
        // Families that give nothing must not make this endless.
        for _ in 0..wanted * 4 {
            if samples.len() == wanted {
                break;
            }
            let Some(example) = self.families.example(&mut rng, &mix, Split::Train) else { continue };
            let sample = sample(&self.writer, &example, &mut rng)?;
            if sample.tokens.len() <= LONGEST.0 && sample.program.len() <= LONGEST.1 {
                samples.push(sample);
            }
        }
        // With fewer, steps and pools would not meet again when a run is resumed.
        if samples.len() < wanted {
            return Err(SamplerError::TooFew { found: samples.len(), wanted, step: number * POOL });
        }
        samples.sort_by_key(|sample| (sample.tokens.len(), sample.program.len()));
        let mut batches: Vec<Vec<Sample>> = samples.chunks(self.batch.max(1)).map(<[_]>::to_vec).collect();
        rng.shuffle(&mut batches);
        // The taps share a batch out one by one: none is to have the shorter ones each time.
        batches.iter_mut().for_each(|batch| rng.shuffle(batch));
        Ok(batches)
    }

    /// The curriculum as published: arithmetic first, then system operations, then logic; each stays when the next comes.
    fn mix(&self, step: u64) -> Mix {
        let done = if self.curriculum == 0 { 1.0 } else { (step as f64 / self.curriculum as f64).min(1.0) };
        let whole = Mix::default();
        let share = |stage: Stage, weight: u32| {
            let from = match stage {
                Stage::Arithmetic | Stage::None => return weight,
                Stage::Words => 0.1,
                Stage::System => 0.3,
                Stage::Logic => 0.5,
            };
            if done >= from { weight } else { 0 }
        };
        let mut mix = whole;
        for (weight, stage) in mix.0.iter_mut().zip(Stage::ALL) {
            *weight = share(stage, *weight);
        }
        mix
    }
}

/// An example as the model reads and writes it.
///
/// # Errors
/// When the tokenizer fails.
pub fn sample(writer: &Writer<'_>, example: &Example, rng: &mut Rng) -> Result<Sample, TranscriptError> {
    let Example { question, operands, plan, program, answer, reply, .. } = example;
    let alone = answer.is_some() && rng.u32(..ALONE_EVERY) == 0;
    let prompt = writer.question(question, operands, if alone { ALONE } else { ASSISTANT })?;
    let mut sample = Sample {
        learned: vec![false; prompt.tokens.len()],
        tokens: prompt.tokens,
        operands: prompt.operands,
        ..Sample::default()
    };
    let mut push = |tokens: Vec<u32>, learned: bool| {
        sample.tokens.extend(tokens);
        sample.learned.resize(sample.tokens.len(), learned);
        sample.operands.resize(sample.tokens.len(), 0);
        sample.tokens.len()
    };
    let told = if alone { None } else { told(example, rng) };
    let (Some(plan), Some(told)) = (plan, told) else {
        push(writer.text(reply)?, true);
        push(vec![writer.mark(END)?], true);
        return Ok(sample);
    };
    push(vec![writer.mark(THINK)?], true);
    push(writer.plan(plan)?, true);
    let memory = push(vec![writer.mark(THOUGHT)?, writer.mark(PROGRAM)?], true);
    push(vec![writer.mark(COMPUTED)?], false);
    push(writer.text(&computed_text(&told))?, false);
    push(vec![writer.mark(COMPUTED_END)?], false);
    let reply = told.err().map_or_else(|| reply.clone(), |failure| cannot(&failure));
    push(writer.text(&reply)?, true);
    push(vec![writer.mark(END)?], true);
    sample.memory = memory;
    sample.program = program.iter().copied().filter(|token| *token != Token::END).collect();
    Ok(sample)
}
