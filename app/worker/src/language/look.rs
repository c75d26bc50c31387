//! What the model computed at one position: it is computed again, with somebody looking.

use std::collections::BTreeMap;

use engine::kernels::{Compute, ComputeError};
use engine::qwen::decoder::Logits;
use engine::qwen::hooks::{Hook, Recorder};
use protocol::language::{Look, LookRequest, Station};
use protocol::{AppError, Problem};

use super::errand::Errand;
use super::error;
use super::session::Session;

/// Points of the layer that is shown.
const SHOWN: [Hook; 8] = [
    Hook::ResidPre,
    Hook::Z,
    Hook::AttnOut,
    Hook::ResidMid,
    Hook::Pre,
    Hook::PreLinear,
    Hook::Post,
    Hook::MlpOut,
];
/// Points of every layer, where its station is wanted.
const STATION: [Hook; 3] = [Hook::Z, Hook::AttnOut, Hook::MlpOut];
/// Tokens of a logit lens and neurons shown at most.
const MOST: usize = 64;

impl<C: Compute> Session<C> {
    /// Computes one position of the last chat again and keeps what passes. The caches end behind that position
    /// afterwards: what follows it is taken in again when the chat goes on, or when a later one is looked at.
    ///
    /// # Errors
    /// When there is no such position or layer, somebody stops it, or the device fails.
    pub async fn look(&mut self, request: LookRequest, errand: &Errand<'_>) -> Result<Look, AppError> {
        let layers = self.model.config.layers;
        let (chat, switched) = self.text_of(request.of);
        let token = chat.get(request.position).copied().filter(|_| request.layer < layers);
        let Some(token) = token else {
            let message = format!(
                "position {} in layer {} was asked for; the chat has {} tokens and the model {layers} layers",
                request.position,
                request.layer,
                chat.len()
            );
            return Err(error::error(
                Problem::BadRequest,
                message,
                "Choose a token of the last chat and a layer.",
            ));
        };
        let taken = match switched {
            Some(switched) => {
                self.switch_to(switched);
                self.take_in_so(&chat, request.position, errand).await?
            }
            None => self.take_in(&chat, request.position, &request.interventions, errand).await?,
        };
        if taken.stopped {
            return Err(error::stopped());
        }
        let streams = (0..layers).map(|layer| (layer, Hook::ResidPost));
        let shown = SHOWN.map(|hook| (request.layer, hook));
        let stations = if request.stations { 0..layers } else { 0..0 };
        let stations = stations.flat_map(|layer| STATION.map(|hook| (layer, hook)));
        let points = [(0, Hook::ResidPre)].into_iter().chain(streams).chain(shown).chain(stations);
        let mut recorder = Recorder::<C>::new(points, [request.layer]);
        let mut hooks = (self.switched.hooks.clone(), &mut recorder);
        self.forward(&[token], Logits::None, &mut hooks)?;
        self.shown_to(request, &recorder).await.map_err(|failure| error::compute(&failure))
    }

    async fn shown_to(&mut self, request: LookRequest, recorder: &Recorder<C>) -> Result<Look, ComputeError> {
        let layer = request.layer;
        let top = request.top.min(MOST);
        let mut kept = BTreeMap::new();
        for (at, rows) in &recorder.rows {
            kept.insert(*at, self.decoder.compute().read(rows).await?);
        }
        let of = |layer: usize, hook: Hook| kept.get(&(layer, hook)).map(Vec::as_slice).unwrap_or_default();
        let streams: Vec<&[f32]> = [of(0, Hook::ResidPre)]
            .into_iter()
            .chain((0..self.model.config.layers).map(|layer| of(layer, Hook::ResidPost)))
            .collect();
        let (lens, logits) = self.lens(&streams, top).await?;
        let layers = if request.stations { self.model.config.layers } else { 0 };
        let mut stations = Vec::with_capacity(layers);
        for at in 0..layers {
            stations.push(Station {
                heads: self.heads(of(at, Hook::Z), at).await?,
                attention: length(of(at, Hook::AttnOut)),
                ffn: length(of(at, Hook::MlpOut)),
            });
        }
        let [before, between, behind] =
            [Hook::ResidPre, Hook::ResidMid, Hook::ResidPost].map(|hook| of(layer, hook));
        Ok(Look {
            lens,
            logits,
            dimensions: most_changed(before, between, behind, top),
            norms: streams.iter().map(|stream| length(stream)).collect(),
            patterns: self.patterns(recorder, layer).await?,
            heads: self.heads(of(layer, Hook::Z), layer).await?,
            neurons: neurons(of(layer, Hook::Pre), of(layer, Hook::PreLinear), of(layer, Hook::Post), top),
            added: (length(of(layer, Hook::AttnOut)), length(of(layer, Hook::MlpOut))),
            stations,
            request,
        })
    }

    /// The tokens that each stream would say, all streams in one product with the output matrix; of the last also numbers and
    /// logits.
    async fn lens(
        &mut self,
        streams: &[&[f32]],
        top: usize,
    ) -> Result<(Vec<Likely>, Vec<(u32, f32)>), ComputeError> {
        let rows = self.decoder.compute().rows(streams.concat(), self.model.config.hidden);
        let logits = self.decoder.unembed(&rows);
        let tops = self.decoder.compute().top(&logits, top).await?;
        let said = |(token, logit): &(u32, f32), top: &engine::kernels::Top| {
            (self.shown(*token), top.probability(*logit))
        };
        let lens = tops.iter().map(|top| top.largest.iter().map(|one| said(one, top)).collect()).collect();
        Ok((lens, tops.last().map(|top| top.largest.clone()).unwrap_or_default()))
    }

    /// Each head's pattern over the positions up to this one.
    async fn patterns(
        &mut self,
        recorder: &Recorder<C>,
        layer: usize,
    ) -> Result<Vec<Vec<f32>>, ComputeError> {
        let Some(rows) = recorder.patterns.get(&layer) else { return Ok(Vec::new()) };
        let values = self.decoder.compute().read(rows).await?;
        let keys = values.len() / self.model.config.heads.max(1);
        Ok(values.chunks_exact(keys.max(1)).map(<[f32]>::to_vec).collect())
    }

    /// Length of what each head adds to the stream: its part of z times its columns of the output matrix. All heads
    /// in one product, each row of which has but one head's part.
    async fn heads(&mut self, z: &[f32], layer: usize) -> Result<Vec<f32>, ComputeError> {
        let model = std::sync::Arc::clone(&self.model);
        let Some(layer) = model.layers.get(layer) else { return Ok(Vec::new()) };
        let width = model.config.head_dim;
        let mut alone = vec![0.0; z.len() * model.config.heads];
        let rows = alone.chunks_exact_mut(z.len().max(1));
        for ((head, row), part) in rows.enumerate().zip(z.chunks_exact(width.max(1))) {
            if let Some(place) = row.get_mut(head * width..(head + 1) * width) {
                place.copy_from_slice(part);
            }
        }
        let compute = self.decoder.compute();
        let alone = compute.rows(alone, z.len());
        let [added] = compute.linear(&alone, [&layer.o]);
        let added = compute.read(&added).await?;
        Ok(added.chunks_exact(model.config.hidden.max(1)).map(length).collect())
    }
}

/// Tokens with their probabilities.
type Likely = Vec<(String, f32)>;

/// The dimensions that a layer changes most, those first: number, and the stream before the layer, in its middle and behind it.
fn most_changed(before: &[f32], between: &[f32], behind: &[f32], top: usize) -> Vec<(usize, f32, f32, f32)> {
    let all = before.iter().zip(between).zip(behind).enumerate();
    let mut all: Vec<_> =
        all.map(|(dimension, ((before, between), behind))| (dimension, *before, *between, *behind)).collect();
    let change = |one: &(usize, f32, f32, f32)| (one.3 - one.1).abs();
    all.sort_by(|a, b| change(b).total_cmp(&change(a)).then(a.0.cmp(&b.0)));
    all.truncate(top);
    all
}

/// The strongest neurons: number, gate before silu, value it multiplies, and what passed on.
fn neurons(gate: &[f32], value: &[f32], product: &[f32], top: usize) -> Vec<(usize, f32, f32, f32)> {
    let all = gate.iter().zip(value).zip(product).enumerate();
    let mut all: Vec<_> =
        all.map(|(number, ((gate, value), product))| (number, *gate, *value, *product)).collect();
    all.sort_by(|a, b| b.3.abs().total_cmp(&a.3.abs()).then(a.0.cmp(&b.0)));
    all.truncate(top);
    all
}

/// Euclidean length.
fn length(values: &[f32]) -> f32 {
    values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>().sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_neurons_come_first_whichever_their_sign() {
        let found = neurons(&[0.0, 1.0, 2.0], &[5.0, -4.0, 1.0], &[0.0, -2.9, 1.7], 2);
        assert_eq!(found.iter().map(|neuron| neuron.0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((found[0].1, found[0].2, found[0].3), (1.0, -4.0, -2.9));
    }

    #[test]
    fn a_length_is_euclidean() {
        assert_eq!(length(&[3.0, 4.0]), 5.0);
        assert_eq!(length(&[]), 0.0);
    }
}
