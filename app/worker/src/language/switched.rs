//! What is switched off, and what stands in for it.

use std::collections::BTreeMap;

use engine::kernels::{Compute, Replacement};
use engine::qwen::Config;
use engine::qwen::decoder::Logits;
use engine::qwen::hooks::{self, Hook, Recorder};
use protocol::language::{Ablation, LanguageProgress, Part};
use protocol::{AppError, Problem};

use super::errand::Errand;
use super::error;
use super::session::{Pace, Session};

/// Parts that are switched off, ready for a pass.
#[derive(Clone, Debug, Default)]
pub struct Switched {
    wanted: Vec<Ablation>,
    /// The text over which the means were taken; empty where no mean is wanted.
    over: Vec<u32>,
    /// What stands in for each part.
    pub hooks: hooks::Ablation,
}

impl Switched {
    /// Whether this is what is asked for on that text. A mean that was taken over the beginning of a chat stays while
    /// the chat grows: else every turn would compute everything before it again.
    pub fn serves(&self, wanted: &[Ablation], text: &[u32]) -> bool {
        self.wanted == wanted && text.starts_with(&self.over)
    }

    /// Finds what stands in for each part, with a pass over the text where a mean is wanted; `None` when somebody
    /// stopped it. The caches hold nothing of use afterwards.
    ///
    /// # Errors
    /// When a part does not exist, the context is full or the device fails.
    pub async fn find<C: Compute>(
        session: &mut Session<C>,
        wanted: &[Ablation],
        text: &[u32],
        errand: &Errand<'_>,
    ) -> Result<Option<Self>, AppError> {
        let config = &session.model.config;
        check(wanted, config)?;
        let head_dim = config.head_dim;
        let mut points: Vec<(usize, Hook)> = wanted
            .iter()
            .filter(|ablation| ablation.mean)
            .map(|ablation| (ablation.layer, point(ablation.part)))
            .collect();
        points.sort_unstable();
        points.dedup();
        let over = if points.is_empty() { Vec::new() } else { text.to_vec() };
        let Some(means) = means(session, &points, &over, errand).await? else { return Ok(None) };
        let mut hooks = hooks::Ablation { head_dim, ..hooks::Ablation::default() };
        for Ablation { layer, part, mean } in wanted.iter().copied() {
            let columns = match part {
                Part::Head(head) => head * head_dim..(head + 1) * head_dim,
                Part::Neuron(neuron) => neuron..neuron + 1,
            };
            let values = means.get(&(layer, point(part))).and_then(|means| means.get(columns));
            let with = match values.filter(|_| mean) {
                Some(values) => Replacement::Values(values.to_vec()),
                None => Replacement::Zero,
            };
            match part {
                Part::Head(head) => hooks.heads.push((layer, head, with)),
                Part::Neuron(neuron) => hooks.neurons.push((layer, neuron, with)),
            }
        }
        Ok(Some(Self { wanted: wanted.to_vec(), over, hooks }))
    }
}

/// Where a part's result passes.
const fn point(part: Part) -> Hook {
    match part {
        Part::Head(_) => Hook::Z,
        Part::Neuron(_) => Hook::Post,
    }
}

fn check(wanted: &[Ablation], config: &Config) -> Result<(), AppError> {
    let exists = |ablation: &&Ablation| {
        let in_layer = match ablation.part {
            Part::Head(head) => head < config.heads,
            Part::Neuron(neuron) => neuron < config.ffn,
        };
        ablation.layer < config.layers && in_layer
    };
    match wanted.iter().find(|ablation| !exists(ablation)) {
        None => Ok(()),
        Some(Ablation { layer, part, .. }) => {
            let part = match part {
                Part::Head(head) => format!("head {head}"),
                Part::Neuron(neuron) => format!("neuron {neuron}"),
            };
            let message = format!(
                "{part} of layer {layer} is to be switched off; the model has {} layers of {} heads and {} neurons, \
                 counted from 0",
                config.layers, config.heads, config.ffn
            );
            Err(error::error(Problem::BadRequest, message, "Choose a part that the model has."))
        }
    }
}

/// The mean of each point's columns over a text, with nothing switched off; `None` when somebody stopped it.
async fn means<C: Compute>(
    session: &mut Session<C>,
    points: &[(usize, Hook)],
    text: &[u32],
    errand: &Errand<'_>,
) -> Result<Option<BTreeMap<(usize, Hook), Vec<f32>>>, AppError> {
    let mut sums: BTreeMap<(usize, Hook), Vec<f64>> = BTreeMap::new();
    session.forget(0);
    let mut pace = Pace::new();
    while let Some(piece) = text.get(session.seen()..).filter(|piece| !piece.is_empty()) {
        let piece = piece.get(..pace.piece.min(piece.len())).unwrap_or(piece);
        let mut recorder = Recorder::<C>::new(points.iter().copied(), []);
        let begin = errand.scope.seconds();
        session.forward(piece, Logits::None, &mut recorder)?;
        for (at, rows) in &recorder.rows {
            let values =
                session.decoder.compute().read(rows).await.map_err(|failure| error::compute(&failure))?;
            let width = values.len() / piece.len().max(1);
            let sum = sums.entry(*at).or_insert_with(|| vec![0.0; width]);
            for row in values.chunks_exact(width.max(1)) {
                for (sum, value) in sum.iter_mut().zip(row) {
                    *sum += f64::from(*value);
                }
            }
        }
        pace.took(errand.scope.seconds() - begin);
        errand.tell_now_and_then(LanguageProgress::Reading { tokens: session.seen(), of: text.len() });
        if errand.is_to_stop().await {
            return Ok(None);
        }
    }
    let count = text.len().max(1) as f64;
    let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| (sum / count) as f32).collect();
    Ok(Some(sums.into_iter().map(|(at, sums)| (at, mean(sums))).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(mean: bool) -> Ablation {
        Ablation { layer: 1, part: Part::Head(2), mean }
    }

    #[test]
    fn a_mean_stays_while_its_text_grows() {
        let mean =
            Switched { wanted: vec![head(true)], over: vec![1, 2, 3], hooks: hooks::Ablation::default() };
        assert!(mean.serves(&[head(true)], &[1, 2, 3]));
        assert!(mean.serves(&[head(true)], &[1, 2, 3, 4]));
        assert!(!mean.serves(&[head(true)], &[1, 2]));
        assert!(!mean.serves(&[head(true)], &[1, 2, 4, 4]));
        assert!(!mean.serves(&[head(false)], &[1, 2, 3]));
        assert!(!mean.serves(&[], &[1, 2, 3]));
        let zero = Switched { wanted: vec![head(false)], ..Switched::default() };
        assert!(zero.serves(&[head(false)], &[7]));
        assert!(Switched::default().serves(&[], &[]));
    }
}
