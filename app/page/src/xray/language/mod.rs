//! The X-ray of a language model: its text, all its layers at the token looked at, and everything inside.
//!
//! ```text
//! strip      the text, token by token, with a search          steps   stepping through it
//! map        all layers at once: heads, stream, FFN, taps, and what the stream would say
//! ```
//!
//! What there is at a position is drawn by [`crate::inside`], as beside a chat; programs and scores by [`crate::ask`].
//!
//! Test ids: `xray-language`, `xray-question`, `lm-strip` (a listbox), `lm-search`, `lm-hits`, `lm-map`, `lm-layer-L`, `lm-tap-T`, `lm-won`.

mod map;
mod steps;
mod strip;

use leptos::prelude::*;
use protocol::language::TextOf;

use super::models::{Decoder, Models};
use crate::ask::changed::Changed;
use crate::ask::programs::Programs;
use crate::ask::question::EXAMPLES;
use crate::ask::scores::Scores;
use crate::inside::AtPosition;
use crate::language::use_language;
use crate::language::worlds::use_worlds;
use crate::live::{Listed, live};
use crate::route::Router;
use crate::shell::share;
use crate::traces::{News, Of, RunFile};
use map::Map;
use steps::Steps;
use strip::Strip;

/// The route `#/xray/nano` or `#/xray/own`.
#[component]
pub fn LanguageXray(
    /// Which model.
    decoder: Decoder,
) -> impl IntoView {
    let worlds = use_worlds();
    let language = decoder.language(worlds);
    provide_context(language);
    let (asking, inside) = (language.asking, language.inside);
    let router: Router = expect_context();
    inside.whole.set(true);
    on_cleanup(move || {
        let _ = inside.whole.try_set(false);
    });
    worlds.ask_own.set(decoder == Decoder::Own);
    if decoder == Decoder::Nano {
        request_animation_frame(move || worlds.prepare());
        // Where nothing was asked, there would be nothing to see.
        if !share::is_arriving(router) {
            let is_idle = asking.asked.with_untracked(Option::is_none)
                && asking.coming.with_untracked(Option::is_none)
                && !asking.waits.get_untracked();
            if let Some(first) = EXAMPLES.first().filter(|_| is_idle) {
                language.ask_this(first);
            }
        }
    }
    // A chat and a question are one model's: what it has read last is looked into.
    let text = Memo::new(move |_| inside.tokens.with(Option::is_some).then(|| inside.of_question.get()));
    let content = move || match text.get() {
        None => view! { <Nothing decoder/> }.into_any(),
        Some(of_question) => view! { <Text of_question/> }.into_any(),
    };
    view! {
        <div class="xray xray-language" data-testid="xray-language" data-accent="qwen" class:explaining=move || inside.selection.with(Option::is_some)>
            <header class="xr-title"><h1>"X-ray"</h1><div class="xr-programs"><Models/><Question decoder/><RunFile of=Of::Question(TextOf::Question)/></div></header>
            <News decoder/>
            {live(content)}
        </div>
    }
}

/// Which text is looked into, and the way to another one.
#[component]
fn Question(decoder: Decoder) -> impl IntoView {
    let worlds = use_worlds();
    let language = use_language();
    let asking = language.asking;
    let can = Memo::new(move |_| match decoder {
        Decoder::Nano => true,
        Decoder::Own => worlds.own_can(),
    });
    let current = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().map(|asked| asked.question.text.clone())).unwrap_or_default()
    });
    let is_example = move |text: &str| EXAMPLES.contains(&text);
    let own_text = move || {
        let current = current.get();
        let shown = if current.is_empty() { "none yet".to_owned() } else { current.clone() };
        (!is_example(&current))
            .then(|| view! { <option value="" prop:selected=true disabled=true>{shown}</option> })
    };
    let options = EXAMPLES.iter().map(|example| {
        view! { <option value=*example prop:selected=move || current.get() == *example>{*example}</option> }
    });
    let options = options.listed();
    let choose = move |event: leptos::ev::Event| {
        let question = event_target_value(&event);
        if !question.is_empty() {
            language.ask_this(&question);
        }
    };
    let chat = (decoder == Decoder::Own).then(|| view! { <a href="#/chat">"Chat with it"</a> });
    view! {
        <label>
            <span>"Question"</span>
            <select data-testid="xray-question" disabled=move || !can.get() on:change=choose>{live(own_text)}{options}</select>
        </label>
        <a href="#/ask">"Ask your own"</a>
        {chat}
    }
}

/// Why there is nothing yet.
#[component]
fn Nothing(decoder: Decoder) -> impl IntoView {
    let language = use_language();
    let (asking, source) = (language.asking, language.source);
    let content = move || {
        if let Some(error) = source.failure.get().or_else(|| asking.failure.get()) {
            return view! { <p class="xr-problem" role="alert">{error.message}" "{error.remedy}</p> }
                .into_any();
        }
        if decoder == Decoder::Nano || asking.is_busy() || asking.waits.get() {
            return "The model arrives, and answers.".into_any();
        }
        if source.loaded.with(Option::is_none) {
            return view! { "No model of your own is loaded. "<a href="#/models">"Load one"</a>", then ask it something." }
                .into_any();
        }
        view! { "It has read nothing yet. "<a href="#/ask">"Ask it something"</a>", or "<a href="#/chat">"chat with it"</a>"." }
            .into_any()
    };
    view! { <div class="xr-waiting" role="status" data-testid="xray-waiting">{live(content)}</div> }
}

/// A text that was read.
#[component]
fn Text(of_question: bool) -> impl IntoView {
    let asking = use_language().asking;
    let has_programs = Memo::new(move |_| {
        let has = |asked: &protocol::asking::Asked| !asked.candidates.is_empty();
        of_question
            && !asking.is_new()
            && asking.asked.with(|asked| asked.as_ref().is_some_and(|asked| has(asked)))
    });
    let decision = move || {
        has_programs.get().then(|| view! { <div class="ask-steps lm-decision"><Programs/><Scores/></div> })
    };
    view! {
        <Strip/>
        <Steps/>
        <div class="lm-body">
            <Map/>
            <AtPosition of_chat=!of_question/>
        </div>
        {of_question.then(|| view! { <div class="ask-steps lm-decision"><Changed/></div> })}
        {live(decision)}
    }
}
