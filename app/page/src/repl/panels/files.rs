//! The four files with their cursors.

use engine::interpreter::classic::FileState;
use leptos::prelude::*;

use super::{Panel, Shown};
use crate::live::{Listed, live};

/// The files.
#[component]
pub fn Files(
    /// What is shown.
    shown: Memo<Shown>,
) -> impl IntoView {
    let files = Memo::new(move |_| shown.with(|shown| (shown.now.files.clone(), shown.before.files.clone())));
    let rows = move || {
        files.with(|(now, before)| {
            let rows =
                now.iter().zip(before).enumerate().map(|(number, (file, old))| file_row(number, file, old));
            rows.listed()
        })
    };
    view! {
        <Panel title="Files" testid="panel-files">
            <ol class="files">{live(rows)}</ol>
        </Panel>
    }
}

fn file_row(number: usize, file: &FileState, old: &FileState) -> impl IntoView + use<> {
    let FileState { open, cursor, bytes } = file.clone();
    let state = match (open, bytes.is_empty()) {
        (true, _) => format!("open, cursor at {cursor}"),
        (false, true) => "never opened".to_owned(),
        (false, false) => "closed".to_owned(),
    };
    let state =
        if !open && bytes.is_empty() && (old.open || cursor > 0) { "closed".to_owned() } else { state };
    let cells = bytes.iter().enumerate().map(|(place, byte)| {
        let is_here = open && place == usize::from(cursor);
        let is_new = old.bytes.get(place) != Some(byte);
        view! { <span class="file-byte" class:here=is_here class:new=is_new>{byte.to_string()}</span> }
    });
    let cells = cells.listed();
    let behind = open && usize::from(cursor) >= bytes.len();
    view! {
        <li class="file" class:open=open data-testid="file">
            <span class="file-number">{number.to_string()}</span>
            <span class="file-bytes">{cells} {behind.then(|| view! { <span class="file-byte here end"></span> })}</span>
            <span class="file-state">{state}</span>
        </li>
    }
}
