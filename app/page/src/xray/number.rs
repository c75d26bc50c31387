//! A number on the page: a button that opens where it comes from.

use engine::xray::{HeadPart, Site};
use leptos::prelude::*;

use super::format;
use super::state::use_xray;

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
    let xray = use_xray();
    let name = site.to_string();
    let text = format::number(value);
    let label = format!("{what}: {text}. Where does it come from?");
    let zero = value == 0.0;
    let open = xray.session.selection;
    view! {
        <button
            type="button"
            class="xr-number"
            class:zero=zero
            class:open=move || open.get() == Some(site)
            data-site=name.clone()
            title=name
            aria-label=label
            on:click=move |_| xray.open(site)
        >
            {text}
        </button>
    }
}

/// One vector of a head: its two numbers, `(6, 1)`.
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
    values: [f32; 2],
    /// What they are, for those who hear the page.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let [first, second] = [0, 1].map(|component| Site::Head { layer, part, position, head, component });
    let [x, y] = values;
    view! {
        <span class="xr-pair">
            "(" <Number site=first value=x what=format!("{what}, component 0")/> ", "
            <Number site=second value=y what=format!("{what}, component 1")/> ")"
        </span>
    }
}
