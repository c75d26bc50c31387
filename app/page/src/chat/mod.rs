//! `#/chat`: talking with the language model, and looking inside while it answers.
//!
//! Test ids: `chat-model`, `new-chat`, `chat`, `message` (with `data-role`), `message-text`, `thinking`, `stats`, `edit`,
//! `edit-text`, `edit-send`, `again`, `go-on`, `look-inside`, `writing`, `reading`; `draft`, `send`, `stop`,
//! `draft-note`, `chat-status` (heard), `chat-failure`, `off-note`; `settings` and its fields `system`, `set-tokens`,
//! `set-temperature`, `set-top-k`, `set-top-p`, `set-penalty`, `set-seed`, `set-stops`, `set-thinking`; and those of `inside`;
//! `comparison`, `compared-before`, `compared-after`, `keep-new`, `go-back`.

mod comparison;
mod composer;
mod messages;
mod settings;
mod thinking;

use leptos::prelude::*;

use crate::inside::InsidePanel;
use crate::language::{units, use_language};
use crate::live::live;

/// `#/chat`
#[component]
pub fn ChatPage() -> impl IntoView {
    let language = use_language();
    let model = move || match (language.source.loaded.get(), language.talk.from_link.get()) {
        (Some(loaded), _) => {
            let text = format!("{}, {}", loaded.card.name, loaded.device_name);
            view! { {text}" · "<a href="#/models">"Models"</a> }.into_any()
        }
        (None, Some((name, address))) if !name.is_empty() => {
            let text = format!("This chat was with {name}. ");
            // Who is asked for it stands there before anybody is.
            let from = match units::host(&address) {
                "" => String::new(),
                host => format!(", from {host}"),
            };
            let choose = move |_| {
                if !address.is_empty() {
                    language.choose_address(&address);
                }
            };
            view! { {text}<a href="#/models" on:click=choose>"Load it to go on"</a>{from} }.into_any()
        }
        _ => view! { "No language model is loaded. "<a href="#/models">"Load one"</a> }.into_any(),
    };
    let has_turns = move || language.talk.turns.with(|turns| !turns.is_empty());
    let is_open = move || language.inside.open.get();
    view! {
        <div class="chat" class:open=is_open data-testid="chat">
            <header class="chat-head">
                <h1>"Chat"</h1>
                <p class="chat-model" data-testid="chat-model">{live(model)}</p>
                <div class="chat-tools">
                    <button
                        class="button"
                        data-testid="toggle-inside"
                        aria-expanded=move || is_open().to_string()
                        on:click=move |_| language.inside.open.update(|open| *open = !*open)
                    >
                        "Look inside"
                    </button>
                    <button
                        class="button"
                        data-testid="new-chat"
                        disabled=move || !has_turns() || language.talk.is_writing()
                        on:click=move |_| language.new_chat()
                    >
                        "New chat"
                    </button>
                </div>
            </header>
            <div class="chat-main">
                <messages::Messages/>
                <composer::Composer/>
                <settings::Settings/>
            </div>
            {move || is_open().then(|| view! { <InsidePanel/> })}
        </div>
    }
}
