//! A part of the panel that the model computes only when somebody opens it, and again when the text is another.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::language::{LanguageResponse, Opened};

use crate::language::{Language, use_language};
use crate::live::live;

/// What came of it: the answer, or why there is none.
pub type Answer = Result<LanguageResponse, AppError>;

/// Asks for something whenever `wanted` says something else, one after the other; `None` asks for nothing.
fn keep_asking(
    language: Language,
    answer: RwSignal<Option<(u32, Answer)>>,
    wanted: impl Fn() -> Option<Opened> + Send + Sync + 'static,
) {
    let is_asking = StoredValue::new(false);
    let next = StoredValue::new(None::<Opened>);
    Effect::new(move |_| {
        language.inside.text.track();
        let Some(what) = wanted() else { return };
        next.set_value(Some(what));
        if is_asking.get_value() {
            return;
        }
        is_asking.set_value(true);
        spawn_local(async move {
            while let Some(what) = next.try_update_value(Option::take).flatten() {
                let text = language.inside.text.get_untracked();
                let came = language.open(what).await;
                drop(answer.try_set(Some((text, came))));
            }
            let _ = is_asking.try_set_value(false);
        });
    });
}

/// A part that can be opened.
#[component]
pub fn OnDemand(
    /// Its heading.
    title: &'static str,
    /// Its name in links, and test id.
    testid: &'static str,
    /// What it is, in words.
    about: &'static str,
    /// What the model is asked for (tracked); `None` while that is not known.
    wanted: Callback<(), Option<Opened>>,
    /// The view of its answer.
    shown: Callback<LanguageResponse, AnyView>,
) -> impl IntoView {
    let language = use_language();
    let opened = language.inside.opened;
    let is_open = Memo::new(move |_| opened.with(|opened| opened.iter().any(|name| name == testid)));
    let toggle = move |_| {
        opened.update(|opened| {
            let before = opened.len();
            opened.retain(|name| name != testid);
            if opened.len() == before {
                opened.push(testid.to_owned());
            }
        });
    };
    let answer = RwSignal::new(None);
    keep_asking(language, answer, move || is_open.get().then(|| wanted.run(())).flatten());
    let content = move || {
        if !is_open.get() {
            return ().into_any();
        }
        // Another text's answer is none of this one.
        match answer.get().and_then(|(text, answer)| (text == language.inside.text.get()).then_some(answer)) {
            None => view! { <p class="nothing" role="status">"Computing …"</p> }.into_any(),
            Some(Ok(response)) => shown.run(response),
            Some(Err(error)) => {
                view! { <p class="problem-text" role="alert">{error.message}" "{error.remedy}</p> }.into_any()
            }
        }
    };
    view! {
        <section class="inside-part">
            <h3>
                <button
                    class="inside-open"
                    data-testid=testid
                    aria-expanded=move || is_open.get().to_string()
                    on:click=toggle
                >
                    {title}
                </button>
            </h3>
            <p class="inside-about">{about}</p>
            {live(content)}
        </section>
    }
}
