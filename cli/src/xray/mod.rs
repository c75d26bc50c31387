//! `worldmodel xray`: opens numbers of a run.

mod chance;
mod compiled;
mod language;

use std::convert::Infallible;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::Args;
use engine::xray::{Explanation, Site};
use serde::Serialize;

use self::compiled::Machine;
use crate::engines::Device;
use crate::replace::Replacement;
use crate::{Status, report};

/// Inputs shown to people.
const SHOWN_INPUTS: usize = 12;

/// Options of `worldmodel xray`.
#[derive(Args)]
pub struct Options {
    /// Which model: classic, full, nano (the folder assets/nano), or a language model: a WorldModel's folder, a .gguf file,
    /// or .safetensors with config.json and tokenizer.json beside it.
    model: Model,
    /// What it runs. Classic and full: the file of a program, or `-` for standard input. A WorldModel: a question, which it
    /// answers as `ask` does; the whole text of that is opened, with what was computed. Another language model: a text, as it is.
    input: OsString,
    /// The exported function to call (full).
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,
    /// Its arguments, separated by commas (full).
    #[arg(long, value_name = "A,B", value_delimiter = ',', allow_hyphen_values = true)]
    args: Vec<String>,
    /// Tokens the transformer may write (classic, full).
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_tokens: usize,
    /// A number to open, as in `blocks.4.mlp.hook_post[17, 3]`; may be repeated.
    #[arg(long, value_name = "NAME")]
    site: Vec<String>,
    /// Opens N numbers anywhere in the run, of all kinds equally often; exit status 1 if one does not recompute.
    #[arg(long, value_name = "N", default_value_t = 0)]
    random: usize,
    /// Chooses other random numbers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Replaces a part of a language model while it computes, as `ask --replace` does; may be repeated.
    #[arg(long, value_name = "PART=VALUE")]
    replace: Vec<Replacement>,
    /// Where the model computes.
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// Computes every weight, on burn (classic, full).
    #[arg(long)]
    dense: bool,
    /// Prints one JSON object a number.
    #[arg(long)]
    json: bool,
}

/// A model that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Model {
    /// The classic interpreter transformer.
    Classic,
    /// The interpreter transformer for 32-bit WebAssembly.
    Full,
    /// A language model, or the folder of a WorldModel.
    Language(PathBuf),
}

impl FromStr for Model {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(match name {
            "classic" => Self::Classic,
            "full" => Self::Full,
            "nano" => Self::Language("assets/nano".into()),
            path => Self::Language(path.into()),
        })
    }
}

/// A number, as JSON.
#[derive(Serialize)]
struct Number<'a> {
    site: String,
    label: &'a str,
    rule: &'a str,
    value: f32,
    recomputed: f32,
    inputs: Vec<InputJson<'a>>,
}

/// One of its inputs, as JSON.
#[derive(Serialize)]
struct InputJson<'a> {
    site: String,
    label: &'a str,
    value: f32,
    weight: f32,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<Status> {
    if options.site.is_empty() && options.random == 0 {
        bail!(
            "name a number with --site, as in 'blocks.4.mlp.hook_post[17, 3]', or open some with --random N"
        );
    }
    let sites = options.site.iter().map(|name| name.parse()).collect::<Result<Vec<Site>, _>>()?;
    match &options.model {
        Model::Classic => compiled::open(options, Machine::Classic, sites),
        Model::Full => compiled::open(options, Machine::Full, sites),
        Model::Language(path) => language::open(options, path, sites),
    }
}

/// Numbers that were opened.
#[derive(Default)]
struct Opened {
    count: usize,
    wrong: usize,
    /// The largest difference between a number and what its inputs come to.
    difference: f32,
}

impl Opened {
    /// Prints a number.
    fn show(&mut self, explanation: &Explanation, json: bool) -> Result<()> {
        let agrees = explanation.agrees();
        self.count += 1;
        self.wrong += usize::from(!agrees);
        self.difference = self.difference.max((explanation.value - explanation.recomputed).abs());
        print(explanation, agrees, json)
    }

    fn summary(&self, device: &str) -> String {
        format!("{} numbers opened on {device}, {} do not recompute", self.count, self.wrong)
    }

    fn status(&self) -> Status {
        if self.wrong == 0 { Status::Done } else { Status::Stopped }
    }
}

fn print(explanation: &Explanation, agrees: bool, json: bool) -> Result<()> {
    let Explanation { site, label, rule, value, recomputed, inputs } = explanation;
    if json {
        let inputs = inputs.iter().map(|input| InputJson {
            site: input.site.to_string(),
            label: &input.label,
            value: input.value,
            weight: input.weight,
        });
        let (site, inputs) = (site.to_string(), inputs.collect());
        return report::json(&Number { site, label, rule, value: *value, recomputed: *recomputed, inputs });
    }
    report::line(&format!("{site} = {value}   {label}"));
    let verdict = if agrees { "" } else { "   DIFFERS" };
    report::line(&format!("  {rule} = {recomputed}{verdict}"));
    for input in inputs.iter().take(SHOWN_INPUTS) {
        report::line(&format!("  {} × {}   {}   {}", input.value, input.weight, input.site, input.label));
    }
    if inputs.len() > SHOWN_INPUTS {
        report::line(&format!("  and {} more", inputs.len() - SHOWN_INPUTS));
    }
    Ok(())
}
