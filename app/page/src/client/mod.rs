//! The engine's web worker, as the page sees it: a request goes out, one answer comes back.
//!
//! Requests asked while the first worker starts wait for it, and fail with it when it never gets ready. When the
//! worker crashes, whoever waits gets [`Problem::Crashed`]; [`Client::on_trouble`] hears of that and of a lost
//! device, whatever was asked. Starting a new worker is the decision of `device`.

mod codec;
pub mod link;

use std::future::Future;
use std::rc::Rc;

use engine::interpreter::ModelCard;
use futures_channel::oneshot;
use leptos::prelude::*;
use protocol::{AppError, Device, DeviceReport, Machine, Problem, Request, Response};
use web_sys::File;

use link::{Link, Pending};

/// Requests that wait for the first worker; of more, the oldest is given up.
const EARLY: usize = 16;

/// A handle to the worker; a copy speaks to the same one.
#[derive(Clone, Copy)]
pub struct Client {
    state: StoredValue<State, LocalStorage>,
}

#[derive(Default)]
struct State {
    /// The worker in use.
    link: Option<Rc<Link>>,
    /// The worker that is to take its place.
    starting: Option<Rc<Link>>,
    /// Why the last start failed, while there is no worker.
    down: Option<AppError>,
    /// Asked before there was a worker.
    early: Vec<(Request, Vec<File>, Pending)>,
    on_trouble: Option<Rc<dyn Fn(AppError)>>,
}

/// Called with every response that is no answer yet.
pub type OnProgress = Box<dyn Fn(Response)>;

impl Client {
    /// A client without a worker yet.
    pub fn new() -> Self {
        Self { state: StoredValue::new_local(State::default()) }
    }

    /// Asks the worker; [`Response::Failed`] is the error.
    pub fn request(self, request: Request) -> impl Future<Output = Result<Response, AppError>> + 'static {
        self.ask(request, None)
    }

    /// Asks the worker about a file.
    pub fn request_with_file(
        self,
        request: Request,
        file: File,
    ) -> impl Future<Output = Result<Response, AppError>> + 'static {
        self.ask_with(request, vec![file], None)
    }

    /// Asks the worker and hears of the forward passes so far.
    pub fn request_with_progress(
        self,
        request: Request,
        on_progress: impl Fn(usize) + 'static,
    ) -> impl Future<Output = Result<Response, AppError>> + 'static {
        let on_progress = move |response| {
            if let Response::Progress { tokens } = response {
                on_progress(tokens);
            }
        };
        self.ask(request, Some(Box::new(on_progress)))
    }

    /// Stops what a machine does and what waits to be done by it; each request is answered with what there is.
    pub fn cancel(self, machine: Machine) {
        self.state.with_value(|state| {
            if let Some(link) = &state.link {
                link.tell(Request::Cancel(Some(machine)));
            }
        });
    }

    /// Tells from now on of every crash of the worker in use, and of every answer that its device is lost.
    pub fn on_trouble(self, callback: impl Fn(AppError) + 'static) {
        self.state.update_value(|state| state.on_trouble = Some(Rc::new(callback)));
    }

    /// Whether there is no worker yet, and one may still come.
    pub fn is_waiting(self) -> bool {
        self.state.with_value(|state| state.link.is_none() && state.down.is_none())
    }

    /// Starts a worker for a device. When it is ready it takes the place of the one before; until then, and
    /// if it never is, that one goes on. `on_loading` hears of the module's bytes as they arrive. A start that
    /// another one, or [`Self::abandon_start`], overtakes is `None`.
    pub async fn connect(
        self,
        device: Device,
        on_loading: impl Fn(usize) + 'static,
    ) -> Option<Result<(DeviceReport, ModelCard), AppError>> {
        self.abandon_start();
        let on_crash = Box::new(move |link: &Rc<Link>, error| self.lost(link, error));
        let engine = if device == Device::WebGpu { "gpu" } else { "light" };
        let link = match Link::spawn(engine, Box::new(on_loading), on_crash) {
            Ok(link) => link,
            Err(error) => return Some(Err(self.failed(error))),
        };
        self.state.update_value(|state| (state.starting, state.down) = (Some(Rc::clone(&link)), None));
        let (pending, answer) = pending(None);
        link.send(Request::Start { device }, &[], pending);
        let answer = received(answer.await);
        let is_wanted = self.state.try_update_value(|state| {
            let is_wanted = state.starting.as_ref().is_some_and(|starting| Rc::ptr_eq(starting, &link));
            is_wanted.then(|| state.starting = None).is_some()
        });
        if is_wanted != Some(true) {
            return None;
        }
        Some(match answer {
            Ok(Response::Ready { device, card }) => {
                self.state.update_value(|state| state.link = Some(link));
                Ok((device, card))
            }
            Ok(_) => Err(self.failed(crashed("the engine did not say that it is ready"))),
            Err(error) => Err(self.failed(error)),
        })
    }

    /// Gives up the start that is going on, if any.
    pub fn abandon_start(self) {
        if let Some(Some(link)) = self.state.try_update_value(|state| state.starting.take()) {
            link.end("another device was chosen");
        }
    }

    /// Ends the worker, and the one that is being started. Whoever waits for them learns why.
    pub fn disconnect(self, why: &str) {
        self.abandon_start();
        if let Some(Some(link)) = self.state.try_update_value(|state| state.link.take()) {
            link.end(why);
        }
    }

    /// Sends what was asked before there was a worker.
    pub fn send_early(self) {
        self.state.update_value(|state| {
            if let Some(link) = &state.link {
                let early = state.early.drain(..);
                early.for_each(|(request, files, pending)| link.send(request, &files, pending));
            }
        });
    }

    /// A worker never got ready. Without another one, whoever waits learns it, and whoever asks from now on.
    fn failed(self, error: AppError) -> AppError {
        self.state.update_value(|state| {
            if state.link.is_none() {
                state.down = Some(error.clone());
                state.early.drain(..).for_each(|(.., pending)| pending.fail(error.clone()));
            }
        });
        error
    }

    fn ask(
        self,
        request: Request,
        on_progress: Option<OnProgress>,
    ) -> impl Future<Output = Result<Response, AppError>> + 'static {
        self.ask_with(request, Vec::new(), on_progress)
    }

    fn ask_with(
        self,
        request: Request,
        files: Vec<File>,
        on_progress: Option<OnProgress>,
    ) -> impl Future<Output = Result<Response, AppError>> + 'static {
        let (pending, answer) = pending(on_progress);
        self.state.update_value(|state| match (&state.link, &state.down) {
            (Some(link), _) => link.send(request, &files, pending),
            (None, Some(error)) => pending.fail(error.clone()),
            (None, None) => {
                if state.early.len() >= EARLY {
                    drop(state.early.remove(0));
                }
                state.early.push((request, files, pending));
            }
        });
        async move {
            let answer = received(answer.await);
            if let Err(error) = &answer
                && error.problem == Problem::DeviceLost
            {
                self.tell(error.clone());
            }
            answer
        }
    }

    fn tell(self, error: AppError) {
        let callback = self.state.try_with_value(|state| state.on_trouble.clone());
        if let Some(Some(callback)) = callback {
            callback(error);
        }
    }

    /// A worker is gone. Only the one in use matters: one that never got ready has told its starter.
    fn lost(self, link: &Rc<Link>, error: AppError) {
        let in_use = self.state.try_update_value(|state| {
            let in_use = state.link.as_ref().is_some_and(|current| Rc::ptr_eq(current, link));
            in_use.then(|| state.link = None).is_some()
        });
        if in_use == Some(true) {
            self.tell(error);
        }
    }
}

/// A request and the place where its answer will be.
pub fn pending(on_progress: Option<OnProgress>) -> (Pending, oneshot::Receiver<Result<Response, AppError>>) {
    let (answer, receiver) = oneshot::channel();
    (Pending { answer, on_progress }, receiver)
}

/// What was asked and never answered was lost with its worker.
pub fn received(answer: Result<Result<Response, AppError>, oneshot::Canceled>) -> Result<Response, AppError> {
    answer.unwrap_or_else(|_| Err(crashed("the engine was replaced before it answered")))
}

/// The engine answered something else than it was asked.
pub fn unexpected() -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message: "the engine answered something else than it was asked".to_owned(),
        remedy: "Reload the page: its parts seem to come from different builds.".to_owned(),
    }
}

/// A worker that is gone.
pub fn crashed(message: &str) -> AppError {
    AppError {
        problem: Problem::Crashed,
        message: message.to_owned(),
        remedy: "Nothing you typed is lost. If it happens again, please report the program that does it."
            .to_owned(),
    }
}
