//! The memory a model needs, beside the memory there is.

use js_sys::Reflect;
use leptos::prelude::*;
use protocol::Device;
use protocol::language::LanguageCard;
use wasm_bindgen::JsValue;

/// What 32-bit addresses reach. The engine and its buffers take a little of it.
const ADDRESSES: u64 = 4 << 30;
/// Bytes of it that weights and context leave to the rest.
const REST: u64 = 200 << 20;
/// From here on phones usually end a tab.
const PHONE: u64 = 450_000_000;

/// Bytes that a weight stored as a float takes.
fn float_bytes(form: &str) -> Option<u64> {
    match form {
        "F32" => Some(4),
        "F16" | "BF16" => Some(2),
        _ => None,
    }
}

/// Bytes of the weights that are stored as floats.
pub fn bytes_in_floats(card: &LanguageCard) -> u64 {
    card.encodings.iter().filter(|(form, ..)| float_bytes(form).is_some()).map(|(.., bytes)| bytes).sum()
}

/// Bytes that weights and context would take.
pub fn needed(card: &LanguageCard, quantize: Option<u8>, context: usize) -> u64 {
    let context = card.bytes_per_position.saturating_mul(context as u64);
    let Some(bits) = quantize else { return card.weight_bytes.saturating_add(context) };
    let floats: u64 = bytes_in_floats(card);
    // A block of 32 weights has their bits and a 16-bit scale.
    let block = 4 * u64::from(bits) + 2;
    let blocks =
        card.encodings.iter().filter_map(|(form, _, bytes)| Some(bytes / float_bytes(form)? / 32 * block));
    card.weight_bytes.saturating_sub(floats).saturating_add(blocks.sum()).saturating_add(context)
}

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
    /// The verdict on so many bytes.
    pub fn on(needed: u64, device: Device) -> Self {
        // On the GPU the weights lie in its own memory, of which browsers say nothing.
        if device != Device::WebGpu && needed > ADDRESSES - REST {
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
                "WebAssembly reaches 4 GiB, and this needs more. Choose fewer bits, a shorter context or a smaller \
                 model; or run it outside the browser with the worldmodel command.",
            ),
        }
    }
}

/// What there is, in words.
pub fn there() -> String {
    let gib = |bytes: u64| format!("{} GiB", bytes as f64 / f64::from(1 << 30));
    let addresses = gib(ADDRESSES);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_become_blocks_and_the_context_is_added() {
        let card = LanguageCard {
            name: String::new(),
            format: String::new(),
            facts: Vec::new(),
            encodings: vec![("BF16".to_owned(), 7, 64_000), ("Q8_0".to_owned(), 1, 3_400)],
            licence: None,
            layers: 1,
            heads: 1,
            neurons: 1,
            context: 64,
            parameters: 35_200,
            weight_bytes: 67_400,
            bytes_per_position: 10,
            chats: true,
            thinks: false,
        };
        assert_eq!(needed(&card, None, 5), 67_450);
        assert_eq!(needed(&card, Some(8), 0), 34_000 + 3_400);
        assert_eq!(needed(&card, Some(4), 0), 18_000 + 3_400);
        assert_eq!(bytes_in_floats(&card), 64_000);
    }
}
