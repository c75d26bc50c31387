//! Numbers of language models, on a text.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use engine::kernels::Compute;
use engine::qwen::Decoder;
use engine::tokenizer::{Special, Tokenizer};
use engine::worldmodel::ask::{Prompted, Settings, WorldModel};
use engine::xray::Site;
use engine::xray::language::{KINDS, Run, any};

use super::chance::Chance;
use super::{Opened, Options};
use crate::ask::{self, Which, WorldErrand, with_worldmodel};
use crate::language::ComputeOptions;
use crate::{Status, replace, report};

/// Computes the text and opens its numbers.
pub fn open(options: &Options, model: &Path, sites: Vec<Site>) -> Result<Status> {
    if options.dense || options.invoke.is_some() || !options.args.is_empty() {
        bail!("--invoke, --args and --dense belong to programs; a language model reads a text");
    }
    let text = options.input.to_str().context("the text is not UTF-8")?;
    let which = Which { model: model.to_owned(), adapter: None };
    with_worldmodel(&which, &ComputeOptions::on(options.device), Errand { options, text, sites })
}

struct Errand<'a> {
    options: &'a Options,
    text: &'a str,
    sites: Vec<Site>,
}

impl WorldErrand for Errand<'_> {
    /// The text of a question that is answered.
    fn run<C: Compute>(self, mut model: WorldModel<'_, C>) -> Result<Status> {
        let interventions = replace::interventions(&self.options.replace, &model.decoder.model().config)?;
        let shape = (model.taps.taps.len(), model.taps.config.layers);
        let gates = replace::gates(&self.options.replace, shape)?;
        let settings = Settings { interventions, gates, ..Settings::default() };
        let (asked, _) = ask::ask(&mut model, self.text, &settings)?;
        let tokens = asked.tokens.iter().map(|(token, _)| *token).collect();
        pollster::block_on(self.open(model.decoder, model.tokenizer, tokens))
    }

    /// The text as it is.
    fn run_prompted<C: Compute>(self, model: Prompted<'_, C>) -> Result<Status> {
        // It has no gates: one that is named is refused.
        replace::gates(&self.options.replace, (0, 0))?;
        let tokens = model.tokenizer.encode(self.text, Special::AsText, true)?;
        pollster::block_on(self.open(model.decoder, model.tokenizer, tokens))
    }
}

impl Errand<'_> {
    async fn open<C: Compute>(
        self,
        decoder: &mut Decoder<C>,
        tokenizer: &Tokenizer,
        tokens: Vec<u32>,
    ) -> Result<Status> {
        if tokens.is_empty() {
            bail!("the text has no tokens: nothing is computed");
        }
        let positions = tokens.len();
        let config = decoder.model().config.clone();
        let interventions = replace::interventions(&self.options.replace, &config)?;
        if let Some(position) =
            interventions.list.iter().filter_map(|one| one.position).find(|at| *at >= positions)
        {
            bail!("a part is replaced at token {position}; the text has {positions}, counted from 0");
        }
        let mut run = Run::record(decoder, tokens, interventions, async |_, _| true).await?;
        let name = |token| {
            tokenizer.token_text(token).map_or_else(|| format!("<{token}>"), |text| text.into_owned())
        };
        let mut chance = Chance(self.options.seed);
        let mut drawn = Vec::with_capacity(self.options.random);
        while drawn.len() < self.options.random {
            let kind = chance.below(KINDS);
            drawn.extend(any(kind, &config, positions, |below| chance.below(below)));
        }
        // A layer is computed once for all of its numbers.
        drawn.sort_by_key(Site::layer);
        let mut opened = Opened::default();
        for site in self.sites.into_iter().chain(drawn) {
            let explanation = run.explain(decoder, &name, site).await.map_err(|error| anyhow!("{error}"))?;
            opened.show(&explanation, self.options.json)?;
        }
        if self.options.random > 0 {
            let device = decoder.compute().name();
            report::problem(&format!(
                "{}; {positions} tokens; the largest difference is {:.1e}",
                opened.summary(&device),
                opened.difference
            ));
        }
        Ok(opened.status())
    }
}
