//! What a language model computed when it read a token of a chat, or of a question's text. Every number opens where it comes from.
//!
//! ```text
//! heads        the heads of a layer: where each looks, what it adds
//! neurons      its strongest neurons              dimensions   what it changes most in the stream
//! lens         the logit lens at a token          lens_map     the same of the whole text
//! all_heads    every head as a thumbnail          attribution  who wrote a logit
//! written      who wrote a dimension              peaks        a layer's strongest neurons in the whole text
//! parts        the table of who wrote how much    by_number    any part of a layer by its number
//! on_demand    parts that are computed when they are opened
//! off          what is replaced, and answering again with it
//! ```
//!
//! Test ids: `inside`, `inside-at` (a slider), `inside-layer` (a slider), `inside-here`, `inside-next`, `follow`, `look`, `lens`,
//! `lens-row`, `heads`, `head`, `head-off`, `head-table`, `neurons`, `neuron-off`, `neuron-number`, `neuron-open`, `dimensions`; `all-heads`,
//! `dimension-number`, `dimension-open`, `dimension-who`, `who-wrote-dimension`, `written`, `written-sum`, `peaks`, `peak-table`;
//! `head-grid`, `lens-map`, `lens-cells`, `followed`, `who-wrote`, `attribution`, `attribution-sum`; `off`, `off-part`, `off-mean`,
//! `part-kind`, `part-number`, `part-value`, `part-here`, `part-add`, `part-problem`, `compare`, `all-on`, `which-plain`,
//! `which-changed`.

mod all_heads;
mod attribution;
mod by_number;
mod dimensions;
mod heads;
pub mod lens;
mod lens_map;
mod neurons;
pub mod off;
mod on_demand;
mod parts;
mod peaks;
mod written;

use engine::xray::Site;
use leptos::prelude::*;
use protocol::asking::Origin;

use crate::explain::{Explain, Explainer, Number};
use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// A slider over numbers from 0, with the value in words.
#[component]
pub fn Slider(
    /// What it chooses.
    name: &'static str,
    /// Test id.
    testid: &'static str,
    /// The last number.
    last: Signal<usize>,
    /// The number chosen.
    value: RwSignal<usize>,
    /// The number in words.
    words: Signal<String>,
) -> impl IntoView {
    view! {
        <label class="slider">
            <span>{name}</span>
            <input
                type="range"
                min="0"
                max=move || last.get().to_string()
                data-testid=testid
                aria-valuetext=move || words.get()
                prop:value=move || value.get().to_string()
                on:input=move |event| {
                    if let Ok(chosen) = event_target_value(&event).parse::<usize>() {
                        value.set(chosen.min(last.get_untracked()));
                    }
                }
            />
        </label>
    }
}

/// Whether what is looked into is a chat.
#[derive(Clone, Copy)]
struct OfChat(bool);

fn is_of_chat() -> bool {
    use_context::<OfChat>().is_some_and(|OfChat(of_chat)| of_chat)
}

/// The panel beside the chat, or under a question's text.
#[component]
pub fn InsidePanel(
    /// Whether the text is a chat; else a question's.
    #[prop(default = true)]
    of_chat: bool,
) -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    provide_context(OfChat(of_chat));
    provide_context(Explainer::of_language(language));
    // Chat and question are one model's: what it has read last is what can be looked into.
    let is_there =
        Memo::new(move |_| inside.tokens.with(Option::is_some) && inside.of_question.get() != of_chat);
    let content = move || {
        if is_there.get() { view! { <There/> }.into_any() } else { view! { <NotThere/> }.into_any() }
    };
    view! {
        <aside class="inside" aria-label="Inside the model" data-testid="inside">
            <div class="inside-head">
                <h2>"Inside the model"</h2>
                <button class="icon-button" aria-label="Close" on:click=move |_| inside.open.set(false)>"×"</button>
            </div>
            {live(content)}
            <off::Off of_chat/>
            // A number of another text says nothing here.
            {live(move || is_there.get().then(|| view! { <Explain/> }))}
        </aside>
    }
}

/// What there is at the position that the X-ray looks at: its own strip and map choose token and layer.
#[component]
pub fn AtPosition(
    /// Whether the text is a chat; else a question's.
    of_chat: bool,
) -> impl IntoView {
    let language = use_language();
    provide_context(OfChat(of_chat));
    provide_context(Explainer::of_language(language));
    view! {
        <div class="inside lm-inside" data-testid="inside">
            <There has_sliders=false/>
            <off::Off of_chat/>
            <Explain/>
        </div>
    }
}

/// Why there is nothing to look into, and what to do.
#[component]
fn NotThere() -> impl IntoView {
    let language = use_language();
    let of_chat = is_of_chat();
    let text = move || {
        if !of_chat {
            return "The model has not read this text as it stands: ask again.";
        }
        if language.talk.is_writing() {
            "When the answer is there, each of its tokens can be opened."
        } else if language.source.loaded.with(Option::is_none) {
            "Load a model first; then what it computes can be opened, token by token."
        } else if language.talk.turns.with(Vec::is_empty) {
            "Write something: then what the model computes can be opened, token by token."
        } else {
            "The model has not read this chat as it stands."
        }
    };
    let can_read = move || {
        if !of_chat {
            return false;
        }
        let answered = language.talk.turns.with(|turns| turns.len() > 1);
        answered && !language.talk.is_writing() && language.source.is_ready()
    };
    let read = move || {
        can_read().then(|| {
            view! {
                <button class="button" data-testid="read-chat" on:click=move |_| language.read_chat()>"Let it read the chat"</button>
            }
        })
    };
    view! { <p class="nothing">{live(text)}</p> {live(read)} }
}

/// Which of a question's two answers is looked into.
#[component]
fn Which(is_changed: bool) -> impl IntoView {
    let language = use_language();
    let choice = |name: &'static str, of_changed: bool, testid: &'static str| {
        view! {
            <button
                class="button"
                aria-pressed=(is_changed == of_changed).to_string()
                data-testid=testid
                on:click=move |_| language.look_into(of_changed)
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="which" role="group" aria-label="Which answer is looked into">
            {choice("As it is", false, "which-plain")}
            {choice("With parts replaced", true, "which-changed")}
        </div>
    }
}

/// The sliders, and what there is at the position.
#[component]
fn There(
    /// Whether token and layer are chosen here.
    #[prop(default = true)]
    has_sliders: bool,
) -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let token = move |place: usize| {
        inside.tokens.with(|tokens| tokens.as_ref().and_then(|tokens| tokens.get(place).cloned()))
    };
    let last =
        Signal::derive(move || inside.tokens.with(|t| t.as_ref().map_or(0, |t| t.len().saturating_sub(1))));
    let here = move || token(inside.at.get()).map(|token| units::visible(&token)).unwrap_or_default();
    let words = Signal::derive(move || format!("token {}, {}", inside.at.get(), here()));
    let layers = move || language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |l| l.card.layers));
    let last_layer = Signal::derive(move || layers().saturating_sub(1));
    let layer_words = Signal::derive(move || format!("layer {}", inside.layer.get()));
    // The piece of the answer that came next, if it did on this page.
    let of_chat = is_of_chat();
    let piece = move || {
        if !of_chat {
            return None;
        }
        let index = (inside.at.get() + 1).checked_sub(inside.first.get())?;
        language.talk.turns.with(|turns| turns.last().and_then(|turn| turn.pieces.get(index).cloned()))
    };
    let said = move || {
        let at = inside.at.get();
        let Some(next) = token(at + 1) else {
            return view! { "The model has not read further: this is the last token." }.into_any();
        };
        let next = units::visible(&next);
        let probability =
            piece().map(|piece| format!(", to which it gave {}", units::percent(piece.probability)));
        let verb = match language.asking.origin(at + 1, inside.of_changed.get()).filter(|_| !of_chat) {
            Some(Origin::Computed) => "then the page put in ",
            Some(Origin::Question) => "then comes ",
            _ if at + 1 >= inside.first.get() => "then said ",
            _ => "then comes ",
        };
        view! { {verb}<b class="mono chip-token">{next}</b>{probability}"." }.into_any()
    };
    let others = move || {
        let others = piece().map(|piece| piece.others);
        let (of_look, logits) = inside.look.with(|look| match look {
            Some(look) if look.request.position == inside.at.get() && inside.is_of_text() => {
                (look.lens.last().cloned().unwrap_or_default(), look.logits.clone())
            }
            _ => (Vec::new(), Vec::new()),
        });
        let position = inside.at.get();
        let others = others.unwrap_or_else(|| of_look.clone());
        let rows = others.into_iter().map(|(token, probability)| {
            let place = of_look.iter().position(|(word, _)| *word == token);
            let logit = place.and_then(|place| logits.get(place).copied());
            let word = token.clone();
            let opened = logit.map(|(number, logit)| {
                let site = Site::Logit { position, token: number as usize };
                let follow = move |_| inside.followed.set(Some((number, word.clone())));
                let name = format!("Follow {} through the layers", units::visible(&token));
                view! {
                    <Number site value=logit what=format!("logit of {}", units::visible(&token))/>
                    " "<button class="quiet" data-testid="follow" aria-label=name on:click=follow>"follow"</button>
                }
            });
            view! {
                <tr>
                    <th scope="row" class="mono">{units::visible(&token)}</th>
                    <td>{units::percent(probability)}</td>
                    <td class="share-cell"><span class="share-bar" style=format!("--share:{probability:.4}")></span></td>
                    <td class="next-logit">{opened}</td>
                </tr>
            }
        });
        rows.listed()
    };
    let failure = move || {
        inside.failure.get().map(|error| {
            view! { <p class="problem-text" role="alert" data-testid="look-failure">{error.message}" "{error.remedy}</p> }
        })
    };
    let stale = move || inside.is_stale();
    let sliders = has_sliders.then(|| {
        view! {
            <p class="inside-about">
                "Everything here was computed again just now, as the model did when it read one token of the text. "
                "Click a token of the answer, or move the slider with the arrow keys."
            </p>
            <div class="sliders">
                <Slider name="Token" testid="inside-at" last value=inside.at words/>
                <Slider name="Layer" testid="inside-layer" last=last_layer value=inside.layer words=layer_words/>
            </div>
        }
    });
    let which = move || {
        let is_changed = inside.of_changed.get();
        language.asking.changed.with(Option::is_some).then(|| view! { <Which is_changed/> })
    };
    view! {
        {(!of_chat).then(|| live(which))}
        {sliders}
        <p class="inside-here" data-testid="inside-here">
            {move || format!("Token {} of {}: it has read ", inside.at.get(), last.get())}
            <b class="mono chip-token">{live(here)}</b>" and "{live(said)}
        </p>
        {live(failure)}
        <section class="inside-part" data-testid="inside-next" aria-labelledby="inside-next-title">
            <h3 id="inside-next-title">"What it thought likeliest next"</h3>
            <table class="next-tokens">
                <caption class="visually-hidden">"The likeliest next tokens and their probabilities, before sampling"</caption>
                <tbody>{live(others)}</tbody>
            </table>
        </section>
        <div aria-busy=move || stale().to_string() data-testid="look" class:stale=stale>
            <lens::Lens/>
            <heads::Heads/>
            <neurons::Neurons/>
            <dimensions::Dimensions/>
        </div>
        <written::WhoWroteDimension/>
        <peaks::Peaks/>
        <attribution::WhoWrote/>
        <lens_map::LensMap/>
        <all_heads::AllHeads/>
    }
}
