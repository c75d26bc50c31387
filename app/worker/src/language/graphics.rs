//! The graphics device: its start, and its operations beside the processor's before anybody believes them.

use engine::kernels::ComputeError;
use engine::kernels::gpu::Gpu;
use engine::kernels::gpu::self_test::{Findings, Shape, compare};
use engine::qwen::{Architecture, LoadOptions, Loader};
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
/// When there is no such device, it does not start, or it fails.
pub async fn start(
    opened: &Opened,
    quantize: Option<Encoding>,
    errand: &Errand<'_>,
) -> Result<(Gpu, SelfTest), AppError> {
    let mut gpu = Gpu::start().await.map_err(|failure| missing(&failure))?;
    errand.tell(LanguageProgress::Checking);
    let clock = Rest::new(errand.scope);
    let found =
        compare(&mut gpu, &shape(opened, quantize)?).await.map_err(|failure| error::compute(&failure))?;
    let Findings { operations, values, failures } = found;
    Ok((gpu, SelfTest { programs: operations, tokens: values, failures, seconds: clock.worked() }))
}

/// What kernels see of a model.
fn shape(opened: &Opened, quantize: Option<Encoding>) -> Result<Shape, AppError> {
    let loader = Loader::<Gpu>::new(&opened.checkpoint, LoadOptions { quantize });
    let loader = loader.map_err(|failure| error::load(&failure))?;
    let config = loader.config();
    let mut encodings = Vec::new();
    for tensor in opened.checkpoint.tensors().iter().filter(|tensor| tensor.shape.len() == 2) {
        let columns = tensor.shape.last().copied().unwrap_or_default();
        let brought = quantize
            .filter(|wanted| tensor.encoding.is_float() && columns.is_multiple_of(wanted.block_weights()));
        let encoding = brought.unwrap_or(tensor.encoding);
        if !encodings.contains(&encoding) {
            encodings.push(encoding);
        }
    }
    Ok(Shape {
        hidden: config.hidden,
        ffn: config.ffn,
        attention: config.attention(),
        vocabulary: config.vocabulary,
        head_norm: config.architecture == Architecture::Qwen3,
        encodings,
    })
}

fn missing(failure: &ComputeError) -> AppError {
    let remedy =
        "Load the model on the CPU. WebGPU needs a recent browser with hardware acceleration switched on.";
    error::error(Problem::DeviceMissing, failure.to_string(), remedy)
}
