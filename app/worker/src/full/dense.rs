//! A run confirmed, or its beginning written again, by the whole forward pass on the device in use.

use engine::interpreter::AnyEngine;
use engine::interpreter::dense::{DenseDevice, DenseEngine};
use engine::interpreter::engine::{Engine, Want};
use engine::interpreter::full::run::{self, Run};
use engine::interpreter::model::Transformer;
use protocol::machine::Rate;
use protocol::{AppError, Problem, Response};

use super::{Errand, of_device};
use crate::rest::Rest;

/// Tokens of a sequence that is checked: its keys take about 1.6 KB a token, and the time grows with the square.
const MOST_CHECKED: usize = 200_000;

/// The dense engine on the device in use, or on burn's CPU where that is none: a second one of the GPU cannot be had.
fn engine(model: &Transformer, device: Option<DenseDevice>) -> Result<AnyEngine, AppError> {
    let engine = DenseEngine::new(model, device.unwrap_or_else(DenseDevice::cpu)).map_err(of_device)?;
    Ok(AnyEngine::Dense(Box::new(engine)))
}

/// Has each token of a run confirmed.
///
/// # Errors
/// When one is not what the device computes, or the device fails.
pub async fn check(
    model: &Transformer,
    device: Option<DenseDevice>,
    run: &Run,
    errand: &Errand<'_>,
) -> Result<Rate, AppError> {
    if run.sequence.len() > MOST_CHECKED {
        return Err(AppError {
            problem: Problem::NoRoom,
            message: format!(
                "the sequence has {} tokens; {MOST_CHECKED} is the most that is checked here",
                run.sequence.len()
            ),
            remedy: "Every head keeps the keys of every position. Give the program less to do.".to_owned(),
        });
    }
    let mut engine = engine(model, device)?;
    let rest = Rest::new(errand.scope);
    let go_on = async |tokens: usize| {
        rest.when_due().await;
        errand.scope.post(errand.id, Response::Progress { tokens });
        !(errand.is_cancelled)()
    };
    let tokens = run::check(&mut engine, run, go_on).await.map_err(of_device)?;
    Ok(rate(&engine, tokens, run, &rest))
}

/// Writes the beginning of a run's trace once more, token by token; says whether it is the same.
///
/// # Errors
/// When the device fails.
pub async fn generate(
    model: &Transformer,
    device: Option<DenseDevice>,
    run: &Run,
    tokens: u32,
    errand: &Errand<'_>,
) -> Result<(Rate, bool), AppError> {
    let mut engine = engine(model, device)?;
    let mut sequence = run.sequence.clone();
    sequence.truncate(run.prompt_tokens);
    let rest = Rest::new(errand.scope);
    let mut last = None;
    while engine.seen() < sequence.len() && !(errand.is_cancelled)() {
        last = engine.advance(&sequence, Want::Tokens).await.map_err(of_device)?.tokens.last().copied();
        rest.when_due().await;
        errand.scope.post(errand.id, Response::Progress { tokens: engine.seen() });
    }
    // The prompt is read in blocks; the rate is that of writing.
    let rest = Rest::new(errand.scope);
    let trace = run.sequence.tokens().get(run.prompt_tokens..).unwrap_or(&[]);
    let mut written = 0;
    let mut same = true;
    for expected in trace.iter().take(tokens as usize) {
        let Some(token) = last else { break };
        same &= token == *expected;
        written += 1;
        sequence.push(*expected, Vec::new());
        last = engine.advance(&sequence, Want::Tokens).await.map_err(of_device)?.tokens.last().copied();
        if rest.when_due().await {
            errand.scope.post(errand.id, Response::Progress { tokens: written });
        }
        if (errand.is_cancelled)() {
            break;
        }
    }
    Ok((rate(&engine, written, run, &rest), same))
}

fn rate(engine: &AnyEngine, tokens: usize, run: &Run, rest: &Rest<'_>) -> Rate {
    Rate {
        device: engine.name(),
        tokens: tokens as u32,
        of: run.trace().len() as u32,
        seconds: rest.worked(),
    }
}
