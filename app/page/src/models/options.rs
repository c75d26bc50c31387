//! The model that was chosen: what it is, what it needs, how it is to be loaded.

use leptos::prelude::*;
use protocol::Device;
use web_sys::HtmlInputElement;

use super::card::CardFacts;
use super::memory::{self, Verdict};
use crate::language::{units, use_language};
use crate::live::live;

/// What is to compute, for a language model.
const DEVICES: [(Device, &str, &str, &str); 2] = [
    (Device::Cpu, "cpu", "CPU", "WebAssembly with SIMD. Works everywhere."),
    (Device::WebGpu, "webgpu", "WebGPU", "The graphics device. Loads a larger engine, and checks it first."),
];

/// The card of the chosen model, with the way to load it.
#[component]
pub fn ChosenCard() -> impl IntoView {
    let language = use_language();
    let source = language.source;
    let Some(card) = source.card.get_untracked() else { return ().into_any() };
    let of_files = source.chosen.with_untracked(|chosen| {
        chosen.as_ref().is_some_and(|chosen| chosen.source == protocol::language::ModelSource::Files)
    });
    let has_gpu = memory::has_gpu();
    // Where floats are most of it.
    let in_floats = card.weights(Some(4)) * 3 < card.weight_bytes * 2;
    let most = card.context.max(16);
    source.context.update(|context| *context = (*context).clamp(16, most));
    let devices = DEVICES.map(|(device, id, name, about)| {
        let id = format!("load-device-{id}");
        let missing = device == Device::WebGpu && !has_gpu;
        view! {
            <label class="choice" for=id.clone()>
                <input
                    type="radio"
                    name="load-device"
                    id=id.clone()
                    data-testid=id.clone()
                    disabled=missing
                    prop:checked=move || source.device.get() == device
                    on:change=move |_| source.device.set(device)
                />
                <span class="choice-name">{name}</span>
                <span class="choice-about">{if missing { "This browser has no WebGPU." } else { about }}</span>
            </label>
        }
    });
    let needed = {
        let card = card.clone();
        move || card.needed(source.quantize.get(), source.context.get())
    };
    let verdict = {
        let needed = needed.clone();
        Memo::new(move |_| Verdict::on(needed(), source.device.get()))
    };
    let weights = {
        let card = card.clone();
        move || units::bytes(card.weights(source.quantize.get()))
    };
    let caches = {
        let card = card.clone();
        move || units::bytes(card.caches(source.context.get()))
    };
    let advice = move || verdict.get().advice().map(|advice| view! { <p class="advice">{advice}</p> });
    let quantize = in_floats.then(|| {
        let choices = [(None, "as it is"), (Some(8), "8 bits"), (Some(4), "4 bits")].map(|(bits, name)| {
            view! { <option value=bits.unwrap_or(0) selected=move || source.quantize.get() == bits>{name}</option> }
        });
        view! {
            <label class="option">
                <span>"Weights stored as floats"</span>
                <select
                    class="field"
                    data-testid="quantize"
                    on:change=move |event| {
                        source.quantize.set(event_target_value(&event).parse().ok().filter(|bits| *bits > 0));
                    }
                >
                    {choices}
                </select>
            </label>
        }
    });
    let keep = of_files.then(|| {
        view! {
            <label class="option check">
                <input
                    type="checkbox"
                    data-testid="keep"
                    prop:checked=move || source.keep.get()
                    on:change=move |event| source.keep.set(event_target_checked(&event))
                />
                <span>"Keep a copy in this browser"</span>
            </label>
        }
    });
    let taps = card.taps.clone().map(|taps| {
        let text = format!("With this site's taps for {}, {}", taps.base, units::bytes(taps.bytes));
        view! {
            <div class="option taps-offered">
                <label class="option check">
                    <input
                        type="checkbox"
                        data-testid="taps"
                        aria-describedby="taps-about"
                        prop:checked=move || source.taps.get()
                        on:change=move |event| source.taps.set(event_target_checked(&event))
                    />
                    <span>{text}</span>
                </label>
                <p class="models-note" id="taps-about">
                    "Trained on that model as it is: behind three of its layers they write programs that answer questions. Without them it is "
                    "told how programs are written, and tries."
                </p>
            </div>
        }
    });
    view! {
        <article class="language-card" data-testid="chosen">
            <h3 class="model-name" data-testid="chosen-name">{card.name.clone()}</h3>
            <div class="room" data-testid="memory" data-verdict=move || verdict.get().name()>
                <dl class="facts">
                    <div><dt>"memory needed"</dt><dd>{live(move || units::bytes(needed()))}</dd></div>
                    <div><dt>"of it weights"</dt><dd>{live(weights)}</dd></div>
                    <div><dt>"of it context"</dt><dd>{live(caches)}</dd></div>
                    <div><dt>"of it the rest, at most"</dt><dd>{units::bytes(protocol::memory::BESIDES)}</dd></div>
                </dl>
                <p class="models-note">{format!("There is {}.", memory::there())}</p>
                {live(advice)}
            </div>
            <fieldset class="choices">
                <legend>"Compute on"</legend>
                {devices}
            </fieldset>
            <div class="option-row">
                {quantize}
                <label class="option">
                    <span>{format!("Context, in tokens (up to {most})")}</span>
                    <input
                        class="field"
                        type="number"
                        min="16"
                        max=most.to_string()
                        data-testid="context"
                        prop:value=move || source.context.get().to_string()
                        on:change=move |event| {
                            let input: HtmlInputElement = event_target(&event);
                            let typed = input.value_as_number();
                            let wanted = if typed.is_nan() { source.context.get_untracked() } else { typed as usize };
                            let wanted = wanted.clamp(16, most);
                            source.context.set(wanted);
                            input.set_value(&wanted.to_string());
                        }
                    />
                </label>
            </div>
            {keep}
            {taps}
            <p class="card-actions">
                <button
                    class="button primary"
                    data-testid="load"
                    disabled=move || verdict.get() == Verdict::Never || language.talk.is_writing()
                    on:click=move |_| language.load()
                >
                    {move || match verdict.get() {
                        Verdict::Tight | Verdict::Phone => "Load it all the same",
                        _ => "Load",
                    }}
                </button>
                <button class="button" data-testid="choose-none" on:click=move |_| language.choose_none()>
                    "Choose another"
                </button>
            </p>
            <CardFacts card/>
        </article>
    }
    .into_any()
}
