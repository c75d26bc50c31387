//! The rules inside of attention: rotation, scores, pattern, and what each head adds.

use super::bounds::has_head_norms;
use super::opening::{Explained, Opening, rounding};
use super::run::{Recorded, RunError};
use crate::kernels::Compute;
use crate::qwen::hooks::Hook;
use crate::qwen::interventions::Part;
use crate::weights::{Encoding, Matrix};
use crate::xray::{HeadPart, Input, Site};

impl<C: Compute> Opening<'_, C> {
    /// The key/value head that a head attends with.
    fn key_head(&self, head: usize) -> usize {
        let config = &self.run.config;
        head / (config.heads / config.kv_heads.max(1)).max(1)
    }

    /// One head's stretch of a row.
    fn of_head<'r>(&self, here: &'r Recorded, hook: Hook, position: usize, head: usize) -> &'r [f32] {
        let width = self.run.config.head_dim;
        here.row(hook, position).get(head * width..(head + 1) * width).unwrap_or_default()
    }

    /// A component of a query or key, turned with the other one of its pair.
    pub(super) fn turned(
        &self,
        here: &Recorded,
        (layer, part): (usize, HeadPart),
        position: usize,
        head: usize,
        component: usize,
    ) -> Explained {
        let config = &self.run.config;
        let is_key = part == HeadPart::RotK;
        let (hook, from, source) = match (is_key, has_head_norms(config)) {
            (false, true) => (Hook::Q, Hook::NormedQ, HeadPart::NormedQ),
            (false, false) => (Hook::Q, Hook::ProjectedQ, HeadPart::Q),
            (true, true) => (Hook::K, Hook::NormedK, HeadPart::NormedK),
            (true, false) => (Hook::K, Hook::ProjectedK, HeadPart::K),
        };
        let rotation = config.rotation();
        let half = rotation.frequencies.len();
        let (pair, first) = match rotation.neighbours {
            true => (component / 2, component.is_multiple_of(2)),
            false => (component % half.max(1), component < half),
        };
        let [low, high] = if rotation.neighbours { [2 * pair, 2 * pair + 1] } else { [pair, pair + half] };
        let frequency = rotation.frequencies.get(pair).copied().unwrap_or_default();
        let (sin, cos) = (position as f64 * f64::from(frequency)).sin_cos();
        let (sin, cos) = (sin * f64::from(rotation.magnitude), cos * f64::from(rotation.magnitude));
        let (weights, rule) = match first {
            true => ([cos, -sin], "a · cos θ − b · sin θ"),
            false => ([sin, cos], "a · sin θ + b · cos θ"),
        };
        let x = self.of_head(here, from, position, head);
        let of = |at: usize| x.get(at).copied().unwrap_or(f32::NAN);
        let [a, b] = [low, high].map(of);
        let site = |component| Site::Head { layer, part: source, position, head, component };
        let inputs = [(low, a), (high, b)].into_iter().zip(weights);
        let stretched = if rotation.magnitude == 1.0 { "" } else { ", both times the magnitude of YaRN" };
        Explained {
            rule: format!("{rule}, θ = position {position} · {frequency}{stretched}"),
            value: self.of_head(here, hook, position, head).get(component).copied().unwrap_or(f32::NAN),
            recomputed: f64::from(a) * weights[0] + f64::from(b) * weights[1],
            inputs: inputs.map(|((at, x), weight)| self.input(site(at), x, weight as f32)).collect(),
        }
    }

    /// The scores of all keys that a query sees, multiplied on the device: its attention keeps none.
    async fn scores(&mut self, here: &Recorded, head: usize, query: usize) -> Result<Vec<f32>, RunError> {
        let width = self.run.config.head_dim;
        let key_head = self.key_head(head);
        let keys: Vec<f32> =
            (0..=query).flat_map(|key| self.of_head(here, Hook::K, key, key_head)).copied().collect();
        let keys = Matrix::from_f32(query + 1, width, Encoding::F32, &keys)?;
        let q = self.of_head(here, Hook::Q, query, head).to_vec();
        let compute = self.decoder.compute();
        let keys = compute.weight(keys)?;
        let q = compute.rows(q, width);
        let [scores] = compute.linear(&q, [&keys]);
        let scale = 1.0 / (width as f32).sqrt();
        Ok(compute.read(&scores).await?.into_iter().map(|score| scale * score).collect())
    }

    pub(super) async fn score(
        &mut self,
        layer: usize,
        head: usize,
        query: usize,
        key: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let scores = self.scores(&here, head, query).await?;
        let key_head = self.key_head(head);
        let (q, k) = (self.of_head(&here, Hook::Q, query, head), self.of_head(&here, Hook::K, key, key_head));
        let scale = 1.0 / (q.len().max(1) as f64).sqrt();
        let mut recomputed = 0.0;
        let mut inputs = Vec::with_capacity(2 * q.len());
        for (component, (&q, &k)) in q.iter().zip(k).enumerate() {
            recomputed += scale * f64::from(q) * f64::from(k);
            let site = |part, position, head| Site::Head { layer, part, position, head, component };
            let rest = |other: f32| (scale * f64::from(other)) as f32;
            inputs.push(self.input(site(HeadPart::RotQ, query, head), q, rest(k)));
            inputs.push(self.input(site(HeadPart::RotK, key, key_head), k, rest(q)));
        }
        Ok(Explained {
            rule: format!("Σ q · k / √{}; the weight beside each factor is the rest of its product", q.len()),
            value: scores.get(key).copied().unwrap_or(f32::NAN),
            recomputed,
            inputs,
        })
    }

    /// What a query attends to, `[keys]` for each head: the device's own attention, with what passed in the run.
    async fn patterns(&mut self, here: &Recorded, query: usize) -> Result<Vec<f32>, RunError> {
        let config = &self.run.config;
        let width = config.kv_heads * config.head_dim;
        let rows = |hook| (0..=query).flat_map(|key| here.row(hook, key)).copied().collect::<Vec<f32>>();
        let compute = self.decoder.compute();
        let mut cache = compute.cache(config.attention());
        let (k, v) = (compute.rows(rows(Hook::K), width), compute.rows(rows(Hook::V), width));
        compute.remember(&mut cache, &k, &v)?;
        let q = compute.rows(here.row(Hook::Q, query).to_vec(), config.heads * config.head_dim);
        let (_, pattern) = compute.attend_across(&cache, &q, true);
        Ok(match pattern {
            Some(pattern) => compute.read(&pattern).await?,
            None => Vec::new(),
        })
    }

    /// One head's part of that.
    async fn of_pattern(&mut self, here: &Recorded, head: usize, query: usize) -> Result<Vec<f32>, RunError> {
        let patterns = self.patterns(here, query).await?;
        Ok(patterns.chunks_exact(query + 1).nth(head).map(<[f32]>::to_vec).unwrap_or_default())
    }

    pub(super) async fn pattern(
        &mut self,
        layer: usize,
        head: usize,
        query: usize,
        key: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let pattern = self.of_pattern(&here, head, query).await?;
        let scores = self.scores(&here, head, query).await?;
        let highest = scores.iter().copied().map(f64::from).fold(f64::NEG_INFINITY, f64::max);
        let power = |score: f32| (f64::from(score) - highest).exp();
        let total: f64 = scores.iter().copied().map(power).sum();
        let own = scores.get(key).copied().map_or(f64::NAN, power);
        let sites = scores.iter().enumerate();
        let inputs =
            sites.map(|(key, score)| self.input(Site::Score { layer, head, query, key }, *score, 1.0));
        Ok(Explained {
            rule: format!("softmax: e^(score of token {key}) / Σ e^score of all keys up to the query's own"),
            value: pattern.get(key).copied().unwrap_or(f32::NAN),
            recomputed: own / total,
            inputs: inputs.collect(),
        })
    }

    /// A component of z.
    pub(super) async fn attended(
        &mut self,
        here: &Recorded,
        layer: usize,
        position: usize,
        head: usize,
        component: usize,
    ) -> Result<Explained, RunError> {
        let value = self.of_head(here, Hook::Z, position, head).get(component).copied().unwrap_or(f32::NAN);
        if let Some(with) = self.run.interventions.on(layer, Part::Head(head), position) {
            return Ok(Explained::replaced(value, with, component));
        }
        let pattern = self.of_pattern(here, head, position).await?;
        let key_head = self.key_head(head);
        let mut recomputed = 0.0;
        let mut inputs = Vec::with_capacity(2 * pattern.len());
        for (key, &share) in pattern.iter().enumerate() {
            let v = self.of_head(here, Hook::V, key, key_head).get(component).copied().unwrap_or(f32::NAN);
            recomputed += f64::from(share) * f64::from(v);
            let site = Site::Head { layer, part: HeadPart::V, position: key, head: key_head, component };
            inputs.push(self.input(Site::Pattern { layer, head, query: position, key }, share, v));
            inputs.push(self.input(site, v, share));
        }
        let rule =
            "Σ attention · value, over all keys; the weight beside each factor is the other one".to_owned();
        Ok(Explained { rule, value, recomputed, inputs })
    }

    /// What each head adds to the stream, `[heads, hidden]`: the device's product with z, of which only that head's part is
    /// left. The model itself only computes their sum.
    pub(super) async fn results(
        &mut self,
        here: &Recorded,
        layer: usize,
        position: usize,
    ) -> Result<Vec<f32>, RunError> {
        let z = here.row(Hook::Z, position);
        let alone = (0..self.run.config.heads).flat_map(|head| self.alone(z, head)).collect();
        let (compute, model) = self.decoder.parts();
        let Some(layer) = model.layers.get(layer) else { return Ok(Vec::new()) };
        let alone = compute.rows(alone, z.len());
        let [results] = compute.linear(&alone, [&layer.o]);
        Ok(compute.read(&results).await?)
    }

    /// z with but one head's part.
    fn alone(&self, z: &[f32], head: usize) -> Vec<f32> {
        let width = self.run.config.head_dim;
        let here = head * width..(head + 1) * width;
        z.iter().enumerate().map(|(at, z)| if here.contains(&at) { *z } else { 0.0 }).collect()
    }

    pub(super) async fn result(
        &mut self,
        here: &Recorded,
        layer: usize,
        position: usize,
        head: usize,
        dim: usize,
    ) -> Result<Explained, RunError> {
        let hidden = self.run.config.hidden;
        let results = self.results(here, layer, position).await?;
        let value = results.get(head * hidden + dim).copied().unwrap_or(f32::NAN);
        let alone = self.alone(here.row(Hook::Z, position), head);
        let (compute, model) = self.decoder.parts();
        let Some(weights) = model.layers.get(layer) else { return Ok(Explained::nothing(value)) };
        let terms = compute.terms(&alone, &weights.o, dim).await?;
        let width = self.run.config.head_dim;
        let operands = alone.iter().zip(&terms.weights).skip(head * width).take(width).enumerate();
        let site = |component| Site::Head { layer, part: HeadPart::Z, position, head, component };
        let inputs: Vec<Input> =
            operands.map(|(component, (z, weight))| self.input(site(component), *z, *weight)).collect();
        let rule = format!("Σ W_O[{dim}] · z of this head{}", rounding(terms.inputs));
        Ok(Explained { rule, value, recomputed: terms.sum(), inputs })
    }

    pub(super) async fn all_heads(
        &mut self,
        layer: usize,
        position: usize,
        dim: usize,
    ) -> Result<Explained, RunError> {
        let here = self.layer(layer).await?;
        let hidden = self.run.config.hidden;
        let results = self.results(&here, layer, position).await?;
        let heads = results.chunks_exact(hidden.max(1)).enumerate().map(|(head, row)| {
            let site = Site::Head { layer, part: HeadPart::Result, position, head, component: dim };
            (site, row.get(dim).copied().unwrap_or(f32::NAN))
        });
        Ok(self.sum("Σ of what each head adds", here.number(Hook::AttnOut, position, dim), heads))
    }
}
