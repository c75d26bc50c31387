//! Stepping through the executed instructions, forwards and backwards.

use leptos::prelude::*;

use crate::live::live;
use crate::session::use_session;

/// The step buttons with the slider.
#[component]
pub fn Steps() -> impl IntoView {
    let session = use_session();
    let count = Memo::new(move |_| session.run.with(|r| r.as_ref().map_or(0, |r| r.report.steps.len())));
    let at = Memo::new(move |_| session.steps_shown());
    let go = move |steps: usize| session.show_steps(steps);
    let text = move || match count.get() {
        0 => "no step yet".to_owned(),
        count => format!("after step {} of {count}", at.get()),
    };
    let is_first = move || at.get() == 0;
    let is_last = move || at.get() >= count.get();
    let back = move |_| go(at.get_untracked().saturating_sub(1));
    let forward = move |_| go(at.get_untracked() + 1);
    view! {
        <div class="steps" role="group" aria-label="Steps">
            <button class="icon-button" aria-label="Before the first step" data-testid="repl-first"
                disabled=move || is_first() on:click=move |_| go(0)>{arrow("M4 3v10M13 3 6.5 8 13 13z")}</button>
            <button class="icon-button" aria-label="One step back" data-testid="repl-back"
                disabled=move || is_first() on:click=back>{arrow("M11.5 3 4.5 8l7 5z")}</button>
            <input
                type="range"
                class="steps-slider"
                aria-label="Step"
                data-testid="repl-slider"
                min="0"
                max=move || count.get().to_string()
                prop:value=move || at.get().to_string()
                disabled=move || count.get() == 0
                on:input=move |event| go(event_target_value(&event).parse().unwrap_or(0))
            />
            <button class="icon-button" aria-label="One step forward" data-testid="repl-forward"
                disabled=move || is_last() on:click=forward>{arrow("M4.5 3l7 5-7 5z")}</button>
            <button class="icon-button" aria-label="After the last step" data-testid="repl-last"
                disabled=move || is_last() on:click=move |_| go(usize::MAX)>{arrow("M12 3v10M3 3l6.5 5L3 13z")}</button>
            <span class="steps-text" data-testid="repl-at" aria-live="polite">{live(text)}</span>
        </div>
    }
}

/// A button's sign.
pub fn arrow(path: &'static str) -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="currentColor"
            stroke="currentColor" stroke-width="1.4" stroke-linejoin="round">
            <path d=path></path>
        </svg>
    }
}
