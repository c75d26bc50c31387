//! The card of the model that comes with the page.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::language::Loaded;

use super::card::{CardFacts, fact};
use crate::focus;
use crate::language::worlds::use_worlds;
use crate::live::{Listed, live};

/// What nano is made of, and how it was trained.
#[component]
pub fn Nano() -> impl IntoView {
    let worlds = use_worlds();
    let source = worlds.nano.source;
    let is_coming = Memo::new(move |_| source.work.with(Option::is_some));
    let load = move |_| {
        let held = focus::held();
        worlds.prepare();
        held.hand_to("models-nano");
    };
    let turn = move |_| {
        worlds.turn_to(None);
    };
    let content = move || match source.loaded.get() {
        Some(loaded) => view! { <Facts loaded/> }.into_any(),
        None if is_coming.get() => {
            view! { <p class="nothing" role="status">"It is on its way."</p> }.into_any()
        }
        None => {
            let failure = source.failure.get().map(|error| {
                view! { <p class="problem" role="alert">{error.message}" "{error.remedy}</p> }
            });
            view! {
                {failure}
                <button class="button" data-testid="nano-load" on:click=load>"Load it, and show what it is"</button>
            }
            .into_any()
        }
    };
    view! {
        <section class="models-part" data-accent="qwen" aria-labelledby="models-nano">
            <h2 id="models-nano" tabindex="-1">"The model that comes with the page"</h2>
            <p class="models-about">
                "Trained for this page, from scratch, to write programs: a question goes in, three taps write a program each, one is run. "
                <a href="#/ask" data-testid="nano-ask" on:click=turn>"Ask it something"</a>"."
            </p>
            <div class="model-card" data-testid="nano-card">{live(content)}</div>
        </section>
    }
}

#[component]
fn Facts(loaded: Arc<Loaded>) -> impl IntoView {
    let world = loaded.world.clone().map(|world| {
        let layers: Vec<String> = world.layers.iter().map(ToString::to_string).collect();
        let taps = format!("{} layers of {} heads", world.tap_heads.0, world.tap_heads.1);
        let mut facts =
            vec![("taps behind layers".to_owned(), layers.join(", ")), ("each tap".to_owned(), taps)];
        facts.extend(world.training);
        facts
    });
    let facts = world.unwrap_or_default().into_iter().map(|(name, value)| fact(name, value));
    view! {
        <h3 class="model-name">{loaded.card.name.clone()}</h3>
        <dl class="facts" data-testid="nano-facts">{facts.listed()}</dl>
        <CardFacts card=Arc::new(loaded.card.clone()) takes_questions=true/>
    }
}
