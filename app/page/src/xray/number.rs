//! A number on the page: a button that opens where it comes from.

use engine::xray::Site;
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
