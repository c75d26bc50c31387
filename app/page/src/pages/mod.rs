//! The routes that are not built yet: each says what will be there and what works today.

use leptos::prelude::*;

/// `#/ask`
#[component]
pub fn AskPage() -> impl IntoView {
    view! { <h1>"Ask"</h1> }
}

/// `#/learn`
#[component]
pub fn LearnPage() -> impl IntoView {
    view! { <h1>"Learn"</h1> }
}

/// `#/models`
#[component]
pub fn ModelsPage() -> impl IntoView {
    view! { <h1>"Models"</h1> }
}

/// `#/bench`
#[component]
pub fn BenchPage() -> impl IntoView {
    view! { <h1>"Bench"</h1> }
}
