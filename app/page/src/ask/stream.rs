//! The text, token by token: question, plan, result, answer.

use leptos::{ev, prelude::*};
use protocol::asking::Origin;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// The text as the model has it.
#[component]
pub fn Stream() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    // What the program's token that somebody points at looked at.
    let attention = Memo::new(move |_| {
        let (tap, token) = asking.pointed.get()?;
        let head = asking.head.get();
        asking.asked.with(|asked| {
            let candidate = asked.as_ref()?.candidates.get(tap)?;
            candidate.tokens.get(token).map(|token| token.attention(head))
        })
    });
    let is_coming = Memo::new(move |_| asking.is_new());
    let tokens = move || {
        if is_coming.get() {
            return coming();
        }
        let Some(asked) = asking.asked.get() else { return ().into_any() };
        let tokens = asked.tokens.iter().enumerate().map(|(place, (text, origin))| {
            let heat = move || {
                let share = attention.with(|attention| attention.as_ref().and_then(|all| all.get(place).copied()));
                share.map(|share| format!("--heat:{share:.3}"))
            };
            view! {
                <span class="ask-token" data-origin=origin_name(*origin) data-token=place.to_string() style=heat>{units::visible(text)}</span>
            }
        });
        tokens.listed()
    };
    let open = move |event: ev::MouseEvent| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let token = element.and_then(|element| element.get_attribute("data-token"));
        if let Some(token) = token.and_then(|token| token.parse::<usize>().ok()) {
            language.inside.open.set(true);
            language.inside.look_at(token);
        }
    };
    let operands = move || {
        let asked = asking.asked.get().filter(|_| !is_coming.get())?;
        let all = asked.operands.iter().map(|(name, value)| {
            view! { <li><code>{format!("<{name}>")}</code>" = "<span class="mono">{value.clone()}</span></li> }
        });
        (!asked.operands.is_empty())
            .then(|| view! { <ul class="operands" data-testid="operands">{all.listed()}</ul> })
    };
    let is_open = move || language.inside.open.get();
    view! {
        <section class="ask-step" aria-labelledby="stream-title">
            <div class="ask-step-head">
                <h2 id="stream-title">"The text, as the model has it"</h2>
                <button
                    class="button"
                    data-testid="ask-inside"
                    aria-expanded=move || is_open().to_string()
                    disabled=move || is_coming.get()
                    on:click=move |_| language.inside.open.update(|open| *open = !*open)
                >
                    "Look inside"
                </button>
            </div>
            <p class="ask-note">
                <span class="key" data-origin="question">"the question"</span>", with a mark before each number; "
                <span class="key" data-origin="model">"what the model writes"</span>": its plan, then its answer; "
                <span class="key" data-origin="computed">"what a program computed"</span>". The network copies no number into a program: "
                "a program names the numbers of the question by their letters."
            </p>
            <p class="ask-stream mono" data-testid="stream" on:click=open aria-busy=move || is_coming.get().to_string()>{live(tokens)}</p>
            {live(operands)}
        </section>
    }
}

/// The text while it is written.
fn coming() -> AnyView {
    let asking = use_language().asking;
    let question =
        asking.coming.with_untracked(|coming| coming.as_ref().map(|coming| coming.question.clone()));
    let written = move || {
        let tokens = asking
            .coming
            .with(|coming| coming.as_ref().map(|coming| coming.tokens.clone()).unwrap_or_default());
        let tokens = tokens.into_iter().map(|(text, origin)| {
            view! { <span class="ask-token" data-origin=origin_name(origin)>{units::visible(&text)}</span> }
        });
        tokens.listed()
    };
    view! {
        <span class="ask-token" data-origin="question">{question}</span>
        {live(written)}
        <span class="caret" aria-hidden="true"></span>
    }
    .into_any()
}

/// A token's origin, for styles.
pub const fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Question => "question",
        Origin::Model => "model",
        Origin::Computed => "computed",
    }
}
