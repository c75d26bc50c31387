//! The keys: ← → positions, ↑ ↓ layers, Home and End, `?` for help.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::state::Xray;

/// What each key does, for the help line.
pub const HELP: [(&str, &str); 6] = [
    ("← →", "one position back, forward"),
    ("↑ ↓", "one layer up, down"),
    ("Home End", "first, last position"),
    ("Tab, Enter", "to a number, open it"),
    ("Esc", "close what is open"),
    ("?", "show or hide this line"),
];

/// Listens to the keys while the X-ray is on the page.
pub fn listen(xray: Xray, help: RwSignal<bool>) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented()
            || event.ctrl_key()
            || event.alt_key()
            || event.meta_key()
            || is_busy(&event)
        {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => xray.step(-1),
            "ArrowRight" => xray.step(1),
            "ArrowUp" => xray.step_layer(-1),
            "ArrowDown" => xray.step_layer(1),
            "Home" => xray.go_to(0),
            "End" => xray.go_to(untrack(|| xray.last())),
            "?" => help.update(|shown| *shown = !*shown),
            "Escape" if help.get_untracked() => help.set(false),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// Whether the key belongs to what has the focus: a field, a dialog, or an area that scrolls by keys.
fn is_busy(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| {
        let selector =
            "input, select, textarea, [contenteditable], [role=dialog], dialog, [role=menu], [data-scrolls]";
        target.closest(selector).ok().flatten().is_some()
    })
}
