//! The models that this browser keeps.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::language::KeptModel;

use crate::language::{units, use_language};
use crate::live::{Listed, live};

/// What is kept, with the ways to load and to delete it.
#[component]
pub fn KeptModels() -> impl IntoView {
    let language = use_language();
    // Somebody who comes back after a download finds what it left.
    if language.source.work.with_untracked(Option::is_none) && !untrack(|| language.talk.is_writing()) {
        spawn_local(language.read_kept());
    }
    let asking = RwSignal::new(None::<String>);
    let list = move || {
        let Some(kept) = language.source.kept.get() else {
            return view! { <p class="nothing">"Looking…"</p> }.into_any();
        };
        if let Some(why) = kept.unavailable {
            let text = format!("Nothing can be kept: {why}");
            return view! { <p class="nothing">{text}</p> }.into_any();
        }
        if kept.models.is_empty() {
            let text = "Nothing yet. A model that comes from an address is kept, so that the next visit needs no network.";
            return view! { <p class="nothing">{text}</p> }.into_any();
        }
        let models = kept.models.into_iter().map(|model| view! { <Entry model asking/> }).listed();
        view! { <ul class="kept-list">{models}</ul> }.into_any()
    };
    let quota = move || {
        let (may, uses) = language.source.kept.get()?.quota?;
        let text = format!(
            "This site uses {} of the {} that the browser gives it.",
            units::bytes(uses),
            units::bytes(may)
        );
        let little = may.saturating_sub(uses) < may / 10;
        Some(view! {
            <p class="models-note" data-testid="kept-quota">
                {text}
                {little.then_some(" There is little left: a larger model would not be kept. Delete one, or free space on the disk.")}
            </p>
        })
    };
    view! {
        <section class="models-part kept" data-accent="qwen" aria-labelledby="models-kept" data-testid="kept">
            <h2 id="models-kept">"Kept in this browser"</h2>
            {live(list)}
            {live(quota)}
        </section>
    }
}

#[component]
fn Entry(model: KeptModel, asking: RwSignal<Option<String>>) -> impl IntoView {
    let language = use_language();
    let busy = move || language.source.is_busy() || language.talk.is_writing();
    let in_use = {
        let key = model.key.clone();
        Memo::new(move |_| {
            language.source.loaded.with(|l| l.as_ref().is_some_and(|l| l.key.as_ref() == Some(&key)))
        })
    };
    let complete = model.complete;
    // What was being copied from a file can only be chosen anew.
    let lost = !complete && model.address.is_none();
    let size = match model.size {
        Some(size) if !complete => {
            format!("{} of {}, broke off", units::bytes(model.bytes), units::bytes(size))
        }
        _ if !complete => format!("{}, broke off", units::bytes(model.bytes)),
        _ => units::bytes(model.bytes),
    };
    let from = model.address.clone().unwrap_or_else(|| "a file of yours".to_owned());
    let sum =
        model.sha256.clone().map(|sum| view! { <span class="mono sum">{format!("SHA-256 {sum}")}</span> });
    let key = model.key.clone();
    let is_asked = {
        let key = key.clone();
        Memo::new(move |_| asking.with(|asked| asked.as_ref() == Some(&key)))
    };
    let really = {
        let name = model.name.clone();
        let bytes = model.bytes;
        move || {
            let key = key.clone();
            if !is_asked.get() {
                let ask = move |_| asking.set(Some(key.clone()));
                return view! {
                    <button class="button" data-testid="kept-delete" disabled=move || busy() || in_use.get() on:click=ask>
                        "Delete"
                    </button>
                }
                .into_any();
            }
            let question = format!("Delete {name}, {}?", units::bytes(bytes));
            let delete = move |_| {
                asking.set(None);
                language.delete(key.clone());
            };
            view! {
                <span class="kept-question" role="alert">{question}</span>
                <button class="button" data-testid="kept-delete-really" on:click=delete>"Yes, delete it"</button>
                <button class="button" on:click=move |_| asking.set(None)>"No"</button>
            }
            .into_any()
        }
    };
    let load = {
        let model = model.clone();
        move |_| language.choose_kept(&model)
    };
    view! {
        <li class="kept-model" data-testid="kept-model">
            <div class="kept-text">
                <span class="kept-name">{model.name.clone()}</span>
                <span>{size}", "{units::moment(model.modified)}</span>
                <span class="kept-from">{from}</span>
                {sum}
            </div>
            <div class="kept-actions">
                {move || in_use.get().then(|| view! { <span class="loaded-mark">"loaded"</span> })}
                <button
                    class="button"
                    data-testid="kept-load"
                    disabled=move || busy() || in_use.get() || lost
                    on:click=load
                >
                    {if complete { "Choose" } else { "Go on" }}
                </button>
                {live(really)}
            </div>
        </li>
    }
}
