//! One web worker and the requests it has not answered. The interpreter has one, and a language model another.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo::events::EventListener;
use gloo::utils::document;
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::task::spawn_local;
use protocol::{AppError, FromWorker, Request, Response, ToWorker};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, File, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::codec::{Codec, codec};
use super::{OnProgress, crashed, pending, received};

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

/// Called when a worker ended by itself.
type OnCrash = Box<dyn Fn(&Rc<Link>, AppError)>;

/// A running worker; dropping it ends the worker.
pub struct Link {
    worker: Worker,
    next: Cell<u32>,
    /// Whether it was ended: nobody answers any more.
    has_ended: Cell<bool>,
    waiting: RefCell<BTreeMap<u32, Pending>>,
    listeners: RefCell<Vec<EventListener>>,
    /// What writes and reads messages, once it is here.
    codec: Cell<Option<Codec>>,
    /// Messages that wait for it.
    early: RefCell<Vec<(ToWorker, Vec<File>)>>,
}

impl Link {
    /// Starts a module, by its folder's name. The first callback hears of the module's bytes as they arrive, the
    /// second of the worker's end by itself.
    pub fn spawn(
        engine: &str,
        on_loading: Box<dyn Fn(usize)>,
        on_crash: OnCrash,
    ) -> Result<Rc<Self>, AppError> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let script = format!("{}engine/boot.js?engine={engine}", site());
        let worker = Worker::new_with_options(&script, &options)
            .map_err(|_| crashed("the browser starts no worker"))?;
        let link = Rc::new(Self {
            worker: worker.clone(),
            next: Cell::new(0),
            has_ended: Cell::new(false),
            waiting: RefCell::default(),
            listeners: RefCell::default(),
            codec: Cell::new(None),
            early: RefCell::default(),
        });
        let crash: Rc<dyn Fn(&str)> = {
            let link = Rc::downgrade(&link);
            Rc::new(move |message| {
                if let Some(link) = link.upgrade() {
                    link.end(message);
                    on_crash(&link, crashed(message));
                }
            })
        };
        spawn_local(prepare(Rc::downgrade(&link), Rc::clone(&crash)));
        let message = EventListener::new(&worker, "message", {
            let (link, crash) = (Rc::downgrade(&link), Rc::clone(&crash));
            move |event| {
                if let Some(event) = event.dyn_ref::<MessageEvent>() {
                    hear(&link, &event.data(), &*on_loading, &*crash);
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

    /// Sends a request whose answer somebody waits for, with the files it speaks of.
    pub fn send(&self, request: Request, files: &[File], pending: Pending) {
        if self.has_ended.get() {
            return pending.fail(crashed("the engine has ended"));
        }
        let id = self.number();
        self.waiting.borrow_mut().insert(id, pending);
        if let Err(error) = self.post(ToWorker { id, request }, files)
            && let Some(pending) = self.waiting.borrow_mut().remove(&id)
        {
            pending.fail(error);
        }
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, request: Request, on_progress: Option<OnProgress>) -> Result<Response, AppError> {
        let (pending, answer) = pending(on_progress);
        self.send(request, &[], pending);
        received(answer.await)
    }

    /// Sends a request that has no answer.
    pub fn tell(&self, request: Request) {
        // A worker that cannot be reached has no run to stop.
        drop(self.post(ToWorker { id: self.number(), request }, &[]));
    }

    fn number(&self) -> u32 {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        id
    }

    fn post(&self, message: ToWorker, files: &[File]) -> Result<(), AppError> {
        let Some(codec) = self.codec.get() else {
            self.early.borrow_mut().push((message, files.to_vec()));
            return Ok(());
        };
        let bytes = (codec.encode)(&message).map_err(|error| crashed(&error))?;
        let bytes = Uint8Array::from(bytes.as_slice());
        let message = if files.is_empty() { bytes.into() } else { beside(&bytes, files) };
        self.worker.post_message(&message).map_err(|_| crashed("the engine cannot be reached"))
    }

    /// Ends the worker: everybody who waits learns that no answer will come.
    pub fn end(&self, message: &str) {
        self.worker.terminate();
        self.has_ended.set(true);
        drop(self.early.take());
        for pending in self.waiting.take().into_values() {
            pending.fail(crashed(message));
        }
    }

    fn answer(&self, FromWorker { id, response }: FromWorker) {
        if let Response::Progress { .. } | Response::LanguageProgress(_) = response {
            if let Some(on_progress) = self.waiting.borrow().get(&id).and_then(|p| p.on_progress.as_ref()) {
                on_progress(response);
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

/// Fetches what writes and reads messages, and sends those that wait for it.
async fn prepare(link: Weak<Link>, crash: Rc<dyn Fn(&str)>) {
    let Ok(codec) = codec().await else {
        crash("the part of the page that talks with it did not arrive");
        return;
    };
    let Some(link) = link.upgrade() else { return };
    link.codec.set(Some(codec));
    for (message, files) in link.early.take() {
        let id = message.id;
        if let Err(error) = link.post(message, &files)
            && let Some(pending) = link.waiting.borrow_mut().remove(&id)
        {
            pending.fail(error);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// A message with files: the browser hands them over without reading them.
fn beside(bytes: &Uint8Array, files: &[File]) -> JsValue {
    let message = Object::new();
    let files: Array = files.iter().collect();
    for (name, value) in [("request", bytes.as_ref()), ("files", files.as_ref())] {
        // A new object takes every property.
        drop(Reflect::set(&message, &JsValue::from_str(name), value));
    }
    message.into()
}

/// A message of the worker: an answer's bytes, `{ loading: bytes }` or `{ crash: message }`.
fn hear(link: &Weak<Link>, data: &JsValue, on_loading: &dyn Fn(usize), crash: &dyn Fn(&str)) {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        let Some(link) = link.upgrade() else { return };
        // Who has said nothing yet gets no answer.
        let message = link.codec.get().and_then(|codec| (codec.decode)(&bytes.to_vec()));
        match message {
            Some(message) => link.answer(message),
            None => crash("page and engine come from different builds; reload the page"),
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

/// The folder of the files that belong to this page, as `index.html` names it: other versions have others.
pub fn site() -> String {
    let meta = document().query_selector("meta[name=site]").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}
