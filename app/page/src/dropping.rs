//! Files that are dropped on the page. `#/models` reads them, wherever on it they fall. No other route lets them fall: a
//! browser would leave the page to show them, and the chat would be gone.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsValue;

use crate::language::Language;
use crate::models::files_in;
use crate::route::{Route, Router};

/// Whether files are dragged; a text that is dragged into a field is none of our business.
fn has_files(event: &ev::DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&JsValue::from_str("Files"), 0))
}

/// Looks after files that are dragged over the page, as long as there is one.
pub fn watch(router: Router, language: Language) {
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
        if takes() {
            over.set(true);
        } else if let Some(data) = event.data_transfer() {
            data.set_drop_effect("none");
        }
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
        if takes() {
            language.choose_files(files_in(event.data_transfer().and_then(|data| data.files())));
        }
    });
}
