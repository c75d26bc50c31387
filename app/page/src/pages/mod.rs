//! The routes that are not built yet: each says what will be there and what works today.

mod learn;

pub use learn::LearnPage;

use crate::live::Listed;
use leptos::prelude::*;

/// A part of a plan: its name and what it will do.
type Plan = [(&'static str, &'static str)];

/// The frame of such a route: title, lead, what works today, what is planned.
#[component]
fn Ahead(
    /// What the route is for, as a title.
    title: &'static str,
    /// The same in a sentence or two.
    lead: &'static str,
    /// What will be there.
    plan: &'static Plan,
    /// What works today.
    children: Children,
) -> impl IntoView {
    let plan = plan.iter().map(|(name, about)| view! { <div><dt>{*name}</dt><dd>{*about}</dd></div> });
    let plan = plan.listed();
    view! {
        <div class="ahead">
            <header class="ahead-head">
                <h1 class="display">{title}</h1>
                <p class="lead">{lead}</p>
            </header>
            <section class="ahead-today" aria-labelledby="today">
                <h2 id="today">"Today"</h2>
                {children()}
            </section>
            <section class="ahead-plan" aria-labelledby="plan">
                <h2 id="plan">"Not built yet"</h2>
                <dl>{plan}</dl>
            </section>
        </div>
    }
}
