//! The memory a model needs, beside the memory there is.

use js_sys::Reflect;
use leptos::prelude::*;
use protocol::Device;
use protocol::memory::{BESIDES, REACH};
use wasm_bindgen::JsValue;

/// Bytes from which on, besides the engine itself, phones usually end a tab.
const PHONE: u64 = 450_000_000 + BESIDES;

/// Whether it goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Fits,
    /// It takes most of what this device has.
    Tight,
    /// A phone would end the tab.
    Phone,
    /// No engine with 32-bit addresses can hold it.
    Never,
}

impl Verdict {
    /// The verdict on so many bytes. What it allows, a worker takes.
    pub fn on(needed: u64, device: Device) -> Self {
        // On the GPU the weights lie in its own memory, of which browsers say nothing.
        if device != Device::WebGpu && needed > REACH {
            Self::Never
        } else if is_phone() && needed > PHONE {
            Self::Phone
        } else if device_memory().is_some_and(|there| needed > there / 2) {
            Self::Tight
        } else {
            Self::Fits
        }
    }

    /// Its name in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Tight => "tight",
            Self::Phone => "phone",
            Self::Never => "never",
        }
    }

    /// What to do about it.
    pub const fn advice(self) -> Option<&'static str> {
        match self {
            Self::Fits => None,
            Self::Tight => Some(
                "That is more than half of what this device has. Close other tabs, take a shorter context, or a \
                 model in fewer bits.",
            ),
            Self::Phone => Some(
                "Phones usually end a tab that takes this much, without a word. Choose a smaller model, \
                 SmolLM2-135M for instance, or open this page on a computer.",
            ),
            Self::Never => Some(
                "WebAssembly reaches 4 GiB, and this does not go in. Choose fewer bits, a shorter context or a smaller \
                 model; or run it outside the browser with the worldmodel command.",
            ),
        }
    }
}

/// What there is, in words.
pub fn there() -> String {
    let gib = |bytes: u64| format!("{} GiB", bytes as f64 / f64::from(1 << 30));
    let addresses = "4 GiB";
    match device_memory() {
        Some(memory) => {
            format!("{} or more on this device, {addresses} within reach of WebAssembly", gib(memory))
        }
        None => {
            format!("{addresses} within reach of WebAssembly; this browser does not say what the device has")
        }
    }
}

/// Whether the browser offers WebGPU.
pub fn has_gpu() -> bool {
    Reflect::has(&window().navigator(), &JsValue::from_str("gpu")).unwrap_or(false)
}

/// The device's memory, as far as the browser tells: rounded down, and never more than some GiB.
fn device_memory() -> Option<u64> {
    let gib = Reflect::get(&window().navigator(), &JsValue::from_str("deviceMemory")).ok()?.as_f64()?;
    Some((gib * f64::from(1 << 30)) as u64)
}

/// Whether this is a phone: by what a finger can do and the room it has.
fn is_phone() -> bool {
    let matches = |query| window().match_media(query).ok().flatten().is_some_and(|list| list.matches());
    matches("(pointer: coarse)") && matches("(max-width: 40rem), (max-height: 30rem)")
}
