//! What a frozen base holds of a question, kept: the taps are trained on it in many passes, and the base runs once.

use fastrand::Rng;
use half::f16;
use serde::{Deserialize, Serialize};

use super::batch::Sample;
use super::sampler::LONGEST;
use crate::kernels::{Compute, ComputeError};
use crate::qwen::decoder::Logits;
use crate::qwen::{Decoder, DecoderError};
use crate::tokenizer::Tokenizer;
use crate::worldmodel::chat::{Asking, Reader};
use crate::worldmodel::data::{Example, Families, Mix, Split};
use crate::worldmodel::program::Token;
use crate::worldmodel::taps::streams;
use crate::worldmodel::transcript::TranscriptError;

/// A question as the taps of a frozen base read it: the residual streams from its first token on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cached {
    /// What stands where, and the program; its text is not needed any more.
    pub sample: Sample,
    /// For each tap the stream behind its layer, `[positions, hidden]`.
    pub streams: Vec<Vec<f16>>,
}

/// A part of a cache that is written at once: what is known of its questions. Their streams lie in a second file, one after the
/// other, as [`Cached::bytes`] gives them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// One for each question.
    pub questions: Vec<Question>,
}

/// Questions that are too long in a row, until there are none.
const ATTEMPTS: usize = 100;

/// What is known of a cached question besides its streams.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// For each position that the taps read, the operand that stands there.
    pub operands: Vec<u8>,
    /// The program's tokens; empty where there is nothing to compute.
    pub program: Vec<u16>,
}

/// Why a question cannot be cached.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CacheError {
    /// The tokenizer or the chat template.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// The base.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
    /// The device.
    #[error(transparent)]
    Compute(#[from] ComputeError),
    /// Streams that do not belong to what is said of them.
    #[error(
        "the cached streams have {found} bytes where {wanted} are wanted: delete the cache to make it again"
    )]
    Size {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be.
        wanted: usize,
    },
}

impl Cached {
    /// The streams as bytes: tap by tap, position by position.
    pub fn bytes(&self) -> impl Iterator<Item = u8> {
        self.streams.iter().flatten().flat_map(|value| value.to_le_bytes())
    }

    /// What is known of it besides.
    pub fn question(&self) -> Question {
        Question {
            operands: self.sample.operands.clone(),
            program: self.sample.program.iter().map(|token| token.0).collect(),
        }
    }

    /// From both files.
    ///
    /// # Errors
    /// [`CacheError::Size`].
    pub fn read(question: &Question, bytes: &[u8], taps: usize, hidden: usize) -> Result<Self, CacheError> {
        let wanted = question.bytes(taps, hidden);
        if bytes.len() != wanted {
            return Err(CacheError::Size { found: bytes.len(), wanted });
        }
        let positions = question.operands.len();
        let (pairs, _) = bytes.as_chunks::<2>();
        let values: Vec<f16> = pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
        let streams = values.chunks((positions * hidden).max(1)).map(<[f16]>::to_vec).collect();
        let sample = Sample {
            operands: question.operands.clone(),
            memory: positions,
            program: question.program.iter().map(|&id| Token(id)).collect(),
            ..Sample::default()
        };
        Ok(Self { sample, streams })
    }
}

impl Question {
    /// Bytes of its streams.
    pub fn bytes(&self, taps: usize, hidden: usize) -> usize {
        self.operands.len() * taps * hidden * 2
    }
}

/// Runs a frozen base over questions, as far as its last tap.
pub struct Recording<'a, C: Compute> {
    decoder: Decoder<C>,
    reader: Reader<'a>,
    behind: Vec<usize>,
    /// What the decoder holds: the tokens before every question.
    preface: Vec<u32>,
}

impl<'a, C: Compute> Recording<'a, C> {
    /// Of a base, for taps behind these layers (3: behind the third).
    ///
    /// # Errors
    /// When there is no chat template for it.
    pub fn new(
        decoder: Decoder<C>,
        tokenizer: &'a Tokenizer,
        behind: &[usize],
    ) -> Result<Self, TranscriptError> {
        let decoder = decoder.first_layers(behind.last().copied().unwrap_or(1));
        Ok(Self { decoder, reader: Reader::new(tokenizer)?, behind: behind.to_vec(), preface: Vec::new() })
    }

    /// The question with a number, always the same for a seed, and how the base reads it. `None` where the families give
    /// none that is short enough.
    ///
    /// # Errors
    /// When the template or the tokenizer refuses one.
    pub fn draw(
        &self,
        families: &Families,
        seed: u64,
        number: u64,
    ) -> Result<Option<(Asking, Example)>, CacheError> {
        let mut rng = Rng::with_seed(seed ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for _ in 0..ATTEMPTS {
            let drawn = families.example(&mut rng, &Mix::default(), Split::Train);
            let Some(example) = drawn else { return Ok(None) };
            let asking = self.reader.question(&[], &example.question, &example.operands)?;
            let positions = asking.prompt.tokens.len() - asking.preface.min(asking.prompt.tokens.len());
            if positions <= LONGEST.0 && example.program.len() <= LONGEST.1 {
                return Ok(Some((asking, example)));
            }
        }
        Ok(None)
    }

    /// What the base holds of it.
    ///
    /// # Errors
    /// When it is longer than the context, or the device fails.
    pub async fn record(&mut self, asking: &Asking, program: &[Token]) -> Result<Cached, CacheError> {
        let Asking { prompt, preface } = asking;
        let (before, read) = prompt.tokens.split_at_checked(*preface).unwrap_or_default();
        let (_, operands) = prompt.operands.split_at_checked(*preface).unwrap_or_default();
        if self.preface != before || self.decoder.seen() < before.len() {
            self.decoder.truncate(0);
            self.preface.clear();
            if !before.is_empty() {
                self.decoder.forward(before, Logits::None, &mut ())?;
            }
            self.preface.extend(before);
        }
        self.decoder.truncate(before.len());
        let (rows, _) = streams(&mut self.decoder, &self.behind, read, Logits::None, &mut ())?;
        let mut streams = Vec::with_capacity(rows.len());
        for rows in rows {
            let values = self.decoder.compute().read(&rows).await?;
            // Some dimensions of a trained stream are very large; infinity would spoil every norm.
            let kept = |value: &f32| f16::from_f32(value.clamp(f16::MIN.to_f32(), f16::MAX.to_f32()));
            streams.push(values.iter().map(kept).collect());
        }
        let sample = Sample {
            operands: operands.to_vec(),
            memory: operands.len(),
            program: program.iter().copied().filter(|token| *token != Token::END).collect(),
            ..Sample::default()
        };
        Ok(Cached { sample, streams })
    }
}
