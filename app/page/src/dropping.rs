//! Files that are dropped on the page. `#/models` reads models, wherever on it they fall. A trace file is opened on any route; of no
//! other file does anything come there: a browser would leave the page to show it, and the chat would be gone.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::File;

use crate::language::Language;
use crate::models::files_in;
use crate::route::{Route, Router};

/// How the name of a trace file ends.
const TRACE: &str = ".jsonl";

/// Whether files are dragged; a text that is dragged into a field is none of our business.
fn has_files(event: &ev::DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&JsValue::from_str("Files"), 0))
}

/// Looks after files that are dragged over the page, as long as there is one.
pub fn watch(router: Router, language: Language, open_trace: impl Fn(File) + 'static) {
    let over = language.source.files_over;
    let takes = move || {
        untrack(|| {
            router.route() == Route::Models && !language.source.is_busy() && !language.talk.is_writing()
        })
    };
    window_event_listener(ev::dragover, move |event| {
        if !has_files(&event) {
            return;
        }
        event.prevent_default();
        // What the files are called, a browser says only when they fall.
        over.set(takes());
    });
    window_event_listener(ev::dragleave, move |event| {
        // Out of the window, not only from one element to the next.
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    window_event_listener(ev::drop, move |event| {
        if !has_files(&event) {
            return;
        }
        event.prevent_default();
        over.set(false);
        let files = files_in(event.data_transfer().and_then(|data| data.files()));
        let is_trace = |file: &File| file.name().to_lowercase().ends_with(TRACE);
        if let Some(file) = files.iter().find(|file| is_trace(file)) {
            open_trace(file.clone());
        } else if takes() {
            language.choose_files(files);
        } else if let Some(file) = files.first().filter(|_| untrack(|| router.route()) == Route::Xray) {
            // Whatever it is called, here it is meant to be one: what is wrong with it is said.
            open_trace(file.clone());
        }
    });
}
