//! Stepping through the text and the layers.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::language::inside::Inside;
use crate::language::{units, use_language};

/// The parts of the page that step by keys. Their own fields take their keys themselves.
const STEPPING: &str = ".xr-strip, .xr-stepper, .lm-map";

/// The last position of the text (tracked).
pub fn last(inside: Inside) -> usize {
    inside.tokens.with(|tokens| tokens.as_ref().map_or(0, |tokens| tokens.len().saturating_sub(1)))
}

/// Buttons and slider.
#[component]
pub fn Steps() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let layers = Memo::new(move |_| {
        language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |l| l.card.layers))
    });
    let step = move |by: isize| inside.look_at(inside.at.get_untracked().saturating_add_signed(by));
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented()
            || event.ctrl_key()
            || event.alt_key()
            || event.meta_key()
            || !steps(&event)
        {
            return;
        }
        let layer = |by: isize| {
            let last = layers.get_untracked().saturating_sub(1);
            inside.layer.update(|layer| *layer = layer.saturating_add_signed(by).min(last));
        };
        match event.key().as_str() {
            "ArrowLeft" => step(-1),
            "ArrowRight" => step(1),
            "ArrowUp" => layer(-1),
            "ArrowDown" => layer(1),
            "Home" => inside.look_at(0),
            "End" => inside.look_at(usize::MAX),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
    let at_start = move || inside.at.get() == 0;
    let at_end = move || inside.at.get() == last(inside);
    let here = move || {
        let at = inside.at.get();
        let token = inside.tokens.with(|tokens| tokens.as_ref().and_then(|tokens| tokens.get(at).cloned()));
        format!("token {at} of {}: {}", last(inside), units::visible(&token.unwrap_or_default()))
    };
    view! {
        <div class="xr-stepper" role="group" aria-label="Token" data-testid="lm-steps">
            <button type="button" class="xr-step" aria-label="First token" title="First token (Home)" data-testid="step-first" aria-disabled=move || at_start().to_string() on:click=move |_| inside.look_at(0)>"⇤"</button>
            <button type="button" class="xr-step" aria-label="Previous token" title="Previous token (←)" data-testid="step-back" aria-disabled=move || at_start().to_string() on:click=move |_| step(-1)>"←"</button>
            <input
                type="range"
                class="xr-slider"
                aria-label="Token"
                data-testid="position-slider"
                min="0"
                max=move || last(inside).to_string()
                prop:value=move || inside.at.get().to_string()
                aria-valuetext=here
                on:input=move |event| {
                    if let Ok(position) = event_target_value(&event).parse() {
                        inside.look_at(position);
                    }
                }
            />
            <button type="button" class="xr-step" aria-label="Next token" title="Next token (→)" data-testid="step-forward" aria-disabled=move || at_end().to_string() on:click=move |_| step(1)>"→"</button>
            <button type="button" class="xr-step" aria-label="Last token" title="Last token (End)" data-testid="step-last" aria-disabled=move || at_end().to_string() on:click=move |_| inside.look_at(usize::MAX)>"⇥"</button>
            <output class="xr-position" data-testid="position" aria-live="polite">{here}</output>
        </div>
    }
}

/// Whether what has the focus steps by keys.
fn steps(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target.filter(|_| !event.shift_key()) else { return false };
    let is_inside = |selector| target.closest(selector).ok().flatten().is_some();
    is_inside(STEPPING) && !is_inside("input")
}
