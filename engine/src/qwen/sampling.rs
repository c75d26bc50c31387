//! From logits to the next token.

/// How the next token is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// 0 takes the highest logit; above, logits are divided by it before the draw.
    pub temperature: f32,
    /// Only the `top_k` highest are drawn from; 0 for all.
    pub top_k: usize,
    /// Of those, only the fewest whose probabilities reach `top_p` (Holtzman et al., 2020); 1 for all.
    pub top_p: f32,
    /// Logits of tokens seen in the last [`Sampling::repetition_window`] are divided by this where positive, else
    /// multiplied (Keskar et al., 2019); 1 for none.
    pub repetition_penalty: f32,
    /// How far back the penalty looks, in tokens.
    pub repetition_window: usize,
    /// The same seed gives the same text.
    pub seed: u64,
}

impl Default for Sampling {
    /// Greedy.
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            repetition_penalty: 1.0,
            repetition_window: 64,
            seed: 0,
        }
    }
}

/// A setting that means nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{name} is {value}; it must be {must}")]
pub struct SamplingError {
    /// The setting.
    pub name: &'static str,
    /// What it is.
    pub value: f32,
    /// What it may be.
    pub must: &'static str,
}

impl Sampling {
    /// Checks that each setting is in its range.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), SamplingError> {
        let positive = |value: f32| value.is_finite() && value > 0.0;
        let checks = [
            (
                "temperature",
                self.temperature,
                self.temperature.is_finite() && self.temperature >= 0.0,
                "0 or more",
            ),
            ("top_p", self.top_p, self.top_p > 0.0 && self.top_p <= 1.0, "above 0 and at most 1"),
            ("repetition_penalty", self.repetition_penalty, positive(self.repetition_penalty), "above 0"),
        ];
        match checks.into_iter().find(|(_, _, holds, _)| !holds) {
            Some((name, value, _, must)) => Err(SamplingError { name, value, must }),
            None => Ok(()),
        }
    }
}

/// The largest `top_k` that is served by reading the highest logits alone: more are quicker read as a whole.
const MOST_SEEN: usize = 64;

/// Draws tokens, one after the other.
#[derive(Clone, Debug)]
pub struct Sampler {
    sampling: Sampling,
    random: fastrand::Rng,
}

impl Sampler {
    /// A sampler at the start of its random numbers.
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn new(sampling: Sampling) -> Result<Self, SamplingError> {
        sampling.check()?;
        let random = fastrand::Rng::with_seed(sampling.seed);
        Ok(Self { sampling, random })
    }

    /// How many of the highest logits [`Sampler::draw_from`] must see to draw as [`Sampler::draw`] does from all; `None` where
    /// it takes all of them.
    pub fn needs(&self) -> Option<usize> {
        let Sampling { temperature, top_k, repetition_penalty, .. } = self.sampling;
        match (repetition_penalty == 1.0, temperature == 0.0, top_k) {
            (true, true, _) => Some(1),
            (true, false, 1..=MOST_SEEN) => Some(top_k),
            _ => None,
        }
    }

    /// The next token by the highest logits alone, the highest first; see [`Sampler::needs`].
    pub fn draw_from(&mut self, highest: &[(u32, f32)]) -> Option<u32> {
        if self.sampling.temperature == 0.0 {
            return highest.first().map(|(token, _)| *token);
        }
        let candidates = self.weigh(highest.to_vec());
        self.pick(&candidates)
    }

    /// The next token, or `None` if there are no logits. `past` are the tokens before it.
    pub fn draw(&mut self, logits: &mut [f32], past: &[u32]) -> Option<u32> {
        self.penalize(logits, past);
        if self.sampling.temperature == 0.0 {
            return highest(logits);
        }
        let candidates = self.candidates(logits);
        self.pick(&candidates)
    }

    fn pick(&mut self, candidates: &[(u32, f32)]) -> Option<u32> {
        let total: f32 = candidates.iter().map(|(_, weight)| weight).sum();
        let mut left = self.random.f32() * total;
        for (token, weight) in candidates {
            left -= weight;
            if left < 0.0 {
                return Some(*token);
            }
        }
        candidates.last().map(|(token, _)| *token)
    }

    fn penalize(&self, logits: &mut [f32], past: &[u32]) {
        let penalty = self.sampling.repetition_penalty;
        if penalty == 1.0 {
            return;
        }
        let from = past.len().saturating_sub(self.sampling.repetition_window);
        let mut recent = past.get(from..).unwrap_or(&[]).to_vec();
        recent.sort_unstable();
        recent.dedup();
        for token in recent {
            if let Some(logit) = logits.get_mut(token as usize) {
                *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
            }
        }
    }

    /// Tokens that may be drawn with their weights, the likeliest first.
    fn candidates(&self, logits: &[f32]) -> Vec<(u32, f32)> {
        let top_k = self.sampling.top_k;
        let mut candidates: Vec<(u32, f32)> = (0..).zip(logits.iter().copied()).collect();
        let descending = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if top_k > 0 && top_k < candidates.len() {
            candidates.select_nth_unstable_by(top_k - 1, descending);
            candidates.truncate(top_k);
        }
        candidates.sort_unstable_by(descending);
        self.weigh(candidates)
    }

    /// The likeliest tokens with their weights in place of their logits, without those that `top_p` leaves out.
    fn weigh(&self, mut candidates: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
        let Sampling { temperature, top_p, .. } = self.sampling;
        let largest = candidates.first().map_or(0.0, |(_, logit)| *logit);
        let mut total = 0.0;
        for (_, logit) in &mut candidates {
            *logit = ((*logit - largest) / temperature).exp();
            total += *logit;
        }
        if top_p < 1.0 {
            let mut reached = 0.0;
            let kept = candidates.iter().take_while(|(_, weight)| {
                let wanted = reached < top_p * total;
                reached += weight;
                wanted
            });
            let kept = kept.count().max(1);
            candidates.truncate(kept);
        }
        candidates
    }
}

/// The token of the highest logit; of equals, the first.
pub fn highest(logits: &[f32]) -> Option<u32> {
    let mut best: Option<(u32, f32)> = None;
    for (token, &logit) in (0..).zip(logits) {
        if best.is_none_or(|(_, highest)| logit > highest) {
            best = Some((token, logit));
        }
    }
    best.map(|(token, _)| token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(change: impl FnOnce(&mut Sampling)) -> Sampler {
        let mut sampling = Sampling { temperature: 1.0, seed: 7, ..Sampling::default() };
        change(&mut sampling);
        Sampler::new(sampling).unwrap()
    }

    fn shares(sampler: &mut Sampler, logits: &[f32]) -> Vec<f32> {
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..20_000 {
            let token = sampler.draw(&mut logits.to_vec(), &[]).unwrap();
            counts[token as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn greedy_takes_the_first_of_equals() {
        assert_eq!(highest(&[1.0, 3.0, 3.0]), Some(1));
        assert_eq!(highest(&[]), None);
    }

    #[test]
    fn draws_follow_the_softmax() {
        let logits = [1.0_f32.ln(), 2.0_f32.ln(), 5.0_f32.ln()];
        let drawn = shares(&mut sampler(|_| {}), &logits);
        for (share, expected) in drawn.iter().zip([0.125, 0.25, 0.625]) {
            assert!((share - expected).abs() < 0.015, "{drawn:?}");
        }
        let cold = shares(&mut sampler(|sampling| sampling.temperature = 0.5), &logits);
        for (share, expected) in cold.iter().zip([1.0 / 30.0, 4.0 / 30.0, 25.0 / 30.0]) {
            assert!((share - expected).abs() < 0.015, "{cold:?}");
        }
    }

    #[test]
    fn top_k_and_top_p_leave_the_rest_out() {
        let logits = [1.0_f32.ln(), 2.0_f32.ln(), 5.0_f32.ln()];
        assert_eq!(shares(&mut sampler(|sampling| sampling.top_k = 2), &logits)[0], 0.0);
        assert_eq!(shares(&mut sampler(|sampling| sampling.top_p = 0.6), &logits)[..2], [0.0, 0.0]);
        assert_eq!(shares(&mut sampler(|sampling| sampling.top_p = 0.63), &logits)[0], 0.0);
    }

    #[test]
    fn the_highest_logits_are_enough_where_it_says_so() {
        let logits = [0.3, 1.5, -0.2, 1.1, 0.9, 1.5];
        let mut descending: Vec<(u32, f32)> = (0..).zip(logits).collect();
        descending.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let settings: [fn(&mut Sampling); 3] =
            [|s| s.temperature = 0.0, |s| s.top_k = 3, |s| (s.top_k, s.top_p) = (4, 0.7)];
        for set in settings {
            let (mut all, mut few) = (sampler(set), sampler(set));
            let enough = &descending[..few.needs().unwrap()];
            for _ in 0..50 {
                assert_eq!(all.draw(&mut logits.to_vec(), &[]), few.draw_from(enough));
            }
        }
        assert_eq!(sampler(|s| s.repetition_penalty = 1.1).needs(), None);
        assert_eq!(sampler(|_| {}).needs(), None);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let logits = [0.1, 0.2, 0.3, 0.2];
        let draw = |mut sampler: Sampler| -> Vec<_> {
            (0..50).map(|_| sampler.draw(&mut logits.to_vec(), &[])).collect()
        };
        assert_eq!(draw(sampler(|_| {})), draw(sampler(|_| {})));
        assert_ne!(draw(sampler(|_| {})), draw(sampler(|sampling| sampling.seed = 8)));
    }

    #[test]
    fn repeated_tokens_are_penalized_whichever_sign_their_logit_has() {
        let mut sampler =
            Sampler::new(Sampling { repetition_penalty: 2.0, repetition_window: 2, ..Sampling::default() })
                .unwrap();
        let mut logits = [4.0, -1.0, 3.0];
        assert_eq!(sampler.draw(&mut logits, &[2, 0, 0, 1]), Some(2));
        assert_eq!(logits, [2.0, -2.0, 3.0]);
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let error = Sampler::new(Sampling { top_p: 0.0, ..Sampling::default() }).unwrap_err();
        assert_eq!(error.to_string(), "top_p is 0; it must be above 0 and at most 1");
    }
}
