//! How a tap writes a program: token by token, the likeliest each time.

use super::model::{Tap, TapLayer, Taps};
use crate::kernels::{Compute, ComputeError};
use crate::worldmodel::program::vocabulary::Token;

/// What is added under the square root of a norm.
const EPSILON: f32 = 1e-6;

/// Likely tokens that are kept of each step.
const OTHERS: usize = 4;

/// What the taps know of a text: for each tap and each of its layers, keys and values of the text stream.
pub struct Memory<C: Compute> {
    caches: Vec<Vec<C::Cache>>,
    positions: usize,
}

/// A gate that is opened otherwise than it was trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// The tap, first to last, from 0.
    pub tap: usize,
    /// Its layer, from 0.
    pub layer: usize,
    /// The share of the text that passes: what `tanh(gate)` would be. 0 lets the tap write without having read anything.
    pub to: f32,
}

impl Gate {
    /// What the tap's layers multiply what comes of the text with, first to last; `None` where the trained gate stays. A gate that
    /// was never opened in training has nothing to let through.
    fn factors<C: Compute>(gates: &[Self], tap: usize, layers: &[TapLayer<C>]) -> Vec<Option<f32>> {
        let of = |at: usize, trained: f32| {
            let gate = gates.iter().rev().find(|gate| (gate.tap, gate.layer) == (tap, at))?;
            Some(if trained == 0.0 { 0.0 } else { gate.to / trained })
        };
        layers.iter().enumerate().map(|(at, layer)| of(at, layer.gate)).collect()
    }
}

/// A program as a tap wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// Its tokens, without the end.
    pub tokens: Vec<Token>,
    /// The probability of each token, and of the end where it came.
    pub probabilities: Vec<f32>,
    /// For each token (and the end): the likeliest tokens and their probabilities, the likeliest first.
    pub others: Vec<Vec<(Token, f32)>>,
    /// For each token (and the end): how much of the attention to the text, all layers and heads together, went to each
    /// of the text's positions. Sums to 1.
    pub attention: Vec<Vec<f32>>,
    /// The same for each head of each layer, all heads of the first layer first.
    pub heads: Vec<Vec<Vec<f32>>>,
    /// Whether it came to its end; else it was cut off.
    pub ended: bool,
    /// What the tap held when it wrote the last token, behind its last norm, `[width]`.
    pub state: Vec<f32>,
}

impl Written {
    /// Puts positions that the tap did not read before those it did.
    pub fn unread(&mut self, positions: usize) {
        for row in self.attention.iter_mut().chain(self.heads.iter_mut().flatten()) {
            row.splice(0..0, std::iter::repeat_n(0.0, positions));
        }
    }

    /// The logarithm of the probability of the whole program.
    pub fn log_probability(&self) -> f32 {
        self.probabilities.iter().map(|p| p.ln()).sum()
    }

    /// The logarithm of the probability of its least probable token; 0 of none.
    pub fn weakest(&self) -> f32 {
        self.probabilities.iter().map(|p| p.ln()).fold(0.0, f32::min)
    }
}

impl<C: Compute> Memory<C> {
    /// Of no text yet.
    pub fn new(taps: &Taps<C>, compute: &mut C) -> Self {
        let shape = taps.config.attention();
        let caches = taps.taps.iter().map(|tap| tap.layers.iter().map(|_| compute.cache(shape)).collect());
        Self { caches: caches.collect(), positions: 0 }
    }

    /// Positions of the text so far.
    pub fn positions(&self) -> usize {
        self.positions
    }

    /// Takes in more of the text: the residual stream at each tap, `[positions, hidden]`, and the operand that stands at
    /// each position.
    ///
    /// # Errors
    /// When the device has no room, or there is no such operand.
    pub fn extend(
        &mut self,
        taps: &Taps<C>,
        compute: &mut C,
        streams: &[C::Rows],
        operands: &[u8],
    ) -> Result<(), ComputeError> {
        let operands: Vec<u32> = operands.iter().map(|&operand| u32::from(operand)).collect();
        for ((tap, stream), caches) in taps.taps.iter().zip(streams).zip(&mut self.caches) {
            let mut marked = compute.embed(&taps.operands, &operands)?;
            compute.add(&mut marked, stream);
            let normed = compute.norm(&marked, &tap.memory_norm, EPSILON);
            for (layer, cache) in tap.layers.iter().zip(caches) {
                let [k, v] = compute.linear(&normed, [&layer.cross_k, &layer.cross_v]);
                compute.remember(cache, &k, &v)?;
            }
        }
        self.positions += operands.len();
        Ok(())
    }
}

impl<C: Compute> Taps<C> {
    /// Lets one tap write a program of at most `limit` tokens, with these gates instead of the trained ones. `each` is told
    /// every token, may rest, and says whether to go on.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn write(
        &self,
        compute: &mut C,
        memory: &Memory<C>,
        tap: usize,
        (limit, gates): (usize, &[Gate]),
        mut each: impl AsyncFnMut(Token) -> bool,
    ) -> Result<Written, ComputeError> {
        let mut written = Written::default();
        let at = tap;
        let (Some(tap), Some(across)) = (self.taps.get(at), memory.caches.get(at)) else {
            return Ok(written);
        };
        let factors = Gate::factors(gates, at, &tap.layers);
        let shape = self.config.attention();
        let mut own: Vec<C::Cache> = tap.layers.iter().map(|_| compute.cache(shape)).collect();
        let mut token = Token::START;
        while written.tokens.len() < limit {
            let at = written.tokens.len();
            let (state, patterns) = self.step(compute, tap, (across, &factors), &mut own, (token, at))?;
            let [logits] = compute.linear(&state, [&self.embedding]);
            let logits = compute.read(&logits).await?;
            written.state = compute.read(&state).await?;
            let heads = read_heads(compute, &patterns, memory.positions).await?;
            written.attention.push(mean(&heads, memory.positions));
            written.heads.push(heads);
            let likeliest = likeliest(&logits);
            let Some(&(best, probability)) = likeliest.first() else { break };
            written.probabilities.push(probability);
            written.others.push(likeliest);
            token = best;
            if token == Token::END {
                written.ended = true;
                break;
            }
            written.tokens.push(token);
            if !each(token).await {
                break;
            }
        }
        Ok(written)
    }

    /// Reads one token: what the tap holds then, `[1, width]`, and the patterns across of all its layers.
    fn step(
        &self,
        compute: &mut C,
        tap: &Tap<C>,
        (across, factors): (&[C::Cache], &[Option<f32>]),
        own: &mut [C::Cache],
        (token, at): (Token, usize),
    ) -> Result<(C::Rows, Vec<C::Rows>), ComputeError> {
        let mut patterns = Vec::with_capacity(tap.layers.len());
        let mut x = compute.embed(&self.embedding, &[u32::from(token.0)])?;
        for (((layer, own), across), factor) in tap.layers.iter().zip(own).zip(across).zip(factors) {
            let normed = compute.norm(&x, &layer.attention_norm, EPSILON);
            let [mut q, mut k, v] = compute.linear(&normed, [&layer.q, &layer.k, &layer.v]);
            compute.rotate(&mut q, &self.rotation, at);
            compute.rotate(&mut k, &self.rotation, at);
            let (z, _) = compute.attend(own, &q, &k, &v, false)?;
            let [out] = compute.linear(&z, [&layer.o]);
            compute.add(&mut x, &out);

            let normed = compute.norm(&x, &layer.cross_norm, EPSILON);
            let [q] = compute.linear(&normed, [&layer.cross_q]);
            let (z, pattern) = compute.attend_across(across, &q, true);
            patterns.extend(pattern);
            let [mut out] = compute.linear(&z, [&layer.cross_o]);
            if let Some(factor) = factor {
                compute.scale(&mut out, *factor);
            }
            compute.add(&mut x, &out);

            let normed = compute.norm(&x, &layer.ffn_norm, EPSILON);
            let [gate, up] = compute.linear(&normed, [&layer.ffn_gate, &layer.ffn_up]);
            let neurons = compute.gate(&gate, &up);
            let [out] = compute.linear(&neurons, [&layer.ffn_down]);
            compute.add(&mut x, &out);
        }
        Ok((compute.norm(&x, &tap.norm, EPSILON), patterns))
    }
}

/// The patterns of all heads of all layers, one after the other.
async fn read_heads<C: Compute>(
    compute: &mut C,
    patterns: &[C::Rows],
    positions: usize,
) -> Result<Vec<Vec<f32>>, ComputeError> {
    let mut heads = Vec::new();
    for pattern in patterns {
        heads.extend(compute.read(pattern).await?.chunks_exact(positions.max(1)).map(<[f32]>::to_vec));
    }
    Ok(heads)
}

/// Several patterns as one.
fn mean(heads: &[Vec<f32>], positions: usize) -> Vec<f32> {
    let mut sum = vec![0.0; positions];
    for head in heads {
        sum.iter_mut().zip(head).for_each(|(sum, weight)| *sum += weight);
    }
    let count = heads.len().max(1) as f32;
    sum.iter_mut().for_each(|weight| *weight /= count);
    sum
}

/// The tokens of the highest logits, and their probabilities. None where a logit is not a number.
fn likeliest(logits: &[f32]) -> Vec<(Token, f32)> {
    let mut order: Vec<(u16, f32)> = (0..).zip(logits.iter().copied()).collect();
    order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let Some(&(_, highest)) = order.first().filter(|(_, highest)| highest.is_finite()) else {
        return Vec::new();
    };
    let total: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    order.iter().take(OTHERS).map(|&(token, logit)| (Token(token), (logit - highest).exp() / total)).collect()
}
