//! Stepping through the positions, and what happens at the one looked at: the token, the instruction, what the
//! host did, and the positional encoding it gave.

use engine::xray::Site;
use leptos::prelude::*;

use super::format;
use super::number::Number;
use super::places;
use super::state::{Scene, use_xray};
use crate::live::{Listed, live};

/// Buttons and slider.
#[component]
pub fn Stepper(
    /// Whether the help line is shown.
    help: RwSignal<bool>,
) -> impl IntoView {
    let xray = use_xray();
    let last = move || xray.last();
    let position = move || xray.session.position().unwrap_or_default();
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
            <output class="xr-position" data-testid="position" aria-live="polite">
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
        </div>
        {move || help.get().then(|| {
            let keys = super::keys::HELP.map(|(key, what)| {
                view! { <span class="xr-key"><kbd>{key}</kbd> {what}</span> }
            });
            view! { <p class="xr-help" data-testid="help-line">{keys}</p> }
        })}
    }
}

/// What happens at the position.
#[component]
pub fn Here() -> impl IntoView {
    let xray = use_xray();
    let content = move || {
        let scene = xray.scene.get()?;
        let position = scene.capture.position;
        let report = &scene.run.report;
        let token = format::token(&scene.card, scene.capture.token);
        let place = places::describe(report, position);
        let step = places::step_at(report, position);
        let answer = match step {
            Some(step) => {
                let answer = format::token(&scene.card, step.token);
                view! {
                    <p data-testid="here-step">
                        "The model executes instruction " {step.ip} ", " <code>{step.instruction.to_string()}</code>
                        ", and answers " <b>{answer}</b> "."
                    </p>
                }
                .into_any()
            }
            None if position + 1 < report.prompt_tokens => {
                let text = "The program is read here; nothing is executed, and the answer is not used.";
                view! { <p data-testid="here-step">{text}</p> }.into_any()
            }
            None => {
                view! { <p data-testid="here-step">"Nothing is executed here: the run ended before."</p> }
                    .into_any()
            }
        };
        let actions = step.map(|step| step.host.iter().map(ToString::to_string).collect::<Vec<_>>());
        let host = match actions {
            Some(actions) if !actions.is_empty() => actions.join("; "),
            _ => "nothing".to_owned(),
        };
        Some(view! {
            <div class="xr-here-token">
                <span class="xr-big">{scene.capture.token}</span>
                <div>
                    <p><b>{format!("Position {position}: {token}")}</b></p>
                    <p class="xr-faint">{place}</p>
                </div>
            </div>
            <div class="xr-here-step">{answer}</div>
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
    let dims = scene.capture.pos_embed.iter().enumerate().filter(|(_, value)| **value != 0.0);
    let numbers = dims
        .map(|(dim, value)| {
            let name = scene.card.dims.get(dim).map(|part| part.label.clone()).unwrap_or_default();
            let site = Site::PosEmbed { position, dim };
            view! {
                <span class="xr-encoded">
                    <span class="xr-name">{name.clone()}</span>
                    <Number site value=*value what=format!("{name} from the host")/>
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
            <span>"It also gives the positional encoding, " <code>"hook_pos_embed"</code> ": "</span>
            {content}
        </p>
    }
}
