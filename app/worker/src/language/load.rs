//! From a source to a loaded model.

use engine::kernels::Compute;
use engine::kernels::cpu::Cpu;
use engine::qwen::{LoadOptions as EngineOptions, Loader};
use engine::trace::language::without_ending;
use engine::weights::Encoding;
use protocol::language::{LanguageCard, LanguageProgress, LoadOptions, Loaded, ModelSource};
use protocol::{AppError, Device, Problem};
use web_sys::File;

use super::address::Address;
use super::asking::{self, Adapted};
use super::browser::memory;
use super::card::card;
use super::device::AnySession;
use super::errand::Errand;
use super::error;
use super::files::{Adapter, Opened, Readable, open};
use super::obtain::{Obtained, obtain};
use super::session::Session;
use super::{kept, own_site, remote, room, shipped};
use crate::rest::Rest;

/// What the model that comes with the page is called in files.
const BUNDLED: &str = "nano";

/// Reads a model's headers.
///
/// # Errors
/// When it cannot be had, or is none that is supported.
pub async fn inspect(
    source: &ModelSource,
    files: &[File],
    errand: &Errand<'_>,
) -> Result<LanguageCard, AppError> {
    let opened = match source {
        ModelSource::Bundled => open(own_site::NANO.fetch(errand).await?)?,
        ModelSource::Files => open(Readable::chosen(files)?)?,
        ModelSource::Kept(key) => open(kept::complete(errand.scope, key).await?)?,
        ModelSource::Address(pasted) => remote::open_remote(&Address::of(pasted)?, errand).await?,
    };
    errand.go_on().await?;
    card(&opened)
}

/// Loads a model. `make_room` lets go of the one before, once this one is known to be of use.
///
/// # Errors
/// When it cannot be had, is none that is supported, needs more memory than there is, or somebody stops it.
pub async fn load(
    source: &ModelSource,
    files: &[File],
    options: &LoadOptions,
    errand: &Errand<'_>,
    make_room: impl FnOnce(),
) -> Result<(AnySession, Loaded), AppError> {
    let quantize = encoding(options.quantize)?;
    let begin = errand.scope.seconds();
    let Obtained { files, origin, key, sha256, not_kept } =
        obtain(source, files, options.keep, errand).await?;
    let clock = Rest::new(errand.scope);
    let obtain_seconds = errand.scope.seconds() - begin;
    let mut opened = open(files)?;
    let card = card(&opened)?;
    let no_taps = if options.taps { shipped::give(&mut opened, &card, errand).await? } else { None };
    opened.name = match source {
        ModelSource::Bundled => BUNDLED.to_owned(),
        _ => without_ending(&opened.name).to_owned(),
    };
    let world = opened.adapter.as_ref().map(asking::world);
    let context = options.context.clamp(1, card.context);
    let (mut session, device, device_name, self_test) = match options.device {
        #[cfg(feature = "gpu")]
        Device::WebGpu => {
            // The weights go to the device, tensor by tensor; its own memory nobody knows before it is full.
            let (gpu, self_test) = super::graphics::start(&opened, quantize, errand).await?;
            make_room();
            let mut session = session(gpu, opened, quantize, context, errand).await?;
            let name = session.device_name();
            (AnySession::Gpu(Box::new(session)), Device::WebGpu, name, Some(self_test))
        }
        #[cfg(not(feature = "gpu"))]
        Device::WebGpu => return Err(no_gpu()),
        Device::Cpu | Device::CpuDense => {
            // The page asks only for what passes; what arrived may be more than its header had said.
            room::check(&card, options.quantize, context)?;
            make_room();
            let mut session = session(Cpu, opened, quantize, context, errand).await?;
            let name = session.device_name();
            (AnySession::Cpu(Box::new(session)), Device::Cpu, name, None)
        }
    };
    let context = super::device::with_session!(&mut session, session => session.context());
    let loaded = Loaded {
        card,
        key,
        sha256,
        device,
        device_name,
        self_test,
        context,
        origin,
        obtain_seconds,
        seconds: clock.worked(),
        memory: memory(),
        not_kept,
        world,
        no_taps,
    };
    Ok((session, loaded))
}

/// Puts the weights where the device multiplies with them, part by part.
async fn session<C: Compute>(
    mut compute: C,
    opened: Opened,
    quantize: Option<Encoding>,
    context: usize,
    errand: &Errand<'_>,
) -> Result<Session<C>, AppError> {
    let Opened { checkpoint, tokenizer, adapter, name } = opened;
    let mut loader =
        Loader::new(&checkpoint, EngineOptions { quantize }).map_err(|failure| error::load(&failure))?;
    while loader.step(&checkpoint, &mut compute).map_err(|failure| error::load(&failure))? {
        let (parts, of) = loader.progress();
        errand.tell_now_and_then(LanguageProgress::Loading { parts, of });
        errand.go_on().await?;
    }
    let model = loader.finish().ok_or_else(error::no_model)?;
    let adapted = match adapter {
        Some(Adapter { config, weights }) => {
            let taps = config.load(&weights, &model.config, &mut compute);
            Some(Adapted::new(
                config.kind,
                taps.map_err(|failure| error::adapter(&failure))?,
                config.selection,
            ))
        }
        None => None,
    };
    Ok(Session::new(name, compute, model, tokenizer, adapted, context))
}

/// What weights of floats are brought to.
fn encoding(bits: Option<u8>) -> Result<Option<Encoding>, AppError> {
    match bits {
        None => Ok(None),
        Some(4) => Ok(Some(Encoding::Q4_0)),
        Some(8) => Ok(Some(Encoding::Q8_0)),
        Some(bits) => {
            let message = format!("weights were to be brought to {bits} bits");
            Err(error::error(Problem::BadRequest, message, "Choose 4 or 8."))
        }
    }
}

#[cfg(not(feature = "gpu"))]
fn no_gpu() -> AppError {
    let message = "this engine computes language models on the CPU only";
    error::error(Problem::DeviceMissing, message, "Load the model on the CPU.")
}
