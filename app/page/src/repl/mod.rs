//! The REPL: WebAssembly, instruction by instruction.

use leptos::prelude::*;

/// The route `#/repl`.
#[component]
pub fn ReplPage() -> impl IntoView {
    view! { <h1>"REPL"</h1> }
}
