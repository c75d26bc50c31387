//! Playing: a step at a time along the tokens or along the layers, as fast as somebody chooses.
//!
//! A step is taken whether or not the numbers of the one before have come: those that the engine is too slow for are passed over (see
//! [`Xray::load`]), so that nothing queues up. Whoever steps by hand pauses it.

use std::time::Duration;

use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use super::state::{Xray, use_xray};

/// Steps a second to choose from.
const SPEEDS: [u32; 5] = [1, 2, 5, 10, 20];

/// What it goes along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// From position to position.
    #[default]
    Tokens,
    /// From layer to layer.
    Layers,
}

/// What is played, and how fast; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Play {
    /// Whether it plays.
    pub is_on: RwSignal<bool>,
    /// Along what.
    pub axis: RwSignal<Axis>,
    /// Steps a second.
    speed: RwSignal<u32>,
}

impl Play {
    /// It stands.
    pub fn new() -> Self {
        Self { is_on: RwSignal::new(false), axis: RwSignal::default(), speed: RwSignal::new(2) }
    }

    /// Stands still from now on.
    pub fn pause(self) {
        if self.is_on.get_untracked() {
            self.is_on.set(false);
        }
    }
}

impl Xray {
    /// Steps while it plays, as long as the X-ray is on the page.
    pub fn keep_playing(self) {
        let ticking = StoredValue::new(None::<IntervalHandle>);
        let stop = move || {
            if let Some(handle) = ticking.try_update_value(Option::take).flatten() {
                handle.clear();
            }
        };
        Effect::new(move |_| {
            stop();
            if self.play.is_on.get() {
                let pause = Duration::from_millis(1_000 / u64::from(self.play.speed.get().max(1)));
                ticking.set_value(set_interval_with_handle(move || self.play_on(), pause).ok());
            }
        });
        // What plays is this run.
        Effect::new(move |_| {
            self.session.tape();
            self.play.pause();
        });
        on_cleanup(stop);
    }

    /// Plays or pauses. From the end it begins again: tokens where the prompt ends, layers at the first.
    pub fn toggle_play(self) {
        if self.play.is_on.get_untracked() {
            self.play.pause();
            return;
        }
        if untrack(|| self.is_at_end()) {
            match self.play.axis.get_untracked() {
                Axis::Tokens => {
                    let begin = untrack(|| self.session.tape()).map_or(0, |tape| tape.prompt);
                    self.show(begin.saturating_sub(1));
                }
                Axis::Layers => self.show_layer(0),
            }
        }
        self.play.is_on.set(true);
    }

    /// Whether there is no further step (tracked).
    fn is_at_end(self) -> bool {
        match self.play.axis.get() {
            Axis::Tokens => self.session.position().is_none_or(|position| position >= self.last()),
            Axis::Layers => self.layer() + 1 >= self.layers(),
        }
    }

    fn play_on(self) {
        match self.play.axis.try_get_untracked() {
            None => return,
            Some(Axis::Tokens) => {
                if let Some(position) = untrack(|| self.session.position()) {
                    self.show((position + 1).min(untrack(|| self.last())));
                }
            }
            Some(Axis::Layers) => self.show_layer(untrack(|| self.layer()) + 1),
        }
        if untrack(|| self.is_at_end()) {
            self.play.pause();
        }
    }
}

/// The button, along what, and how fast.
#[component]
pub fn Player() -> impl IntoView {
    let xray = use_xray();
    let Play { is_on, axis, speed } = xray.play;
    let choose_axis = move |event| {
        xray.play.pause();
        axis.set(if event_target_value(&event) == "layers" { Axis::Layers } else { Axis::Tokens });
    };
    let choose_speed = move |event| {
        if let Ok(chosen) = event_target_value(&event).parse() {
            speed.set(chosen);
        }
    };
    let speeds = SPEEDS.map(|each| {
        let text = if each == 1 { "1 step a second".to_owned() } else { format!("{each} steps a second") };
        view! { <option value=each.to_string() prop:selected=move || speed.get() == each>{text}</option> }
    });
    view! {
        <div class="xr-player" role="group" aria-label="Play">
            <button type="button" class="xr-step xr-play" title="Play, pause (P, or Space on the strip)" data-testid="play" on:click=move |_| xray.toggle_play()>
                {move || if is_on.get() { "Pause" } else { "Play" }}
            </button>
            <select aria-label="Play along" data-testid="play-axis" on:change=choose_axis>
                <option value="tokens" prop:selected=move || axis.get() == Axis::Tokens>"along the tokens"</option>
                <option value="layers" prop:selected=move || axis.get() == Axis::Layers>"along the layers"</option>
            </select>
            <select aria-label="Speed" data-testid="play-speed" on:change=choose_speed>{speeds}</select>
        </div>
    }
}
