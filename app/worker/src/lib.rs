//! The engine in a web worker: requests come in as bytes, answers go out as bytes.
//!
//! ```text
//! lib        start, and the inbox: one request at a time, in order
//! scope      the worker's own side of the browser: posting, the clock, letting events through
//! services   who answers which request
//! service    the interpreter's answers
//! rest       pauses in long work
//! view       a run as the page shows it, beside the reference machines
//! full       the full machine: its runs, its states
//! places     what stands at the positions of classic's runs
//! changed    the same runs with parts of the transformer replaced
//! survey     where something happens in them, and what their tokens are
//! spoken     what the neurons gave in them
//! self_test  known programs, compared token by token and logit by logit
//! recorded   runs of the machines as traces, and a file beside a run
//! traces     trace files, read from the browser and written
//! breaking   what tests break on purpose
//! language   language models: kept, loaded, asked
//! ```

mod breaking;
#[cfg(feature = "interpreter")]
mod changed;
#[cfg(feature = "interpreter")]
mod full;
#[cfg(feature = "language")]
mod language;
#[cfg(feature = "interpreter")]
mod places;
#[cfg(feature = "interpreter")]
mod recorded;
mod rest;
mod scope;
#[cfg(feature = "interpreter")]
mod self_test;
#[cfg(feature = "interpreter")]
mod service;
mod services;
#[cfg(feature = "interpreter")]
mod spoken;
#[cfg(feature = "interpreter")]
mod survey;
mod traces;
#[cfg(feature = "interpreter")]
mod view;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Reflect, Uint8Array};
use protocol::{Machine, Request, ToWorker};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, MessageEvent};

use breaking::{Breakable, crash};
use scope::Scope;
use services::Services;

/// Requests that wait, and what a run under way must hear of them.
#[derive(Default)]
struct Inbox {
    waiting: RefCell<VecDeque<(ToWorker, Vec<File>)>>,
    busy: Cell<bool>,
    /// Number of the newest `Cancel` for the classic machine and for the full one: every run asked for before it is to stop.
    cancelled: (Cell<u32>, Cell<u32>),
}

impl Inbox {
    fn cancelled(&self, machine: Machine) -> &Cell<u32> {
        match machine {
            Machine::Classic => &self.cancelled.0,
            Machine::Full => &self.cancelled.1,
        }
    }
}

/// Whose work a request is. What is no machine's is stopped with the classic one, or with everything.
const fn machine_of(request: &Request) -> Machine {
    match request {
        Request::Machine(_) => Machine::Full,
        Request::Changed { machine, .. } => *machine,
        _ => Machine::Classic,
    }
}

/// Takes over the worker's messages; boot.js calls it by loading the module.
#[wasm_bindgen(start)]
pub fn start() {
    let Some(scope) = Scope::of_this_worker() else { return };
    let panicking = scope.clone();
    std::panic::set_hook(Box::new(move |info| panicking.post_crash(&info.to_string())));
    let inbox = Rc::new(Inbox::default());
    let breakable = Breakable::default();
    let services = Rc::new(RefCell::new(Services::new(scope.clone(), breakable.clone())));
    let listener_scope = scope.clone();
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Some((bytes, files)) = parts(&event.data()) else { return };
        match protocol::decode::<ToWorker>(&bytes) {
            Ok(ToWorker { id, request: Request::Cancel(machine) }) => {
                for of in [Machine::Classic, Machine::Full] {
                    if machine.is_none_or(|machine| machine == of) {
                        inbox.cancelled(of).set(id);
                    }
                }
            }
            // These, too, happen in the middle of a run.
            Ok(ToWorker { request: Request::Break { device: true }, .. }) => breakable.lose_device(),
            Ok(ToWorker { request: Request::Break { device: false }, .. }) => crash(),
            Ok(message) => {
                inbox.waiting.borrow_mut().push_back((message, files));
                if !inbox.busy.replace(true) {
                    wasm_bindgen_futures::spawn_local(work(Rc::clone(&inbox), Rc::clone(&services)));
                }
            }
            Err(_) => {
                listener_scope.post_crash("page and engine come from different builds; reload the page")
            }
        }
    });
    scope.listen(&listener);
    // The worker listens as long as it lives.
    listener.forget();
}

/// A message's bytes and the files beside it: a `Uint8Array`, or `{ request: Uint8Array, files: File[] }`.
fn parts(data: &JsValue) -> Option<(Vec<u8>, Vec<File>)> {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        return Some((bytes.to_vec(), Vec::new()));
    }
    let field = |name: &str| Reflect::get(data, &JsValue::from_str(name)).ok();
    let bytes = field("request")?.dyn_ref::<Uint8Array>()?.to_vec();
    let files = field("files")?.dyn_into::<Array>().ok()?;
    Some((bytes, files.iter().filter_map(|file| file.dyn_into().ok()).collect()))
}

/// Answers what waits until nothing does.
#[expect(clippy::await_holding_refcell_ref, reason = "this task is the only one that touches the services")]
async fn work(inbox: Rc<Inbox>, services: Rc<RefCell<Services>>) {
    let mut services = services.borrow_mut();
    loop {
        // A statement of its own: the borrow must end before the request is answered.
        let next = inbox.waiting.borrow_mut().pop_front();
        let Some((ToWorker { id, request }, files)) = next else { break };
        let cancelled = inbox.cancelled(machine_of(&request));
        services.answer(id, request, files, &|| cancelled.get() > id).await;
    }
    inbox.busy.set(false);
}
