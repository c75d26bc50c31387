//! `#/models`: what is loaded, and loading a language model.
//!
//! Test ids: `choose-files`, `drop-zone`, `address`, `address-read`, `ready` (a choice), `chosen`, `chosen-name`,
//! `memory` (its `data-verdict` is `fits`, `tight`, `phone` or `never`), `load-device-cpu`, `load-device-webgpu`,
//! `quantize`, `context`, `keep`, `load`, `choose-none`, `work`, `work-stage`, `work-numbers`, `load-cancel`,
//! `load-failure`, `loaded`, `loaded-facts`, `unload`, `to-chat`, `to-ask`, `nano-card`, `nano-facts`, `nano-load`, `nano-ask`, `kept`, `kept-model`, `kept-quota`, `kept-load`,
//! `kept-delete`, `kept-delete-really`.

mod card;
mod choose;
mod interpreter;
mod kept;
pub mod memory;
mod nano;
mod options;
pub mod work;

use leptos::prelude::*;

pub use choose::files_in;
pub use interpreter::grouped;

use crate::language::use_language;
use crate::live::live;

/// `#/models`
#[component]
pub fn ModelsPage() -> impl IntoView {
    let language = use_language();
    // Progress comes many times a second: only what kind of thing is shown decides what is drawn anew.
    let kind = Memo::new(move |_| {
        let source = language.source;
        (
            source.work.with(Option::is_some),
            source.card.with(Option::is_some),
            source.loaded.with(Option::is_some),
        )
    });
    let now = move || match kind.get() {
        (true, ..) => view! { <work::WorkView/> }.into_any(),
        (_, true, _) => view! { <options::ChosenCard/> }.into_any(),
        (.., true) => view! { <card::LoadedCard/> }.into_any(),
        _ => view! { <p class="nothing" data-testid="not-loaded">"No language model is loaded."</p> }
            .into_any(),
    };
    view! {
        <div class="models">
            <header class="ahead-head">
                <h1 class="display">"Models"</h1>
                <p class="lead">
                    "A language model of your own, from a file or an address, beside the interpreter whose weights "
                    "are computed here. What you load stays in this browser."
                </p>
            </header>
            <section class="models-part" data-accent="qwen" aria-labelledby="models-language">
                <h2 id="models-language">"Language model"</h2>
                <div class="models-columns">
                    <choose::Choose/>
                    <div class="models-now">
                        {live(now)}
                        <work::Failure/>
                    </div>
                </div>
            </section>
            <kept::KeptModels/>
            <nano::Nano/>
            <interpreter::Interpreter/>
        </div>
    }
}
