//! The messages: what was said, how it went, and what can be done with each.

use std::sync::Arc;

use leptos::{ev, html, prelude::*};
use protocol::language::{ChatRole, SaidEnding};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement};

use super::{comparison, thinking};
use crate::language::talk::{Outcome, Turn, Writing};
use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// Pixels from the page's end within which a growing answer takes the view along.
const NEAR: f64 = 160.0;

/// All messages, and the one being written.
#[component]
pub fn Messages() -> impl IntoView {
    let language = use_language();
    let talk = language.talk;
    let messages = move || {
        let turns = talk.turns.get();
        let compared = talk.compared.get();
        let writing = talk.is_writing();
        let last = turns.len().saturating_sub(1);
        turns
            .into_iter()
            .enumerate()
            .map(|(index, turn)| {
                let is_last = index == last && !writing;
                match &compared {
                    Some(before) if is_last && turn.role == ChatRole::Assistant => {
                        view! { <comparison::Comparison before=Arc::clone(before) after=turn/> }.into_any()
                    }
                    _ => view! { <Message turn index is_last/> }.into_any(),
                }
            })
            .listed()
    };
    let is_writing = Memo::new(move |_| talk.is_writing());
    let writing = move || is_writing.get().then(|| view! { <WritingMessage/> });
    let is_empty = move || talk.turns.with(Vec::is_empty) && !is_writing.get();
    let nothing = move || {
        is_empty().then(|| {
            view! {
                <p class="nothing">
                    "Nothing has been said yet. Everything you write stays in this browser; the model answers from "
                    "its weights alone, and may be wrong."
                </p>
            }
        })
    };
    follow_the_position();
    view! {
        <div class="messages">
            {live(messages)}
            {live(writing)}
            {live(nothing)}
        </div>
    }
}

/// Marks the token that came of the position looked at. By the document and not in the view: a long answer has a
/// thousand tokens, and drawing them anew at each step would be slow.
fn follow_the_position() {
    let language = use_language();
    let inside = language.inside;
    Effect::new(move |_| {
        language.talk.turns.track();
        let (at, first) = (inside.at.get(), inside.first.get());
        let shown = inside.open.get() && inside.tokens.with(Option::is_some);
        let token = (at + 1).checked_sub(first).filter(|_| shown);
        // After this drawing, in which the tokens may only just appear.
        request_animation_frame(move || {
            let find = |selector: &str| document().query_selector(selector).ok().flatten();
            if let Some(before) = find(".token.here") {
                drop(before.class_list().remove_1("here"));
            }
            let here = token.and_then(|token| find(&format!("[data-token='{token}']")));
            if let Some(here) = here {
                drop(here.class_list().add_1("here"));
            }
        });
    });
}

const fn who(role: ChatRole) -> (&'static str, &'static str) {
    match role {
        ChatRole::System => ("system", "System"),
        ChatRole::User => ("user", "You"),
        ChatRole::Assistant => ("assistant", "Model"),
    }
}

#[component]
fn Message(turn: Arc<Turn>, index: usize, is_last: bool) -> impl IntoView {
    let language = use_language();
    let talk = language.talk;
    let (role, name) = who(turn.role);
    let editing = Memo::new(move |_| talk.editing.get() == Some(index));
    let is_answer = turn.role == ChatRole::Assistant;
    let text = turn.text.clone();
    let shown = Arc::clone(&turn);
    let content = move || {
        if editing.get() {
            return view! { <Editor index text=text.clone()/> }.into_any();
        }
        if is_answer {
            answer(&shown, is_last)
        } else {
            view! { <p class="said">{text.clone()}</p> }.into_any()
        }
    };
    let went = turn.outcome.map(|outcome| {
        view! { <p class="stats" data-testid="stats">{outcome_in_words(&outcome, !turn.off.is_empty())}</p> }
    });
    let idle = move || talk.writing.with(Option::is_none) && language.source.is_ready();
    let ending = turn.outcome.map(|outcome| outcome.ending);
    let unfinished = !matches!(ending, Some(Some(SaidEnding::End | SaidEnding::Stop | SaidEnding::Context)));
    let actions = if is_answer {
        let go_on = (is_last && unfinished).then(|| {
            view! {
                <button class="quiet" data-testid="go-on" disabled=move || !idle() on:click=move |_| language.go_on()>
                    "Go on"
                </button>
            }
        });
        let look = is_last.then(|| {
            view! {
                <button class="quiet" data-testid="look-inside" on:click=move |_| language.inside.open.set(true)>
                    "Look inside"
                </button>
            }
        });
        view! {
            <button class="quiet" data-testid="again" disabled=move || !idle() on:click=move |_| language.answer_again(index)>
                "Answer again"
            </button>
            {go_on}
            {look}
        }
        .into_any()
    } else {
        let unanswered = is_last.then(|| {
            view! {
                <button class="quiet" data-testid="again" disabled=move || !idle() on:click=move |_| language.answer_again(index)>
                    "Answer it"
                </button>
            }
        });
        view! {
            <button
                class="quiet"
                data-testid="edit"
                disabled=move || talk.writing.with(Option::is_some)
                on:click=move |_| talk.editing.set(Some(index))
            >
                "Edit"
            </button>
            {unanswered}
        }
        .into_any()
    };
    view! {
        <article class="message" data-role=role data-testid="message" aria-label=name>
            <h2 class="message-who">{name}</h2>
            <div class="message-text" data-testid="message-text">{live(content)}</div>
            {went}
            <p class="message-actions" class:hidden=move || editing.get()>{actions}</p>
        </article>
    }
}

/// An answer: what was thought, folded, and what was said. The tokens of the last can be clicked.
fn answer(turn: &Turn, is_last: bool) -> AnyView {
    let text = turn.text.as_str();
    let (thought, said) = thinking::split(text);
    if !is_last || turn.pieces.is_empty() {
        let thought = thought.map(|thought| view! { <p class="said">{thought.to_owned()}</p> }.into_any());
        return thought_and_said(thought, view! { <p class="said">{said.to_owned()}</p> }.into_any());
    }
    // Besides the tokens: what the model went on with, and what it held back in case it began a stop text.
    let mut parts = vec![(0..turn.from, None)];
    let mut at = turn.from;
    for (index, piece) in turn.pieces.iter().enumerate() {
        let end = at + piece.text.len();
        parts.push((at..end, Some((index, piece.probability))));
        at = end;
    }
    parts.push((at..text.len(), None));
    // Of each the part that is shown there: the tags around the thinking are not.
    let shown = |start: usize, shown: &str| {
        let end = start + shown.len();
        let views = parts.iter().filter_map(|(place, token)| {
            let text =
                text.get(place.start.max(start)..place.end.min(end)).filter(|text| !text.is_empty())?;
            let text = text.to_owned();
            Some(match token {
                None => text.into_any(),
                Some((index, probability)) => {
                    let unsure = format!("--unsure:{:.2}", 1.0 - probability);
                    view! { <span class="token" data-token=index.to_string() style=unsure>{text}</span> }
                        .into_any()
                }
            })
        });
        tokens_view(views.collect())
    };
    let thought = thought.map(|thought| shown(text.find(thought).unwrap_or_default(), thought));
    thought_and_said(thought, shown(text.len() - said.len(), said))
}

fn tokens_view(tokens: Vec<AnyView>) -> AnyView {
    let language = use_language();
    // The same with the keyboard: the slider of the panel.
    let look = move |event: ev::MouseEvent| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let token = element.and_then(|element| element.get_attribute("data-token"));
        if let Some(token) = token.and_then(|token| token.parse::<usize>().ok()) {
            let inside = language.inside;
            inside.open.set(true);
            inside.look_at((inside.first.get_untracked() + token).saturating_sub(1));
        }
    };
    view! { <p class="said tokens" on:click=look>{tokens}</p> }.into_any()
}

fn thought_and_said(thought: Option<AnyView>, said: AnyView) -> AnyView {
    let thought = thought.map(|thought| {
        view! {
            <details class="thinking" data-testid="thinking">
                <summary>"What it thought"</summary>
                {thought}
            </details>
        }
    });
    view! { {thought}{said} }.into_any()
}

/// How an answer went: "24 tokens, 18.5 a second, …".
pub fn outcome_in_words(outcome: &Outcome, with_off: bool) -> String {
    let Outcome { ending, speed, .. } = outcome;
    let Some(ending) = ending else { return "It broke off here.".to_owned() };
    let ended = match ending {
        SaidEnding::End => "ended by itself",
        SaidEnding::Stop => "a stop text ended it",
        SaidEnding::Tokens => "as long as it may be",
        SaidEnding::Context => "the context is full",
        SaidEnding::Cancelled => "stopped",
    };
    let mut text = format!("{} token{}", speed.written, if speed.written == 1 { "" } else { "s" });
    // The first token ends the reading; the time of writing is that of the others.
    if speed.written > 1 && speed.written_seconds > 0.0 {
        text.push_str(&format!(", {:.1} a second", (speed.written - 1) as f64 / speed.written_seconds));
    }
    text.push_str(&format!(", the first after {}", units::seconds(speed.first_seconds)));
    if speed.read > 0 && speed.read_seconds > 0.0 {
        let rate = speed.read as f64 / speed.read_seconds;
        text.push_str(&format!(" ({} read at {rate:.0} a second)", speed.read));
    }
    if speed.dispatches > 0 {
        text.push_str(&format!(", {} dispatches a token", speed.dispatches));
    }
    format!("{text}; {ended}{}.", if with_off { ", with parts switched off" } else { "" })
}

/// The message that is being written, as it comes.
#[component]
fn WritingMessage() -> impl IntoView {
    let language = use_language();
    let writing = move || language.talk.writing.get().unwrap_or_default();
    let thought = Memo::new(move |_| {
        let Writing { text, .. } = writing();
        let thought = thinking::split(&text).0.map(|_| ());
        (thought.is_some(), thinking::goes_on(&text))
    });
    let thinking_text = move || thinking::split(&writing().text).0.unwrap_or_default().to_owned();
    let folded = move || {
        let (is_there, goes_on) = thought.get();
        is_there.then(|| {
            let count = move || format!(": {} tokens so far", writing().pieces.len());
            view! {
                <details class="thinking" data-testid="thinking">
                    <summary>
                        {if goes_on { "Thinking" } else { "What it thought" }}
                        {goes_on.then(|| live(count))}
                    </summary>
                    <p class="said">{live(thinking_text)}</p>
                </details>
            }
        })
    };
    let said = move || thinking::split(&writing().text).1.to_owned();
    let reading = move || {
        let Writing { text, reading, .. } = writing();
        if !text.is_empty() {
            return None;
        }
        Some(match reading {
            Some((tokens, of)) => format!("Reading: {tokens} of {of} tokens"),
            None => "Reading".to_owned(),
        })
    };
    let near_the_end = || {
        let window = window();
        let number = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64());
        let seen = window.scroll_y().unwrap_or(0.0) + number(window.inner_height()).unwrap_or(0.0);
        let all = document().document_element().map_or(0, |root| root.scroll_height());
        f64::from(all) - seen < NEAR
    };
    Effect::new(move |_| {
        language.talk.writing.track();
        if near_the_end() {
            let all = document().document_element().map_or(0, |root| root.scroll_height());
            window().scroll_to_with_x_and_y(window().scroll_x().unwrap_or(0.0), f64::from(all));
        }
    });
    view! {
        <article class="message" data-role="assistant" data-testid="writing" aria-label="Model" aria-busy="true">
            <h2 class="message-who">"Model"</h2>
            <div class="message-text">
                {live(folded)}
                <p class="said">{live(said)}<span class="caret" aria-hidden="true"></span></p>
                <p class="stats" data-testid="reading">{live(reading)}</p>
            </div>
        </article>
    }
}

#[component]
fn Editor(index: usize, text: String) -> impl IntoView {
    let language = use_language();
    let area = NodeRef::<html::Textarea>::new();
    let text = RwSignal::new(text);
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            // Without focus the text is there all the same.
            drop(area.focus());
        }
    });
    let send = move || language.resend(index, text.get_untracked());
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Escape" => language.talk.editing.set(None),
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            send();
        }
        _ => {}
    };
    view! {
        <textarea
            class="field edit-text"
            rows="3"
            aria-label="Your message"
            data-testid="edit-text"
            node_ref=area
            prop:value=move || text.get()
            on:input=move |event| text.set(event_target::<HtmlTextAreaElement>(&event).value())
            on:keydown=on_key
        ></textarea>
        <p class="edit-actions">
            <button class="button primary" data-testid="edit-send" on:click=move |_| send()>"Send again"</button>
            <button class="button" on:click=move |_| language.talk.editing.set(None)>"Leave it as it was"</button>
            <span class="models-note">"What follows is dropped."</span>
        </p>
    }
}
