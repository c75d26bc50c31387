//! A whole text at a glance: every head's pattern as a thumbnail, and what the stream would say behind every layer.

use super::bounds;
use super::run::{Hook, Run, RunError};
use crate::kernels::{Compute, Top};
use crate::qwen::Decoder;
use crate::qwen::hooks::Recorder;
use crate::xray::{LensMap, Peak, SIDE, Site, Survey};

/// Positions whose logits are taken together: those of a large vocabulary need much memory.
const TOGETHER: usize = 16;
/// Bytes of one layer's patterns at most: a browser's engine has room for little beside the weights.
const MOST: usize = 256 << 20;

/// Positions of a text whose patterns fit.
fn longest(heads: usize) -> usize {
    (MOST / (size_of::<f32>() * heads.max(1))).isqrt()
}

impl Run {
    /// Every head's pattern over the whole text. `each` is told how many layers are done and how many there are, may rest, and
    /// says whether to go on.
    ///
    /// # Errors
    /// When the device fails, or `each` says so.
    pub async fn survey<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        mut each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<Survey, RunError> {
        let positions = self.tokens.len();
        let most = longest(self.config.heads);
        if positions > most {
            return Err(RunError::TooLong { positions, most });
        }
        let side = positions.min(SIDE);
        let mut survey = Survey { side, thumbnails: Vec::new(), habits: Vec::new() };
        for layer in 0..self.config.layers {
            let before = self.before(decoder, layer).await?;
            let mut x = decoder.compute().rows(before, self.config.hidden);
            let mut recorder = Recorder::<C>::new([], [layer]);
            decoder.through(layer, &mut x, &mut (&mut self.interventions, &mut recorder))?;
            let pattern = match recorder.patterns.remove(&layer) {
                Some(rows) => decoder.compute().read(&rows).await?,
                None => Vec::new(),
            };
            let heads = pattern.chunks_exact((positions * positions).max(1));
            survey.habits.push(heads.clone().map(|head| habit(head, positions)).collect());
            survey.thumbnails.push(heads.map(|head| thumbnail(head, positions, side)).collect());
            if !each(layer + 1, self.config.layers).await {
                return Err(RunError::Stopped);
            }
        }
        Ok(survey)
    }

    /// For each layer, so many neurons that passed on most anywhere in the text, each where it did, the strongest first. `each` as in
    /// [`Run::survey`].
    ///
    /// # Errors
    /// When the device fails, or `each` says so.
    pub async fn peaks<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        count: usize,
        mut each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<Vec<Vec<Peak>>, RunError> {
        let mut layers = Vec::new();
        for layer in 0..self.config.layers {
            let before = self.before(decoder, layer).await?;
            let mut x = decoder.compute().rows(before, self.config.hidden);
            let mut recorder = Recorder::<C>::new([(layer, Hook::Post)], []);
            decoder.through(layer, &mut x, &mut (&mut self.interventions, &mut recorder))?;
            let products = match recorder.rows.remove(&(layer, Hook::Post)) {
                Some(rows) => decoder.compute().read(&rows).await?,
                None => Vec::new(),
            };
            layers.push(peaks(&products, products.len() / self.tokens.len().max(1), count));
            if !each(layer + 1, self.config.layers).await {
                return Err(RunError::Stopped);
            }
        }
        Ok(layers)
    }

    /// The logit lens (nostalgebraist, 2020) of all positions behind all layers; of `followed`, its probability as well. `each` as
    /// in [`Run::survey`].
    ///
    /// # Errors
    /// When the vocabulary has no such token, the device fails, or `each` says so.
    pub async fn lens_map<C: Compute>(
        &mut self,
        decoder: &mut Decoder<C>,
        followed: Option<u32>,
        mut each: impl AsyncFnMut(usize, usize) -> bool,
    ) -> Result<LensMap, RunError> {
        let site = followed.map(|token| Site::Logit { position: 0, token: token as usize });
        if let Some((site, reason)) = site.and_then(|site| {
            bounds::outside(site, &self.config, self.tokens.len()).map(|reason| (site, reason))
        }) {
            return Err(RunError::NoSuchNumber { site, reason });
        }
        let hidden = self.config.hidden.max(1);
        let mut map = LensMap::default();
        for layer in 0..=self.config.layers {
            let stream = if layer == self.config.layers {
                self.behind_all().to_vec()
            } else {
                self.before(decoder, layer).await?
            };
            let (mut likeliest, mut of_followed) = (Vec::new(), Vec::new());
            for rows in stream.chunks(TOGETHER * hidden) {
                let rows = decoder.compute().rows(rows.to_vec(), hidden);
                let logits = decoder.unembed(&rows);
                let tops: Vec<Top> = decoder.compute().top(&logits, 1).await?;
                likeliest.extend(tops.iter().filter_map(|top| {
                    let (token, logit) = top.largest.first()?;
                    Some((*token, top.probability(*logit)))
                }));
                if let Some(token) = followed {
                    let all = decoder.compute().read(&logits).await?;
                    let width = all.len() / tops.len().max(1);
                    let own = all.chunks_exact(width.max(1)).map(|row| row.get(token as usize).copied());
                    of_followed.extend(
                        own.zip(&tops).map(|(own, top)| own.map_or(0.0, |logit| top.probability(logit))),
                    );
                }
            }
            map.likeliest.push(likeliest);
            if followed.is_some() {
                map.followed.push(of_followed);
            }
            if !each(layer, self.config.layers).await {
                return Err(RunError::Stopped);
            }
        }
        Ok(map)
    }
}

/// The columns with the largest numbers of `[positions, neurons]`, each once.
fn peaks(products: &[f32], neurons: usize, count: usize) -> Vec<Peak> {
    let mut best: Vec<Peak> = (0..neurons).map(|neuron| Peak { neuron, position: 0, product: 0.0 }).collect();
    for (position, row) in products.chunks_exact(neurons.max(1)).enumerate() {
        for (peak, product) in best.iter_mut().zip(row) {
            if product.abs() > peak.product.abs() {
                *peak = Peak { position, product: *product, ..*peak };
            }
        }
    }
    best.sort_by(|a, b| b.product.abs().total_cmp(&a.product.abs()));
    best.truncate(count);
    best
}

/// The mean shares of a pattern, `[positions, positions]`, on the first token, on the token that asks, and on the one before it; of the
/// tokens from the third on, for which these are three.
fn habit(pattern: &[f32], positions: usize) -> [f32; 3] {
    let mut sums = [0.0_f64; 3];
    for (query, row) in pattern.chunks_exact(positions.max(1)).enumerate().skip(2) {
        let share = |key: usize| row.get(key).copied().map_or(0.0, f64::from);
        let here = [share(0), share(query), share(query - 1)];
        sums.iter_mut().zip(here).for_each(|(sum, share)| *sum += share);
    }
    sums.map(|sum| (sum / positions.saturating_sub(2).max(1) as f64) as f32)
}

/// A pattern, `[positions, positions]`, in `side` × `side` places.
fn thumbnail(pattern: &[f32], positions: usize, side: usize) -> Vec<u8> {
    let mut largest = vec![0.0_f32; side * side];
    for (query, row) in pattern.chunks_exact(positions.max(1)).enumerate() {
        for (key, share) in row.iter().enumerate() {
            let place = query * side / positions.max(1) * side + key * side / positions.max(1);
            if let Some(place) = largest.get_mut(place) {
                *place = place.max(*share);
            }
        }
    }
    largest.into_iter().map(|share| (share.clamp(0.0, 1.0) * 255.0).round() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_the_largest_share_of_each_place() {
        let mut pattern = vec![0.0; 16];
        pattern[4 + 1] = 1.0;
        pattern[3 * 4] = 0.5;
        assert_eq!(thumbnail(&pattern, 4, 2), [255, 0, 128, 0]);
        assert_eq!(thumbnail(&[1.0], 1, 1), [255]);
        assert!(thumbnail(&[], 0, 0).is_empty());
    }

    #[test]
    fn a_neuron_peaks_where_it_is_farthest_from_zero() {
        let products = [0.5, -1.0, 0.0, -0.75, 0.5, 0.25];
        let found = peaks(&products, 3, 2);
        let expected = [(1, 0, -1.0), (0, 1, -0.75)];
        assert_eq!(
            found.iter().map(|peak| (peak.neuron, peak.position, peak.product)).collect::<Vec<_>>(),
            expected
        );
        assert!(peaks(&[], 0, 2).is_empty());
    }

    #[test]
    fn a_habit_is_a_mean_over_the_whole_text() {
        // Of 100 tokens each looks at the one before it, but for the last, which looks at the first.
        let positions = 100;
        let mut pattern = vec![0.0; positions * positions];
        for query in 1..positions - 1 {
            pattern[query * positions + query - 1] = 1.0;
        }
        pattern[(positions - 1) * positions] = 1.0;
        let [first, own, before] = habit(&pattern, positions);
        assert!((first - 1.0 / 98.0).abs() < 1e-6 && own == 0.0 && (before - 97.0 / 98.0).abs() < 1e-6);
        assert_eq!(habit(&[], 0), [0.0; 3]);
        assert_eq!(longest(16), 2048);
    }
}
