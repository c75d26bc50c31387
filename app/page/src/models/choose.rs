//! Choosing a language model: files, an address, or one of the ready choices.

use leptos::{ev, html, prelude::*};
use web_sys::{File, FileList, HtmlInputElement};

use crate::language::{units, use_language};
use crate::live::Listed;

/// A model that is offered with its address.
struct Ready {
    name: &'static str,
    address: &'static str,
    /// Bytes of the file.
    bytes: u64,
    licence: &'static str,
    about: &'static str,
}

/// Addresses of files that are known to be there; nothing of them is loaded before somebody asks.
const READY: [Ready; 2] = [
    Ready {
        name: "Qwen3-0.6B, 8 bits",
        address: "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf",
        bytes: 639_446_688,
        licence: "Apache-2.0",
        about: "Thinks before it answers. For a computer.",
    },
    Ready {
        name: "SmolLM2-135M-Instruct, 4 bits",
        address: "https://huggingface.co/bartowski/SmolLM2-135M-Instruct-GGUF/resolve/main/\
                  SmolLM2-135M-Instruct-Q4_K_M.gguf",
        bytes: 105_454_432,
        licence: "Apache-2.0",
        about: "Small enough for most phones, and often wrong by itself. This site has taps for it.",
    },
];

/// The files of a list.
pub fn files_in(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.get(index)).collect()
}

/// The ways to choose a model.
#[component]
pub fn Choose() -> impl IntoView {
    let language = use_language();
    let address = NodeRef::<html::Input>::new();
    let busy = move || language.source.is_busy() || language.talk.is_writing();
    let picked = move |event: ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        let files = files_in(input.files());
        // The same file can be chosen again.
        input.set_value("");
        language.choose_files(files);
    };
    let read = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = address.get_untracked().map(|input| input.value()).unwrap_or_default();
        if !typed.trim().is_empty() {
            language.choose_address(&typed);
        }
    };
    let ready = READY.iter().map(|ready| {
        view! {
            <li>
                <button
                    class="ready"
                    data-testid="ready"
                    disabled=busy
                    on:click=move |_| language.choose_address(ready.address)
                >
                    <span class="ready-name">{ready.name}</span>
                    <span class="ready-size">{format!("{}, {}", units::bytes(ready.bytes), ready.licence)}</span>
                    <span class="ready-about">{ready.about}</span>
                </button>
            </li>
        }
    });
    let ready = ready.listed();
    view! {
        <div class="models-choose">
            <label
                class="drop"
                class:over=move || language.source.files_over.get()
                class:busy=busy
                data-testid="drop-zone"
            >
                <input
                    class="visually-hidden"
                    type="file"
                    multiple
                    accept=".gguf,.safetensors,.json"
                    data-testid="choose-files"
                    aria-describedby="drop-about"
                    disabled=busy
                    on:change=picked
                />
                <span class="drop-title">"Choose files, or drop them here"</span>
                <span class="drop-about" id="drop-about">
                    "One .gguf; or .safetensors (all parts), with config.json and tokenizer.json. Architectures qwen3 and llama."
                </span>
            </label>
            <form class="address" on:submit=read>
                <label for="model-address">"Or the https address of a .gguf or .safetensors"</label>
                <div class="address-row">
                    <input
                        id="model-address"
                        class="field mono"
                        type="text"
                        inputmode="url"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder="https://…"
                        data-testid="address"
                        node_ref=address
                    />
                    <button class="button" type="submit" data-testid="address-read" disabled=busy>"Read"</button>
                </div>
            </form>
            <h3 id="ready-title">"Ready choices"</h3>
            <ul class="ready-list" aria-labelledby="ready-title">{ready}</ul>
            <p class="models-note">
                "They come from huggingface.co, which sees that you ask: for the first bytes when you choose one, for "
                "the rest when you press Load."
            </p>
        </div>
    }
}
