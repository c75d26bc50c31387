//! What is typed survives a reload: the tab's own storage keeps it, and forgets it with the tab.

use leptos::prelude::*;
use protocol::Machine;
use web_sys::Storage;

use crate::session::Session;

const PROGRAM: &str = "program";
const LINE: &str = "line";
const EDITOR: &str = "editor";
const MODULE: &str = "module";
const FUNCTION: &str = "function";
const ARGUMENTS: &str = "arguments";
const MACHINE: &str = "machine";

/// A text of more bytes is not kept: the storage is small, and written at every key.
const MOST: usize = 256 * 1024;

/// Brings back what was typed before the reload, and keeps what is typed from now on. A share link, opened after
/// this, finds it there and leaves it to undo.
pub fn restore(session: Session) {
    session.program.set(read(PROGRAM).unwrap_or_default());
    session.draft.set(read(LINE).unwrap_or_default());
    session.editor.set(read(EDITOR));
    let full = session.full;
    let call = [(MODULE, full.text), (FUNCTION, full.function), (ARGUMENTS, full.arguments)];
    for (name, signal) in call {
        signal.set(read(name).unwrap_or_default());
        Effect::new(move |_| signal.with(|text| write(name, text)));
    }
    if read(MACHINE).is_some() {
        session.show_machine(Machine::Full);
        full.resume();
    }
    Effect::new(move |_| write(MACHINE, if session.machine.get() == Machine::Full { "full" } else { "" }));
    Effect::new(move |_| session.program.with(|text| write(PROGRAM, text)));
    Effect::new(move |_| session.draft.with(|text| write(LINE, text)));
    Effect::new(move |_| session.editor.with(|text| write(EDITOR, text.as_deref().unwrap_or_default())));
}

/// A browser may forbid storage; then nothing is kept.
fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn read(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

fn write(name: &str, text: &str) {
    let Some(storage) = storage() else { return };
    let is_kept = !text.is_empty() && text.len() <= MOST;
    // Where there is no room, an older text must not come back in place of this one.
    if !(is_kept && storage.set_item(name, text).is_ok()) {
        drop(storage.remove_item(name));
    }
}
