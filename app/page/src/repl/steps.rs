//! Stepping through the executed instructions, forwards and backwards.

use leptos::prelude::*;

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
    view! {
        <div class="steps" role="group" aria-label="Steps">
            <button class="icon-button" aria-label="Before the first step" data-testid="repl-first"
                disabled=move || at.get() == 0 on:click=move |_| go(0)>"⏮\u{fe0e}"</button>
            <button class="icon-button" aria-label="One step back" data-testid="repl-back"
                disabled=move || at.get() == 0 on:click=move |_| go(at.get_untracked().saturating_sub(1))>
                "◀\u{fe0e}"
            </button>
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
                disabled=move || at.get() >= count.get() on:click=move |_| go(at.get_untracked() + 1)>
                "▶\u{fe0e}"
            </button>
            <button class="icon-button" aria-label="After the last step" data-testid="repl-last"
                disabled=move || at.get() >= count.get() on:click=move |_| go(usize::MAX)>"⏭\u{fe0e}"</button>
            <span class="steps-text" data-testid="repl-at" aria-live="polite">{text}</span>
        </div>
    }
}
