//! Where numbers of a text come from, and the whole text at a glance.

use engine::kernels::Compute;
use engine::xray::language::{Run, RunError};
use protocol::language::{LanguageProgress, LanguageResponse, LensOfText, OpenRequest, Opened};
use protocol::{AppError, Problem};

use super::errand::Errand;
use super::error;
use super::session::Session;
use super::switched::Switched;

/// Neurons of a layer that are told of at most.
const MOST_PEAKS: usize = 64;

/// A text that was computed to be opened, and what was replaced in it.
pub struct Recorded {
    run: Run,
    switched: Switched,
}

impl<C: Compute> Session<C> {
    /// Opens what is asked for. The caches of the chat are neither read nor changed.
    ///
    /// # Errors
    /// When there is no text or no such number, somebody stops it, or the device fails.
    pub async fn open(
        &mut self,
        request: OpenRequest,
        errand: &Errand<'_>,
    ) -> Result<LanguageResponse, AppError> {
        let OpenRequest { what, interventions, of } = request;
        let (text, switched) = self.text_of(of);
        if text.is_empty() {
            let message = "the model has read no text that could be opened";
            return Err(error::error(Problem::BadRequest, message, "Let it answer something first."));
        }
        let switched = match switched {
            Some(switched) => switched,
            None => self.switched_on(&interventions, &text, errand).await?,
        };
        let is_there = |recorded: &Recorded| recorded.run.tokens() == text && recorded.switched == switched;
        let each = async |layers: usize, of: usize| {
            errand.tell_now_and_then(LanguageProgress::Reading { tokens: layers, of });
            !errand.is_to_stop().await
        };
        let mut recorded = match self.recorded.take().filter(is_there) {
            Some(recorded) => recorded,
            None => {
                let hooks = switched.hooks.clone();
                let run = Run::record(&mut self.decoder, text, hooks, each)
                    .await
                    .map_err(|failure| told(&failure))?;
                Recorded { run, switched }
            }
        };
        let opened = self.opened(&mut recorded.run, what, each).await;
        self.recorded = Some(recorded);
        opened.map_err(|failure| told(&failure))
    }

    async fn opened(
        &mut self,
        run: &mut Run,
        what: Opened,
        each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<LanguageResponse, RunError> {
        let Self { decoder, tokenizer, .. } = self;
        let name = |token: u32| {
            tokenizer.token_text(token).map_or_else(|| format!("<{token}>"), |text| text.into_owned())
        };
        Ok(match what {
            Opened::Numbers(sites) => {
                let mut explanations = Vec::with_capacity(sites.len());
                for site in sites {
                    explanations.push(run.explain(decoder, &name, site).await?);
                }
                LanguageResponse::Explanations(explanations)
            }
            Opened::Heads => LanguageResponse::Survey(Box::new(run.survey(decoder, each).await?)),
            Opened::Lens(followed) => {
                let map = run.lens_map(decoder, followed, each).await?;
                let mut tokens: Vec<u32> = map.likeliest.iter().flatten().map(|(token, _)| *token).collect();
                tokens.extend(followed);
                tokens.sort_unstable();
                tokens.dedup();
                let words = tokens.into_iter().map(|token| (token, name(token))).collect();
                LanguageResponse::LensMap(Box::new(LensOfText { map, words }))
            }
            Opened::Logit { position, token } => LanguageResponse::Attribution(Box::new(
                run.attribution(decoder, (position, token), each).await?,
            )),
            Opened::Dimension { position, layer, dim } => {
                LanguageResponse::Written(Box::new(run.written(decoder, (position, layer, dim), each).await?))
            }
            Opened::Peaks(count) => {
                LanguageResponse::Peaks(run.peaks(decoder, count.min(MOST_PEAKS), each).await?)
            }
        })
    }
}

/// Why something cannot be opened, as the page is told it.
fn told(failure: &RunError) -> AppError {
    match failure {
        RunError::Stopped => error::stopped(),
        RunError::Compute(failure) => error::compute(failure),
        RunError::Decoder(failure) => error::decoder(failure),
        RunError::NoSuchNumber { .. } => {
            error::error(Problem::BadRequest, failure.to_string(), "Open another number of this text.")
        }
        RunError::TooLong { .. } | RunError::Matrix(_) => {
            error::error(Problem::NoRoom, failure.to_string(), "Ask something shorter.")
        }
    }
}
