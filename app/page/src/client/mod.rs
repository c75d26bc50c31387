//! The engine's web worker, as the page sees it: a request goes out, one answer comes back.
//!
//! Requests asked before the worker runs wait for it. When the worker crashes, whoever waits gets
//! [`Problem::Crashed`], and [`Client::on_crash`] is told; starting a new one is the session's decision.

mod link;

use std::future::Future;
use std::rc::Rc;

use engine::interpreter::ModelCard;
use futures_channel::oneshot;
use leptos::prelude::*;
use protocol::{AppError, Device, DeviceReport, Problem, Request, Response};

use link::{Link, Pending};

/// A handle to the worker; a copy speaks to the same one.
#[derive(Clone, Copy)]
pub struct Client {
    state: StoredValue<State, LocalStorage>,
}

#[derive(Default)]
struct State {
    link: Option<Rc<Link>>,
    /// Asked before there was a worker.
    early: Vec<(Request, Pending)>,
    on_crash: Option<Rc<dyn Fn(AppError)>>,
}

/// Called with the forward passes so far.
type OnProgress = Box<dyn Fn(usize)>;

impl Client {
    /// A client without a worker yet.
    pub fn new() -> Self {
        Self { state: StoredValue::new_local(State::default()) }
    }

    /// Asks the worker; [`Response::Failed`] is the error.
    pub fn request(self, request: Request) -> impl Future<Output = Result<Response, AppError>> + 'static {
        self.ask(request, None)
    }

    /// Asks the worker and hears of the forward passes so far.
    pub fn request_with_progress(
        self,
        request: Request,
        on_progress: impl Fn(usize) + 'static,
    ) -> impl Future<Output = Result<Response, AppError>> + 'static {
        self.ask(request, Some(Box::new(on_progress)))
    }

    /// Stops the run that is going on; its request is answered with what there is.
    pub fn cancel(self) {
        self.state.with_value(|state| {
            if let Some(link) = &state.link {
                link.tell(Request::Cancel);
            }
        });
    }

    /// Tells of every crash of the worker from now on.
    pub fn on_crash(self, callback: impl Fn(AppError) + 'static) {
        self.state.update_value(|state| state.on_crash = Some(Rc::new(callback)));
    }

    /// Starts a worker for a device. When it is ready it takes the place of the one before; until then, and
    /// if it never is, that one goes on. `on_loading` hears of the module's bytes as they arrive.
    pub async fn connect(
        self,
        device: Device,
        on_loading: impl Fn(usize) + 'static,
    ) -> Result<(DeviceReport, ModelCard), AppError> {
        let link = Link::spawn(device, on_loading, move |link, error| self.lost(link, error))?;
        let (pending, answer) = pending(None);
        link.send(Request::Start { device }, pending);
        match received(answer.await)? {
            Response::Ready { device, card } => {
                let early = self.state.try_update_value(|state| {
                    state.link = Some(Rc::clone(&link));
                    std::mem::take(&mut state.early)
                });
                for (request, pending) in early.unwrap_or_default() {
                    link.send(request, pending);
                }
                Ok((device, card))
            }
            _ => Err(crashed("the engine did not say that it is ready")),
        }
    }

    fn ask(
        self,
        request: Request,
        on_progress: Option<OnProgress>,
    ) -> impl Future<Output = Result<Response, AppError>> + 'static {
        let (pending, answer) = pending(on_progress);
        self.state.update_value(|state| match &state.link {
            Some(link) => link.send(request, pending),
            None => state.early.push((request, pending)),
        });
        async move { received(answer.await) }
    }

    /// A worker is gone. Only the one in use matters: one that never got ready has told its starter.
    fn lost(self, link: &Rc<Link>, error: AppError) {
        let callback = self.state.try_update_value(|state| {
            let in_use = state.link.as_ref().is_some_and(|current| Rc::ptr_eq(current, link));
            in_use.then(|| state.link = None).and_then(|()| state.on_crash.clone())
        });
        if let Some(Some(callback)) = callback {
            callback(error);
        }
    }
}

fn pending(on_progress: Option<OnProgress>) -> (Pending, oneshot::Receiver<Result<Response, AppError>>) {
    let (answer, receiver) = oneshot::channel();
    (Pending { answer, on_progress }, receiver)
}

/// What was asked and never answered was lost with its worker.
fn received(answer: Result<Result<Response, AppError>, oneshot::Canceled>) -> Result<Response, AppError> {
    answer.unwrap_or_else(|_| Err(crashed("the engine was replaced before it answered")))
}

/// A worker that is gone.
fn crashed(message: &str) -> AppError {
    AppError {
        problem: Problem::Crashed,
        message: message.to_owned(),
        remedy: "Nothing you typed is lost. If it happens again, please report the program that does it."
            .to_owned(),
    }
}
