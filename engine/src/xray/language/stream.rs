//! The rules of norms and logits.

use super::opening::{Explained, Opening, Weights};
use super::run::RunError;
use crate::kernels::{Compute, Replacement};
use crate::qwen::hooks::Hook;
use crate::xray::{HeadNorm, HeadPart, Norm, Site, Stage};

/// What a norm read, what it made of it, and its gain.
struct Normed {
    x: Vec<f32>,
    normed: Vec<f32>,
    gain: Vec<f32>,
}

impl Normed {
    /// `√(mean(x²) + ε)`
    fn length(&self, epsilon: f32) -> f64 {
        let squares: f64 = self.x.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        (squares / self.x.len().max(1) as f64 + f64::from(epsilon)).sqrt()
    }

    /// The length that the device divided by: what it made of its largest number says so.
    fn device_length(&self) -> Option<f32> {
        let all = self.x.iter().zip(&self.gain).zip(&self.normed);
        let (x, normed) = all
            .map(|((x, gain), normed)| (f64::from(*x) * f64::from(*gain), f64::from(*normed)))
            .max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))?;
        (normed != 0.0).then_some((x / normed) as f32)
    }

    /// The length, with the numbers it is of.
    fn explain_length(&self, epsilon: f32) -> (String, f32, f64) {
        let recomputed = self.length(epsilon);
        let rule = format!(
            "√(Σ x² / {} + {epsilon:e}); the weight beside each x is x / {}",
            self.x.len(),
            self.x.len()
        );
        (rule, self.device_length().unwrap_or(recomputed as f32), recomputed)
    }
}

impl Explained {
    /// A number that stands in for what the model computed.
    pub fn replaced(value: f32, with: &Replacement, column: usize) -> Self {
        let (rule, recomputed) = match with {
            Replacement::Zero => ("replaced by zero", 0.0),
            Replacement::Values(values) => (
                "replaced: somebody put another value in its place",
                values.get(column).copied().unwrap_or(f32::NAN),
            ),
        };
        Self { rule: rule.to_owned(), value, recomputed: recomputed.into(), inputs: Vec::new() }
    }

    /// A number whose weights are missing: it agrees with nothing.
    pub fn nothing(value: f32) -> Self {
        Self { rule: "the weights are missing".to_owned(), value, recomputed: f64::NAN, inputs: Vec::new() }
    }
}

impl<C: Compute> Opening<'_, C> {
    /// A norm of the residual stream at one position.
    async fn norm(&mut self, norm: Norm, position: usize) -> Result<Normed, RunError> {
        let (x, normed) = match norm {
            Norm::Attention { layer } | Norm::Mlp { layer } => {
                let here = self.layer(layer).await?;
                let [from, to] = match norm {
                    Norm::Attention { .. } => [Hook::ResidPre, Hook::AttnNormed],
                    _ => [Hook::ResidMid, Hook::MlpNormed],
                };
                (here.row(from, position).to_vec(), here.row(to, position).to_vec())
            }
            Norm::Final => {
                let x = self.run.last(position).to_vec();
                let (compute, model) = self.decoder.parts();
                let rows = compute.rows(x.clone(), model.config.hidden);
                let normed = compute.norm(&rows, &model.norm, model.config.epsilon);
                (x, compute.read(&normed).await?)
            }
        };
        let (compute, model) = self.decoder.parts();
        let gain = match norm {
            Norm::Attention { layer } => model.layers.get(layer).map(|layer| &layer.attention_norm),
            Norm::Mlp { layer } => model.layers.get(layer).map(|layer| &layer.ffn_norm),
            Norm::Final => Some(&model.norm),
        };
        let gain = match gain {
            Some(gain) => compute.read_gain(gain).await?,
            None => Vec::new(),
        };
        Ok(Normed { x, normed, gain })
    }

    /// Where a norm reads.
    fn read_by(&self, norm: Norm, position: usize) -> impl Fn(usize) -> Site + use<C> {
        let (layer, stage) = match norm {
            Norm::Attention { layer } => (layer, Stage::Pre),
            Norm::Mlp { layer } => (layer, Stage::Mid),
            Norm::Final => (self.run.config.layers.saturating_sub(1), Stage::Post),
        };
        move |dim| Site::Resid { layer, stage, position, dim }
    }

    pub(super) async fn scale(&mut self, norm: Norm, position: usize) -> Result<Explained, RunError> {
        let normed = self.norm(norm, position).await?;
        let from = self.read_by(norm, position);
        Ok(self.length(&normed, from))
    }

    fn length(&self, normed: &Normed, from: impl Fn(usize) -> Site) -> Explained {
        let (rule, value, recomputed) = normed.explain_length(self.run.config.epsilon);
        let width = normed.x.len().max(1) as f32;
        let inputs = normed.x.iter().enumerate().map(|(at, x)| self.input(from(at), *x, x / width));
        Explained { rule, value, recomputed, inputs: inputs.collect() }
    }

    /// `x · gain / length`, with the length that follows from the stream, not from what is explained.
    fn divided(&self, normed: &Normed, at: usize, x_site: Site, length_site: Site) -> Explained {
        let of = |values: &[f32]| values.get(at).copied().unwrap_or(f32::NAN);
        let (x, gain, value) = (of(&normed.x), of(&normed.gain), of(&normed.normed));
        let exact = normed.length(self.run.config.epsilon);
        let length = normed.device_length().unwrap_or(exact as f32);
        let recomputed = f64::from(x) * f64::from(gain) / exact;
        let inputs = vec![
            self.input(x_site, x, (f64::from(gain) / exact) as f32),
            self.input(length_site, length, (recomputed / exact) as f32),
        ];
        let rule =
            format!("x · gain / length, with gain {gain}; the weight beside each is the rest of the product");
        Explained { rule, value, recomputed, inputs }
    }

    pub(super) async fn normalized(
        &mut self,
        norm: Norm,
        position: usize,
        dim: usize,
    ) -> Result<Explained, RunError> {
        let normed = self.norm(norm, position).await?;
        let x = self.read_by(norm, position)(dim);
        Ok(self.divided(&normed, dim, x, Site::Scale { norm, position }))
    }

    /// The norm of one head's query or key.
    async fn head_norm(
        &mut self,
        layer: usize,
        norm: HeadNorm,
        position: usize,
        head: usize,
    ) -> Result<Normed, RunError> {
        let here = self.layer(layer).await?;
        let [from, to] = match norm {
            HeadNorm::Q => [Hook::ProjectedQ, Hook::NormedQ],
            HeadNorm::K => [Hook::ProjectedK, Hook::NormedK],
        };
        let width = self.run.config.head_dim;
        let of = |hook| {
            here.row(hook, position).get(head * width..(head + 1) * width).unwrap_or_default().to_vec()
        };
        let (compute, model) = self.decoder.parts();
        let gains = model.layers.get(layer).and_then(|layer| layer.head_norms.as_ref());
        let gain = match (gains, norm) {
            (Some((gain, _)), HeadNorm::Q) | (Some((_, gain)), HeadNorm::K) => {
                compute.read_gain(gain).await?
            }
            (None, _) => Vec::new(),
        };
        Ok(Normed { x: of(from), normed: of(to), gain })
    }

    pub(super) async fn head_scale(
        &mut self,
        layer: usize,
        norm: HeadNorm,
        position: usize,
        head: usize,
    ) -> Result<Explained, RunError> {
        let normed = self.head_norm(layer, norm, position, head).await?;
        let part = projected(norm);
        Ok(self.length(&normed, |component| Site::Head { layer, part, position, head, component }))
    }

    pub(super) async fn normed_head(
        &mut self,
        layer: usize,
        part: HeadPart,
        position: usize,
        head: usize,
        component: usize,
    ) -> Result<Explained, RunError> {
        let norm = if part == HeadPart::NormedK { HeadNorm::K } else { HeadNorm::Q };
        let normed = self.head_norm(layer, norm, position, head).await?;
        let x = Site::Head { layer, part: projected(norm), position, head, component };
        Ok(self.divided(&normed, component, x, Site::HeadScale { layer, norm, position, head }))
    }

    pub(super) async fn logit(&mut self, position: usize, token: usize) -> Result<Explained, RunError> {
        let logits = self.run.logits(self.decoder, position).await?;
        let value = logits.get(token).copied().unwrap_or(f32::NAN);
        let x = self.norm(Norm::Final, position).await?.normed;
        let normed = |dim| Site::Normalized { norm: Norm::Final, position, dim };
        self.product(value, (Weights::Output, token), &x, ("normed stream", normed)).await
    }
}

/// What a head's norm reads.
const fn projected(norm: HeadNorm) -> HeadPart {
    match norm {
        HeadNorm::Q => HeadPart::Q,
        HeadNorm::K => HeadPart::K,
    }
}
