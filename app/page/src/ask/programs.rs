//! The three programs: token by token, what each token looked at, and what came of running them.

use std::sync::Arc;

use leptos::{ev, prelude::*};
use protocol::asking::Candidate;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::language::host::refused;
use crate::language::{units, use_language};
use crate::live::{Listed, live};
use crate::models::grouped;
use crate::repl::highlighted_program;

/// The programs, side by side.
#[component]
pub fn Programs() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let layers = move || {
        language.source.loaded.with(|loaded| {
            loaded
                .as_ref()
                .and_then(|loaded| loaded.world.as_ref())
                .map(|world| world.layers.clone())
                .unwrap_or_default()
        })
    };
    let is_coming = Memo::new(move |_| asking.is_new());
    // Decided again, the programs are the same: what is opened and pointed at stays.
    let candidates = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().map(|asked| asked.candidates.clone()).unwrap_or_default())
    });
    let cards = move || {
        if is_coming.get() {
            return layers()
                .into_iter()
                .enumerate()
                .map(|(tap, layer)| view! { <Coming tap layer/> })
                .listed();
        }
        let all = candidates.get().into_iter().enumerate();
        all.map(|(tap, candidate)| view! { <Program tap candidate=Arc::new(candidate)/> }).listed()
    };
    view! {
        <section class="ask-step" aria-labelledby="programs-title">
            <div class="ask-step-head">
                <h2 id="programs-title">"Three programs, written inside"</h2>
                {live(move || (!is_coming.get()).then(|| view! { <HeadChoice/> }))}
            </div>
            <p class="ask-note">
                "Behind three of its layers sits a small decoder of WebAssembly that attends to the text. Each writes one program. "
                "Point at a token, or move a slider, to see which words it looked at."
            </p>
            <div class="programs">{live(cards)}</div>
        </section>
    }
}

/// Whose attention is shown.
#[component]
fn HeadChoice() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let (layers, heads) = language.source.loaded.with_untracked(|loaded| {
        let world = loaded.as_ref().and_then(|loaded| loaded.world.as_ref());
        world.map_or((0, 0), |world| world.tap_heads)
    });
    let options = (0..layers * heads).map(|place| {
        let text = format!("layer {}, head {}", place / heads.max(1), place % heads.max(1));
        view! { <option value=place.to_string() selected=move || asking.head.get() == Some(place)>{text}</option> }
    });
    view! {
        <label class="head-choice">
            <span>"Attention of "</span>
            <select data-testid="tap-head" on:change=move |event| asking.head.set(event_target_value(&event).parse().ok())>
                <option value="" selected=move || asking.head.get().is_none()>"all heads together"</option>
                {options.listed()}
            </select>
        </label>
    }
}

/// A program while it is written.
#[component]
fn Coming(tap: usize, layer: usize) -> impl IntoView {
    let asking = use_language().asking;
    let tokens = move || {
        let tokens = asking.coming.with(|coming| {
            coming.as_ref().and_then(|coming| coming.programs.get(tap).cloned()).unwrap_or_default()
        });
        tokens.into_iter().map(|token| view! { <span class="wat">{token}</span>" " }).listed()
    };
    view! {
        <article class="program">
            <h3>{format!("Layer {layer}")}</h3>
            <p class="wat-tokens mono">{live(tokens)}</p>
        </article>
    }
}

#[component]
fn Program(tap: usize, candidate: Arc<Candidate>) -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let is_chosen = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().is_some_and(|asked| asked.chosen == Some(tap)))
    });
    let tokens = candidate.tokens.iter().enumerate().map(|(place, token)| {
        let unsure = token.likeliest.first().map(|(_, probability)| format!("--unsure:{:.2}", 1.0 - probability));
        let is_here = move || asking.pointed.get() == Some((tap, place));
        view! { <span class="wat" class:here=is_here data-wat=place.to_string() style=unsure>{token.text.clone()}</span>" " }
    });
    let tokens = tokens.listed();
    let place = |event: &ev::PointerEvent| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        element
            .and_then(|element| element.get_attribute("data-wat"))
            .and_then(|place| place.parse::<usize>().ok())
    };
    let point = move |event: ev::PointerEvent| {
        if let Some(place) = place(&event) {
            asking.pointed.set(Some((tap, place)));
        }
    };
    let last = candidate.tokens.len().saturating_sub(1);
    let pointed = move || asking.pointed.get().filter(|(of, _)| *of == tap).map(|(_, place)| place);
    let shown = Arc::clone(&candidate);
    let detail = move || {
        let token = pointed().and_then(|place| shown.tokens.get(place));
        let Some(token) = token else {
            return view! { <p class="wat-detail">"Every token was the likeliest of its step; how likely, the colour tells."</p> }.into_any();
        };
        let all = token.likeliest.iter().map(|(text, probability)| {
            view! { <li><code>{text.clone()}</code>" "{units::percent(*probability)}</li> }
        });
        view! { <ol class="wat-detail likeliest" data-testid=format!("likeliest-{tap}")>{all.listed()}</ol> }
            .into_any()
    };
    let layer = candidate.layer;
    let words = Arc::clone(&candidate);
    let value_text = move || {
        let place = pointed().unwrap_or(0);
        words.tokens.get(place).map_or_else(String::new, |token| format!("token {place}, {}", token.text))
    };
    view! {
        <article class="program" class:chosen=move || is_chosen.get() data-testid=format!("program-{tap}")>
            <h3>
                {format!("Layer {layer}")}
                {live(move || is_chosen.get().then(|| view! { <span class="badge">"chosen"</span> }))}
            </h3>
            <p class="wat-tokens mono" on:pointerover=point on:pointerdown=point>{tokens}</p>
            <input
                type="range"
                min="0"
                max=last.to_string()
                aria-label=format!("Token of layer {layer}'s program")
                aria-valuetext=value_text
                data-testid=format!("wat-at-{tap}")
                prop:value=move || pointed().unwrap_or(0).to_string()
                on:input=move |event| {
                    if let Ok(place) = event_target_value(&event).parse::<usize>() {
                        asking.pointed.set(Some((tap, place.min(last))));
                    }
                }
            />
            {live(detail)}
            <Ran candidate=Arc::clone(&candidate) tap/>
            <details>
                <summary>"The program as text"</summary>
                <pre class="wat-text" tabindex="0"><code>{highlighted_program(&candidate.wat)}</code></pre>
            </details>
            <details>
                <summary>"As it was run"</summary>
                <p class="ask-note">"WebAssembly's integers wrap around; here arithmetic that does not fit traps instead, so that a wrong number never passes for a result."</p>
                <pre class="wat-text" tabindex="0"><code>{highlighted_program(&candidate.wat_as_run)}</code></pre>
            </details>
        </article>
    }
}

/// What came of a program.
#[component]
fn Ran(candidate: Arc<Candidate>, tap: usize) -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let fuel = format!("{} units of fuel", grouped(usize::try_from(candidate.fuel).unwrap_or(usize::MAX)));
    let calls = candidate.calls.iter().map(|(name, count)| {
        let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
        view! { <li>"Asked this browser for "<code>{name.clone()}</code>", "{times}"."</li> }
    });
    let calls = (!candidate.calls.is_empty())
        .then(|| view! { <ul class="calls" data-testid=format!("calls-{tap}")>{calls.listed()}</ul> });
    let outcome = match &candidate.result {
        Ok(value) => {
            view! { <output class="mono" data-testid=format!("result-{tap}")>{value.clone()}</output> }
                .into_any()
        }
        Err(failure) => {
            let grant = refused(failure).map(|name| {
                let grant = move |_| {
                    asking.granted.update(|granted| granted.push(name.to_owned()));
                    language.ask_draft();
                };
                view! { <button class="button" data-testid=format!("grant-now-{tap}") on:click=grant>{format!("Grant {name}, and ask again")}</button> }
            });
            view! { <span class="problem-text" data-testid=format!("result-{tap}")>{failure.clone()}</span>" "{grant} }.into_any()
        }
    };
    let label = if candidate.result.is_ok() { "Ran to " } else { "Came to nothing: " };
    view! { <p class="ran"><span class="ran-label">{label}</span>{outcome}<span class="ran-fuel">{fuel}</span></p>{calls} }
}
