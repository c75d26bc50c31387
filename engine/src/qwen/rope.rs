//! The angles of the rotary position embedding (Su et al., 2021) and of its stretched variants.

use std::f32::consts::PI;

use super::config::ConfigError;

/// How the angles are stretched for contexts longer than those of the training.
#[derive(Clone, Debug, PartialEq)]
pub enum Scaling {
    /// Not at all.
    None,
    /// All angles divided by a factor (Chen et al., 2023).
    Linear {
        /// The factor.
        factor: f32,
    },
    /// Long waves divided by a factor, short ones left, a ramp between (Llama 3.1).
    Llama3 {
        /// The factor of long waves.
        factor: f32,
        /// Waves longer than context / this are long.
        low_frequency_factor: f32,
        /// Waves shorter than context / this are short.
        high_frequency_factor: f32,
        /// Positions of the original training.
        original_context: usize,
    },
    /// As Llama 3, with a ramp over dimensions and longer vectors (YaRN; Peng et al., 2023).
    Yarn {
        /// The factor of long waves.
        factor: f32,
        /// Turns within the original context above which a wave is short.
        beta_fast: f32,
        /// Turns within the original context below which a wave is long.
        beta_slow: f32,
        /// Positions of the original training.
        original_context: usize,
        /// Factor of the turned vectors; `0.1 ln factor + 1` unless the file has one.
        attention_factor: Option<f32>,
    },
    /// A divisor for each pair, as GGUF files of Llama 3 carry them (`rope_freqs.weight`).
    Divisors(Vec<f32>),
}

impl Scaling {
    /// Checks that every factor is a number above 0: others make angles that are no numbers.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn check(&self) -> Result<(), ConfigError> {
        let factors: Vec<f32> = match self {
            Self::None => Vec::new(),
            Self::Linear { factor } => vec![*factor],
            Self::Llama3 { factor, low_frequency_factor, high_frequency_factor, .. } => {
                vec![*factor, *low_frequency_factor, *high_frequency_factor]
            }
            Self::Yarn { factor, beta_fast, beta_slow, attention_factor, .. } => {
                [*factor, *beta_fast, *beta_slow].into_iter().chain(*attention_factor).collect()
            }
            Self::Divisors(divisors) => divisors.clone(),
        };
        match factors.into_iter().find(|factor| !(factor.is_finite() && *factor > 0.0)) {
            Some(factor) => Err(ConfigError::Value {
                key: "rope scaling factor".to_owned(),
                value: factor.to_string(),
                must: "above 0",
            }),
            None => Ok(()),
        }
    }
}

/// Radians a position for each of the `head_dim / 2` pairs, and the factor of the turned vectors.
pub fn frequencies(base: f32, head_dim: usize, scaling: &Scaling) -> (Vec<f32>, f32) {
    let half = head_dim / 2;
    let plain =
        (0..half).map(|pair| (1.0 / f64::from(base).powf(2.0 * pair as f64 / head_dim as f64)) as f32);
    match scaling {
        Scaling::None => (plain.collect(), 1.0),
        Scaling::Linear { factor } => (plain.map(|frequency| frequency / factor).collect(), 1.0),
        Scaling::Divisors(divisors) => {
            (plain.zip(divisors).map(|(frequency, divisor)| frequency / divisor).collect(), 1.0)
        }
        Scaling::Llama3 { factor, low_frequency_factor, high_frequency_factor, original_context } => {
            let context = *original_context as f32;
            let stretched = plain.map(|frequency| {
                let turns = context * frequency / (2.0 * PI);
                let keep = (turns - low_frequency_factor) / (high_frequency_factor - low_frequency_factor);
                let keep = keep.clamp(0.0, 1.0);
                keep * frequency + (1.0 - keep) * frequency / factor
            });
            (stretched.collect(), 1.0)
        }
        Scaling::Yarn { factor, beta_fast, beta_slow, original_context, attention_factor } => {
            // The pair whose wave turns this many times within the original context.
            let pair_of = |turns: f32| {
                head_dim as f32 * (*original_context as f32 / (turns * 2.0 * PI)).ln() / (2.0 * base.ln())
            };
            let low = pair_of(*beta_fast).floor().max(0.0);
            let high = pair_of(*beta_slow).ceil().min(head_dim as f32 - 1.0);
            let width = if high > low { high - low } else { 0.001 };
            let stretched = plain.enumerate().map(|(pair, frequency)| {
                let long = ((pair as f32 - low) / width).clamp(0.0, 1.0);
                long * frequency / factor + (1.0 - long) * frequency
            });
            let magnitude =
                attention_factor.unwrap_or_else(|| if *factor > 1.0 { 0.1 * factor.ln() + 1.0 } else { 1.0 });
            (stretched.collect(), magnitude)
        }
    }
}
