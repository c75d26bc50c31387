//! A question to the lessons' own WorldModel-nano: its answer, its programs, and how one of them is chosen. The question of `#/ask` stays
//! what it is.

use leptos::{ev, prelude::*};
use protocol::Problem;

use crate::ask::answer::Answer;
use crate::ask::changed::Changed;
use crate::ask::programs::Programs;
use crate::ask::scores::Scores;
use crate::ask::stream::Stream;
use crate::inside::InsidePanel;
use crate::language::Language;
use crate::language::asking::Rule;
use crate::language::progress::Work;
use crate::language::units;
use crate::language::worlds::{Worlds, use_worlds};
use crate::learn::use_lessons;
use crate::live::{Listed, live};

/// Questions to begin with.
const EXAMPLES: [&str; 4] = [
    "Calculate 12 * 11",
    "Anna has 17 apples and gives away 5. How many are left?",
    "Is 97 a prime number?",
    "Who wrote Hamlet?",
];

/// What is shown of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The answer in words.
    Answer,
    /// The text, token by token.
    Text,
    /// The programs.
    Programs,
    /// The scores.
    Scores,
}

/// The lessons' model.
pub fn use_nano() -> Language {
    use_lessons().nano
}

/// Has the lessons' model loaded, if it is not.
pub fn prepare() {
    let worlds = Worlds::new(use_nano(), use_worlds().own);
    // The page paints first.
    request_animation_frame(move || worlds.prepare());
}

/// Forgets what was replaced in the model, and what it answered so.
fn forget_changes(nano: Language) {
    nano.inside.off.set(Vec::new());
    nano.asking.changed.set(None);
    nano.asking.parting.set(None);
}

/// A question, asked at once, and parts of its answer.
#[component]
pub fn Nano(
    /// The figure's name.
    name: &'static str,
    /// The question it begins with.
    question: &'static str,
    /// What is shown.
    parts: &'static [Part],
) -> impl IntoView {
    let nano = use_nano();
    provide_context(nano);
    prepare();
    let asking = nano.asking;
    // What was changed in another section has nothing to do with this one.
    asking.weights.set(None);
    asking.rule.set(Rule::Weights);
    asking.failure.set(None);
    forget_changes(nano);
    nano.ask_this(question);
    // Nor what was replaced for one question with another.
    let is_new = Memo::new(move |_| asking.is_new());
    Effect::new(move |_| {
        if is_new.get() {
            forget_changes(nano);
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        nano.ask_draft();
    };
    let examples = EXAMPLES.iter().map(|example| {
        view! { <button type="button" class="example" on:click=move |_| nano.ask_this(example)>{*example}</button> }
    });
    let failure = move || {
        let error = asking.failure.get().or_else(|| nano.source.failure.get())?;
        let wanted = error.problem == Problem::Cancelled;
        Some(view! {
            <div class="problem" class:wanted=wanted role="alert" data-testid="figure-problem">
                <p class="problem-message">{error.message}</p>
                <p>{error.remedy}</p>
            </div>
        })
    };
    let is_there = Memo::new(move |_| asking.asked.with(Option::is_some) || asking.is_busy());
    let has_programs = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().is_some_and(|asked| !asked.candidates.is_empty()))
    });
    let is_done = Memo::new(move |_| !asking.is_new() && has_programs.get());
    let inside = move || {
        let shown = nano.inside.open.get() && !asking.is_new() && asking.asked.with(Option::is_some);
        shown.then(|| view! { <InsidePanel of_chat=false/> })
    };
    let content = move || {
        if !is_there.get() {
            return None;
        }
        let all = parts.iter().map(|part| match part {
            Part::Answer => view! { <Answer/> }.into_any(),
            Part::Text => view! { <Stream/>{live(inside)}<Changed/> }.into_any(),
            Part::Programs => live(move || is_done.get().then(|| view! { <Programs/> })),
            Part::Scores => live(move || is_done.get().then(|| view! { <Scores/> })),
        });
        Some(all.listed())
    };
    view! {
        <div class="lesson-figure ask" data-accent="qwen" role="group" aria-label=format!("Figure: {name}") data-testid=format!("figure-{name}")>
            <form class="ask-form" on:submit=submit>
                <label class="visually-hidden" for="lesson-question">"Your question"</label>
                <input
                    id="lesson-question"
                    class="field"
                    autocomplete="off"
                    data-testid="lesson-question"
                    prop:value=move || asking.draft.get()
                    on:input=move |event| asking.draft.set(event_target_value(&event))
                />
                <button class="button primary" type="submit" data-testid="lesson-ask">"Ask"</button>
            </form>
            <div class="ask-examples" role="group" aria-label="Examples">{examples.listed()}</div>
            {live(failure)}
            <div class="ask-steps" aria-busy=move || asking.is_busy().to_string() data-testid="nano-parts">{live(content)}</div>
            <Here/>
        </div>
    }
}

/// Where the model is, and the way to the page where everything of it can be opened.
#[component]
pub fn Here(
    /// Whether the figure is of what the model wrote; else only programs were run.
    #[prop(default = true)]
    by_model: bool,
) -> impl IntoView {
    let nano = use_nano();
    let worlds = use_worlds();
    let state = move || {
        if let Some(work) = nano.source.work.get() {
            return match work {
                Work::Starting { bytes } if bytes > 0 => {
                    format!("Not loaded yet: the engine arrives, {} so far.", units::bytes(bytes as u64))
                }
                _ => "Not loaded yet: the model arrives.".to_owned(),
            };
        }
        match nano.source.loaded.get() {
            Some(_) if !by_model => "The programs were run here, now, in the sandbox.".to_owned(),
            Some(loaded) => format!("Computed here, now, by {}, {}.", loaded.card.name, loaded.device_name),
            None => "The model is not loaded.".to_owned(),
        }
    };
    // With the same question, in the model that belongs to that page.
    let open = move |_| {
        let question = nano.asking.draft.get_untracked();
        worlds.turn_to(None);
        worlds.nano.ask_this(&question);
        worlds.nano.inside.open.set(true);
        worlds.prepare();
    };
    view! {
        <p class="lesson-source">
            <span role="status" data-testid="nano-state">{state}</span>
            " "
            <a href="#/ask" data-testid="open-xray" on:click=open>"Ask the same on the Ask page, with the model's inside open"</a>
        </p>
    }
}
