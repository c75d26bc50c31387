//! Runs of the machine for 32-bit modules.

use super::{By, End, Input, MachineEnd, Model, Run, Token, Trace, fingerprint};
use crate::interpreter::engine::EngineError;
use crate::interpreter::full::program::Program;
use crate::interpreter::full::replay::{self, Replay, Unexpected};
use crate::interpreter::full::run::{self, Ending};
use crate::interpreter::full::stub::Stub;
use crate::interpreter::full::token;
use crate::interpreter::model::Transformer;

/// The model's name in a file.
pub const NAME: &str = "full";

/// What was run: a call of a module's function.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The module as text.
    pub text: &'a str,
    /// The function's name.
    pub function: &'a str,
    /// What it is called with.
    pub arguments: &'a [i32],
    /// Tokens that the transformer may write.
    pub max_tokens: usize,
    /// The module, lowered.
    pub program: &'a Program,
    /// What begins the run.
    pub stub: &'a Stub,
}

/// A run as a trace, by an engine of this name.
///
/// # Errors
/// When a token says what its instruction cannot have done.
pub fn record(
    model: &Transformer,
    engine: &str,
    given: Given<'_>,
    run: &run::Run,
) -> Result<Trace, Unexpected> {
    let mut replay = Replay::new(given.program, given.stub);
    let mut tokens = Vec::with_capacity(run.sequence.len());
    for (position, &id) in run.sequence.tokens().iter().enumerate() {
        let said = token::Token::of(id);
        let text = said.map_or_else(|| id.to_string(), |said| said.to_string());
        let is_written = position >= run.prompt_tokens;
        let mut token =
            Token::new(position, u32::from(id), text, if is_written { By::Model } else { By::Host });
        if let Some(said) = said.filter(|_| is_written) {
            let done = replay.read(said)?;
            token.instruction = done.map(|done| done.record.op.mnemonic().to_owned());
        }
        tokens.push(token);
    }
    let trap = match (run.ending, replay.end) {
        (Ending::Finished, Some(replay::End::Trapped(trap))) => Some(trap.to_string()),
        (Ending::OutOfTokens { limit }, _) => Some(format!("stopped after {limit} tokens")),
        (Ending::TooLong, _) => Some(EngineError::TooLong { limit: run.sequence.len() }.to_string()),
        (Ending::Finished | Ending::Cancelled, _) => None,
    };
    let signed = |values: &[u32]| values.iter().map(|value| i64::from(value.cast_signed())).collect();
    let cancelled = run.ending == Ending::Cancelled;
    let machine = MachineEnd {
        result: if trap.is_some() || cancelled { Vec::new() } else { signed(&replay.results()) },
        outputs: signed(&replay.outputs),
        trap,
        cancelled,
        instructions: replay.instructions,
    };
    let input = Input::Full {
        program: given.text.to_owned(),
        function: given.function.to_owned(),
        arguments: given.arguments.to_vec(),
        max_tokens: given.max_tokens,
    };
    let model = Model { name: NAME.to_owned(), fingerprint: fingerprint(model) };
    Ok(Trace {
        run: Run::new(model, engine.to_owned(), input),
        end: End { tokens: tokens.len(), machine: Some(machine), answer: None },
        tokens,
        candidates: Vec::new(),
    })
}
