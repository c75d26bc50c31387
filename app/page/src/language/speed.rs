//! How fast the loaded model is: measured in rounds, and kept for as long as the page lives, model by model and device
//! by device.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::language::{LanguageProgress, LanguageRequest, LanguageResponse, Loaded, Origin, Speed};

use super::Language;
use super::progress::Work;
use crate::client::unexpected;

/// The length of what is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Tokens of the prompt.
    pub prompt: usize,
    /// Tokens written behind the first, which comes of the prompt.
    pub written: usize,
}

/// Lengths to choose from, the quick ones first.
pub const SIZES: [Sizes; 4] = [
    Sizes { prompt: 32, written: 16 },
    Sizes { prompt: 128, written: 64 },
    Sizes { prompt: 256, written: 128 },
    Sizes { prompt: 1024, written: 128 },
];

/// What was measured of a model on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The model on its device.
    pub loaded: Arc<Loaded>,
    /// How long prompt and answer were.
    pub sizes: Sizes,
    /// Each round.
    pub rounds: Vec<Speed>,
}

/// All there is to show.
#[derive(Debug, Default)]
pub struct Log {
    /// Every load, in order.
    loads: Vec<Arc<Loaded>>,
    /// What was measured, in order; a second measurement of the same takes the place of the first.
    pub measured: Vec<Measured>,
}

impl Log {
    /// The last load of the same onto the same device whose bytes came from there.
    pub fn load_from(&self, origin: Origin, of: &Loaded) -> Option<&Loaded> {
        let mut loads = self.loads.iter().rev();
        loads.find(|load| load.origin == origin && is_same(load, of)).map(Arc::as_ref)
    }

    fn keep(&mut self, new: Measured) {
        let same = |old: &&mut Measured| old.sizes == new.sizes && is_same(&old.loaded, &new.loaded);
        match self.measured.iter_mut().find(same) {
            Some(old) => *old = new,
            None => self.measured.push(new),
        }
    }
}

/// Measuring; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Speeds {
    /// What is to be measured: a place in [`SIZES`].
    pub sizes: RwSignal<usize>,
    /// How often.
    pub rounds: RwSignal<usize>,
    /// What was loaded and measured.
    pub log: RwSignal<Log>,
    /// Why the last measurement did not come to its end.
    pub failure: RwSignal<Option<AppError>>,
}

/// Whether two loads were of the same weights onto the same device.
fn is_same(one: &Loaded, other: &Loaded) -> bool {
    one.card.name == other.card.name
        && one.card.weight_bytes == other.card.weight_bytes
        && one.device == other.device
        && one.device_name == other.device_name
}

impl Speeds {
    /// Nothing is measured.
    pub fn new() -> Self {
        Self {
            sizes: RwSignal::new(2),
            rounds: RwSignal::new(3),
            log: RwSignal::default(),
            failure: RwSignal::new(None),
        }
    }

    /// A model was loaded.
    pub fn note_load(self, loaded: Arc<Loaded>) {
        self.log.update(|log| log.loads.push(loaded));
    }
}

impl Language {
    /// Measures the loaded model, round by round. Rounds that were finished count when somebody stops it.
    pub fn measure(self) {
        let (source, speeds) = (self.source, self.speeds);
        let Some(loaded) = source.loaded.get_untracked().filter(|_| self.can_write()) else { return };
        let Some(sizes) = SIZES.get(speeds.sizes.get_untracked()).copied() else { return };
        let (Sizes { prompt, written }, of) = (sizes, speeds.rounds.get_untracked());
        speeds.failure.set(None);
        // What was read of a chat must be read again for a look inside: the model forgets it.
        let show = move |round, tokens| {
            source.work.set(Some(Work::Measuring { round, of, tokens, all: prompt + written }));
        };
        show(1, 0);
        spawn_local(async move {
            let mut rounds = Vec::new();
            let mut failure = None;
            while rounds.len() < of && failure.is_none() {
                let round = rounds.len() + 1;
                let on_progress = move |progress| {
                    if let LanguageProgress::Reading { tokens, .. } = progress {
                        show(round, tokens);
                    }
                };
                let request = LanguageRequest::Measure { prompt, tokens: written };
                match self.ask(None, request, Vec::new(), Some(Box::new(on_progress))).await {
                    Ok(LanguageResponse::Speed(speed)) => rounds.push(speed),
                    Ok(_) => failure = Some(unexpected()),
                    Err(error) => failure = Some(error),
                }
            }
            source.work.set(None);
            if !rounds.is_empty() {
                speeds.log.update(|log| log.keep(Measured { loaded, sizes, rounds }));
            }
            speeds.failure.set(failure);
        });
    }
}
