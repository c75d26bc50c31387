//! The models that can be asked: the one that comes with the page, and the one that a person loaded.
//!
//! Each has a worker of its own, so asking the small one takes nothing from a chat with a large one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Device;

use super::Language;

/// Both of them; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Worlds {
    /// The one that comes with the page.
    pub nano: Language,
    /// The one that a person loaded.
    pub own: Language,
    /// Whether the person's is asked.
    pub ask_own: RwSignal<bool>,
}

impl Worlds {
    /// Asks the one that comes with the page.
    pub fn new(nano: Language, own: Language) -> Self {
        Self { nano, own, ask_own: RwSignal::new(false) }
    }

    /// Whether the person's model writes programs (tracked).
    pub fn own_can(self) -> bool {
        self.own.source.loaded.with(|loaded| loaded.as_ref().is_some_and(|loaded| loaded.world.is_some()))
    }

    /// The one that is asked (tracked).
    pub fn current(self) -> Language {
        if self.ask_own.get() && self.own_can() { self.own } else { self.nano }
    }

    /// Has the page's own model loaded, if it is not; then asks what waits for it.
    pub fn prepare(self) {
        let nano = self.nano;
        let is_there = nano.source.loaded.with_untracked(Option::is_some);
        if is_there || nano.source.work.with_untracked(Option::is_some) {
            return;
        }
        self.load(nano.source.device.get_untracked());
    }

    /// Loads the page's own model on a device.
    pub fn load(self, device: Device) {
        let nano = self.nano;
        nano.source.device.set(device);
        spawn_local(async move {
            let loaded = nano.load_bundled(device).await;
            let waits = nano.asking.waits.get_untracked();
            nano.asking.waits.set(false);
            if loaded && waits {
                nano.ask_now();
            }
        });
    }
}

/// The models that can be asked.
pub fn use_worlds() -> Worlds {
    expect_context()
}
