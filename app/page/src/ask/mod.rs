//! `#/ask`: a question, the text as it is written, three programs, how one is chosen and run, and the answer.
//!
//! ```text
//! question  the field, examples, what programs may ask of the browser, which model answers
//! stream    the text, token by token, each with where it comes from
//! programs  the three programs, what each of their tokens looked at, and what came of them
//! beside    a program on two machines: the sandbox, and the transformer that executes WebAssembly
//! flip      the smallest change of a weight that decides otherwise
//! scores    every term of every score, the weights as sliders, the published rule
//! changed   the answer with parts of the model replaced, beside it
//! answer    the result in the text, the answer, and the same without tools
//! story     how the published system answered 12 × 11
//! shared    all of it in a link
//! ```

pub mod answer;
mod beside;
pub mod changed;
mod flip;
pub mod programs;
pub mod question;
pub mod scores;
pub mod shared;
pub mod story;
pub mod stream;

use std::time::Duration;

use leptos::prelude::*;
use protocol::Problem;

use crate::inside::InsidePanel;
use crate::language::asking::Coming;
use crate::language::worlds::use_worlds;
use crate::language::{Language, use_language};
use crate::learn::tour::use_tours;
use crate::live::live;
use crate::parts::use_parts;
use crate::session::use_session;

/// What the page is about; `index.html` says the same until this is here.
const TITLE: &str = "A language model that computes";
const LEAD: &str = "Asked something, it writes three small WebAssembly programs inside itself, scores them, runs them in a \
                    sandbox, and reads the result before it answers. All of it happens here, in this tab, and all of it can \
                    be opened.";

/// What the other model is shown with.
const FIRST: &str = "i32.const 3\ni32.const 5\ni32.add\noutput\n";

/// `#/ask`
#[component]
pub fn AskPage() -> impl IntoView {
    let (worlds, parts, tours) = (use_worlds(), use_parts(), use_tours());
    // Once there is a tour, what shows it stays: it may have more to do when the tour has ended.
    let is_toured = Memo::new(move |before| before == Some(&true) || tours.is_on());
    // The page paints first.
    request_animation_frame(move || set_timeout(move || worlds.prepare(), Duration::ZERO));
    let asks_own = Memo::new(move |_| worlds.asks_own());
    let content = move || {
        let language = if asks_own.get() { worlds.own } else { worlds.nano };
        view! { <Of language><Asking/></Of> }
    };
    view! {
        <div class="ask" data-accent="qwen">
            <header class="ask-head">
                <h1 class="display">{TITLE}</h1>
                <p class="lead">{LEAD}</p>
            </header>
            {live(content)}
            <story::StoryView/>
            <Elsewhere/>
            {live(move || is_toured.get().then(|| parts.lessons.show(|part| (part.answer_tour)())))}
        </div>
    }
}

/// What is inside speaks of this model.
#[component]
fn Of(language: Language, children: Children) -> impl IntoView {
    provide_context(language);
    children()
}

#[component]
fn Asking() -> impl IntoView {
    let parts = use_parts();
    let asking = use_language().asking;
    let is_there = Memo::new(move |_| asking.is_busy() || asking.asked.with(Option::is_some));
    let failure = move || {
        asking.failure.get().map(|error| {
            // Stopping is what somebody wanted, and no fault.
            let wanted = error.problem == Problem::Cancelled;
            view! {
                <div class="problem" class:wanted=wanted role="alert" data-testid="ask-failure">
                    <p class="problem-message">{error.message}</p>
                    <p>{error.remedy}</p>
                </div>
            }
        })
    };
    view! {
        <question::QuestionForm/>
        {live(failure)}
        {live(move || is_there.get().then(|| parts.talking.show(|part| (part.steps)())))}
    }
}

/// How the question is answered, or was.
#[component]
pub fn Steps() -> impl IntoView {
    let language = use_language();
    let asking = language.asking;
    let has_programs = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().is_some_and(|asked| !asked.candidates.is_empty()))
    });
    let is_new = Memo::new(move |_| asking.is_new());
    let writes_programs = Memo::new(move |_| {
        let writes = |coming: &Coming| coming.programs.iter().any(|one| !one.is_empty());
        is_new.get().then(|| asking.coming.with(|coming| coming.as_ref().is_some_and(writes)))
    });
    let shows_programs = move || writes_programs.get().unwrap_or_else(|| has_programs.get());
    let is_done = Memo::new(move |_| !is_new.get() && asking.asked.with(Option::is_some));
    let inside = move || {
        let shown = language.inside.open.get() && is_done.get();
        shown.then(|| view! { <InsidePanel of_chat=false/> })
    };
    view! {
        <div class="ask-steps">
            <answer::Answer/>
            <stream::Stream/>
            {live(inside)}
            <changed::Changed/>
            {live(move || shows_programs().then(|| view! { <programs::Programs/> }))}
            {live(move || (has_programs.get() && is_done.get()).then(|| view! { <scores::Scores/> }))}
        </div>
    }
}

/// The other model.
#[component]
fn Elsewhere() -> impl IntoView {
    let session = use_session();
    let run_first = move |_| session.set_program(FIRST.to_owned());
    view! {
        <section class="ask-elsewhere" data-accent="interpreter" aria-labelledby="elsewhere">
            <h2 id="elsewhere">"The other model here"</h2>
            <p>
                "A transformer whose weights a compiler wrote, and nobody trained: 8 layers, 30 heads, 316,000 parameters. Its "
                "forward pass executes WebAssembly, one instruction after the other; four of them add 3 and 5. "
                <a href="#/repl" on:click=run_first>"Run it in the REPL"</a>", or "
                <a href="#/xray" on:click=run_first>"see it inside, in the X-ray"</a>"."
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Route;

    #[test]
    fn what_stands_there_before_the_module_has_come_says_the_same() {
        let index = include_str!("../../../../index.html");
        for text in [TITLE, LEAD] {
            assert!(index.contains(text), "{text}");
        }
        let links = Route::ALL.map(|route| format!(r#"<a href="{}">{}</a>"#, route.href(), route.title()));
        assert!(index.contains(&links.concat()), "{links:?}");
    }
}
