//! What can be changed in a figure.

use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::live::{Listed, live};

/// A number within bounds. What is typed beyond them is not taken, and the field says so; once it is left, it holds the number that is
/// computed with.
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
    let is_refused = RwSignal::new(false);
    let range = move || {
        is_refused.get().then(|| {
            let text = format!("A whole number from {least} to {most}. Computed with {}.", value.get());
            view! { <p class="problem-text" role="alert" data-testid="number-range">{text}</p> }
        })
    };
    view! {
        // Beside the label, not in it: the field's name stays what it is.
        <div class="lesson-number">
            <label class="lesson-field">
                <span>{name}</span>
                <input
                    type="number"
                    class="field mono"
                    style=format!("width:{}ch", most.to_string().len() + 6)
                    min=least.to_string()
                    max=most.to_string()
                    aria-invalid=move || is_refused.get().to_string()
                    prop:value=move || value.get().to_string()
                    on:input=move |event| {
                        let typed = event_target_value(&event).parse::<i64>().ok();
                        let taken = typed.filter(|number| (least..=most).contains(number));
                        if let Some(number) = taken {
                            value.set(number);
                        }
                        is_refused.set(taken.is_none());
                    }
                    on:change=move |event| {
                        event_target::<HtmlInputElement>(&event).set_value(&value.get_untracked().to_string());
                        is_refused.set(false);
                    }
                />
            </label>
            {live(range)}
        </div>
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
