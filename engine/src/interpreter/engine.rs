//! What every engine that runs a compiled transformer can do.

use std::future::Future;

use super::sequence::Sequence;
use crate::xray::{AttentionDetail, Capture, HeadCapture, KeyScore};

/// Runs a transformer over a growing sequence, keeping keys and values of what it has seen.
///
/// All engines compute the same numbers, to the last bit: they are integers that `f32` holds (below 2²⁴, and
/// one even product below 2²⁵), so that sums come out the same in any order.
pub trait Engine {
    /// What computes, in words a person reads ("CPU, sparse rows").
    fn name(&self) -> String;

    /// Forgets everything seen.
    fn reset(&mut self);

    /// Number of positions seen since the last reset.
    fn seen(&self) -> usize;

    /// Computes the next positions of `sequence`, as many as it takes at once, and answers for each of them;
    /// for none when it has seen all. Whoever runs a long sequence can rest or stop in between. The positions
    /// seen before must still be the sequence's first ones.
    ///
    /// # Errors
    /// When the device fails or is lost.
    fn advance(
        &mut self,
        sequence: &Sequence,
        want: Want,
    ) -> impl Future<Output = Result<Answers, EngineError>>;

    /// Computes all positions of `sequence` that it has not seen yet, and answers for each of them.
    ///
    /// # Errors
    /// When the device fails or is lost.
    fn extend(
        &mut self,
        sequence: &Sequence,
        want: Want,
    ) -> impl Future<Output = Result<Answers, EngineError>> {
        async move {
            let mut all = Answers::default();
            while self.seen() < sequence.len() {
                let Answers { tokens, logits } = self.advance(sequence, want).await?;
                all.tokens.extend(tokens);
                all.logits.extend(logits);
            }
            Ok(all)
        }
    }

    /// Computes one position that it has seen once more, and keeps every number.
    ///
    /// # Errors
    /// When the position was not seen, or the device fails.
    fn capture(
        &mut self,
        sequence: &Sequence,
        position: usize,
    ) -> impl Future<Output = Result<Capture, EngineError>>;

    /// Captures positions one after the other, from one on, until `take` wants no more or all that it has seen are done; gives the next
    /// one. An engine that reads again what stands before a position does so once for all of them.
    ///
    /// # Errors
    /// When the device fails.
    fn captures(
        &mut self,
        sequence: &Sequence,
        from: usize,
        mut take: impl FnMut(&Capture) -> bool,
    ) -> impl Future<Output = Result<usize, EngineError>> {
        async move {
            let mut position = from;
            while position < self.seen().min(sequence.len()) {
                let capture = self.capture(sequence, position).await?;
                position += 1;
                if !take(&capture) {
                    break;
                }
            }
            Ok(position)
        }
    }

    /// One head's query at a captured position, with the keys it chose between (the best `limit` of them).
    ///
    /// # Errors
    /// When there is no such head or position, or the device fails.
    fn attention(
        &mut self,
        sequence: &Sequence,
        capture: &Capture,
        head: HeadAddress,
        limit: usize,
    ) -> impl Future<Output = Result<AttentionDetail, EngineError>>;
}

/// What [`Engine::advance`] is to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// The best token of each position.
    Tokens,
    /// The best token and all logits of each position.
    Logits,
}

/// One answer for each new position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// The token of the highest logit, by position.
    pub tokens: Vec<u16>,
    /// The logits, `[vocabulary]` each, by position; empty unless asked for.
    pub logits: Vec<Vec<f32>>,
}

/// Which head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadAddress {
    /// The layer.
    pub layer: usize,
    /// The head within it.
    pub head: usize,
}

/// Why an engine could not compute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The position is not part of what the engine has seen.
    #[error("position {position} has not been computed; there are {seen}")]
    NoSuchPosition {
        /// The position asked for.
        position: usize,
        /// Positions there are.
        seen: usize,
    },
    /// The model has no such part.
    #[error("the model has no {what}")]
    NoSuchPart {
        /// What was asked for ("layer 8, head 0").
        what: String,
    },
    /// No device of this kind is there.
    #[error("no {device} device: {reason}")]
    DeviceMissing {
        /// The kind.
        device: &'static str,
        /// What the system says.
        reason: String,
    },
    /// The device failed while computing.
    #[error("the {device} device failed: {reason}")]
    DeviceLost {
        /// The kind.
        device: &'static str,
        /// What the system says.
        reason: String,
    },
    /// The sequence has more positions than the model has numbers for.
    #[error("the sequence has {limit} positions: behind those, the model's numbers would not be exact")]
    TooLong {
        /// The most that are exact.
        limit: usize,
    },
    /// The model answers otherwise than the draft it was given.
    #[error("step {step} of the draft says token {drafted}, the model answers {answered:?}")]
    DraftRefused {
        /// The step.
        step: usize,
        /// The draft's token.
        drafted: u16,
        /// The model's.
        answered: Option<u16>,
    },
}

/// The detail of one head, with the best `limit` of its keys in order of position.
pub(super) fn attention_detail(
    address: HeadAddress,
    position: usize,
    captured: &HeadCapture,
    mut keys: Vec<KeyScore>,
    limit: usize,
) -> AttentionDetail {
    let omitted = keys.len().saturating_sub(limit);
    if omitted > 0 {
        keys.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.position.cmp(&a.position)));
        keys.truncate(limit);
        keys.sort_by_key(|key| key.position);
    }
    let HeadAddress { layer, head } = address;
    AttentionDetail {
        layer,
        head,
        position,
        q: captured.q.clone(),
        winner: captured.winner,
        keys,
        omitted,
        unread: 0,
    }
}
