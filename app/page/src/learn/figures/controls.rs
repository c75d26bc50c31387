//! What can be changed in a figure.

use leptos::prelude::*;

use crate::live::Listed;

/// A number within bounds. What is typed beyond them is not taken.
#[component]
pub fn NumberField(
    /// What it is.
    name: &'static str,
    /// The number.
    value: RwSignal<i64>,
    /// The least and the greatest.
    #[prop(default = (0, 255))]
    bounds: (i64, i64),
) -> impl IntoView {
    let (least, most) = bounds;
    let change = move |event| {
        if let Ok(number) = event_target_value(&event).parse::<i64>()
            && (least..=most).contains(&number)
        {
            value.set(number);
        }
    };
    view! {
        <label class="lesson-field">
            <span>{name}</span>
            <input
                type="number"
                class="field mono"
                style=format!("width:{}ch", most.to_string().len() + 6)
                min=least.to_string()
                max=most.to_string()
                prop:value=move || value.get().to_string()
                on:input=change
            />
        </label>
    }
}

/// One of several texts, by its place.
#[component]
pub fn Choice(
    /// What is chosen.
    name: &'static str,
    /// The texts.
    texts: Vec<String>,
    /// The place of the chosen one.
    value: RwSignal<usize>,
) -> impl IntoView {
    let options = texts.into_iter().enumerate().map(|(place, text)| {
        view! { <option value=place.to_string() prop:selected=move || value.get() == place>{text}</option> }
    });
    let options = options.listed();
    view! {
        <label class="lesson-field">
            <span>{name}</span>
            <select
                class="field"
                on:change=move |event| {
                    if let Ok(place) = event_target_value(&event).parse() {
                        value.set(place);
                    }
                }
            >
                {options}
            </select>
        </label>
    }
}

/// A program, a line an instruction.
#[component]
pub fn ProgramField(
    /// Its text.
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <label class="lesson-field lesson-program">
            <span>"Program"</span>
            <textarea
                class="field mono"
                rows="6"
                spellcheck="false"
                autocapitalize="off"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        </label>
    }
}

/// A pass of a run, by a slider. Its words are what the pass executes.
#[component]
pub fn PassSlider(
    /// What is chosen.
    name: &'static str,
    /// How many passes there are before the last.
    last: Signal<usize>,
    /// The pass.
    value: RwSignal<usize>,
    /// What it executes.
    words: Signal<String>,
) -> impl IntoView {
    view! {
        <label class="lesson-field lesson-slider">
            <span>{name}": "<b class="mono">{move || words.get()}</b></span>
            <input
                type="range"
                min="0"
                max=move || last.get().to_string()
                aria-valuetext=move || words.get()
                prop:value=move || value.get().to_string()
                on:input=move |event| {
                    if let Ok(pass) = event_target_value(&event).parse::<usize>() {
                        value.set(pass);
                    }
                }
            />
        </label>
    }
}
