//! The last run once more, with parts of the transformer replaced.

use engine::interpreter::engine::Engine;
use engine::interpreter::full::changed::{self, Outcome};
use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::recording::Recording;
use engine::interpreter::full::replay::End;
use engine::interpreter::interventions::replace;
use engine::interpreter::model::Transformer;
use protocol::changed::{Changed, Parting, Side, first_shown};
use protocol::language::Intervention;
use protocol::{AppError, Response};

use super::places::word;
use super::{Errand, failed};
use crate::changed::{interventions, stopped};
use crate::rest::Rest;

/// Positions of a run whose changed one has heads that look at every key: with more it would take minutes.
const EVERY_KEY: usize = 4_096;
/// Tokens of a changed trace at most.
const MOST_TOKENS: usize = 200_000;
/// Twice as many tokens as the trace as it is, and so many.
const MORE_TOKENS: usize = 1_000;

/// Both runs. `plain` is the engine that made the one as it is.
///
/// # Errors
/// When the model has not what shall be replaced, or the engine fails.
pub async fn run(
    (model, plain): (&Transformer, &mut FullEngine),
    recording: &Recording,
    wanted: &[Intervention],
    errand: &Errand<'_>,
) -> Result<Changed, AppError> {
    let list = interventions(model, wanted)?;
    let last = recording.run();
    let every_key = last.sequence.len() <= EVERY_KEY;
    let engine = if every_key { FullEngine::with_every_key(model) } else { FullEngine::new(model) };
    let mut engine = engine.map_err(|error| failed(&error))?;
    let rest = Rest::new(errand.scope);
    let mut go_on = async |tokens: usize| {
        if rest.when_due().await {
            errand.scope.post(errand.id, Response::Progress { tokens });
        }
        !(errand.is_cancelled)()
    };
    let is_replaced = replace(&mut engine, &list, &last.sequence, &mut go_on).await;
    if !is_replaced.map_err(|error| failed(&error))? {
        return Err(stopped());
    }
    let tokens = last.sequence.tokens();
    let most = (2 * last.trace().len() + MORE_TOKENS).min(MOST_TOKENS);
    let parts = (recording.program(), recording.stub());
    let run = changed::run(&mut engine, parts, tokens, most, go_on).await;
    let (run, results) = run.map_err(|error| failed(&error))?;
    let mut parting = None;
    let position = run.parting.as_ref().map(|parting| parting.position);
    if let Some(found) = run.parting {
        let before = plain.capture(&last.sequence, found.position).await.map_err(|error| failed(&error))?;
        parting = Some(Parting { position: found.position as u32, logits: [before.logits, found.logits] });
    }
    let end = recording.end();
    let before = match end.end {
        Some(End::Halted) => returned(&end.results()),
        Some(End::Trapped(trap)) => format!("trap: {trap}"),
        None => "stopped before its end".to_owned(),
    };
    let after = match run.outcome {
        Outcome::Halted => returned(&results),
        Outcome::Trapped(trap) => format!("trap: {trap}"),
        Outcome::Astray(unexpected) => format!("went astray: {unexpected}"),
        Outcome::OutOfTokens { limit } => format!("stopped at {limit} tokens, the most that it was given"),
        Outcome::Cancelled => "stopped by hand".to_owned(),
    };
    let first = first_shown(position, tokens, run.sequence.tokens());
    let signed = |values: Vec<u32>| values.into_iter().map(u32::cast_signed);
    Ok(Changed {
        before: Side::new(tokens, first, word).ended(signed(end.outputs.clone()), before),
        after: Side::new(run.sequence.tokens(), first, word).ended(signed(run.outputs), after),
        parting,
        every_key,
        seconds: rest.worked(),
    })
}

/// What a function has given, in words.
fn returned(results: &[u32]) -> String {
    let results: Vec<String> = results.iter().map(|value| value.cast_signed().to_string()).collect();
    if results.is_empty() { "halted".to_owned() } else { format!("gave {}", results.join(", ")) }
}
