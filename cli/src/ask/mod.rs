//! `worldmodel ask`: a question, three programs, a result, an answer.

pub mod choose;
pub mod files;
pub mod host;
mod record;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use engine::kernels::Compute;
use engine::qwen::interventions::Interventions;
use engine::worldmodel::adapter::AdapterConfig;
use engine::worldmodel::ask::{Asked, Choice, Prompted, Settings, WorldModel};
use engine::worldmodel::taps::Gate;

use crate::language::{self, ComputeOptions, Errand, Loaded, open_weights};
use crate::replace::{self, Replacement};
use crate::{Status, report};
use files::Files;
pub use files::Which;
pub use record::Record;

/// The options of `worldmodel ask`.
#[derive(Args)]
pub struct Options {
    /// The question; without one, a chat.
    question: Option<String>,
    /// Asks every line of a file, and prints an object for each.
    #[arg(long, value_name = "FILE", conflicts_with = "question")]
    file: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
    /// Prints one object instead of text.
    #[arg(long)]
    json: bool,
    /// Lets programs ask the host: date, time, datetime, weekday, timezone, platform, year, timestamp and the like, or all.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    grant: Vec<String>,
    /// Lets the model answer by itself, without programs.
    #[arg(long)]
    alone: bool,
    /// By which rule one of the programs is chosen.
    #[arg(long, value_enum, default_value_t = Rule::Trained)]
    rule: Rule,
    /// How often a model without an adapter is asked for a program.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=32))]
    samples: u8,
    /// The same seed gives the same programs of such a model.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Replaces a part of the model while it answers, as in `blocks.3.attn.hook_z[2]=0` (head 2 of layer 3),
    /// `blocks.3.mlp.hook_post[17]=1.5@4` (a neuron, at token 4 alone), `blocks.3.hook_resid_post[40]=0` (a dimension of the
    /// residual stream) or `taps.0.layers.1.cross_gate=0` (a tap's gate); may be repeated.
    #[arg(long, value_name = "PART=VALUE")]
    replace: Vec<Replacement>,
    #[command(flatten)]
    compute: ComputeOptions,
}

/// A rule by which a program is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rule {
    /// What was trained.
    Trained,
    /// The published system's.
    Original,
}

impl From<Rule> for Choice {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Trained => Self::Trained,
            Rule::Original => Self::Original,
        }
    }
}

/// A model, and questions to try it on.
#[derive(Args)]
pub struct Trial {
    #[command(flatten)]
    which: Which,
    /// The folder of questions.
    #[arg(long, default_value = "assets/questions")]
    questions: PathBuf,
    #[command(flatten)]
    compute: ComputeOptions,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    with_worldmodel(&options.which, &options.compute, Ask(options))
}

/// Something to be done with a WorldModel, whatever the device.
pub trait WorldErrand: Sized {
    /// Does it.
    ///
    /// # Errors
    /// What went wrong, in words.
    fn run<C: Compute>(self, model: WorldModel<'_, C>) -> Result<Status>;

    /// Does it with a model that has no taps.
    ///
    /// # Errors
    /// What went wrong, in words: as a rule that taps are wanted.
    fn run_prompted<C: Compute>(self, model: Prompted<'_, C>) -> Result<Status> {
        let _ = model;
        bail!(
            "this model has no adapter: --adapter names the folder of one (`worldmodel train --base` makes it)"
        )
    }
}

/// Loads a decoder and its adapter, if it has one, and does something with them.
pub fn with_worldmodel(which: &Which, options: &ComputeOptions, errand: impl WorldErrand) -> Result<Status> {
    let Files { base, adapter } = which.find()?;
    language::with_model(&base, options, Adapted { adapter: adapter.as_deref(), base: &base, errand })
}

/// What a folder's adapter says of itself.
pub fn adapter(folder: &Path) -> Result<AdapterConfig> {
    let path = folder.join("adapter.json");
    let json = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    AdapterConfig::read(&json).with_context(|| path.display().to_string())
}

struct Adapted<'a, E> {
    adapter: Option<&'a Path>,
    base: &'a Path,
    errand: E,
}

impl<E: WorldErrand> Errand for Adapted<'_, E> {
    fn run<C: Compute>(self, loaded: Loaded<C>) -> Result<Status> {
        let Loaded { mut decoder, tokenizer, .. } = loaded;
        let Some(folder) = self.adapter else {
            return self.errand.run_prompted(Prompted { decoder: &mut decoder, tokenizer: &tokenizer });
        };
        let path = folder.join("adapter.json");
        let config = adapter(folder)?;
        let weights = open_weights(&folder.join("adapter.safetensors"))?;
        let shape = decoder.model().config.clone();
        let taps =
            config.load(&weights, &shape, decoder.compute()).with_context(|| path.display().to_string())?;
        config.check_base(&open_weights(self.base)?).with_context(|| path.display().to_string())?;
        let (base, taps, selection) = (config.kind, &taps, &config.selection);
        self.errand.run(WorldModel { base, decoder: &mut decoder, taps, tokenizer: &tokenizer, selection })
    }
}

/// A model that is asked, with or without taps.
enum Asker<'a, C: Compute> {
    Taps(WorldModel<'a, C>),
    Prompted(Prompted<'a, C>),
}

impl<C: Compute> Asker<'_, C> {
    fn ask(&mut self, question: &str, settings: &Settings) -> Result<(Asked, f64)> {
        let start = Instant::now();
        let asked = match self {
            Self::Taps(model) => pollster::block_on(model.ask(question, settings, async |_| true)),
            Self::Prompted(model) => pollster::block_on(model.ask(question, settings, async |_| true)),
        };
        let asked = asked.map_err(|error| anyhow!("{error}"))?;
        Ok((asked, start.elapsed().as_secs_f64()))
    }
}

impl<C: Compute> Asker<'_, C> {
    /// What is replaced in it.
    fn replaced(&self, all: &[Replacement]) -> Result<(Interventions, Vec<Gate>)> {
        let (decoder, taps) = match self {
            Self::Taps(model) => (&*model.decoder, (model.taps.taps.len(), model.taps.config.layers)),
            Self::Prompted(model) => (&*model.decoder, (0, 0)),
        };
        Ok((replace::interventions(all, &decoder.model().config)?, replace::gates(all, taps)?))
    }

    fn record(&self, question: &str, asked: &Asked, settings: &Settings, seconds: f64) -> Record {
        let tokenizer = match self {
            Self::Taps(model) => model.tokenizer,
            Self::Prompted(model) => model.tokenizer,
        };
        Record::new(question, asked, settings.choice, seconds).spelled(asked, tokenizer)
    }
}

struct Ask<'a>(&'a Options);

impl WorldErrand for Ask<'_> {
    fn run<C: Compute>(self, model: WorldModel<'_, C>) -> Result<Status> {
        self.ask(Asker::Taps(model))
    }

    fn run_prompted<C: Compute>(self, model: Prompted<'_, C>) -> Result<Status> {
        report::problem(
            "This model has no adapter: it is told how programs are written, and asked for some.",
        );
        self.ask(Asker::Prompted(model))
    }
}

impl Ask<'_> {
    fn ask<C: Compute>(self, mut model: Asker<'_, C>) -> Result<Status> {
        let options = self.0;
        let granted = host::grants(&options.grant)?;
        let (alone, samples, seed) = (options.alone, options.samples.into(), options.seed);
        let choice = options.rule.into();
        let (interventions, gates) = model.replaced(&options.replace)?;
        let settings =
            Settings { alone, granted, choice, samples, seed, interventions, gates, ..Settings::default() };
        if let Some(path) = &options.file {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            for question in text.lines().filter(|line| !line.trim().is_empty()) {
                let (asked, seconds) = model.ask(question, &settings)?;
                report::json(&model.record(question, &asked, &settings, seconds))?;
            }
            return Ok(Status::Done);
        }
        if let Some(question) = &options.question {
            return one(&mut model, question, &settings, options.json);
        }
        chat(&mut model, &settings, options.json)
    }
}

/// Asks a question, and says how many seconds it took.
pub fn ask<C: Compute>(
    model: &mut WorldModel<'_, C>,
    question: &str,
    settings: &Settings,
) -> Result<(Asked, f64)> {
    let start = Instant::now();
    let asked = pollster::block_on(model.ask(question, settings, async |_| true));
    let asked = asked.map_err(|error| anyhow!("{error}"))?;
    Ok((asked, start.elapsed().as_secs_f64()))
}

fn one<C: Compute>(
    model: &mut Asker<'_, C>,
    question: &str,
    settings: &Settings,
    json: bool,
) -> Result<Status> {
    let (asked, seconds) = model.ask(question, settings)?;
    if json {
        report::json(&model.record(question, &asked, settings, seconds))?;
    } else {
        record::lines(question, &asked, settings.choice).iter().for_each(|line| report::line(line));
    }
    let failed = !asked.computes_nothing() && asked.result().is_some_and(Result::is_err);
    Ok(if failed { Status::Stopped } else { Status::Done })
}

/// A question a line, until the input ends or somebody says goodbye.
fn chat<C: Compute>(model: &mut Asker<'_, C>, settings: &Settings, json: bool) -> Result<Status> {
    report::problem("Ask something; an empty line or \"exit\" ends the chat.");
    let mut input = std::io::stdin().lock();
    loop {
        let _ = write!(std::io::stderr(), "> ");
        let mut line = String::new();
        if input.read_line(&mut line).context("the input cannot be read")? == 0 {
            return Ok(Status::Done);
        }
        match line.trim() {
            "" | "exit" | "quit" => return Ok(Status::Done),
            question => {
                // One question too long must not end the chat.
                if let Err(error) = one(model, question, settings, json) {
                    report::problem(&format!("error: {error:#}"));
                }
            }
        }
    }
}
