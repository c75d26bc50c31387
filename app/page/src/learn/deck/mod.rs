//! The slides: one at a time on the screen, one to a page on paper. All are on the page at once, so that they print as they are: with
//! figures that were computed.

mod figures;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::live::{Listed, live};
use crate::route::Router;

/// The texts: each slide begins with its title behind `## `.
const TEXT: &str = include_str!("../../../../../assets/lessons/deck.html");

/// A slide.
pub struct Slide {
    /// Its title.
    pub title: &'static str,
    /// Its text.
    pub html: &'static str,
}

/// All slides.
pub fn slides() -> Vec<Slide> {
    let texts = TEXT.split("## ").skip(1);
    texts
        .map(|text| {
            let (title, html) = text.split_once('\n').unwrap_or((text, ""));
            Slide { title, html }
        })
        .collect()
}

/// What has the focus takes these keys itself.
const TYPING: &str = "input, select, textarea, summary, [tabindex='0']";

/// Whether a key pressed there is the deck's: in the deck, or where nothing of the page has the focus.
fn is_of_deck(target: &Element) -> bool {
    let is_within = |selector| matches!(target.closest(selector), Ok(Some(_)));
    !is_within(TYPING)
        && (is_within(".deck") || matches!(target.tag_name().as_str(), "HTML" | "BODY" | "MAIN"))
}

/// Whether more is on the slide than fits the screen, and keys have to scroll it.
fn scrolls() -> bool {
    let shown = document().fullscreen_element().or_else(|| document().document_element());
    // Fractions of a pixel are rounded, and scroll nothing.
    shown.is_some_and(|shown| shown.scroll_height() > shown.client_height() + 1)
}

/// The deck.
#[component]
pub fn Deck(
    /// The slide shown, from 0.
    here: Memo<usize>,
) -> impl IntoView {
    let router: Router = expect_context();
    let count = slides().len();
    let place = NodeRef::<html::Div>::new();
    let go = move |slide: usize| router.turn_page(format!("deck/{}", slide.min(count.saturating_sub(1)) + 1));
    let whole = move || {
        // A browser that refuses shows what it showed.
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        } else if let Some(place) = place.get_untracked() {
            drop(place.request_fullscreen());
        }
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_none_or(|target| !is_of_deck(&target)) {
            return;
        }
        let (key, slide) = (event.key(), here.get_untracked());
        if matches!(key.as_str(), "PageUp" | "PageDown" | "Home" | "End") && scrolls() {
            return;
        }
        match key.as_str() {
            "ArrowLeft" | "PageUp" => go(slide.saturating_sub(1)),
            "ArrowRight" | "PageDown" => go(slide + 1),
            "Home" => go(0),
            "End" => go(count),
            _ => return,
        }
        event.prevent_default();
    });
    // Paper is white, whatever the screen is.
    let root = move || document().document_element();
    // The person's theme while it is printed, if there is one.
    let theme = StoredValue::new(None::<Option<String>>);
    let printing =
        window_event_listener(leptos::ev::Custom::<web_sys::Event>::new("beforeprint"), move |_| {
            // A browser may say so twice: what it finds then is no person's theme.
            if let Some(root) = root()
                && theme.with_value(Option::is_none)
            {
                theme.set_value(Some(root.get_attribute("data-theme")));
                drop(root.set_attribute("data-theme", "light"));
            }
        });
    let restore = move || {
        let stored = theme.try_update_value(Option::take).flatten();
        if let (Some(root), Some(theme)) = (root(), stored) {
            drop(match theme {
                Some(theme) => root.set_attribute("data-theme", &theme),
                None => root.remove_attribute("data-theme"),
            });
        }
    };
    let printed =
        window_event_listener(leptos::ev::Custom::<web_sys::Event>::new("afterprint"), move |_| restore());
    on_cleanup(move || {
        restore();
        keys.remove();
        printing.remove();
        printed.remove();
    });
    let all = slides().into_iter().enumerate().map(|(slide, Slide { title, html })| {
        view! {
            <section
                class="slide"
                class:here=move || here.get() == slide
                aria-roledescription="slide"
                aria-label=format!("Slide {} of {count}", slide + 1)
                data-testid=format!("slide-{}", slide + 1)
                data-here=move || (here.get() == slide).to_string()
            >
                <h2>{title}</h2>
                <div class="prose" inner_html=html></div>
                {figures::figure(slide)}
                <p class="slide-number" aria-hidden="true">{format!("{} / {count}", slide + 1)}</p>
            </section>
        }
    });
    let is_last = move || here.get() + 1 == count;
    let at = move || format!("Slide {} of {count}", here.get() + 1);
    view! {
        <div class="deck" node_ref=place data-testid="deck">
            <header class="deck-head">
                <h1>"How an FFN interprets bytecode"</h1>
                <div class="deck-tools">
                    <a href="#/learn">"All lessons"</a>
                    <button type="button" class="button" data-testid="deck-back" disabled=move || here.get() == 0 on:click=move |_| go(here.get_untracked().saturating_sub(1))>"Back"</button>
                    <span role="status" data-testid="deck-at">{live(at)}</span>
                    <button type="button" class="button" data-testid="deck-next" disabled=is_last on:click=move |_| go(here.get_untracked() + 1)>"Next"</button>
                    <button type="button" class="button" data-testid="deck-screen" on:click=move |_| whole()>"Full screen"</button>
                    <button type="button" class="button" data-testid="deck-print" on:click=move |_| drop(window().print())>"Print"</button>
                </div>
            </header>
            <div class="slides">{all.listed()}</div>
            <p class="lesson-note deck-help">"← → turn. Where a slide fits the screen, so do Page Up and Page Down, and Home and End go to the first and the last."</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fifteen_with_titles_and_texts() {
        let slides = slides();
        assert_eq!(slides.len(), 15);
        for Slide { title, html } in slides {
            assert!(!title.is_empty() && html.contains("<p>"), "{title}");
        }
    }
}
