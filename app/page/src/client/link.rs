//! One web worker and the requests it has not answered.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo::events::EventListener;
use js_sys::{Reflect, Uint8Array};
use protocol::{AppError, Device, FromWorker, Request, Response, ToWorker};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{OnProgress, crashed};

/// A request that waits for its answer.
pub struct Pending {
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Response, AppError>>,
    /// Who hears of its progress.
    pub on_progress: Option<OnProgress>,
}

impl Pending {
    /// There will be no other answer than this error.
    pub fn fail(self, error: AppError) {
        // Nobody may listen any more: then there is nothing to tell.
        drop(self.answer.send(Err(error)));
    }
}

/// A running worker; dropping it ends the worker.
pub struct Link {
    worker: Worker,
    next: Cell<u32>,
    waiting: RefCell<BTreeMap<u32, Pending>>,
    listeners: RefCell<Vec<EventListener>>,
}

impl Link {
    /// Starts the module that has the device.
    pub fn spawn(
        device: Device,
        on_loading: impl Fn(usize) + 'static,
        on_crash: impl Fn(&Rc<Self>, AppError) + 'static,
    ) -> Result<Rc<Self>, AppError> {
        let engine = if device == Device::WebGpu { "gpu" } else { "light" };
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&format!("engine/boot.js?engine={engine}"), &options)
            .map_err(|_| crashed("the browser starts no worker"))?;
        let link = Rc::new(Self {
            worker: worker.clone(),
            next: Cell::new(0),
            waiting: RefCell::default(),
            listeners: RefCell::default(),
        });
        let on_crash = Rc::new(on_crash);
        let crash = {
            let link = Rc::downgrade(&link);
            move |message: &str| {
                if let Some(link) = link.upgrade() {
                    link.end(message);
                    on_crash(&link, crashed(message));
                }
            }
        };
        let message = EventListener::new(&worker, "message", {
            let (link, crash) = (Rc::downgrade(&link), crash.clone());
            move |event| {
                if let Some(event) = event.dyn_ref::<MessageEvent>() {
                    hear(&link, &event.data(), &on_loading, &crash);
                }
            }
        });
        let error = EventListener::new(&worker, "error", move |event| {
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
            crash(if message.is_empty() { "the engine's file could not be loaded" } else { &message });
        });
        link.listeners.replace(vec![message, error]);
        Ok(link)
    }

    /// Sends a request whose answer somebody waits for.
    pub fn send(&self, request: Request, pending: Pending) {
        let id = self.number();
        self.waiting.borrow_mut().insert(id, pending);
        if let Err(error) = self.post(ToWorker { id, request })
            && let Some(pending) = self.waiting.borrow_mut().remove(&id)
        {
            pending.fail(error);
        }
    }

    /// Sends a request that has no answer.
    pub fn tell(&self, request: Request) {
        // A worker that cannot be reached has no run to stop.
        drop(self.post(ToWorker { id: self.number(), request }));
    }

    fn number(&self) -> u32 {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        id
    }

    fn post(&self, message: ToWorker) -> Result<(), AppError> {
        let bytes = protocol::encode(&message).map_err(|error| crashed(&error.to_string()))?;
        self.worker
            .post_message(&Uint8Array::from(bytes.as_slice()))
            .map_err(|_| crashed("the engine cannot be reached"))
    }

    /// Ends the worker: everybody who waits learns that no answer will come.
    pub fn end(&self, message: &str) {
        self.worker.terminate();
        for pending in self.waiting.take().into_values() {
            pending.fail(crashed(message));
        }
    }

    fn answer(&self, FromWorker { id, response }: FromWorker) {
        if let Response::Progress { tokens } = response {
            if let Some(on_progress) = self.waiting.borrow().get(&id).and_then(|p| p.on_progress.as_ref()) {
                on_progress(tokens);
            }
            return;
        }
        let pending = self.waiting.borrow_mut().remove(&id);
        if let Some(pending) = pending {
            let answer = match response {
                Response::Failed(error) => Err(error),
                response => Ok(response),
            };
            drop(pending.answer.send(answer));
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// A message of the worker: an answer's bytes, `{ loading: bytes }` or `{ crash: message }`.
fn hear(link: &Weak<Link>, data: &JsValue, on_loading: &impl Fn(usize), crash: &impl Fn(&str)) {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        match protocol::decode(&bytes.to_vec()) {
            Ok(message) => {
                if let Some(link) = link.upgrade() {
                    link.answer(message);
                }
            }
            Err(_) => crash("page and engine come from different builds; reload the page"),
        }
        return;
    }
    let field = |name: &str| Reflect::get(data, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    if let Some(bytes) = field("loading").as_f64() {
        on_loading(bytes as usize);
    } else if let Some(message) = field("crash").as_string() {
        crash(&message);
    }
}
