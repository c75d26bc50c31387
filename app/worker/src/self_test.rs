//! The engine's self-test on the chosen device, with the browser's clock.

use engine::interpreter::AnyEngine;
use engine::interpreter::classic::self_test::{self, Findings, PROGRAMS, Pace};
use engine::interpreter::engine::EngineError;
use protocol::{Device, SelfTest};

use crate::rest::Rest;

/// Runs the self-test's programs.
///
/// # Errors
/// When the device fails while it computes.
pub async fn run(engine: &mut AnyEngine, device: Device, rest: &Rest<'_>) -> Result<SelfTest, EngineError> {
    check(engine, device, rest, &PROGRAMS).await
}

/// Runs programs, given by name and text.
///
/// # Errors
/// When the device fails while it computes.
pub async fn check(
    engine: &mut AnyEngine,
    device: Device,
    rest: &Rest<'_>,
    programs: &[(impl AsRef<str>, impl AsRef<str>)],
) -> Result<SelfTest, EngineError> {
    let pace = if device == Device::Cpu { Pace::StepByStep } else { Pace::Drafted };
    let go_on = async |_| {
        rest.when_due().await;
        true
    };
    let Findings { programs, tokens, failures } = self_test::check(engine, programs, pace, go_on).await?;
    Ok(SelfTest { programs, tokens, failures, seconds: rest.worked() })
}
