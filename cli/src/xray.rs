//! `worldmodel xray`: opens numbers of a run.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use engine::interpreter::HeadKind;
use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::runner::{self, Run};
use engine::interpreter::engine::Engine;
use engine::interpreter::model::Transformer;
use engine::xray::{Explanation, HeadPart, NeuronPart, Site, Stage, explain};
use serde::Serialize;

use crate::engines::{self, Device};
use crate::run::assemble;
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
}

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
    let Model::Classic = options.model;
    if options.site.is_empty() && options.random == 0 {
        bail!(
            "name a number with --site, as in 'blocks.4.mlp.hook_post[17, 3]', or open some with --random N"
        );
    }
    let sites = options.site.iter().map(|name| name.parse()).collect::<Result<Vec<Site>, _>>()?;
    let source = Source::read(&options.input)?;
    let assembly = match assemble(&source) {
        Ok(assembly) => assembly,
        Err(errors) => {
            let text = source.text();
            for error in errors {
                let help = error.help.as_deref();
                report::problem(&report::underlined(
                    &source.name,
                    &text,
                    Some(error.span),
                    &error.message,
                    help,
                ));
            }
            return Ok(Status::Refused);
        }
    };
    let model = compile();
    let mut engine = engines::engine(&model, options.device, options.dense)?;
    let how = runner::Options::default();
    let run = pollster::block_on(runner::run(&mut engine, &assembly.program, how, async |_| true))?;
    let mut chance = Chance(options.seed);
    let drawn = (0..options.random).map(|_| chance.site(&model, &run));
    let mut wrong = 0;
    let mut opened = 0;
    for site in sites.into_iter().chain(drawn) {
        let explanation = pollster::block_on(explain(&mut engine, &model, &run.sequence, site))?;
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

/// Draws numbers of a run: the same ones for the same seed.
struct Chance(u64);

impl Chance {
    /// A number from 0 to `below` − 1 (splitmix64).
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }

    fn one<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let index = self.below(others.len() + 1);
        others.get(index).copied().unwrap_or(first)
    }

    /// Any kind of site, equally often; then any number of that kind.
    fn site(&mut self, model: &Transformer, run: &Run) -> Site {
        let d_model = model.d_model();
        let position = self.below(run.sequence.positions.len());
        let layer = self.below(model.blocks.len());
        let heads = |layer: usize| model.blocks.get(layer).map_or(0, |block| block.heads.len());
        let neurons = model.blocks.get(layer).map_or(0, |block| block.mlp.gate.shape()[0]);
        match self.below(8) {
            0 => Site::Embed { position, dim: self.below(d_model) },
            1 => Site::PosEmbed { position, dim: self.below(d_model) },
            2 => {
                let stage = self.one(Stage::Pre, &[Stage::Mid, Stage::Post]);
                Site::Resid { layer, stage, position, dim: self.below(d_model) }
            }
            3 => {
                let part = self.one(NeuronPart::Pre, &[NeuronPart::PreLinear, NeuronPart::Post]);
                Site::Neuron { layer, part, position, neuron: self.below(neurons) }
            }
            4 => Site::Logit { position, token: self.below(model.vocabulary()) },
            kind => {
                // A layer without heads gives its turn to the first layer.
                let layer = if heads(layer) == 0 { 0 } else { layer };
                let head = self.below(heads(layer));
                let keys = model
                    .blocks
                    .get(layer)
                    .and_then(|block| block.heads.get(head))
                    .map_or(0, |found| run.sequence.visible_keys(found.kind, position));
                let key = self.below(keys);
                match kind {
                    5 if keys > 0 => Site::Score { layer, head, query: position, key },
                    6 if keys > 0 => Site::Pattern { layer, head, query: position, key },
                    _ => {
                        let cross = model.blocks.get(layer).and_then(|block| block.heads.get(head));
                        let cross = cross.is_some_and(|head| matches!(head.kind, HeadKind::Cross { .. }));
                        let parts: &[HeadPart] =
                            if cross { &[HeadPart::Z] } else { &[HeadPart::K, HeadPart::V, HeadPart::Z] };
                        let part = self.one(HeadPart::Q, parts);
                        Site::Head { layer, part, position, head, component: self.below(2) }
                    }
                }
            }
        }
    }
}
