//! What wrote a logit, and what wrote a dimension of the stream.
//!
//! Direct logit attribution: how much of a token's logit each part of the model wrote into the stream directly (Elhage et al.,
//! 2021, "A Mathematical Framework for Transformer Circuits"; as `TransformerLens` has it in `logit_attrs`).
//!
//! The last norm divides the whole stream by one number, its scale. With that number held, the logit is a sum over everything
//! that was ever added to the stream: `logit = Σ part · (gain ⊙ W_U[token]) / scale`. A dimension is the plain sum of what was added to it.

use std::sync::Arc;

use super::opening::{Opening, Weights};
use super::run::{Recorded, Run, RunError};
use crate::kernels::Compute;
use crate::qwen::Decoder;
use crate::qwen::hooks::Hook;
use crate::qwen::interventions::Part;
use crate::xray::{Attribution, NEURONS_NAMED, Norm, Site, Source, Stage, Written};

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
            parts.extend(opening.parts(&here, (layer, position), along).await?);
            if !each(layer + 1, self.config.layers).await {
                return Err(RunError::Stopped);
            }
        }
        Ok(Attribution { position, token, logit, parts })
    }

    /// The parts of a dimension of the stream behind a layer. `each` as in [`Run::survey`].
    ///
    /// # Errors
    /// When there is no such position, layer or dimension, the device fails, or `each` says so.
    pub async fn written<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        (position, behind, dim): (usize, usize, usize),
        mut each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<Written, RunError> {
        let unnamed = |_: u32| String::new();
        let site = Site::Resid { layer: behind, stage: Stage::Post, position, dim };
        let value = self.explain(decoder, &unnamed, site).await?.value;
        let along = |added: &[f32]| added.get(dim).copied().unwrap_or_default();
        let mut parts = Vec::new();
        let mut strongest: Vec<(Source, f32)> = Vec::new();
        for layer in 0..=behind {
            let mut opening = Opening { run: &mut *self, decoder: &mut *decoder, name: &unnamed };
            let here = opening.layer(layer).await?;
            parts.extend(opening.parts(&here, (layer, position), along).await?);
            let (compute, model) = decoder.parts();
            if let Some(weights) = Weights::Down(layer).of(model) {
                let terms = compute.terms(here.row(Hook::Post, position), weights, dim).await?;
                let neurons = terms.products.iter().enumerate();
                strongest.extend(neurons.map(|(neuron, by)| (Source::Neuron { layer, neuron }, *by as f32)));
                strongest.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
                strongest.truncate(NEURONS_NAMED);
            }
            if !each(layer + 1, behind + 1).await {
                return Err(RunError::Stopped);
            }
        }
        // A neuron that is named by itself is taken out of its layer's.
        for (source, amount) in strongest {
            let Source::Neuron { layer, .. } = source else { continue };
            let Some(place) = parts.iter().position(|(of, _)| *of == Source::Mlp { layer }) else { continue };
            if let Some((_, others)) = parts.get_mut(place) {
                *others -= amount;
            }
            parts.insert(place, (source, amount));
        }
        Ok(Written { position, layer: behind, dim, value, parts })
    }

    /// What replacing dimensions behind a layer added to the stream; `None` where nothing was replaced.
    fn replaced(&self, here: &Arc<Recorded>, layer: usize, position: usize) -> Option<Vec<f32>> {
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

impl<C: Compute> Opening<'_, C> {
    /// What a layer added at a position, part by part: `along` makes one number of what each added to the stream.
    async fn parts(
        &mut self,
        here: &Arc<Recorded>,
        (layer, position): (usize, usize),
        along: impl Fn(&[f32]) -> f32,
    ) -> Result<Vec<(Source, f32)>, RunError> {
        let mut parts = Vec::new();
        if layer == 0 {
            parts.push((Source::Embedding, along(here.row(Hook::ResidPre, position))));
        }
        let heads = self.results(here, layer, position).await?;
        for (head, added) in heads.chunks_exact(self.run.config.hidden.max(1)).enumerate() {
            parts.push((Source::Head { layer, head }, along(added)));
        }
        parts.push((Source::Mlp { layer }, along(here.row(Hook::MlpOut, position))));
        let replaced = self.run.replaced(here, layer, position);
        parts.extend(replaced.map(|put| (Source::Replaced { layer }, along(&put))));
        Ok(parts)
    }
}
