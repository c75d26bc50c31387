//! Samples of one length or nearly, side by side.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::worldmodel::program::vocabulary::Token;

/// One question with everything that follows, as tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The text.
    pub tokens: Vec<u32>,
    /// For each token, whether the model has to learn to write it.
    pub learned: Vec<bool>,
    /// For each token, the operand that stands there; 0 for none.
    pub operands: Vec<u8>,
    /// Tokens that the taps see; those behind are written once the program has run.
    pub memory: usize,
    /// The program without its end; empty where there is nothing to compute.
    pub program: Vec<Token>,
}

/// Samples as tensors. Shorter ones are filled up behind their end.
pub struct Batch {
    /// `[samples, positions]`
    pub tokens: Tensor<2, Int>,
    /// Places in `[samples · positions]` that predict a token to be learned.
    pub places: Tensor<1, Int>,
    /// Those tokens.
    pub targets: Tensor<1, Int>,
    /// How many they are.
    pub learned: usize,
    /// What each tap reads, if any sample has a program.
    pub programs: Vec<Option<Programs>>,
}

/// The programs that one tap reads, and their samples.
pub struct Programs {
    /// Which samples they are.
    pub rows: Vec<usize>,
    /// Positions of the text that any of them sees.
    pub positions: usize,
    /// `[programs, positions]`
    pub operands: Tensor<2, Int>,
    /// Positions a program does not see, `[programs, 1, 1, positions]`.
    pub unseen: Tensor<4, Bool>,
    /// What is read, `[programs, tokens]`: the start, then the program.
    pub inputs: Tensor<2, Int>,
    /// Places in `[programs · tokens]` that predict a token.
    pub places: Tensor<1, Int>,
    /// Those tokens: the program, then its end.
    pub targets: Tensor<1, Int>,
    /// How many they are.
    pub learned: usize,
}

impl Batch {
    /// Puts samples side by side, for so many taps.
    pub fn new(samples: &[&Sample], taps: usize, device: &Device) -> Self {
        let positions = samples.iter().map(|sample| sample.tokens.len()).max().unwrap_or(0);
        let tokens =
            padded(samples.iter().map(|sample| sample.tokens.iter().map(|&t| i64::from(t))), positions);
        let (mut places, mut targets) = (Vec::new(), Vec::new());
        for (row, sample) in samples.iter().enumerate() {
            let pairs = sample.tokens.iter().zip(&sample.learned).enumerate().skip(1);
            for (at, (&token, _)) in pairs.filter(|(_, (_, learned))| **learned) {
                places.push((row * positions + at - 1) as i64);
                targets.push(i64::from(token));
            }
        }
        let learned = places.len();
        let with: Vec<(usize, &Sample)> =
            samples.iter().copied().enumerate().filter(|(_, sample)| !sample.program.is_empty()).collect();
        Self {
            tokens: grid(tokens, [samples.len(), positions], device),
            places: line(places, device),
            targets: line(targets, device),
            learned,
            programs: Programs::shared(&with, taps, device),
        }
    }
}

impl Programs {
    /// The programs of samples with their indices, for so many taps.
    ///
    /// The taps share the samples out: each reads its part of the programs, since what one of them learns from a sample
    /// says little that is new to the text stream when another has read it. Too few to share are read by all.
    pub fn shared(with: &[(usize, &Sample)], taps: usize, device: &Device) -> Vec<Option<Self>> {
        let share = |tap: usize| -> Vec<(usize, &Sample)> {
            if with.len() < taps {
                return with.to_vec();
            }
            with.iter().skip(tap).step_by(taps).copied().collect()
        };
        (0..taps).map(|tap| Self::new(&share(tap), device)).collect()
    }

    fn new(with: &[(usize, &Sample)], device: &Device) -> Option<Self> {
        let positions = with.iter().map(|(_, sample)| sample.memory).max()?;
        let length = with.iter().map(|(_, sample)| sample.program.len() + 1).max()?;
        let rows = with.len();
        let operands = padded(
            with.iter().map(|(_, sample)| sample.operands.iter().take(positions).map(|&o| i64::from(o))),
            positions,
        );
        let unseen: Vec<bool> =
            with.iter().flat_map(|(_, sample)| (0..positions).map(|at| at >= sample.memory)).collect();
        let inputs = padded(
            with.iter().map(|(_, sample)| {
                std::iter::once(&Token::START).chain(&sample.program).map(|token| i64::from(token.0))
            }),
            length,
        );
        let (mut places, mut targets) = (Vec::new(), Vec::new());
        for (row, (_, sample)) in with.iter().enumerate() {
            for (at, &token) in sample.program.iter().chain(std::iter::once(&Token::END)).enumerate() {
                places.push((row * length + at) as i64);
                targets.push(i64::from(token.0));
            }
        }
        let learned = places.len();
        Some(Self {
            rows: with.iter().map(|(index, _)| *index).collect(),
            positions,
            operands: grid(operands, [rows, positions], device),
            unseen: Tensor::from_data(TensorData::new(unseen, [rows, 1, 1, positions]), device),
            inputs: grid(inputs, [rows, length], device),
            places: line(places, device),
            targets: line(targets, device),
            learned,
        })
    }
}

impl Programs {
    /// Which samples they are, on the device.
    pub fn samples(&self, device: &Device) -> Tensor<1, Int> {
        line(self.rows.iter().map(|&row| row as i64).collect(), device)
    }
}

/// Rows filled up with 0 to one width.
fn padded<R: Iterator<Item = i64>>(rows: impl Iterator<Item = R>, width: usize) -> Vec<i64> {
    rows.flat_map(|row| row.chain(std::iter::repeat(0)).take(width)).collect()
}

fn grid(values: Vec<i64>, shape: [usize; 2], device: &Device) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn line(values: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
