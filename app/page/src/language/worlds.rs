//! The models that can be asked: the one that comes with the page, and the one that a person loaded.
//!
//! Each has a worker of its own, so asking the small one takes nothing from a chat with a large one.

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Device;
use wasm_bindgen::JsValue;

use super::Language;

/// Both of them; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Worlds {
    /// The one that comes with the page.
    pub nano: Language,
    /// The one that a person loaded.
    pub own: Language,
    /// Whether the person's is wanted.
    pub ask_own: RwSignal<bool>,
    /// The model that a link's question was asked of, where it is not the one that answers here.
    pub asked_elsewhere: RwSignal<Option<String>>,
}

impl Worlds {
    /// Asks the one that comes with the page.
    pub fn new(nano: Language, own: Language) -> Self {
        Self { nano, own, ask_own: RwSignal::new(false), asked_elsewhere: RwSignal::new(None) }
    }

    /// Whether the person's model can be asked (tracked): it has taps, or chats and can be told to write programs.
    pub fn own_can(self) -> bool {
        self.own
            .source
            .loaded
            .with(|loaded| loaded.as_ref().is_some_and(|loaded| loaded.world.is_some() || loaded.card.chats))
    }

    /// Whether the person's model is asked (tracked).
    pub fn asks_own(self) -> bool {
        self.ask_own.get() && self.own_can()
    }

    /// The one that is asked (tracked).
    pub fn current(self) -> Language {
        if self.asks_own() { self.own } else { self.nano }
    }

    /// The name of the person's model, if it can be asked (tracked).
    pub fn own_name(self) -> Option<String> {
        let name = || self.own.source.loaded.with(|loaded| Some(loaded.as_ref()?.card.name.clone()));
        self.own_can().then(name).flatten()
    }

    /// Turns to the model of this name; `None` is the page's own. Whether it is here: else the page's own is asked.
    pub fn turn_to(self, name: Option<String>) -> bool {
        let is_here = name.is_none() || name == untrack(|| self.own_name());
        self.ask_own.set(name.is_some() && is_here);
        self.asked_elsewhere.set(name.filter(|_| !is_here));
        is_here
    }

    /// Has the page's own model loaded, if it is not.
    pub fn prepare(self) {
        let source = self.nano.source;
        let is_there = source.loaded.with_untracked(Option::is_some);
        if !is_there && source.work.with_untracked(Option::is_none) {
            self.load(source.device.get_untracked());
        }
    }

    /// Loads the page's own model on a device; where that is a graphics device that does not do, on the processor again.
    pub fn load(self, device: Device) {
        let nano = self.nano;
        spawn_local(async move {
            nano.source.device.set(device);
            if !nano.load_bundled(device).await && device == Device::WebGpu {
                let failure = nano.source.failure.get_untracked();
                nano.source.device.set(Device::Cpu);
                nano.load_bundled(Device::Cpu).await;
                nano.source.failure.set(failure);
            }
        });
    }
}

/// Whether this browser has WebGPU at all.
pub fn has_webgpu() -> bool {
    Reflect::get(&window().navigator(), &JsValue::from_str("gpu")).is_ok_and(|gpu| !gpu.is_undefined())
}

/// The models that can be asked.
pub fn use_worlds() -> Worlds {
    expect_context()
}
