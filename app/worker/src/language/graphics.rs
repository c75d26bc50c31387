//! The graphics device: its start, and its operations beside the processor's before anybody believes them.

use engine::kernels::gpu::Gpu;
use engine::kernels::gpu::self_test::{Findings, checked};
use engine::kernels::{Compute, ComputeError};
use engine::qwen::{LoadOptions, Loader};
use engine::weights::Encoding;
use protocol::language::LanguageProgress;
use protocol::{AppError, Problem, SelfTest};

use super::errand::Errand;
use super::error;
use super::files::Opened;
use crate::rest::Rest;

/// Starts the device and compares it with the processor, on the shapes and forms of the model that is to be loaded.
///
/// # Errors
/// When there is no such device, it does not start, it fails or computes otherwise, or somebody stops it.
pub async fn start(
    opened: &Opened,
    quantize: Option<Encoding>,
    errand: &Errand<'_>,
) -> Result<(Gpu, SelfTest), AppError> {
    errand.tell(LanguageProgress::Checking);
    let loader = Loader::<Gpu>::new(&opened.checkpoint, LoadOptions { quantize });
    let shape = loader.map_err(|failure| error::load(&failure))?.shape(&opened.checkpoint);
    let clock = Rest::new(errand.scope);
    let checked = checked(&shape, || errand.scope.seconds(), &|| !errand.is_cancelled()).await;
    let (gpu, found) = checked.map_err(|failure| missing(&failure))?;
    errand.go_on().await?;
    let Findings { operations, values, failures } = found;
    if !failures.is_empty() {
        return Err(error::differs(&gpu.name(), operations, &failures));
    }
    errand.breakable.set(Some(Box::new(gpu.destroyer())));
    Ok((gpu, SelfTest { programs: operations, tokens: values, failures, seconds: clock.worked() }))
}

fn missing(failure: &ComputeError) -> AppError {
    let remedy =
        "Load the model on the CPU. WebGPU needs a recent browser with hardware acceleration switched on.";
    error::error(Problem::DeviceMissing, failure.to_string(), remedy)
}
