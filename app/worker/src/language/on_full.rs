//! A program that a model wrote, on the full interpreter transformer.

use engine::interpreter::full::compile::compile;
use engine::interpreter::full::engine::FullEngine;
use engine::worldmodel::program::on_full::{self, NotRun};
use protocol::asking::OnFull;
use protocol::{AppError, Problem};

use super::errand::Errand;

/// Tokens that the transformer may write: some seconds' worth.
const MAX_TOKENS: usize = 1_000_000;
/// Positions computed between two looks at the clock.
const AT_ONCE: usize = 512;

/// Runs a program. One that is outside of the machine comes to nothing, and says why.
///
/// # Errors
/// When the engine fails.
pub async fn run(wat: &str, errand: &Errand<'_>) -> Result<OnFull, AppError> {
    let begin = errand.scope.seconds();
    let failed = |message: String| AppError {
        problem: Problem::BadRequest,
        message,
        remedy: "That is a fault of the engine; please report the program.".to_owned(),
    };
    let mut engine = FullEngine::new(&compile()).map_err(|error| failed(error.to_string()))?;
    let go_on = async |seen: usize| !seen.is_multiple_of(AT_ONCE) || !errand.is_to_stop().await;
    let found = on_full::run(&mut engine, wat, MAX_TOKENS, go_on).await;
    let seconds = errand.scope.seconds() - begin;
    match found {
        Ok(on_full::OnFull { wat, answer, instructions, prompt_tokens, tokens }) => {
            let result = answer.map(|answer| answer.to_string());
            Ok(OnFull { wat, result, instructions, prompt_tokens, tokens, seconds })
        }
        Err(NotRun::Outside(reason)) => {
            let (result, wat) = (Err(reason), String::new());
            Ok(OnFull { wat, result, instructions: 0, prompt_tokens: 0, tokens: 0, seconds })
        }
        Err(error @ (NotRun::Trace(_) | NotRun::Engine(_))) => Err(failed(error.to_string())),
    }
}
