//! A number on the page: a button that opens where it comes from.

use engine::xray::{HeadPart, Site};
use leptos::prelude::*;

use super::use_explainer;
use crate::live::Listed;
use crate::xray::format;

/// One number of the model.
#[component]
pub fn Number(
    /// Its name.
    site: Site,
    /// Its value.
    value: f32,
    /// What it is, for those who hear the page.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let explainer = use_explainer();
    let name = site.to_string();
    let text = format::number(value);
    let label = format!("{what}: {text}. Where does it come from?");
    let zero = value == 0.0;
    let open = explainer.selection;
    view! {
        <button
            type="button"
            class="xr-number"
            class:zero=zero
            class:open=move || open.get() == Some(site)
            data-site=name.clone()
            title=name
            aria-label=label
            on:click=move |_| explainer.open(site)
        >
            {text}
        </button>
    }
}

/// One vector of a head: its numbers, `(6, 1)`.
#[component]
pub fn Pair(
    /// The layer.
    layer: usize,
    /// The head.
    head: usize,
    /// Which of its vectors.
    part: HeadPart,
    /// Whose.
    position: usize,
    /// The numbers.
    values: Vec<f32>,
    /// What they are, for those who hear the page.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let is_long = values.len() > 2;
    let numbers = values.into_iter().enumerate().map(|(component, value)| {
        let site = Site::Head { layer, part, position, head, component };
        let comma = (component > 0).then_some(", ");
        view! { {comma}<Number site value what=format!("{what}, component {component}")/> }
    });
    let numbers = numbers.listed();
    view! { <span class="xr-pair" class:long=is_long>"(" {numbers} ")"</span> }
}
