//! What makes a decoder a WorldModel: an adapter, two files beside the decoder's own.
//!
//! `adapter.safetensors` has the taps' weights, `adapter.json` an [`AdapterConfig`]: what it was trained on, the taps' shape, the
//! WAT vocabulary, and how candidates are chosen.

use serde::{Deserialize, Serialize};

use super::program::Token;
use super::program::vocabulary;
use super::selection::Selection;
use super::taps::{TapConfig, TapError, Taps};
use super::transcript::OPERANDS;
use crate::kernels::Compute;
use crate::qwen::Config;
use crate::weights::Checkpoint;

/// How an adapter's taps and its decoder came together, and so how the decoder is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// They were trained together: the decoder reads marks and writes plans, as nano does.
    #[default]
    Own,
    /// The decoder is as it was: it is asked by its chat template, and the taps read that.
    Frozen,
}

/// `adapter.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterConfig {
    /// How it came together with that decoder. Files of before there was a choice do not say it.
    #[serde(default)]
    pub kind: Base,
    /// The decoder it was trained on, by name.
    pub base: String,
    /// Width of that decoder's residual stream.
    pub hidden: usize,
    /// Its layers.
    pub layers: usize,
    /// A fingerprint of that decoder ([`fingerprint`]): another training of the same shape is another decoder.
    pub fingerprint: String,
    /// How it was trained: seed, steps, questions, sources.
    pub training: serde_json::Value,
    /// The taps' shape.
    pub taps: TapConfig,
    /// The WAT tokens, in the order of their numbers: what was trained is only good with the same.
    pub vocabulary: Vec<String>,
    /// How candidates are chosen.
    pub selection: Selection,
}

/// Why an adapter cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AdapterError {
    /// `adapter.json` is none.
    #[error("the adapter's configuration cannot be read: {0}")]
    Json(String),
    /// It belongs to another decoder.
    #[error(
        "the adapter was trained on {base}, {expected}; this model has {found}: give the model that it was trained on"
    )]
    Base {
        /// The decoder it was trained on.
        base: String,
        /// That decoder's shape.
        expected: String,
        /// This one's.
        found: String,
    },
    /// It was trained with another decoder of that shape.
    #[error(
        "the adapter was trained on {0}, and this is another model of its shape: give the one that it was trained on"
    )]
    Fingerprint(String),
    /// It knows other WAT tokens.
    #[error(
        "the adapter's WAT token {number} is `{theirs}`, and here it is `{ours}`: it needs another version of this program"
    )]
    Vocabulary {
        /// The first that differs.
        number: usize,
        /// What it is in the file.
        theirs: String,
        /// What it is here.
        ours: String,
    },
    /// Its weights.
    #[error(transparent)]
    Taps(#[from] TapError),
}

impl AdapterConfig {
    /// Reads `adapter.json`.
    ///
    /// # Errors
    /// [`AdapterError::Json`], [`AdapterError::Vocabulary`], and a shape that no taps have.
    pub fn read(json: &[u8]) -> Result<Self, AdapterError> {
        let this: Self =
            serde_json::from_slice(json).map_err(|error| AdapterError::Json(error.to_string()))?;
        this.taps.check()?;
        let ours = words();
        let count = this.vocabulary.len().max(this.taps.vocabulary);
        let at =
            |words: &[String], number: usize| words.get(number).cloned().unwrap_or_else(|| "none".to_owned());
        let other = (0..count).find(|&number| this.vocabulary.get(number) != ours.get(number));
        match other {
            Some(number) => {
                let (theirs, ours) = (at(&this.vocabulary, number), at(&ours, number));
                Err(AdapterError::Vocabulary { number, theirs, ours })
            }
            None => Ok(this),
        }
    }

    /// Loads the taps for a decoder.
    ///
    /// # Errors
    /// When the adapter belongs to another decoder, a tensor is missing or misshapen, or the device has no room.
    pub fn load<C: Compute>(
        &self,
        weights: &Checkpoint,
        decoder: &Config,
        compute: &mut C,
    ) -> Result<Taps<C>, AdapterError> {
        let shape = |layers: usize, hidden: usize| format!("{layers} layers of width {hidden}");
        if (self.hidden, self.layers) != (decoder.hidden, decoder.layers) {
            return Err(AdapterError::Base {
                base: self.base.clone(),
                expected: shape(self.layers, self.hidden),
                found: shape(decoder.layers, decoder.hidden),
            });
        }
        if self.taps.behind.last().is_some_and(|last| *last > self.layers) {
            let (value, must) = (format!("{:?}", self.taps.behind), "layers that the decoder has");
            return Err(TapError::Config { key: "behind", value, must }.into());
        }
        if self.taps.operands < OPERANDS {
            let must = "as many as questions can have";
            return Err(
                TapError::Config { key: "operands", value: self.taps.operands.to_string(), must }.into()
            );
        }
        Ok(Taps::load(weights, self.taps.clone(), self.hidden, compute)?)
    }

    /// Whether the decoder in a checkpoint is the one it was trained with. Adapters without a fingerprint are for any.
    ///
    /// # Errors
    /// [`AdapterError::Fingerprint`].
    pub fn check_base(&self, base: &Checkpoint) -> Result<(), AdapterError> {
        let found = fingerprint(base);
        if self.fingerprint.is_empty() || found.is_none_or(|found| found == self.fingerprint) {
            return Ok(());
        }
        Err(AdapterError::Fingerprint(self.base.clone()))
    }
}

/// A fingerprint of a decoder: of the gains of its last norm, which are not quantized and differ from training to training.
/// FNV-1a (Fowler, Noll & Vo) of their bytes. `None` where the file has none.
pub fn fingerprint(base: &Checkpoint) -> Option<String> {
    let name =
        ["output_norm.weight", "model.norm.weight"].into_iter().find(|name| base.tensor(name).is_some())?;
    let width = base.tensor(name)?.shape.first().copied()?;
    let gains = base.vector(name, width).ok()?;
    Some(fingerprint_of(&gains))
}

/// The same of the gains themselves.
pub fn fingerprint_of(gains: &[f32]) -> String {
    let bytes = gains.iter().flat_map(|gain| gain.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The WAT tokens there are, in the order of their numbers.
pub fn words() -> Vec<String> {
    let ids = 0..u16::try_from(vocabulary::size()).unwrap_or(u16::MAX);
    ids.map(|id| Token(id).to_string()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::worldmodel::nano;

    fn config() -> AdapterConfig {
        let decoder = nano::decoder(300);
        AdapterConfig {
            kind: Base::Own,
            base: "nano".to_owned(),
            hidden: decoder.hidden,
            layers: decoder.layers,
            fingerprint: fingerprint_of(&[1.0, 2.0]),
            training: serde_json::json!({ "seed": 1 }),
            taps: nano::taps(),
            vocabulary: words(),
            selection: Selection::untrained(3),
        }
    }

    #[test]
    fn a_configuration_is_read_as_it_was_written() {
        let json = serde_json::to_vec(&config()).unwrap();
        assert_eq!(AdapterConfig::read(&json).unwrap(), config());
    }

    #[test]
    fn other_tokens_are_refused_by_name() {
        let mut other = config();
        other.vocabulary[7] = "i128.add".to_owned();
        let error = AdapterConfig::read(&serde_json::to_vec(&other).unwrap()).unwrap_err().to_string();
        assert!(error.contains("WAT token 7 is `i128.add`"), "{error}");
        other = config();
        other.vocabulary.pop();
        assert!(matches!(
            AdapterConfig::read(&serde_json::to_vec(&other).unwrap()),
            Err(AdapterError::Vocabulary { .. })
        ));
        assert!(matches!(AdapterConfig::read(b"{"), Err(AdapterError::Json(_))));
    }
}
