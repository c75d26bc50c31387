//! Where a message is typed, sent and stopped.

use leptos::{ev, html, prelude::*};
use protocol::language::SaidEnding;
use web_sys::HtmlTextAreaElement;

use crate::language::use_language;
use crate::live::live;
use crate::models::grouped;

/// From so many characters on, their number is shown.
const LONG: usize = 2_000;

/// The field for the next message.
#[component]
pub fn Composer() -> impl IntoView {
    let language = use_language();
    let talk = language.talk;
    let area = NodeRef::<html::Textarea>::new();
    let is_writing = Memo::new(move |_| talk.is_writing());
    let is_loaded = Memo::new(move |_| language.source.loaded.with(Option::is_some));
    let is_ready = Memo::new(move |_| language.source.is_ready());
    let send = move || {
        language.send();
        if let Some(area) = area.get_untracked() {
            drop(area.focus());
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        } else if event.key() == "Escape" && is_writing.get_untracked() {
            language.cancel();
        }
    };
    let is_blank = Memo::new(move |_| talk.draft.with(|draft| draft.trim().is_empty()));
    let note = move || {
        let length = talk.draft.with(|draft| draft.chars().count());
        if !is_loaded.get() {
            "Load a model first: what you type here stays.".to_owned()
        } else if !is_ready.get() {
            "The model is being measured; then it can answer.".to_owned()
        } else if length >= LONG {
            format!("{} characters", grouped(length))
        } else {
            "Enter sends, Shift and Enter begins a line.".to_owned()
        }
    };
    let ending = move || {
        talk.turns.with(|turns| turns.last().and_then(|turn| turn.outcome.and_then(|outcome| outcome.ending)))
    };
    // Heard: not every token, but that it begins and how it ends.
    let status = move || {
        if is_writing.get() {
            return "The model is answering.";
        }
        match ending() {
            None => "",
            Some(SaidEnding::Context) => "The answer broke off: the context is full.",
            Some(SaidEnding::Cancelled) => "The answer was stopped.",
            Some(_) => "The answer is there.",
        }
    };
    let failure = move || {
        let full = !is_writing.get() && ending() == Some(SaidEnding::Context);
        let full = full.then(|| {
            let context = language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |loaded| loaded.context));
            view! {
                <div class="problem wanted" data-testid="context-full">
                    <p class="problem-message">{format!("The context of {} tokens is full.", grouped(context))}</p>
                    <p>
                        "Begin a new chat, edit an earlier message, or load the model with a longer context under "
                        <a href="#/models">"Models"</a>"."
                    </p>
                </div>
            }
        });
        let failure = talk.failure.get().map(|error| {
            view! {
                <div class="problem" role="alert" data-testid="chat-failure">
                    <p class="problem-message">{error.message}</p>
                    <p>{error.remedy}</p>
                </div>
            }
        });
        view! { {full}{failure} }
    };
    let off = move || {
        let count = language.inside.off.with(Vec::len);
        (count > 0).then(|| {
            let parts = if count == 1 { "1 part is".to_owned() } else { format!("{count} parts are") };
            view! {
                <p class="models-note" data-testid="off-note">
                    {format!("{parts} switched off in the answers to come. ")}
                    <button class="quiet" on:click=move |_| language.inside.off.set(Vec::new())>"Switch all on"</button>
                </p>
            }
        })
    };
    let buttons = move || {
        if is_writing.get() {
            view! { <button class="button" data-testid="stop" on:click=move |_| language.cancel()>"Stop"</button> }
                .into_any()
        } else {
            view! {
                <button
                    class="button primary"
                    data-testid="send"
                    disabled=move || is_blank.get() || !is_ready.get()
                    on:click=move |_| send()
                >
                    "Send"
                </button>
            }
            .into_any()
        }
    };
    view! {
        {live(failure)}
        <div class="composer">
            <textarea
                class="field draft"
                rows="2"
                aria-label="Your message"
                aria-describedby="draft-note"
                placeholder="Say something"
                data-testid="draft"
                node_ref=area
                prop:value=move || talk.draft.get()
                on:input=move |event| talk.draft.set(event_target::<HtmlTextAreaElement>(&event).value())
                on:keydown=on_key
            ></textarea>
            {live(buttons)}
            <p class="composer-note" id="draft-note" data-testid="draft-note">{live(note)}</p>
        </div>
        {live(off)}
        <p class="visually-hidden" role="status" data-testid="chat-status">{live(status)}</p>
    }
}
