//! Runs a program on an engine: the loop around the forward pass. All it does is to append the token of the highest logit.

use super::compile::special;
use super::program::Program;
use super::prompt::{MAX_POSITIONS, encoding, encoding_without_records, prompt};
use super::stub::Stub;
use super::token::Token;
use crate::interpreter::engine::{Engine, EngineError, Want};
use crate::interpreter::sequence::{Rule, Sequence};

/// A run, with the sequence that reproduces it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The prompt and the trace.
    pub sequence: Sequence,
    /// How many of its tokens are the prompt.
    pub prompt_tokens: usize,
    /// How it ended.
    pub ending: Ending,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The last token says so: the program halted or trapped.
    Finished,
    /// It has as many tokens as it was given.
    OutOfTokens {
        /// How many.
        limit: usize,
    },
    /// Its positions have no more numbers: one token more would not be exact.
    TooLong,
    /// Somebody stopped it.
    Cancelled,
}

impl Run {
    /// The tokens that the transformer wrote. All of them are tokens of the machine, since it writes no other.
    pub fn trace(&self) -> impl ExactSizeIterator<Item = Token> {
        let trace = self.sequence.tokens().get(self.prompt_tokens..).unwrap_or(&[]);
        trace.iter().map(|token| Token::of(*token).unwrap_or(Token::Halt))
    }
}

/// A sequence that holds a prompt.
pub fn begin(program: &Program, stub: &Stub) -> Sequence {
    let mut sequence = Sequence::ruled(Rule(encoding));
    for token in prompt(program, stub) {
        sequence.push(token.id(), Vec::new());
    }
    sequence
}

/// Runs a program. The trace has `max_tokens` tokens at most.
///
/// `go_on` is asked whenever the engine has computed some positions, with the number of all so far, the prompt's among them; on `false`
/// the run ends with the tokens that there are.
///
/// # Errors
/// When the engine fails.
pub async fn run<E: Engine>(
    engine: &mut E,
    program: &Program,
    stub: &Stub,
    max_tokens: usize,
    go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<Run, EngineError> {
    write(engine, begin(program, stub), max_tokens, go_on).await
}

/// A sequence that holds the prompt of a machine which is specialised to the program.
pub fn begin_special(stub: &Stub) -> Sequence {
    let mut sequence = Sequence::ruled(Rule(encoding_without_records));
    for token in special::prompt(stub) {
        sequence.push(token.id(), Vec::new());
    }
    sequence
}

/// Has an engine write the trace behind a prompt. See [`run`].
///
/// # Errors
/// When the engine fails.
pub async fn write<E: Engine>(
    engine: &mut E,
    mut sequence: Sequence,
    max_tokens: usize,
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<Run, EngineError> {
    engine.reset();
    let prompt_tokens = sequence.len();
    let ending = loop {
        let mut said = None;
        let mut is_wanted = true;
        while engine.seen() < sequence.len() && is_wanted {
            said = engine.advance(&sequence, Want::Tokens).await?.tokens.last().copied();
            is_wanted = go_on(engine.seen()).await;
        }
        if engine.seen() < sequence.len() {
            break Ending::Cancelled;
        }
        let Some(token) = said else { break Ending::Cancelled };
        if sequence.len() - prompt_tokens >= max_tokens {
            break Ending::OutOfTokens { limit: max_tokens };
        }
        sequence.push(token, Vec::new());
        if matches!(Token::of(token), None | Some(Token::Halt | Token::Trap(_))) {
            break Ending::Finished;
        }
        if !is_wanted {
            break Ending::Cancelled;
        }
        if sequence.len() >= MAX_POSITIONS {
            break Ending::TooLong;
        }
    };
    Ok(Run { sequence, prompt_tokens, ending })
}

/// Checks a whole run: the engine computes all of its positions from the tokens that stand there, in parallel where it can, and its
/// answer at each must be the token that follows. It generates nothing. `go_on` is asked as in [`run`]; on `false` it ends.
///
/// Returns how many of the trace's tokens were confirmed.
///
/// # Errors
/// [`EngineError::DraftRefused`] with the first token of the trace that the model does not say; or when the engine fails.
pub async fn check<E: Engine>(
    engine: &mut E,
    run: &Run,
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<usize, EngineError> {
    engine.reset();
    let mut confirmed = 0;
    let sequence = &run.sequence;
    // The last token is read by nobody.
    while engine.seen() + 1 < sequence.len() {
        let seen = engine.seen();
        let answers = engine.advance(sequence, Want::Tokens).await?;
        let expected = sequence.tokens().get(seen + 1..).unwrap_or(&[]);
        for (at, (said, expected)) in (seen + 1..).zip(answers.tokens.iter().zip(expected)) {
            let Some(step) = at.checked_sub(run.prompt_tokens) else { continue };
            if said != expected {
                return Err(EngineError::DraftRefused { step, drafted: *expected, answered: Some(*said) });
            }
            confirmed += 1;
        }
        if !go_on(engine.seen()).await {
            break;
        }
    }
    Ok(confirmed)
}
