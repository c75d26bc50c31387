//! The card of the model that comes with the page.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::language::Loaded;

use super::card::CardFacts;
use super::grouped;
use crate::focus;
use crate::language::units;
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
    let card = Arc::new(loaded.card.clone());
    let world = loaded.world.clone().map(|world| {
        let layers: Vec<String> = world.layers.iter().map(ToString::to_string).collect();
        let (tap_layers, heads) = world.tap_heads;
        let own = [
            ("taps behind layers", layers.join(", ")),
            ("each tap", format!("{tap_layers} layers of {heads} heads")),
            ("parameters of the taps", grouped(usize::try_from(world.parameters).unwrap_or(usize::MAX))),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        let facts = own.chain(world.training).map(|(name, value)| {
            view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
        });
        view! { <dl class="facts" data-testid="nano-facts">{facts.listed()}</dl> }
    });
    view! {
        <h3 class="model-name">{loaded.card.name.clone()}" "<span class="loaded-mark">"loaded"</span></h3>
        <dl class="facts">
            <div><dt>"computes on"</dt><dd>{loaded.device_name.clone()}</dd></div>
            <div><dt>"loaded in"</dt><dd>{units::seconds(loaded.seconds)}</dd></div>
        </dl>
        {world}
        <CardFacts card takes_questions=true/>
    }
}
