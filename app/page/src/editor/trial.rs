//! The editor by itself, for its browser tests: there with `?test` in the address, when they ask for it.

use engine::source::{SourceError, Span};
use leptos::prelude::*;

use super::CodeEditor;

/// An editor in which each word “wrong” is a problem, and what is asked to run to is lit. Beside it what the page holds,
/// which can be changed there, and whether the editor is there at all.
#[component]
pub fn Trial() -> impl IntoView {
    let text = RwSignal::new("(module)\n".to_owned());
    let line = RwSignal::new(None::<usize>);
    let is_open = RwSignal::new(true);
    let problems = move || {
        text.with(|text| {
            let error = |(at, word): (usize, &str)| {
                SourceError::new(Span::of(text, at, at + word.len()), "this is wrong")
                    .with_help("Say something else")
            };
            text.match_indices("wrong").map(error).collect()
        })
    };
    let current = move || {
        let before = line.get()?.checked_sub(1)?;
        text.with(|text| {
            let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
            let words = text.get(start..)?.lines().next()?;
            let start = start + words.len() - words.trim_start().len();
            Some(Span::of(text, start, start + words.trim().len()))
        })
    };
    let editor = move || {
        is_open.get().then(|| {
            view! {
                <CodeEditor
                    text=text
                    problems=Box::new(problems)
                    current=Box::new(current)
                    marked=Box::new(move || line.get())
                    on_run=Box::new(move |asked| line.set(asked))
                    label="Module"
                />
            }
        })
    };
    view! {
        <section class="editor-trial" aria-label="Editor">
            {editor}
            <textarea
                aria-label="What the page holds"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <button class="button" on:click=move |_| is_open.update(|open| *open = !*open)>"Open or close"</button>
        </section>
    }
}
