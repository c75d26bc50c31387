//! `worldmodel xray`: opens numbers of a run.

mod chance;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use engine::interpreter::AnyEngine;
use engine::interpreter::classic::runner;
use engine::interpreter::engine::Engine;
use engine::interpreter::model::Transformer;
use engine::interpreter::sequence::Sequence;
use engine::interpreter::{classic, full};
use engine::source::Span;
use engine::xray::{Explanation, Site, explain};
use serde::Serialize;

use self::chance::Chance;
use crate::engines::{self, Device};
use crate::run::{assemble, ready};
use crate::source::Source;
use crate::{Status, report};

/// How far a recomputed number may be from the one the run used.
const TOLERANCE: f32 = 1e-3;
/// Inputs shown to people.
const SHOWN_INPUTS: usize = 12;

/// Options of `worldmodel xray`.
#[derive(Args)]
pub struct Options {
    /// Which model.
    model: Model,
    /// The program it runs; `-` reads standard input.
    input: PathBuf,
    /// The exported function to call (full).
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,
    /// Its arguments, separated by commas (full).
    #[arg(long, value_name = "A,B", value_delimiter = ',', allow_hyphen_values = true)]
    args: Vec<String>,
    /// Tokens the transformer may write.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_tokens: usize,
    /// A number to open, as in `blocks.4.mlp.hook_post[17, 3]`; may be repeated.
    #[arg(long, value_name = "NAME")]
    site: Vec<String>,
    /// Opens N numbers anywhere in the run; exit status 1 if one does not recompute.
    #[arg(long, value_name = "N", default_value_t = 0)]
    random: usize,
    /// Chooses other random numbers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the transformer computes.
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// Computes every weight, on burn.
    #[arg(long)]
    dense: bool,
    /// Prints one JSON object a number.
    #[arg(long)]
    json: bool,
}

/// A model that can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// The classic interpreter transformer.
    Classic,
    /// The interpreter transformer for 32-bit WebAssembly.
    Full,
}

/// A run that is over, and what computed it.
struct Ran {
    model: Transformer,
    engine: AnyEngine,
    sequence: Sequence,
}

/// Why a program is not run, and where.
type Reasons = Vec<(Option<Span>, String, Option<String>)>;

/// A number, as JSON.
#[derive(Serialize)]
struct Opened<'a> {
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
    let source = Source::read(&options.input)?;
    let ran = match options.model {
        Model::Classic => run_classic(options, &source)?,
        Model::Full => run_full(options, &source)?,
    };
    let Ran { model, mut engine, sequence } = match ran {
        Ok(ran) => ran,
        Err(reasons) => {
            let text = source.text();
            for (span, message, help) in reasons {
                let help = help.as_deref();
                report::problem(&report::underlined(&source.name, &text, span, &message, help));
            }
            return Ok(Status::Refused);
        }
    };
    let mut chance = Chance(options.seed);
    let drawn = (0..options.random).map(|_| chance.site(&model, &sequence));
    let mut wrong = 0;
    let mut opened = 0;
    for site in sites.into_iter().chain(drawn) {
        let explanation = pollster::block_on(explain(&mut engine, &model, &sequence, site))?;
        opened += 1;
        // Written so that a number that is not one counts as wrong.
        let agrees = (explanation.value - explanation.recomputed).abs() <= TOLERANCE;
        wrong += usize::from(!agrees);
        print(&explanation, agrees, options.json)?;
    }
    if options.random > 0 {
        report::problem(&format!("{opened} numbers opened on {}, {wrong} do not recompute", engine.name()));
    }
    Ok(if wrong == 0 { Status::Done } else { Status::Stopped })
}

/// Runs a program of the classic machine.
fn run_classic(options: &Options, source: &Source) -> Result<Result<Ran, Reasons>> {
    if options.invoke.is_some() || !options.args.is_empty() {
        bail!("--invoke and --args belong to modules; a classic program has no functions");
    }
    let assembly = match assemble(source) {
        Ok(assembly) => assembly,
        Err(errors) => {
            let reason = |error: engine::source::SourceError| (Some(error.span), error.message, error.help);
            return Ok(Err(errors.into_iter().map(reason).collect()));
        }
    };
    let model = classic::compile::compile();
    let mut engine = engines::engine(&model, options.device, options.dense)?;
    let how = runner::Options { max_tokens: options.max_tokens, ..runner::Options::default() };
    let run = pollster::block_on(runner::run(&mut engine, &assembly.program, how, async |_| true))?;
    Ok(Ok(Ran { model, engine, sequence: run.sequence }))
}

/// Runs a module on the full machine.
fn run_full(options: &Options, source: &Source) -> Result<Result<Ran, Reasons>> {
    let ready = match ready(source, options.invoke.as_deref(), &options.args) {
        Ok(ready) => ready,
        Err(reason) => return Ok(Err(vec![reason])),
    };
    let model = full::compile::compile();
    let mut engine = engines::engine(&model, options.device, options.dense)?;
    let run = full::run::run(&mut engine, &ready.program, &ready.stub, options.max_tokens, async |_| true);
    let mut sequence = pollster::block_on(run)?.sequence;
    // The last token was never read: nothing was computed there.
    sequence.truncate(engine.seen());
    Ok(Ok(Ran { model, engine, sequence }))
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
        return report::json(&Opened { site, label, rule, value: *value, recomputed: *recomputed, inputs });
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
