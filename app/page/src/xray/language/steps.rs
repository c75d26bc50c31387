//! Stepping through the text and the layers.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::super::play::{Axis, Play, Played, Player};
use crate::language::inside::Inside;
use crate::language::{units, use_language};

/// The parts of the page that step by keys. Their own fields take their keys themselves.
const STEPPING: &str = ".xr-strip, .xr-stepper, .lm-map";

/// The last position of the text (tracked).
pub fn last(inside: Inside) -> usize {
    inside.tokens.with(|tokens| tokens.as_ref().map_or(0, |tokens| tokens.len().saturating_sub(1)))
}

/// A text that plays.
#[derive(Clone, Copy)]
struct Playing {
    inside: Inside,
    layers: Memo<usize>,
    play: Play,
}

impl Playing {
    /// Steps to a token, as somebody wants: what plays along the tokens pauses.
    fn go_to(self, position: usize) {
        if self.play.axis.get_untracked() == Axis::Tokens {
            self.play.pause();
        }
        self.inside.look_at(position);
    }

    fn step(self, by: isize) {
        self.go_to(self.inside.at.get_untracked().saturating_add_signed(by));
    }

    fn step_layer(self, by: isize) {
        if self.play.axis.get_untracked() == Axis::Layers {
            self.play.pause();
        }
        self.show_layer(self.inside.layer.get_untracked().saturating_add_signed(by));
    }

    fn show_layer(self, layer: usize) {
        self.inside.layer.set(layer.min(self.layers.get_untracked().saturating_sub(1)));
    }
}

impl Played for Playing {
    fn play(self) -> Play {
        self.play
    }

    fn is_at_end(self, axis: Axis) -> bool {
        match axis {
            Axis::Tokens => self.inside.at.get() >= last(self.inside),
            Axis::Layers => self.inside.layer.get() + 1 >= self.layers.get(),
        }
    }

    fn go_on(self, axis: Axis) {
        match axis {
            Axis::Tokens => self.inside.look_at(self.inside.at.get_untracked() + 1),
            Axis::Layers => self.show_layer(self.inside.layer.get_untracked() + 1),
        }
    }

    /// Tokens begin where the last answer was begun, layers at the first.
    fn begin(self, axis: Axis) {
        match axis {
            Axis::Tokens => self.inside.look_at(self.inside.first.get_untracked().saturating_sub(1)),
            Axis::Layers => self.show_layer(0),
        }
    }

    fn track(self) {
        self.inside.text.track();
    }
}

/// Buttons and slider, and playing along tokens or layers.
#[component]
pub fn Steps() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let layers = Memo::new(move |_| {
        language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |loaded| loaded.card.layers))
    });
    let playing = Playing { inside, layers, play: Play::new() };
    playing.keep_playing();
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented()
            || event.ctrl_key()
            || event.alt_key()
            || event.meta_key()
            || !steps(&event)
        {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => playing.step(-1),
            "ArrowRight" => playing.step(1),
            "ArrowUp" => playing.step_layer(-1),
            "ArrowDown" => playing.step_layer(1),
            "Home" => playing.go_to(0),
            "End" => playing.go_to(usize::MAX),
            // A button that has the focus takes it as a press.
            " " if !is_on_button(&event) => playing.toggle_play(),
            "p" => playing.toggle_play(),
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
            <button type="button" class="xr-step" aria-label="First token" title="First token (Home)" data-testid="step-first" aria-disabled=move || at_start().to_string() on:click=move |_| playing.go_to(0)>"⇤"</button>
            <button type="button" class="xr-step" aria-label="Previous token" title="Previous token (←)" data-testid="step-back" aria-disabled=move || at_start().to_string() on:click=move |_| playing.step(-1)>"←"</button>
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
                        playing.go_to(position);
                    }
                }
            />
            <button type="button" class="xr-step" aria-label="Next token" title="Next token (→)" data-testid="step-forward" aria-disabled=move || at_end().to_string() on:click=move |_| playing.step(1)>"→"</button>
            <button type="button" class="xr-step" aria-label="Last token" title="Last token (End)" data-testid="step-last" aria-disabled=move || at_end().to_string() on:click=move |_| playing.go_to(usize::MAX)>"⇥"</button>
            <output class="xr-position" data-testid="position" aria-live=move || if playing.play.is_on.get() { "off" } else { "polite" }>{here}</output>
            <Player of=playing/>
        </div>
    }
}

/// Whether a button has the focus.
fn is_on_button(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("button").ok().flatten().is_some())
}

/// Whether what has the focus steps by keys.
fn steps(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target.filter(|_| !event.shift_key()) else { return false };
    let is_inside = |selector| target.closest(selector).ok().flatten().is_some();
    is_inside(STEPPING) && !is_inside("input, select")
}
