//! How answers are written: length, sampling, stop texts, the system message.

use leptos::prelude::*;
use protocol::language::ChatOptions;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

use crate::language::use_language;

/// A number among the settings.
struct Field {
    name: &'static str,
    testid: &'static str,
    about: &'static str,
    least: f64,
    most: f64,
    step: &'static str,
    get: fn(&ChatOptions) -> f64,
    set: fn(&mut ChatOptions, f64),
}

const FIELDS: [Field; 6] = [
    Field {
        name: "Tokens at most",
        testid: "set-tokens",
        about: "An answer ends here, finished or not.",
        least: 1.0,
        most: 32_768.0,
        step: "1",
        get: |options| options.tokens as f64,
        set: |options, value| options.tokens = value as usize,
    },
    Field {
        name: "Temperature",
        testid: "set-temperature",
        about: "0 always takes the likeliest token.",
        least: 0.0,
        most: 5.0,
        step: "0.1",
        get: |options| f64::from(options.temperature),
        set: |options, value| options.temperature = value as f32,
    },
    Field {
        name: "Top k",
        testid: "set-top-k",
        about: "Draws from so many of the likeliest; 0 from all.",
        least: 0.0,
        most: 1_000.0,
        step: "1",
        get: |options| options.top_k as f64,
        set: |options, value| options.top_k = value as usize,
    },
    Field {
        name: "Top p",
        testid: "set-top-p",
        about: "Draws from the fewest that have this much of the probability.",
        least: 0.01,
        most: 1.0,
        step: "0.01",
        get: |options| f64::from(options.top_p),
        set: |options, value| options.top_p = value as f32,
    },
    Field {
        name: "Repetition penalty",
        testid: "set-penalty",
        about: "Above 1, recent tokens become less likely.",
        least: 1.0,
        most: 2.0,
        step: "0.05",
        get: |options| f64::from(options.repetition_penalty),
        set: |options, value| options.repetition_penalty = value as f32,
    },
    Field {
        name: "Seed",
        testid: "set-seed",
        about: "The same seed draws the same answer.",
        least: 0.0,
        most: 9e15,
        step: "1",
        get: |options| options.seed as f64,
        set: |options, value| options.seed = value as u64,
    },
];

/// The settings, folded.
#[component]
pub fn Settings() -> impl IntoView {
    let language = use_language();
    let settings = language.talk.settings;
    let fields = FIELDS.iter().map(|field| {
        let Field { name, testid, about, least, most, step, get, set } = field;
        // A fraction kept in 32 bits shows as it was typed.
        let value = move || (settings.with(|settings| get(settings)) * 1e4).round() / 1e4;
        let change = move |event| {
            let input: HtmlInputElement = event_target(&event);
            let typed = input.value_as_number();
            if !typed.is_nan() {
                settings.update(|settings| set(settings, typed.clamp(*least, *most)));
            }
            input.set_value(&untrack(value).to_string());
        };
        view! {
            <label class="option">
                <span>{*name}</span>
                <input
                    class="field"
                    type="number"
                    min=least.to_string()
                    max=most.to_string()
                    step=*step
                    aria-describedby=format!("{testid}-about")
                    data-testid=*testid
                    prop:value=move || value().to_string()
                    on:change=change
                />
                <small id=format!("{testid}-about")>{*about}</small>
            </label>
        }
        .into_any()
    });
    let fields: Vec<AnyView> = fields.collect();
    let thinks =
        Memo::new(move |_| language.source.loaded.with(|l| l.as_ref().is_some_and(|l| l.card.thinks)));
    let thinking = move || {
        thinks.get().then(|| {
            view! {
                <label class="option check">
                    <input
                        type="checkbox"
                        data-testid="set-thinking"
                        prop:checked=move || settings.with(|settings| settings.thinking)
                        on:change=move |event| {
                            let thinking = event_target_checked(&event);
                            settings.update(|settings| settings.thinking = thinking);
                        }
                    />
                    <span>"Think first"</span>
                </label>
            }
        })
    };
    let set_stops = move |event| {
        let text = event_target::<HtmlTextAreaElement>(&event).value();
        let stops = text.split('\n').filter(|line| !line.is_empty()).map(str::to_owned).collect();
        settings.update(|settings| settings.stops = stops);
    };
    let system = language.talk.system;
    view! {
        <details class="settings" data-testid="settings">
            <summary>"Settings"</summary>
            <div class="settings-grid">
                <label class="option wide">
                    <span>"System message"</span>
                    <textarea
                        class="field"
                        rows="2"
                        data-testid="system"
                        prop:value=move || system.get()
                        on:input=move |event| system.set(event_target::<HtmlTextAreaElement>(&event).value())
                    ></textarea>
                </label>
                {fields}
                <label class="option wide">
                    <span>"Stop texts, one a line"</span>
                    <textarea
                        class="field mono"
                        rows="2"
                        data-testid="set-stops"
                        prop:value=move || settings.with(|settings| settings.stops.join("\n"))
                        on:change=set_stops
                    ></textarea>
                </label>
                {thinking}
            </div>
        </details>
    }
}
