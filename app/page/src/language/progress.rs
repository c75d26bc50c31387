//! What goes on while a model is looked at, loaded and measured.

use leptos::prelude::*;
use protocol::language::LanguageProgress;

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Work {
    /// The engine's module arrives.
    Starting {
        /// Bytes so far.
        bytes: usize,
    },
    /// The model's headers are read.
    Inspecting,
    /// The model's bytes arrive.
    Fetching {
        /// Bytes there are.
        bytes: u64,
        /// Bytes there will be, if that is known.
        of: Option<u64>,
        /// Bytes that an earlier attempt had left.
        resumed: u64,
        /// Bytes a second, as soon as that can be said.
        rate: Option<f64>,
    },
    /// Weights go where they are multiplied.
    Loading {
        /// Parts so far.
        parts: usize,
        /// Parts there are.
        of: usize,
    },
    /// The device is compared with the processor.
    Checking,
    /// The loaded model is measured.
    Measuring {
        /// The round, from 1.
        round: usize,
        /// Rounds there are.
        of: usize,
        /// Tokens of the round so far.
        tokens: usize,
        /// Tokens it has.
        all: usize,
    },
}

/// Milliseconds over which the rate is taken: long enough to be calm, short enough to follow a change.
const WINDOW: f64 = 5_000.0;
/// Milliseconds below which no rate is given.
const TOO_SHORT: f64 = 400.0;

/// How fast bytes arrive, from those of the last seconds.
#[derive(Clone, Copy)]
pub struct Rate(StoredValue<Vec<(f64, u64)>>);

impl Rate {
    /// Nothing has arrived.
    pub fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }

    /// Bytes a second, now that there are so many at this time in milliseconds.
    fn at(self, now: f64, bytes: u64) -> Option<f64> {
        let first = self.0.try_update_value(|samples| {
            samples.push((now, bytes));
            // The one before the window stays: it is where the window begins.
            while samples.get(1).is_some_and(|(time, _)| now - time > WINDOW) {
                let _oldest = samples.remove(0);
            }
            samples.first().copied()
        });
        let (since, before) = first.flatten()?;
        (now - since > TOO_SHORT).then(|| bytes.saturating_sub(before) as f64 / (now - since) * 1e3)
    }

    /// What a load's progress means; none where it belongs to something else.
    pub fn work(self, progress: &LanguageProgress) -> Option<Work> {
        Some(match *progress {
            LanguageProgress::Fetching { bytes, of, resumed } => {
                Work::Fetching { bytes, of, resumed, rate: self.at(js_sys::Date::now(), bytes) }
            }
            LanguageProgress::Loading { parts, of } => Work::Loading { parts, of },
            LanguageProgress::Checking => Work::Checking,
            LanguageProgress::Reading { .. } | LanguageProgress::Token(_) | LanguageProgress::Asking(_) => {
                return None;
            }
        })
    }
}
