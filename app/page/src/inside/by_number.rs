//! Opening any part of a layer by its number.

use leptos::{ev, html, prelude::*};

/// A number, and the button that opens the part of that number.
#[component]
pub fn ByNumber(
    /// What the parts are called.
    name: &'static str,
    /// What the test ids begin with: `-number` and `-open` come behind.
    testid: &'static str,
    /// How many parts there are.
    count: Signal<usize>,
    /// Opens one.
    open: Callback<usize>,
) -> impl IntoView {
    let wanted = NodeRef::<html::Input>::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = wanted.get_untracked().map(|input| input.value()).unwrap_or_default();
        if let Ok(number) = typed.trim().parse() {
            open.run(number);
        }
    };
    view! {
        <form class="another-part" on:submit=submit aria-label=format!("Open a {}", name.to_lowercase())>
            <label>
                <span>{name}</span>
                <input
                    class="field"
                    type="number"
                    min="0"
                    required=true
                    max=move || count.get().saturating_sub(1).to_string()
                    data-testid=format!("{testid}-number")
                    node_ref=wanted
                />
            </label>
            <button class="button" type="submit" data-testid=format!("{testid}-open")>"Open it"</button>
        </form>
    }
}
