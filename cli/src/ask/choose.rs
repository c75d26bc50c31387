//! `worldmodel choose`: learns which candidate to choose, from candidates that are run.

use anyhow::{Context, Result, anyhow};
use clap::Args;
use engine::kernels::Compute;
use engine::worldmodel::adapter::AdapterConfig;
use engine::worldmodel::answer::Failure;
use engine::worldmodel::ask::{AskError, Settings, WorldModel};
use engine::worldmodel::data::{Families, Mix, Split};
use engine::worldmodel::train::choosing::{self, Tried};

use super::{Trial, WorldErrand, with_worldmodel};
use crate::{Status, questions, report};

/// The options of `worldmodel choose`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    trial: Trial,
    /// Questions that are tried, of training's wordings.
    #[arg(long, default_value_t = 3000)]
    count: usize,
    /// Draws other questions.
    #[arg(long, default_value_t = 11)]
    seed: u64,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    let families = questions::read(&options.trial.questions)?;
    with_worldmodel(&options.trial.which, &options.trial.compute, Choose { options, families })
}

struct Choose<'a> {
    options: &'a Options,
    families: Families,
}

impl WorldErrand for Choose<'_> {
    fn run<C: Compute>(self, mut model: WorldModel<'_, C>) -> Result<Status> {
        let mut rng = fastrand::Rng::with_seed(self.options.seed);
        let taps = model.taps.config.behind.len();
        let mut tried = Vec::new();
        for _ in 0..self.options.count {
            let drawn = self.families.example(&mut rng, &Mix::default(), Split::Train);
            // What has to fail does so with every program.
            let Some(example) = drawn.filter(|example| example.failure.is_none()) else { continue };
            let granted = example.granted.clone();
            let settings = Settings { granted, reply: false, ..Settings::default() };
            let asked = match pollster::block_on(model.ask(&example.question, &settings, async |_| true)) {
                Ok(asked) => asked,
                Err(error @ AskError::Compute(_)) => return Err(anyhow!("{error}")),
                Err(_) => continue,
            };
            for (tap, candidate) in asked.candidates.into_iter().enumerate() {
                let right = match (&candidate.outcome.answer, &example.answer) {
                    (Ok(ours), Some(theirs)) => ours.same(theirs),
                    (Err(failure), None) => *failure == Failure::NothingToCompute,
                    _ => false,
                };
                tried.push(Tried { tap, terms: candidate.terms, state: candidate.written.state, right });
            }
        }
        let wrong = tried.iter().filter(|tried| !tried.right).count();
        report::line(&format!("{} candidates, {wrong} of them wrong", tried.len()));
        let path = self.options.trial.which.adapter()?.join("adapter.json");
        let json = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut config = AdapterConfig::read(&json).with_context(|| path.display().to_string())?;
        config.selection = choosing::learn(&tried, taps);
        report::line(&format!("weights: {:?}", config.selection.weights));
        let new = path.with_extension("json.new");
        let written =
            std::fs::write(&new, serde_json::to_vec(&config)?).and_then(|()| std::fs::rename(&new, &path));
        written.with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Status::Done)
    }
}
