//! The editor for whole modules in WebAssembly's text format: CodeMirror, which `app/editor` bundles, as a component.
//!
//! The bundle is loaded when the first editor is opened. Until it is there, and if it cannot be had, a plain text field
//! takes its place; nothing that is typed is lost when it comes (`attach.js`).
//!
//! Test ids: `code-editor` with `data-state` (`loading`, `ready`, `failed`), `code-editor-plain` (the text field),
//! `code-editor-hint`.
//!
//! The page has few bytes to spare, so one effect tells `attach.js` everything, and that finds what is new.

pub mod trial;

use engine::source::{SourceError, Span};
use leptos::{html, prelude::*};
use wasm_bindgen::prelude::*;
use web_sys::HtmlTextAreaElement;

#[wasm_bindgen(module = "/src/editor/attach.js")]
extern "C" {
    /// What `attach.js` returns: the field or the editor, whichever is there.
    type Handle;

    fn attach(area: &HtmlTextAreaElement, hear: &Closure<dyn Fn(String, JsValue)>) -> Handle;

    /// One of the problems that the next `show` is about; its place in UTF-16 units.
    #[wasm_bindgen(method)]
    fn problem(this: &Handle, from: u32, to: u32, message: &str, help: Option<&str>);

    #[wasm_bindgen(method)]
    fn show(this: &Handle, text: &str, from: Option<u32>, to: Option<u32>, marked: Option<u32>);

    #[wasm_bindgen(method)]
    fn destroy(this: &Handle);
}

/// An editor in the page, as long as there is its effect.
struct Attached {
    handle: Handle,
    /// What it calls, until it is destroyed.
    _hear: Closure<dyn Fn(String, JsValue)>,
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

/// An editor that fills the height its place gives it.
///
/// Spans are of the text that the signal holds. One that is older than the text shows somewhere else for a moment, and
/// never fails. What is a function here reads signals, and is called again when they change.
#[component]
pub fn CodeEditor(
    /// The text, both ways. Lines end with `\n` there after the first change.
    text: RwSignal<String>,
    /// What is wrong in it.
    problems: Box<dyn Fn() -> Vec<SourceError>>,
    /// The instruction that is executed now.
    current: Box<dyn Fn() -> Option<Span>>,
    /// The line that a run shall go to, from 1. It stays the same when lines are added above.
    marked: Box<dyn Fn() -> Option<usize>>,
    /// Ctrl+Enter, or Cmd+Enter: without a line. A press on a line's number, or Ctrl+Shift+Enter on a line: with it,
    /// from 1. The text is up to date then.
    on_run: Box<dyn Fn(Option<usize>)>,
    /// Its name, for who cannot see it.
    label: &'static str,
    /// Whether the text is only shown.
    #[prop(optional)]
    read_only: bool,
) -> impl IntoView {
    let hear = Closure::<dyn Fn(String, JsValue)>::new(move |what: String, value: JsValue| {
        if what == "run" {
            on_run(value.as_f64().map(|line| line as usize));
        } else {
            // The last text may come when the page goes elsewhere, and its signal with it.
            drop(text.try_set(value.as_string().unwrap_or_default()));
        }
    });
    let mut hear = Some(hear);
    let mut attached = None;
    let area = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if let (Some(area), Some(hear)) = (area.get(), hear.take()) {
            attached = Some(Attached { handle: attach(&area, &hear), _hear: hear });
        }
        let Some(Attached { handle, .. }) = &attached else { return };
        text.with(|text| {
            for SourceError { span, message, help } in problems() {
                handle.problem(units(text, span.start), units(text, span.end), &message, help.as_deref());
            }
            let current = current();
            let place = |byte| units(text, byte);
            let (from, to) = (current.map(|span| place(span.start)), current.map(|span| place(span.end)));
            handle.show(text, from, to, marked().map(|line| line as u32));
        });
    });
    view! {
        <div class="code-editor" data-testid="code-editor">
            <div class="code-editor-field">
                <textarea
                    class="code-editor-plain"
                    node_ref=area
                    data-testid="code-editor-plain"
                    aria-label=label
                    aria-describedby="code-editor-hint"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    readonly=read_only
                ></textarea>
            </div>
            // attach.js says there what can be done.
            <p class="code-editor-hint" id="code-editor-hint" role="status" data-testid="code-editor-hint"></p>
        </div>
    }
}

/// Where a byte of a text lies in the units that JavaScript counts: a character outside of Unicode's first 65,536 is two.
fn units(text: &str, byte: usize) -> u32 {
    let before = text.get(..text.floor_char_boundary(byte)).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_javascript_does() {
        let text = "aé€😀b";
        let found: Vec<u32> = text.char_indices().map(|(at, _)| units(text, at)).collect();
        assert_eq!(found, [0, 1, 2, 3, 5]);
        assert_eq!(units(text, text.len()), 6);
        assert_eq!(units(text, 99), 6, "behind the end is the end");
        assert_eq!(units(text, 2), 1, "inside of a character is before it");
    }
}
