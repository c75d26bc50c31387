//! A run of one of the machines with parts of the transformer replaced, beside the run as it is.

use serde::{Deserialize, Serialize};

/// Both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// As it is.
    pub before: Side,
    /// With parts replaced.
    pub after: Side,
    /// Where they part; `None` where every token that both have is the same.
    pub parting: Option<Parting>,
    /// Whether every head looked at every key. Else it was a dictionary, which has 0 where no key equals a query.
    pub every_key: bool,
    /// Seconds the forward passes took.
    pub seconds: f64,
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parting {
    /// The position whose forward pass gives another token.
    pub position: u32,
    /// Its logits as it is, and with parts replaced.
    pub logits: [Vec<f32>; 2],
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// How many tokens it has.
    pub tokens: u32,
    /// The position of the first token shown.
    pub first: u32,
    /// Tokens from a little before the parting on, or the last ones.
    pub words: Vec<String>,
    /// What was put out; of very much only the beginning.
    pub outputs: Vec<i32>,
    /// How many values that are.
    pub output_count: u64,
    /// How it ended, in words.
    pub outcome: String,
}

/// Tokens shown before the parting.
pub const SHOWN_BEFORE: usize = 8;
/// Tokens shown at most.
pub const SHOWN: usize = 48;
/// Outputs shown at most.
pub const SHOWN_OUTPUTS: usize = 200;

/// The first token shown of two runs: a little before that behind whose position they part, or before the last that both have.
pub fn first_shown(parting: Option<usize>, before: &[u16], after: &[u16]) -> usize {
    let last = before.len().min(after.len()).saturating_sub(SHOWN / 2);
    parting.map_or(last, |position| (position + 1).saturating_sub(SHOWN_BEFORE))
}

impl Side {
    /// What is shown of a run, from its token `first` on.
    pub fn new(tokens: &[u16], first: usize, word: impl Fn(u16) -> String) -> Self {
        let first = first.min(tokens.len());
        let shown = tokens.iter().skip(first).take(SHOWN);
        let words = shown.map(|token| word(*token)).collect();
        Self { tokens: tokens.len() as u32, first: first as u32, words, ..Self::default() }
    }

    /// With what was put out, and how it ended.
    #[must_use]
    pub fn ended(mut self, outputs: impl ExactSizeIterator<Item = i32>, outcome: String) -> Self {
        self.output_count = outputs.len() as u64;
        self.outputs = outputs.take(SHOWN_OUTPUTS).collect();
        self.outcome = outcome;
        self
    }
}
