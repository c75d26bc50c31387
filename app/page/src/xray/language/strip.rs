//! The text, token by token: where each comes from, which is looked at, what a program's token looked at, and a search.

use leptos::{html, prelude::*};
use protocol::asking::Origin;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::ask::stream::origin_name;
use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// The text.
#[component]
pub fn Strip() -> impl IntoView {
    let language = use_language();
    let (asking, inside) = (language.asking, language.inside);
    let sought = RwSignal::new(String::new());
    let hits = Memo::new(move |_| {
        let sought = sought.get().to_lowercase();
        inside.tokens.with(|tokens| match tokens {
            Some(tokens) if !sought.is_empty() => places(tokens, &sought),
            _ => Vec::new(),
        })
    });
    let attention = Memo::new(move |_| {
        // What is pointed at is the answer's as it is.
        let is_its = inside.of_question.get() && !inside.of_changed.get();
        let (tap, token) = asking.pointed.get().filter(|_| is_its)?;
        let head = asking.head.get();
        asking.asked.with(|asked| {
            let candidate = asked.as_ref()?.candidates.get(tap)?;
            candidate.tokens.get(token).map(|token| token.attention(head))
        })
    });
    // Of thousands of tokens, only the two that change hear of a step.
    let here = Selector::new(move || inside.at.get());
    let tokens = move || {
        let of_changed = inside.of_changed.get();
        let Some(tokens) = inside.tokens.get() else { return ().into_any() };
        let of_question = inside.of_question.get_untracked();
        let tokens = tokens.iter().enumerate().map(|(place, text)| {
            let origin = asking.origin(place, of_changed).filter(|_| of_question).unwrap_or({
                if place < inside.first.get_untracked() { Origin::Question } else { Origin::Model }
            });
            let here = here.clone();
            let is_here = move || here.selected(&place);
            let is_hit = move || hits.with(|hits| hits.binary_search(&place).is_ok());
            let heat = move || {
                let share = attention.with(|all| all.as_ref().and_then(|all| all.get(place).copied()));
                share.map(|share| format!("--heat:{share:.3}"))
            };
            let shown = units::visible(text);
            let label = format!("token {place}, {shown}");
            view! {
                <span
                    id=format!("lm-token-{place}")
                    class="ask-token"
                    class:hit=is_hit
                    role="option"
                    aria-selected=move || is_here().to_string()
                    aria-label=label
                    data-origin=origin_name(origin)
                    data-token=place.to_string()
                    style=heat
                >{shown}</span>
            }
        });
        tokens.listed()
    };
    let scroller = NodeRef::<html::Div>::new();
    // The token looked at is in view.
    Effect::new(move |_| {
        let at = inside.at.get();
        let Some(scroller) = scroller.get() else { return };
        let Ok(Some(token)) = scroller.query_selector(&format!("#lm-token-{at}")) else { return };
        let (frame, place) = (scroller.get_bounding_client_rect(), token.get_bounding_client_rect());
        if place.top() < frame.top() || place.bottom() > frame.bottom() {
            let middle = (place.top() + place.bottom() - frame.top() - frame.bottom()) / 2.0;
            scroller.set_scroll_top(scroller.scroll_top() + middle as i32);
        }
    });
    let open = move |event: leptos::ev::MouseEvent| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let token = element.and_then(|element| element.get_attribute("data-token"));
        if let Some(token) = token.and_then(|token| token.parse::<usize>().ok()) {
            inside.look_at(token);
        }
    };
    let next = move |forward: bool| {
        let at = inside.at.get_untracked();
        let found = hits.with_untracked(|hits| neighbour(hits, at, forward));
        if let Some(found) = found {
            inside.look_at(found);
        }
    };
    let count = move || {
        if sought.with(String::is_empty) {
            return String::new();
        }
        hits.with(|hits| match hits.binary_search(&inside.at.get()) {
            Ok(place) => format!("{} of {}", place + 1, hits.len()),
            Err(_) if hits.is_empty() => "not in this text".to_owned(),
            Err(_) => format!("{} in this text", hits.len()),
        })
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            next(!event.shift_key());
        }
    };
    let none = move || hits.with(Vec::is_empty).to_string();
    view! {
        <div
            class="xr-strip lm-strip ask-stream mono"
            data-testid="lm-strip"
            role="listbox"
            tabindex="0"
            aria-label="The text the model has read; the arrow keys step"
            aria-activedescendant=move || format!("lm-token-{}", inside.at.get())
            node_ref=scroller
            on:click=open
        >{live(tokens)}</div>
        <div class="lm-search" role="search">
            <label>
                <span>"Find a token"</span>
                <input class="field" type="search" data-testid="lm-search" prop:value=move || sought.get()
                    on:input=move |event| sought.set(event_target_value(&event)) on:keydown=on_key/>
            </label>
            <button type="button" class="xr-step" aria-label="The one before" aria-disabled=none on:click=move |_| next(false)>"↑"</button>
            <button type="button" class="xr-step" aria-label="The next one" aria-disabled=none on:click=move |_| next(true)>"↓"</button>
            <output data-testid="lm-hits" aria-live="polite">{count}</output>
        </div>
    }
}

/// The tokens in which a text is found, or which stand in one that reaches over several.
fn places(tokens: &[String], sought: &str) -> Vec<usize> {
    let mut text = String::new();
    // Where each token ends in the text.
    let ends: Vec<usize> = tokens
        .iter()
        .map(|token| {
            text.push_str(&token.to_lowercase());
            text.len()
        })
        .collect();
    let mut found: Vec<usize> =
        text.match_indices(sought).map(|(at, _)| ends.partition_point(|end| *end <= at)).collect();
    found.dedup();
    found
}

/// The next place behind a position, or the one before it; around the ends.
fn neighbour(places: &[usize], at: usize, forward: bool) -> Option<usize> {
    if forward {
        return places.iter().find(|place| **place > at).or(places.first()).copied();
    }
    places.iter().rev().find(|place| **place < at).or(places.last()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_over_several_tokens() {
        let tokens = ["Calc", "ulate", " 1", "2", " * ", "11"].map(str::to_owned);
        assert_eq!(places(&tokens, "12"), [2]);
        assert_eq!(places(&tokens, "calculate"), [0]);
        assert_eq!(places(&tokens, "1"), [2, 5]);
        assert_eq!(places(&tokens, "x"), [0; 0]);
    }

    #[test]
    fn the_search_goes_around() {
        assert_eq!(neighbour(&[2, 5], 2, true), Some(5));
        assert_eq!(neighbour(&[2, 5], 5, true), Some(2));
        assert_eq!(neighbour(&[2, 5], 2, false), Some(5));
        assert_eq!(neighbour(&[], 2, true), None);
    }
}
