//! Stepping through the positions, and what happens at the one looked at: the token, the instruction, what the
//! host did, and the positional encoding it gave.

use engine::xray::Site;
use leptos::prelude::*;
use protocol::{Machine, Place};

use super::format;
use super::play::Player;
use super::state::{Scene, use_xray};
use crate::explain::Number;
use crate::live::{Listed, live};

/// Buttons and sliders: of the positions, then of the layers, and playing along either.
#[component]
pub fn Stepper(
    /// Whether the help line is shown.
    help: RwSignal<bool>,
) -> impl IntoView {
    let xray = use_xray();
    let last = move || xray.last();
    let position = move || xray.session.position().unwrap_or_default();
    // Many positions a second are for the eye.
    let is_playing = xray.play.is_on;
    let at_start = move || position() == 0;
    let at_end = move || position() == last();
    view! {
        <div class="xr-stepper" role="group" aria-label="Position" data-testid="xray-stepper">
            <button type="button" class="xr-step" aria-label="First position" title="First position (Home)" data-testid="step-first" aria-disabled=move || at_start().to_string() on:click=move |_| xray.go_to(0)>"⇤"</button>
            <button type="button" class="xr-step" aria-label="Previous position" title="Previous position (←)" data-testid="step-back" aria-disabled=move || at_start().to_string() on:click=move |_| xray.step(-1)>"←"</button>
            <input
                type="range"
                class="xr-slider"
                aria-label="Position"
                data-testid="position-slider"
                min="0"
                max=move || last().to_string()
                prop:value=move || position().to_string()
                aria-valuetext=move || format!("position {} of {}", position(), last())
                on:input=move |event| {
                    if let Ok(position) = event_target_value(&event).parse() {
                        xray.go_to(position);
                    }
                }
            />
            <button type="button" class="xr-step" aria-label="Next position" title="Next position (→)" data-testid="step-forward" aria-disabled=move || at_end().to_string() on:click=move |_| xray.step(1)>"→"</button>
            <button type="button" class="xr-step" aria-label="Last position" title="Last position (End)" data-testid="step-last" aria-disabled=move || at_end().to_string() on:click=move |_| xray.go_to(last())>"⇥"</button>
            <output class="xr-position" data-testid="position" aria-live=move || if is_playing.get() { "off" } else { "polite" }>
                {move || format!("position {} of {}", position(), last())}
            </output>
            <button
                type="button"
                class="xr-step"
                aria-label="Keys"
                title="Keys (?)"
                data-testid="help"
                aria-expanded=move || help.get().to_string()
                on:click=move |_| help.update(|shown| *shown = !*shown)
            >"?"</button>
            <LayerStepper/>
            <Player of=xray/>
        </div>
        {move || help.get().then(|| {
            let keys = super::keys::HELP.map(|(key, what)| {
                view! { <span class="xr-key"><kbd>{key}</kbd> {what}</span> }
            });
            view! { <p class="xr-help" data-testid="help-line">{keys}</p> }
        })}
    }
}

/// The layer's buttons and slider.
#[component]
fn LayerStepper() -> impl IntoView {
    let xray = use_xray();
    let layer = move || xray.layer();
    let last = move || xray.layers().saturating_sub(1);
    view! {
        <div class="xr-layer-stepper" role="group" aria-label="Layer">
            <button type="button" class="xr-step" aria-label="Previous layer" title="Previous layer (↑)" data-testid="layer-back" aria-disabled=move || (layer() == 0).to_string() on:click=move |_| xray.step_layer(-1)>"↑"</button>
            <input
                type="range"
                class="xr-slider"
                aria-label="Layer"
                data-testid="layer-slider"
                min="0"
                max=move || last().to_string()
                prop:value=move || layer().to_string()
                aria-valuetext=move || format!("layer {} of {}", layer(), last())
                on:input=move |event| {
                    if let Ok(layer) = event_target_value(&event).parse() {
                        xray.go_to_layer(layer);
                    }
                }
            />
            <button type="button" class="xr-step" aria-label="Next layer" title="Next layer (↓)" data-testid="layer-forward" aria-disabled=move || (layer() == last()).to_string() on:click=move |_| xray.step_layer(1)>"↓"</button>
            <span class="xr-layer-at" data-testid="layer-at">{move || format!("layer {} of {}", layer(), last())}</span>
        </div>
    }
}

/// What happens at the position.
#[component]
pub fn Here() -> impl IntoView {
    let xray = use_xray();
    let content = move || {
        let scene = xray.scene.get()?;
        let position = scene.capture.position;
        let token = format::token(&scene.card, scene.capture.token);
        let Place { word, about, does, host, .. } = scene.place(position)?.clone();
        let host = if host.is_empty() { "nothing".to_owned() } else { host.join("; ") };
        let instruction = scene.before.map(|before| {
            let all = xray.session.full.instructions();
            view! { <p class="xr-faint" data-testid="here-instruction">{format!("instruction {} of {all}", before + 1)}</p> }
        });
        let is_long = word.len() > 4;
        Some(view! {
            <div class="xr-here-token">
                <span class="xr-big" class:long=is_long>{word}</span>
                <div>
                    <p><b>{format!("Position {position}: {token}")}</b></p>
                    <p class="xr-faint">{about}</p>
                    {instruction}
                </div>
            </div>
            <div class="xr-here-step"><p data-testid="here-step">{does}</p></div>
            <div class="xr-here-host" data-testid="here-host">
                <p><span class="xr-tag">"host"</span> {host} "."</p>
                <Encoding scene=scene.clone()/>
            </div>
        })
    };
    view! {
        <section class="xr-here" aria-label="At this position" data-testid="xray-here" aria-busy=move || (!xray.is_current()).to_string()>
            {live(content)}
        </section>
    }
}

/// The positional encoding: what the host tells the model.
#[component]
fn Encoding(scene: Scene) -> impl IntoView {
    let position = scene.capture.position;
    // What the full machine is told depends on the position alone: nobody follows the run.
    let (says, whose) = match scene.tape.machine {
        Machine::Classic => ("It also gives the positional encoding, ", "from the host"),
        Machine::Full => ("The positional encoding depends on the position alone, ", "of the position"),
    };
    let dims = scene.capture.pos_embed.iter().enumerate().filter(|(_, value)| **value != 0.0);
    let numbers = dims
        .map(|(dim, value)| {
            let name = scene.card.dims.get(dim).map(|part| part.label.clone()).unwrap_or_default();
            let site = Site::PosEmbed { position, dim };
            view! {
                <span class="xr-encoded">
                    <span class="xr-name">{name.clone()}</span>
                    <Number site value=*value what=format!("{name} {whose}")/>
                </span>
            }
        })
        .collect::<Vec<_>>();
    let content = if numbers.is_empty() {
        view! { <span class="xr-faint">"all 0 here"</span> }.into_any()
    } else {
        numbers.into_iter().listed()
    };
    view! {
        <p class="xr-encoding" data-testid="here-encoding">
            <span>{says} <code>"hook_pos_embed"</code> ": "</span>
            {content}
        </p>
    }
}
