//! Direct logit attribution: how much of a token's logit each part of the model wrote into the stream directly (Elhage et al.,
//! 2021, "A Mathematical Framework for Transformer Circuits"; as `TransformerLens` has it in `logit_attrs`).
//!
//! The last norm divides the whole stream by one number, its scale. With that number held, the logit is a sum over everything
//! that was ever added to the stream: `logit = Σ part · (gain ⊙ W_U[token]) / scale`.

use std::sync::Arc;

use super::opening::{Opening, Weights};
use super::run::{Run, RunError};
use crate::kernels::Compute;
use crate::qwen::Decoder;
use crate::qwen::hooks::Hook;
use crate::qwen::interventions::Part;
use crate::xray::{Attribution, Norm, Site, Source};

impl Run {
    /// The parts of a token's logit at a position. `each` as in [`Run::survey`].
    ///
    /// # Errors
    /// When there is no such token or position, the device fails, or `each` says so.
    pub async fn attribution<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        (position, token): (usize, u32),
        mut each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<Attribution, RunError> {
        let unnamed = |_: u32| String::new();
        let logit =
            self.explain(decoder, &unnamed, Site::Logit { position, token: token as usize }).await?.value;
        let scale = self.explain(decoder, &unnamed, Site::Scale { norm: Norm::Final, position }).await?.value;
        let (compute, model) = decoder.parts();
        let gain = compute.read_gain(&model.norm).await?;
        let row = match Weights::Output.of(model) {
            Some(weights) => compute.read_row(weights, token as usize).await?,
            None => Vec::new(),
        };
        let towards: Vec<f64> = gain
            .iter()
            .zip(&row)
            .map(|(gain, weight)| f64::from(*gain) * f64::from(*weight) / f64::from(scale))
            .collect();
        let along = |added: &[f32]| -> f32 {
            let products = added.iter().zip(&towards).map(|(added, towards)| f64::from(*added) * towards);
            products.sum::<f64>() as f32
        };
        let mut parts = Vec::new();
        for layer in 0..self.config.layers {
            let mut opening = Opening { run: &mut *self, decoder: &mut *decoder, name: &unnamed };
            let here = opening.layer(layer).await?;
            if layer == 0 {
                parts.push((Source::Embedding, along(here.row(Hook::ResidPre, position))));
            }
            let heads = opening.results(&here, layer, position).await?;
            for (head, added) in heads.chunks_exact(self.config.hidden.max(1)).enumerate() {
                parts.push((Source::Head { layer, head }, along(added)));
            }
            parts.push((Source::Mlp { layer }, along(here.row(Hook::MlpOut, position))));
            parts.extend(
                self.replaced(&here, layer, position).map(|put| (Source::Replaced { layer }, along(&put))),
            );
            if !each(layer + 1, self.config.layers).await {
                return Err(RunError::Stopped);
            }
        }
        Ok(Attribution { position, token, logit, parts })
    }

    /// What replacing dimensions behind a layer added to the stream; `None` where nothing was replaced.
    fn replaced(&self, here: &Arc<super::run::Recorded>, layer: usize, position: usize) -> Option<Vec<f32>> {
        let row = |hook| here.row(hook, position);
        let stands = row(Hook::ResidMid).iter().zip(row(Hook::MlpOut)).map(|(mid, out)| mid + out);
        let put = row(Hook::ResidPost).iter().zip(stands).enumerate().map(|(dim, (post, stood))| {
            let with = self.interventions.on(layer, Part::Dimension(dim), position);
            if with.is_some() { post - stood } else { 0.0 }
        });
        let put: Vec<f32> = put.collect();
        put.iter().any(|put| *put != 0.0).then_some(put)
    }
}
