//! The keys: ← → positions, ↑ ↓ layers, Home and End, Page Up and Page Down, P to play, `?` for help; while strip, map, stepper or rail
//! has the focus.
//! Elsewhere they scroll the page, as everywhere.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::play::Played;
use super::state::Xray;

/// What each key does, for the help line.
pub const HELP: [(&str, &str); 8] = [
    ("← →", "one position back, forward"),
    ("↑ ↓", "one layer up, down"),
    ("Home End", "first, last position"),
    ("Page Up, Page Down", "a tenth of the run back, forward"),
    ("P, Space", "play, pause"),
    ("Tab, Enter", "to a number, open it"),
    ("Esc", "close what is open"),
    ("?", "show or hide this line"),
];

/// The parts of the page that step by keys. Their own fields take their keys themselves.
const STEPPING: &str = ".xr-strip, .xr-map-run, .xr-stepper, .xr-rail";

/// Listens to the keys while the X-ray is on the page.
pub fn listen(xray: Xray, help: RwSignal<bool>) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        if key == "Escape" && help.get_untracked() {
            help.set(false);
            event.prevent_default();
            return;
        }
        // `?` is a key with Shift on most keyboards.
        let Some(target) = stepping(&event).filter(|_| !event.shift_key() || key == "?") else { return };
        match key.as_str() {
            "ArrowLeft" => xray.step(-1),
            "ArrowRight" => xray.step(1),
            "ArrowUp" => step_layer(xray, -1, &target),
            "ArrowDown" => step_layer(xray, 1, &target),
            "Home" => xray.go_to(0),
            "End" => xray.go_to(untrack(|| xray.last())),
            "PageUp" => step_far(xray, -1),
            "PageDown" => step_far(xray, 1),
            // A button that has the focus takes it as a press.
            " " if target.closest("button").ok().flatten().is_none() => xray.toggle_play(),
            "p" => xray.toggle_play(),
            "?" => help.update(|shown| *shown = !*shown),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// What has the focus, where that steps.
fn stepping(event: &KeyboardEvent) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let is_inside = |selector| target.closest(selector).ok().flatten().is_some();
    (is_inside(STEPPING) && !is_inside("input, select")).then_some(target)
}

/// Goes a tenth of the run.
fn step_far(xray: Xray, by: isize) {
    let tenth = untrack(|| xray.tokens()).div_ceil(10);
    xray.step(by * isize::try_from(tenth).unwrap_or_default());
}

/// Goes to another layer; a focus in the rail goes along.
fn step_layer(xray: Xray, by: isize, target: &Element) {
    xray.step_layer(by);
    let Ok(Some(rail)) = target.closest(".xr-rail") else { return };
    let entry = format!("li:nth-child({}) button", untrack(|| xray.layer()) + 1);
    let entry = rail.query_selector(&entry).ok().flatten();
    if let Some(entry) = entry.and_then(|entry| entry.dyn_into::<HtmlElement>().ok()) {
        // Without it the focus stays where it was.
        drop(entry.focus());
    }
}
