//! The whole program as one text: for a paste that does not assemble, and for changing what is there.

use engine::interpreter::classic::asm;
use engine::interpreter::classic::program::OpenLoops;
use engine::source::SourceError;
use leptos::{ev, html, prelude::*};
use web_sys::HtmlTextAreaElement;

use super::highlight::highlighted;
use super::typing::Typing;
use crate::live::{Listed, live};

/// Above this many bytes the text stays plain: colouring it at every key would be slow.
const COLOURED: usize = 24_000;
/// Errors listed at once.
const LISTED: usize = 8;

/// The text editor, in place of transcript and line.
#[component]
pub fn Editor(
    /// What is typed.
    typing: Typing,
) -> impl IntoView {
    let session = typing.session;
    let text = move || session.editor.with(|text| text.clone().unwrap_or_default());
    let errors = Memo::new(move |_| {
        session.editor.with(|text| match text {
            Some(text) => asm::assemble(text, OpenLoops::Allow).err().unwrap_or_default(),
            None => Vec::new(),
        })
    });
    let overlay = NodeRef::<html::Div>::new();
    let area = NodeRef::<html::Textarea>::new();
    let is_plain =
        Memo::new(move |_| session.editor.with(|t| t.as_ref().is_some_and(|t| t.len() > COLOURED)));
    let colours = move || {
        if is_plain.get() {
            return ().into_any();
        }
        let ranges: Vec<_> =
            errors.with(|e| e.iter().map(|error| error.span.start..error.span.end).collect());
        // A textarea shows the line after a last newline; the overlay needs a character there.
        highlighted(&(text() + " "), &ranges)
    };
    let follow = move |_| {
        if let (Some(area), Some(overlay)) = (area.get_untracked(), overlay.get_untracked()) {
            overlay.set_scroll_top(area.scroll_top());
            overlay.set_scroll_left(area.scroll_left());
        }
    };
    let run = move || {
        if errors.with_untracked(Vec::is_empty) {
            typing.run_edited();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            run();
        }
    };
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            // Without focus the text is there all the same.
            drop(area.focus());
        }
    });
    view! {
        <section class="editor" aria-label="The program as text" data-testid="editor">
            <div class="editor-field" class:plain=is_plain>
                <div class="editor-overlay" node_ref=overlay aria-hidden="true">{live(colours)}</div>
                <textarea
                    class="editor-input"
                    node_ref=area
                    data-testid="editor-input"
                    aria-label="Program text"
                    aria-describedby="editor-errors"
                    aria-invalid=move || errors.with(|e| !e.is_empty()).to_string()
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    wrap="off"
                    prop:value=text
                    on:input=move |event| {
                        session.editor.set(Some(event_target::<HtmlTextAreaElement>(&event).value()));
                    }
                    on:scroll=follow
                    on:keydown=on_key
                ></textarea>
            </div>
            <div class="editor-errors" id="editor-errors" aria-live="polite">
                {move || errors.with(|errors| error_list(errors, area))}
            </div>
            <div class="editor-actions">
                <button
                    class="button primary"
                    data-testid="editor-run"
                    disabled=move || errors.with(|e| !e.is_empty())
                    on:click=move |_| run()
                >
                    "Run this program"
                </button>
                <button
                    class="button"
                    data-testid="editor-discard"
                    on:click=move |_| typing.discard_edited()
                >
                    "Discard the changes"
                </button>
            </div>
        </section>
    }
}

fn error_list(errors: &[SourceError], area: NodeRef<html::Textarea>) -> impl IntoView + use<> {
    let title = match errors.len() {
        0 => "It assembles.".to_owned(),
        1 => "One place is wrong. Nothing was run, and your text is all here.".to_owned(),
        count => format!("{count} places are wrong. Nothing was run, and your text is all here."),
    };
    let items = errors.iter().take(LISTED).map(|error| {
        let SourceError { span, message, help } = error.clone();
        let show = move |_| {
            let Some(area) = area.get_untracked() else { return };
            let text = area.value();
            let units = |place: usize| {
                let count = text.get(..place).map_or(0, |head| head.encode_utf16().count());
                u32::try_from(count).unwrap_or(u32::MAX)
            };
            // Selecting what is there cannot fail; were it to, the place is still named.
            drop(area.focus());
            drop(area.set_selection_range(units(span.start), units(span.end)));
        };
        view! {
            <li data-testid="editor-error">
                <button class="error-place" on:click=show>{format!("{span}")}</button>
                <span class="error-message">{message}</span>
                {help.map(|help| view! { <span class="error-help">{help}</span> })}
            </li>
        }
    });
    let items = items.listed();
    let more = errors.len().saturating_sub(LISTED);
    view! {
        <p class:problem-text=!errors.is_empty() data-testid="editor-summary">{title}</p>
        <ul>{items}</ul>
        {(more > 0).then(|| view! { <p>{format!("and {more} more")}</p> })}
    }
}
