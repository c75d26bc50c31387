//! The three programs: token by token, what each token looked at, and what came of running them.

use std::sync::Arc;

use leptos::{ev, prelude::*};
use protocol::asking::{Candidate, WatToken, Way};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::beside::Beside;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::focus;
use crate::language::asking::Asking;
use crate::language::host::refused;
use crate::language::{Language, units, use_language};
use crate::live::{Listed, live};
use crate::models::grouped;
use crate::repl::highlighted_program;

/// Tokens that are named of those a program's token looked at.
const LOOKED: usize = 3;

/// The programs, side by side.
#[component]
pub fn Programs() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let layers = move || {
        language.source.loaded.with(|loaded| {
            let world = loaded.as_ref().and_then(|loaded| loaded.world.as_ref());
            world.map(|world| world.layers.clone()).unwrap_or_default()
        })
    };
    let writes_itself = Memo::new(move |_| {
        let way = asking.asked.with(|asked| asked.as_ref().map(|asked| asked.way));
        if asking.is_new() || way.is_none() { layers().is_empty() } else { way == Some(Way::Prompted) }
    });
    let is_coming = Memo::new(move |_| asking.is_new());
    // Decided again, the programs are the same: what is opened and pointed at stays.
    let candidates = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().map(|asked| asked.candidates.clone()).unwrap_or_default())
    });
    let cards = move || {
        if is_coming.get() {
            let layers = layers();
            let count =
                asking.coming.with(|coming| coming.as_ref().map_or(0, |coming| coming.programs.len()));
            let name =
                |tap: usize| layers.get(tap).map_or_else(|| attempt(tap), |layer| format!("Layer {layer}"));
            return (0..count).map(|tap| view! { <Coming tap name=name(tap)/> }).listed();
        }
        let all = candidates.get().into_iter().enumerate();
        all.map(|(tap, candidate)| view! { <Program tap candidate=Arc::new(candidate)/> }).listed()
    };
    let title = move || {
        if writes_itself.get() { "Programs that it wrote as text" } else { "Three programs, written inside" }
    };
    let about = move || {
        if writes_itself.get() {
            "This model has no taps. It was told how programs are written, with examples, and asked several times: each attempt is a \
             candidate. A small model often writes none that runs."
        } else {
            "Behind three of its layers sits a small decoder of WebAssembly that attends to the text. Each writes one program. \
             Point at a token, or move a slider, to see which words it looked at."
        }
    };
    view! {
        <section class="ask-step" aria-labelledby="programs-title">
            <div class="ask-step-head">
                <h2 id="programs-title">{live(title)}</h2>
                {live(move || (!is_coming.get() && !writes_itself.get()).then(|| view! { <HeadChoice/> }))}
            </div>
            <p class="ask-note" data-testid="programs-note">{live(about)}</p>
            <div class="programs">{live(cards)}</div>
            {live(move || (!is_coming.get()).then(|| view! {
                <Export of="the programs" testid="export-candidates" sheet=Callback::new(move |()| sheet(language))/>
            }))}
        </section>
    }
}

/// The programs and what came of them, to be saved; drawn are the scores.
fn sheet(language: Language) -> Option<Sheet> {
    let asked = language.asking.asked.get()?;
    let weights = language.weights();
    let rows = asked.candidates.iter().enumerate().map(|(tap, one)| {
        let (value, error) = match &one.result {
            Ok(value) => (value.as_str(), ""),
            Err(why) => ("", why.as_str()),
        };
        // Of a program that the model wrote as text it is not known.
        let of_token = |token: &WatToken| {
            let written = token.likeliest.iter().find(|(text, _)| *text == token.text);
            written.map(|(_, probability)| *probability)
        };
        let probability: Option<f32> = one.tokens.iter().map(of_token).product();
        let probability = probability.filter(|_| !one.tokens.is_empty());
        let words: Vec<&str> = one.tokens.iter().map(|token| token.text.as_str()).collect();
        vec![
            Cell::text(candidate_name(asked.way, tap, one.layer)),
            Cell::number(weights.score(tap, &one.terms)),
            Cell::text(if asked.chosen == Some(tap) { "yes" } else { "no" }),
            Cell::text(value),
            Cell::text(error),
            Cell::text(one.fuel.to_string()),
            probability.map_or_else(Cell::none, Cell::number),
            Cell::text(words.join(" ")),
            Cell::text(&one.wat),
            Cell::text(&one.wat_as_run),
        ]
    });
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Bars(vec![1]),
        ..Sheet::new(language.model_name(), "candidates", format!("Programs for: {}", asked.question.text))
            .columns(&[
                "program",
                "score",
                "chosen",
                "result",
                "error",
                "fuel",
                "probability",
                "tokens",
                "wat",
                "wat as run",
            ])
    })
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
fn Coming(tap: usize, name: String) -> impl IntoView {
    let asking = use_language().asking;
    let tokens = move || {
        let tokens = asking.coming.with(|coming| {
            coming.as_ref().and_then(|coming| coming.programs.get(tap).cloned()).unwrap_or_default()
        });
        tokens.into_iter().map(|token| view! { <span class="wat">{token}</span>" " }).listed()
    };
    view! {
        <article class="program">
            <h3>{name}</h3>
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
        let looked = looked_at(asking, token);
        view! {
            <ol class="wat-detail likeliest" data-testid=format!("likeliest-{tap}")>{all.listed()}</ol>
            <p class="wat-detail" data-testid=format!("looked-{tap}")>"Looked at: "{looked}</p>
        }
        .into_any()
    };
    let layer = candidate.layer;
    let way = asking.asked.with_untracked(|asked| asked.as_ref().map(|asked| asked.way).unwrap_or_default());
    let name = candidate_name(way, tap, layer);
    // Taps are counted from 1, behind which block they sit; blocks, here as everywhere, from 0.
    let reads = (way != Way::Prompted).then(|| {
        view! { <span class="tap-reads">" reads "<code>{format!("blocks.{}.hook_resid_post", layer.saturating_sub(1))}</code></span> }
    });
    let has_tokens = !candidate.tokens.is_empty();
    let words = Arc::clone(&candidate);
    let value_text = move || {
        let place = pointed().unwrap_or(0);
        words.tokens.get(place).map_or_else(String::new, |token| format!("token {place}, {}", token.text))
    };
    let slider = has_tokens.then(|| {
        view! {
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
        }
    });
    view! {
        <article class="program" id=program_id(tap) class:chosen=move || is_chosen.get() data-testid=format!("program-{tap}")>
            <h3>
                <span>{name}{reads}</span>
                {live(move || is_chosen.get().then(|| view! { <span class="badge">"chosen"</span> }))}
            </h3>
            <p class="wat-tokens mono" on:pointerover=point on:pointerdown=point>{tokens}</p>
            {slider}
            {has_tokens.then(|| live(detail))}
            <Ran candidate=Arc::clone(&candidate) tap/>
            {(!candidate.wat.is_empty()).then(|| view! { <Text candidate=Arc::clone(&candidate)/><Beside candidate tap/> })}
        </article>
    }
}

/// The program as text; open where its tokens are not shown.
#[component]
fn Text(candidate: Arc<Candidate>) -> impl IntoView {
    view! {
        <details open=candidate.tokens.is_empty()>
            <summary>"The program as text"</summary>
            <pre class="wat-text" tabindex="0"><code>{highlighted_program(&candidate.wat)}</code></pre>
        </details>
        <details>
            <summary>"As it was run"</summary>
            <p class="ask-note">"WebAssembly's integers wrap around; here arithmetic that does not fit traps instead, so that a wrong number never passes for a result."</p>
            <pre class="wat-text" tabindex="0"><code>{highlighted_program(&candidate.wat_as_run)}</code></pre>
        </details>
    }
}

/// What came of a program.
#[component]
fn Ran(candidate: Arc<Candidate>, tap: usize) -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    if candidate.wat.is_empty() && candidate.tokens.is_empty() {
        return view! {
            <p class="ran" data-testid=format!("result-{tap}")>"It wrote no program here, and answered in words."</p>
        }
        .into_any();
    }
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
                    let held = focus::held();
                    asking.granted.update(|granted| {
                        if !granted.iter().any(|one| one == name) {
                            granted.push(name.to_owned());
                        }
                    });
                    let question =
                        asking.asked.with_untracked(|asked| asked.as_ref().map(|asked| asked.question.text.clone()));
                    if let Some(question) = question {
                        language.ask_this(&question);
                    }
                    held.hand_to("question");
                };
                view! { <button class="button" data-testid=format!("grant-now-{tap}") on:click=grant>{format!("Grant {name}, and ask again")}</button> }
            });
            view! { <span class="problem-text" data-testid=format!("result-{tap}")>{failure.clone()}</span>" "{grant} }.into_any()
        }
    };
    let label = if candidate.result.is_ok() { "Ran to " } else { "Came to nothing: " };
    view! { <p class="ran"><span class="ran-label">{label}</span>{outcome}<span class="ran-fuel">{fuel}</span></p>{calls} }
        .into_any()
}

/// The text's tokens that a program's token looked at most, with their shares.
fn looked_at(asking: Asking, token: &WatToken) -> String {
    let mut shares: Vec<(usize, f32)> = token.attention(asking.head.get()).into_iter().enumerate().collect();
    shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let text = |place: usize| {
        asking.asked.with(|asked| {
            let token = asked.as_ref().and_then(|asked| asked.tokens.get(place));
            token.map(|(text, _)| units::visible(text)).unwrap_or_default()
        })
    };
    let most = shares
        .into_iter()
        .take(LOOKED)
        .map(|(place, share)| format!("{} {}", text(place), units::percent(share)));
    most.collect::<Vec<_>>().join(", ")
}

/// The id of a program's place on the page.
pub fn program_id(tap: usize) -> String {
    format!("program-{tap}")
}

/// What a candidate is called.
pub fn candidate_name(way: Way, tap: usize, layer: usize) -> String {
    if way == Way::Prompted { attempt(tap) } else { format!("Layer {layer}") }
}

/// What an attempt of a model without taps is called.
fn attempt(number: usize) -> String {
    format!("Attempt {}", number + 1)
}
