//! The page of WorldModel X-ray: what is on screen, and nothing that computes.
//!
//! ```text
//! route     the address (`#/repl?s=…`) as signals
//! client    the engine's web worker: one request, one answer
//! device    what computes: start, change, crash, restart
//! kept      what is typed, across a reload
//! session   what the routes share: program, run, position, selection, device
//! shell     header, navigation, theme, device, sharing, notices
//! editor    whole modules as text
//! full      the full machine: the module, its run, the instruction looked at
//! repl      instruction by instruction                                       #/repl
//! xray      token by token and layer by layer                                #/xray
//! language  the language models: their workers, what is loaded, the question, the chat
//! ask       a question, its three programs and the answer                    #/ask
//! models    what is loaded, and loading a language model                    #/models
//! chat      talking with it, and looking inside                              #/chat
//! learn     lessons, slides and tours, with figures that compute             #/learn
//! bench     how fast both models are here                                  #/bench
//! live      views that are compiled once
//! roving    many buttons as one stop of the Tab key
//! parts     where the page's modules begin; `part` fetches them
//! ```

// Closures in a view are compiled once for all of them, named functions one by one: the page grows by the latter.
#![allow(clippy::redundant_closure)]

mod app;
mod ask;
mod bench;
mod best;
mod chat;
mod client;
mod device;
mod dropping;
mod editor;
mod explain;
mod export;
mod focus;
mod full;
mod going;
mod inside;
mod kept;
mod language;
mod learn;
mod live;
mod models;
mod part;
mod parts;
mod repl;
mod route;
mod roving;
mod session;
mod shell;
mod test_hook;
mod traces;
mod xray;

use leptos::prelude::document;

fn main() {
    console_error_panic_hook::set_once();
    // What index.html shows until now.
    if let Some(early) = document().get_element_by_id("early") {
        early.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
