//! Playing: a step at a time along the tokens or along the layers, as fast as somebody chooses.
//!
//! A step is taken whether or not the numbers of the one before have come: those that the engine is too slow for are passed over (see
//! [`Xray::load`]), so that nothing queues up. Whoever steps by hand pauses it.

use std::time::Duration;

use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use super::state::Xray;

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

/// What can be played: a machine's run, or a language model's text.
pub trait Played: Copy + Send + Sync + 'static {
    /// What is played of it, and how fast.
    fn play(self) -> Play;
    /// Whether there is no further step (tracked).
    fn is_at_end(self, axis: Axis) -> bool;
    /// Takes a step.
    fn go_on(self, axis: Axis);
    /// Goes to where it begins anew.
    fn begin(self, axis: Axis);
    /// Tracks what it is: something else does not play on.
    fn track(self);

    /// Steps while it plays, as long as this part of the page is there.
    fn keep_playing(self) {
        let play = self.play();
        let ticking = StoredValue::new(None::<IntervalHandle>);
        let stop = move || {
            if let Some(handle) = ticking.try_update_value(Option::take).flatten() {
                handle.clear();
            }
        };
        Effect::new(move |_| {
            stop();
            if play.is_on.get() {
                let pause = Duration::from_millis(1_000 / u64::from(play.speed.get().max(1)));
                ticking.set_value(set_interval_with_handle(move || self.tick(), pause).ok());
            }
        });
        Effect::new(move |_| {
            self.track();
            play.pause();
        });
        on_cleanup(stop);
    }

    /// Plays or pauses. From the end it begins again.
    fn toggle_play(self) {
        let play = self.play();
        if play.is_on.get_untracked() {
            play.pause();
            return;
        }
        let axis = play.axis.get_untracked();
        if untrack(|| self.is_at_end(axis)) {
            self.begin(axis);
        }
        play.is_on.set(true);
    }

    /// One step, and a pause where it was the last.
    fn tick(self) {
        // The page may be gone by now.
        let Some(axis) = self.play().axis.try_get_untracked() else { return };
        self.go_on(axis);
        if untrack(|| self.is_at_end(axis)) {
            self.play().pause();
        }
    }
}

impl Played for Xray {
    fn play(self) -> Play {
        self.play
    }

    fn is_at_end(self, axis: Axis) -> bool {
        match axis {
            Axis::Tokens => self.session.position().is_none_or(|position| position >= self.last()),
            Axis::Layers => self.layer() + 1 >= self.layers(),
        }
    }

    fn go_on(self, axis: Axis) {
        match axis {
            Axis::Tokens => {
                if let Some(position) = untrack(|| self.session.position()) {
                    self.show((position + 1).min(untrack(|| self.last())));
                }
            }
            Axis::Layers => self.show_layer(untrack(|| self.layer()) + 1),
        }
    }

    /// Tokens begin where the prompt ends, layers at the first.
    fn begin(self, axis: Axis) {
        match axis {
            Axis::Tokens => {
                let begin = untrack(|| self.session.tape()).map_or(0, |tape| tape.prompt);
                self.show(begin.saturating_sub(1));
            }
            Axis::Layers => self.show_layer(0),
        }
    }

    fn track(self) {
        self.session.tape();
    }
}

/// The button, along what, and how fast.
#[component]
pub fn Player<P: Played>(
    /// What is played.
    of: P,
) -> impl IntoView {
    let play = of.play();
    let Play { is_on, axis, speed } = play;
    let choose_axis = move |event| {
        play.pause();
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
            <button type="button" class="xr-step xr-play" title="Play, pause (P, or Space on the strip)" data-testid="play" on:click=move |_| of.toggle_play()>
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
