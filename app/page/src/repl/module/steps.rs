//! Forwards and backwards through a run, and to what is looked for.

use leptos::prelude::*;
use protocol::machine::Find;

use crate::live::live;
use crate::models::grouped;
use crate::repl::steps::arrow;
use crate::session::use_session;

/// What a text asks for: an address of memory, `output`, or an instruction's name.
fn wanted(text: &str) -> Option<Find> {
    let text = text.trim();
    let hexadecimal = text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    match hexadecimal.or_else(|| text.parse().ok()) {
        Some(address) => Some(Find::Writes(address)),
        None if text.is_empty() => None,
        None if text == "output" => Some(Find::Output),
        None => Some(Find::Named(text.to_owned())),
    }
}

/// Buttons, slider and search.
#[component]
pub fn Steps() -> impl IntoView {
    let session = use_session();
    let full = session.full;
    let count = Memo::new(move |_| full.instructions());
    let at = Memo::new(move |_| full.at.get());
    let search = RwSignal::new(String::new());
    let text = move || match count.get() {
        0 => "no run yet".to_owned(),
        count => format!("{} of {} instructions done", grouped(at.get() as usize), grouped(count as usize)),
    };
    let is_first = move || at.get() == 0;
    let is_last = move || at.get() >= count.get();
    let find = move |back| {
        if let Some(what) = search.with_untracked(|text| wanted(text)) {
            full.find(back, what);
        }
    };
    let on_search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        find(false);
    };
    view! {
        <div class="steps" role="group" aria-label="Steps">
            <button class="icon-button" aria-label="Before the first instruction" data-testid="module-first"
                disabled=is_first on:click=move |_| full.go_to(0)>{arrow("M4 3v10M13 3 6.5 8 13 13z")}</button>
            <button class="icon-button" aria-label="One instruction back" data-testid="module-back"
                disabled=is_first on:click=move |_| full.step(-1)>{arrow("M11.5 3 4.5 8l7 5z")}</button>
            <input
                type="range"
                class="steps-slider"
                aria-label="Instruction"
                data-testid="module-slider"
                min="0"
                max=move || count.get().to_string()
                prop:value=move || at.get().to_string()
                disabled=move || count.get() == 0
                on:input=move |event| full.go_to(event_target_value(&event).parse().unwrap_or(0))
            />
            <button class="icon-button" aria-label="One instruction forward" data-testid="module-forward"
                disabled=is_last on:click=move |_| full.step(1)>{arrow("M4.5 3l7 5-7 5z")}</button>
            <button class="icon-button" aria-label="Behind the last instruction" data-testid="module-last"
                disabled=is_last on:click=move |_| full.go_to(u64::MAX)>{arrow("M12 3v10M3 3l6.5 5L3 13z")}</button>
            <span class="steps-text" data-testid="module-at" aria-live="polite">{live(text)}</span>
        </div>
        <form class="module-search" role="search" aria-label="In the run" on:submit=on_search>
            <input
                class="mono"
                aria-label="An instruction, an address of memory, or output"
                placeholder="i32.mul, 0x10, output"
                data-testid="module-search"
                autocapitalize="off"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || search.get()
                on:input=move |event| search.set(event_target_value(&event))
            />
            <button class="button" type="button" data-testid="module-search-back" on:click=move |_| find(true)>"Last"</button>
            <button class="button" type="submit" data-testid="module-search-on">"Next"</button>
            <a class="button" href="#/xray" data-testid="module-xray" on:click=move |_| look(session)>"Open in X-ray"</a>
            <span class="module-news" role="status" data-testid="module-news">{move || full.search_news.get()}</span>
        </form>
    }
}

/// The X-ray shows the forward pass that begins the instruction that is next.
fn look(session: crate::session::Session) {
    let position =
        session.full.state.with_untracked(|state| state.as_ref().map(|state| state.position as usize));
    if let Some(position) = position {
        session.look_at(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_an_address_an_output_or_a_name() {
        assert_eq!(wanted(" 16 "), Some(Find::Writes(16)));
        assert_eq!(wanted("0x10"), Some(Find::Writes(16)));
        assert_eq!(wanted("output"), Some(Find::Output));
        assert_eq!(wanted("i32.mul"), Some(Find::Named("i32.mul".to_owned())));
        assert_eq!(wanted(" "), None);
    }
}
