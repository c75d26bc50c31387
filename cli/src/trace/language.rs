//! Answered questions as traces.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use engine::kernels::Compute;
use engine::qwen::Config;
use engine::trace::language::{Given, record, settings, weights, without_ending};
use engine::trace::{Question, Trace};
use engine::worldmodel::ask::{Asked, Prompted, Settings, WorldModel};

use crate::Status;
use crate::ask::{Which, WorldErrand, with_worldmodel};
use crate::engines::Device;
use crate::language::ComputeOptions;

/// Asks a question as `ask` does, and hands on its trace.
pub fn ask(
    model: &Path,
    question: &str,
    device: Device,
    then: impl FnOnce(Trace) -> Result<Status>,
) -> Result<Status> {
    with(model, device, Errand { name: &name_of(model), question, asked: None, then })
}

/// What a model is called: its folder's name, or its file's without the ending of a format. Other points belong to the name, as in
/// `Qwen3-0.6B`.
fn name_of(model: &Path) -> String {
    // A path like `.` ends in no name.
    let whole = model.canonicalize();
    let path = whole.as_deref().unwrap_or(model);
    let name = model.file_name().or_else(|| path.file_name());
    let name = name.map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned());
    if path.is_dir() { name } else { without_ending(&name).to_owned() }
}

/// Asks a trace's question again, as it was asked, and hands on the new trace.
pub fn again(
    model: &Path,
    question: &Question,
    name: &str,
    device: Device,
    then: impl FnOnce(Trace) -> Result<Status>,
) -> Result<Status> {
    with(model, device, Errand { name, question: &question.text, asked: Some(question), then })
}

fn with(model: &Path, device: Device, errand: impl WorldErrand) -> Result<Status> {
    let which = Which { model: model.to_owned(), adapter: None };
    with_worldmodel(&which, &ComputeOptions::on(device), errand)
}

struct Errand<'a, T> {
    name: &'a str,
    question: &'a str,
    /// How it was asked, where it was.
    asked: Option<&'a Question>,
    then: T,
}

impl<T: FnOnce(Trace) -> Result<Status>> WorldErrand for Errand<'_, T> {
    fn run<C: Compute>(self, model: WorldModel<'_, C>) -> Result<Status> {
        let mut selection = model.selection.clone();
        if let Some(question) = self.asked {
            let Some(weights) = weights(question) else {
                bail!("the trace is of a model without taps, and this one has some")
            };
            selection.weights = weights;
        }
        let shape = (model.taps.taps.len(), model.taps.config.layers);
        let settings = self.settings(&model.decoder.model().config, shape)?;
        let mut model = WorldModel { selection: &selection, ..model };
        let asked = pollster::block_on(model.ask(self.question, &settings, async |_| true));
        let asked = asked.map_err(|error| anyhow!("{error}"))?;
        let given = Given {
            name: self.name,
            question: self.question,
            settings: &settings,
            weights: Some(&selection.weights),
        };
        let trace = recorded(given, &asked, model.decoder, model.tokenizer)?;
        (self.then)(trace)
    }

    fn run_prompted<C: Compute>(self, mut model: Prompted<'_, C>) -> Result<Status> {
        if self.asked.is_some_and(|question| weights(question).is_some()) {
            bail!("the trace is of a model with taps: --with names the folder of that and its adapter");
        }
        let settings = self.settings(&model.decoder.model().config, (0, 0))?;
        let asked = pollster::block_on(model.ask(self.question, &settings, async |_| true));
        let asked = asked.map_err(|error| anyhow!("{error}"))?;
        let given = Given { name: self.name, question: self.question, settings: &settings, weights: None };
        let trace = recorded(given, &asked, model.decoder, model.tokenizer)?;
        (self.then)(trace)
    }
}

impl<T> Errand<'_, T> {
    fn settings(&self, config: &Config, taps: (usize, usize)) -> Result<Settings> {
        match self.asked {
            Some(question) => {
                settings(question, config, taps).map_err(|reason| anyhow!("the trace's question: {reason}"))
            }
            None => Ok(Settings::default()),
        }
    }
}

fn recorded<C: Compute>(
    given: Given<'_>,
    asked: &Asked,
    decoder: &mut engine::qwen::Decoder<C>,
    tokenizer: &engine::tokenizer::Tokenizer,
) -> Result<Trace> {
    let trace = pollster::block_on(record(decoder, tokenizer, given, asked, async || true));
    trace.map_err(|error| anyhow!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_keeps_the_points_of_its_name() {
        assert_eq!(name_of(Path::new("models/Qwen3-0.6B-Q8_0.gguf")), "Qwen3-0.6B-Q8_0");
        assert_eq!(name_of(Path::new("models/model.v1.safetensors")), "model.v1");
        assert_eq!(name_of(Path::new("models/Qwen3-0.6B")), "Qwen3-0.6B");
        // A folder, and one without a name of its own.
        assert_eq!(name_of(Path::new("src/trace/")), "trace");
        assert_eq!(name_of(Path::new(".")), "cli");
    }
}
