//! The input line: a transparent input over the same text in colour, with completion and errors under it.

use engine::interpreter::classic::isa::Op;
use leptos::{ev, html, prelude::*};
use web_sys::HtmlInputElement;

use super::complete::{Completion, complete, completed};
use super::highlight::highlighted;
use super::typing::Typing;
use crate::focus;
use crate::live::{Listed, live};

const LIST: &str = "repl-completions";

/// The completion list's state.
#[derive(Clone, Copy)]
struct Popup {
    typing: Typing,
    input: NodeRef<html::Input>,
    found: RwSignal<Completion>,
    active: RwSignal<Option<usize>>,
}

impl Popup {
    fn is_open(self) -> bool {
        self.found.with(|found| !found.ops.is_empty())
    }

    fn close(self) {
        self.found.set(Completion::default());
        self.active.set(None);
    }

    fn look(self, input: &HtmlInputElement) {
        let line = input.value();
        let units = input.selection_start().ok().flatten().unwrap_or(u32::MAX);
        self.active.set(None);
        self.found.set(complete(&line, bytes_of(&line, units)));
    }

    fn step(self, down: bool) {
        let count = self.found.with_untracked(|found| found.ops.len());
        let last = count.saturating_sub(1);
        self.active.update(|active| {
            *active = Some(match *active {
                None if down => 0,
                None => last,
                Some(at) if down => (at + 1) % count.max(1),
                Some(at) => at.checked_sub(1).unwrap_or(last),
            });
        });
    }

    /// Puts the chosen completion, or the first, into the line.
    fn take(self, index: usize) {
        let Some(op) = self.found.with_untracked(|found| found.ops.get(index).copied()) else { return };
        let line = self.typing.session.draft.get_untracked();
        let (line, caret) = self.found.with_untracked(|found| completed(&line, found, op));
        let units = line.get(..caret).map_or(0, |head| head.encode_utf16().count());
        self.typing.set_line(line.clone());
        self.close();
        if let Some(input) = self.input.get_untracked() {
            input.set_value(&line);
            let units = u32::try_from(units).unwrap_or(u32::MAX);
            // A caret that stays where it was is no harm.
            drop(input.set_selection_range(units, units));
            drop(input.focus());
        }
    }
}

/// The input line.
#[component]
pub fn InputLine(
    /// What is typed.
    typing: Typing,
) -> impl IntoView {
    let session = typing.session;
    let input = NodeRef::<html::Input>::new();
    let overlay = NodeRef::<html::Div>::new();
    let popup = Popup { typing, input, found: RwSignal::default(), active: RwSignal::new(None) };
    // The colours scroll with the text over them.
    let follow = move || {
        if let (Some(input), Some(overlay)) = (input.get_untracked(), overlay.get_untracked()) {
            overlay.set_scroll_left(input.scroll_left());
        }
    };
    let on_input = move |event: ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        typing.set_line(input.value());
        popup.look(&input);
        follow();
    };
    let on_paste = move |event: ev::ClipboardEvent| {
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        let text = text.unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
        // One line is an ordinary paste.
        if !text.trim_end().contains('\n') {
            return;
        }
        event.prevent_default();
        let input: HtmlInputElement = event_target(&ev::Event::from(event));
        typing.paste(with_inserted(&input, &text));
        popup.close();
    };
    let on_key = move |event: ev::KeyboardEvent| on_key(&event, typing, popup);
    let label = move || {
        let next = session.program.with(|program| program.trim_end().lines().count()) + 1;
        format!("{next}")
    };
    // Under a program an example would look like a line that is already typed.
    let hint = move || {
        let is_first = session.program.with(|program| program.trim().is_empty());
        if is_first { "i32.const 3" } else { "the next instruction" }
    };
    let described = move || (!typing.shown_errors().is_empty()).then_some("repl-errors");
    let active_id = move || popup.active.get().map(|index| format!("{LIST}-{index}"));
    let colours = move || {
        let ranges: Vec<_> = typing.shown_errors().iter().map(|e| e.span.start..e.span.end).collect();
        session.draft.with(|line| highlighted(line, &ranges))
    };
    view! {
        <div class="line">
            <label class="line-number" for="repl-input">
                <span class="visually-hidden">"Instruction for line "</span>
                {live(label)}
            </label>
            <div class="line-field">
                <div class="line-overlay" node_ref=overlay aria-hidden="true">{live(colours)}</div>
                <input
                    class="line-input"
                    id="repl-input"
                    node_ref=input
                    data-testid="repl-input"
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || popup.is_open().to_string()
                    aria-controls=LIST
                    aria-activedescendant=move || active_id()
                    aria-invalid=move || (!typing.shown_errors().is_empty()).to_string()
                    aria-describedby=move || described()
                    placeholder=hint
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="send"
                    prop:value=move || session.draft.get()
                    on:input=on_input
                    on:paste=on_paste
                    on:keydown=on_key
                    on:scroll=move |_| follow()
                    on:keyup=move |_| follow()
                    on:blur=move |_| popup.close()
                />
                <ul
                    class="completions"
                    id=LIST
                    role="listbox"
                    aria-label="Instructions"
                    data-testid="completions"
                    hidden=move || !popup.is_open()
                >
                    {move || options(popup)}
                </ul>
            </div>
            <button class="button primary line-run" data-testid="repl-run" on:click=move |_| typing.enter()>
                "Run"
                <kbd aria-hidden="true">"↵"</kbd>
            </button>
        </div>
        <ErrorList typing=typing/>
    }
}

fn on_key(event: &ev::KeyboardEvent, typing: Typing, popup: Popup) {
    let open = untrack(|| popup.is_open());
    let active = popup.active.get_untracked();
    let empty = typing.session.draft.with_untracked(String::is_empty);
    match event.key().as_str() {
        "Enter" => match active {
            Some(index) => popup.take(index),
            None => {
                popup.close();
                typing.enter();
            }
        },
        // Without a completion Tab goes to the next control, as everywhere.
        "Tab" if open && !event.shift_key() => popup.take(active.unwrap_or(0)),
        "ArrowDown" if open => popup.step(true),
        "ArrowUp" if open => popup.step(false),
        "ArrowUp" => typing.recall(true),
        "ArrowDown" => typing.recall(false),
        "Escape" if open => popup.close(),
        "z" if empty && (event.ctrl_key() || event.meta_key()) => typing.session.undo(),
        _ => return,
    }
    event.prevent_default();
}

fn options(popup: Popup) -> impl IntoView {
    let ops = popup.found.with(|found| found.ops.clone());
    ops.into_iter()
        .enumerate()
        .map(|(index, op)| {
            let selected = move || (popup.active.get() == Some(index)).to_string();
            // The input keeps the focus: a press must not take it before the click arrives.
            let press = move |event: ev::MouseEvent| {
                event.prevent_default();
                popup.take(index);
            };
            view! {
                <li
                    class="completion"
                    id=format!("{LIST}-{index}")
                    role="option"
                    aria-selected=move || selected()
                    data-testid="completion"
                    on:mousedown=press
                >
                    <span class="completion-name">{op.mnemonic()}</span>
                    <span class="completion-about">{summary(op)}</span>
                </li>
            }
        })
        .listed()
}

fn summary(op: Op) -> &'static str {
    op.summary()
}

/// The line's errors in words. The space is reserved: typing moves nothing.
#[component]
fn ErrorList(
    /// What is typed.
    typing: Typing,
) -> impl IntoView {
    let items = move || {
        let errors = typing.shown_errors();
        let more = errors.len().saturating_sub(3);
        let items = errors.into_iter().take(3).map(|error| {
            view! {
                <li data-testid="repl-error">
                    <span class="error-place">{format!("column {}", error.span.column)}</span>
                    <span class="error-message">{error.message}</span>
                    {error.help.map(|help| view! { <span class="error-help">{help}</span> })}
                </li>
            }
        });
        let items = items.listed();
        view! { {items} {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })} }
    };
    view! {
        <div class="line-errors" id="repl-errors" aria-live="polite">
            <ul>{live(items)}</ul>
        </div>
    }
}

/// The input's text with something put in at the selection.
fn with_inserted(input: &HtmlInputElement, text: &str) -> String {
    let line = input.value();
    let place = |units: Option<u32>| bytes_of(&line, units.unwrap_or(u32::MAX));
    let start = place(input.selection_start().ok().flatten());
    let end = place(input.selection_end().ok().flatten());
    let head = line.get(..start).unwrap_or_default();
    let tail = line.get(end..).unwrap_or_default();
    format!("{head}{text}{tail}")
}

/// The browser counts in UTF-16 units, we count in bytes.
fn bytes_of(text: &str, units: u32) -> usize {
    let mut left = units;
    for (place, c) in text.char_indices() {
        if left == 0 {
            return place;
        }
        left = left.saturating_sub(u32::try_from(c.len_utf16()).unwrap_or(1));
    }
    text.len()
}

/// Puts the focus into the line.
pub fn focus_line() {
    focus::on("repl-input");
}
