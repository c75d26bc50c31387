//! Choosing a model, reading what it is, loading it, and what this browser keeps.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::language::{
    Kept, KeptModel, LanguageCard, LanguageProgress, LanguageRequest, LanguageResponse, LoadOptions, Loaded,
    ModelSource,
};
use protocol::{AppError, Device, Problem};
use web_sys::File;

use super::Language;
use super::progress::{Rate, Work};
use crate::client::unexpected;

/// Positions that are asked for at first: a chat of some pages, and little memory.
const CONTEXT: usize = 2048;

/// The same for the model that comes with the page: all that it was made for.
pub const BUNDLED_CONTEXT: usize = 1024;

/// A model that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Where it is.
    pub source: ModelSource,
    /// What it is called until its card is there.
    pub name: String,
}

/// What a load asked for, to be asked for again.
#[derive(Clone)]
struct Asked {
    source: ModelSource,
    files: Vec<File>,
    options: LoadOptions,
}

/// Choosing and loading; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Source {
    /// What was chosen and is not loaded yet.
    pub chosen: RwSignal<Option<Chosen>>,
    /// Whether files are held over the page, to be dropped.
    pub files_over: RwSignal<bool>,
    /// The files chosen.
    files: StoredValue<Vec<File>, LocalStorage>,
    /// What the chosen one is.
    pub card: RwSignal<Option<Arc<LanguageCard>>>,
    /// What is loaded.
    pub loaded: RwSignal<Option<Arc<Loaded>>>,
    /// What goes on.
    pub work: RwSignal<Option<Work>>,
    /// Why the last of it came to nothing.
    pub failure: RwSignal<Option<AppError>>,
    /// What this browser keeps, as soon as it is known.
    pub kept: RwSignal<Option<Kept>>,
    /// What is to compute.
    pub device: RwSignal<Device>,
    /// Bits that weights stored as floats are brought to.
    pub quantize: RwSignal<Option<u8>>,
    /// Positions wanted.
    pub context: RwSignal<usize>,
    /// Whether chosen files are kept in this browser.
    pub keep: RwSignal<bool>,
    /// Whether a model that brings no taps gets those of this site.
    pub taps: RwSignal<bool>,
    /// The last load that succeeded.
    asked: StoredValue<Option<Asked>, LocalStorage>,
}

impl Source {
    /// Nothing is chosen.
    pub fn new() -> Self {
        Self {
            chosen: RwSignal::new(None),
            files_over: RwSignal::new(false),
            files: StoredValue::new_local(Vec::new()),
            card: RwSignal::new(None),
            loaded: RwSignal::new(None),
            work: RwSignal::new(None),
            failure: RwSignal::new(None),
            kept: RwSignal::new(None),
            device: RwSignal::new(Device::Cpu),
            quantize: RwSignal::new(None),
            context: RwSignal::new(CONTEXT),
            keep: RwSignal::new(false),
            taps: RwSignal::new(true),
            asked: StoredValue::new_local(None),
        }
    }

    /// Whether something goes on that must end before another model is chosen (tracked).
    pub fn is_busy(self) -> bool {
        self.work.with(Option::is_some)
    }

    /// Whether a model is there that can be asked something (tracked).
    pub fn is_ready(self) -> bool {
        self.loaded.with(Option::is_some) && !self.is_busy()
    }

    /// Bits that the floats of the loaded model were brought to.
    pub fn quantized(self) -> Option<u8> {
        self.asked.with_value(|asked| asked.as_ref().and_then(|asked| asked.options.quantize))
    }

    /// The positions to ask for: at least a few, at most as many as the model was made for.
    fn positions(self, card: &LanguageCard) -> usize {
        self.context.get_untracked().clamp(16, card.context.max(16))
    }
}

impl Language {
    /// Chooses files, and reads what they are.
    pub fn choose_files(self, files: Vec<File>) {
        let Some(first) = files.first() else { return };
        let more = files.len() - 1;
        let name = if more == 0 { first.name() } else { format!("{} and {more} more", first.name()) };
        self.source.files.set_value(files);
        self.choose(Chosen { source: ModelSource::Files, name });
    }

    /// Chooses an address, and reads what is there.
    pub fn choose_address(self, address: &str) {
        let address = address.trim();
        let name = address.split(['?', '#']).next().and_then(|path| path.rsplit('/').next());
        let name = name.filter(|name| !name.is_empty()).unwrap_or(address).to_owned();
        self.choose(Chosen { source: ModelSource::Address(address.to_owned()), name });
    }

    /// Chooses one that this browser keeps.
    pub fn choose_kept(self, model: &KeptModel) {
        // Of one that broke off, the header may not be there yet: it is read, and gone on with, at its address.
        let source = match &model.address {
            Some(address) if !model.complete => ModelSource::Address(address.clone()),
            _ => ModelSource::Kept(model.key.clone()),
        };
        self.choose(Chosen { source, name: model.name.clone() });
    }

    /// Forgets what was chosen.
    pub fn choose_none(self) {
        self.source.chosen.set(None);
        self.source.card.set(None);
        self.source.failure.set(None);
    }

    fn choose(self, chosen: Chosen) {
        let source = self.source;
        if source.work.with_untracked(Option::is_some) {
            return;
        }
        self.choose_none();
        source.work.set(Some(Work::Inspecting));
        source.chosen.set(Some(chosen.clone()));
        spawn_local(async move {
            let request = LanguageRequest::Inspect { source: chosen.source.clone() };
            let answer = self.ask(None, request, self.files_of(&chosen.source), None).await;
            source.work.set(None);
            match answer {
                Ok(LanguageResponse::Card(card)) => {
                    // What suited the model before may not suit this one.
                    source.quantize.set(None);
                    source.context.set(CONTEXT);
                    source.card.set(Some(Arc::from(card)));
                }
                Ok(_) => source.failure.set(Some(unexpected())),
                Err(error) => source.failure.set(Some(error)),
            }
        });
    }

    /// Loads what was chosen, in place of the model before.
    pub fn load(self) {
        let source = self.source;
        let (Some(chosen), Some(card)) = (source.chosen.get_untracked(), source.card.get_untracked()) else {
            return;
        };
        let options = LoadOptions {
            device: source.device.get_untracked(),
            quantize: source.quantize.get_untracked(),
            context: source.positions(&card),
            keep: source.keep.get_untracked(),
            taps: source.taps.get_untracked(),
        };
        let files = self.files_of(&chosen.source);
        spawn_local(async move {
            if self.load_this(Asked { source: chosen.source, files, options }).await {
                self.choose_none();
            }
        });
    }

    /// Loads the model that comes with the page, on a device.
    pub async fn load_bundled(self, device: Device) -> bool {
        let options =
            LoadOptions { device, quantize: None, context: BUNDLED_CONTEXT, keep: false, taps: false };
        self.load_this(Asked { source: ModelSource::Bundled, files: Vec::new(), options }).await
    }

    /// Loads the last model again, on a device.
    pub async fn load_again(self, device: Device) -> bool {
        let Some(mut asked) = self.source.asked.get_value() else { return false };
        asked.options.device = device;
        self.load_this(asked).await
    }

    async fn load_this(self, asked: Asked) -> bool {
        let source = self.source;
        if source.work.with_untracked(Option::is_some) {
            return false;
        }
        // Never two models in memory: the one before goes first, and its memory with its worker.
        if source.loaded.with_untracked(Option::is_some) {
            self.end("another model takes its place");
        }
        self.clear_notice();
        source.failure.set(None);
        source.work.set(Some(Work::Starting { bytes: 0 }));
        let rate = Rate::new();
        let on_progress = move |progress: LanguageProgress| {
            if let Some(work) = rate.work(&progress) {
                source.work.set(Some(work));
            }
        };
        let Asked { source: place, files, options } = asked.clone();
        let request = LanguageRequest::Load { source: place, options };
        let answer = self.ask(Some(asked.options.device), request, files, Some(Box::new(on_progress))).await;
        source.work.set(None);
        let done = match answer {
            Ok(LanguageResponse::Loaded(loaded)) => {
                if loaded.key.is_some() {
                    // Asks the browser to spare what is kept when its disk fills up. It may decline; workers cannot ask.
                    drop(window().navigator().storage().persist());
                }
                // What is kept is read from there: files chosen may have moved by then.
                let place = loaded.key.clone().map_or(asked.source, ModelSource::Kept);
                source.asked.set_value(Some(Asked { source: place, ..asked }));
                let loaded = Arc::from(loaded);
                self.speeds.note_load(Arc::clone(&loaded));
                source.loaded.set(Some(loaded));
                true
            }
            Ok(_) => {
                source.failure.set(Some(unexpected()));
                false
            }
            Err(error) => {
                // A worker that ran out of memory keeps what it has: a new one starts empty. And one that has started a
                // graphics device does not start it a second time.
                if error.problem != Problem::Cancelled || asked.options.device == Device::WebGpu {
                    self.end("the model could not be loaded");
                }
                source.failure.set(Some(error));
                false
            }
        };
        self.read_kept().await;
        done
    }

    /// Reads what this browser keeps.
    pub async fn read_kept(self) {
        let answer = self.ask(None, LanguageRequest::Kept, Vec::new(), None).await;
        self.show_kept(answer);
    }

    /// Deletes a kept model.
    pub fn delete(self, key: String) {
        spawn_local(async move {
            let answer = self.ask(None, LanguageRequest::Delete { key }, Vec::new(), None).await;
            self.show_kept(answer);
        });
    }

    fn show_kept(self, answer: Result<LanguageResponse, AppError>) {
        let kept = match answer {
            Ok(LanguageResponse::Kept(kept)) => kept,
            Ok(_) => Kept { unavailable: Some(unexpected().message), ..Kept::default() },
            Err(error) => Kept { unavailable: Some(error.message), ..Kept::default() },
        };
        self.source.kept.set(Some(kept));
    }

    fn files_of(self, source: &ModelSource) -> Vec<File> {
        if *source == ModelSource::Files { self.source.files.get_value() } else { Vec::new() }
    }
}
