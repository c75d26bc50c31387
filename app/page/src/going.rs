//! A machine's run while it goes on: how far it is, whether one may want to stop it, and that of several runs asked for only the newest
//! counts. Both machines have one; what a run leaves behind is theirs.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Machine, Request, Response};

use crate::client::Client;

/// A run that takes longer can be stopped; for shorter ones the button would only flicker.
const LONG: Duration = Duration::from_millis(150);

/// The run of a machine that is going on; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Going {
    client: Client,
    machine: Machine,
    /// Tokens so far; `None` while nothing runs.
    tokens: RwSignal<Option<usize>>,
    is_long: RwSignal<bool>,
    /// Number of the newest run asked for: an older one's answer is ignored.
    newest: StoredValue<u64>,
}

impl Going {
    /// Nothing runs yet.
    pub fn new(client: Client, machine: Machine) -> Self {
        let (tokens, is_long) = (RwSignal::new(None), RwSignal::new(false));
        Self { client, machine, tokens, is_long, newest: StoredValue::new(0) }
    }

    /// Tokens so far (tracked); `None` while nothing runs.
    pub fn tokens(self) -> Option<usize> {
        self.tokens.get()
    }

    /// Whether a run goes on (tracked).
    pub fn is_on(self) -> bool {
        self.tokens.with(Option::is_some)
    }

    /// Whether a run goes on.
    pub fn is_on_untracked(self) -> bool {
        self.tokens.with_untracked(Option::is_some)
    }

    /// Whether it takes so long that one may want to stop it (tracked).
    pub fn is_long(self) -> bool {
        self.is_on() && self.is_long.get()
    }

    /// Asks the worker to stop; the run then ends with what it has.
    pub fn cancel(self) {
        self.client.cancel(self.machine);
    }

    /// The run that was going on counts no more, and nothing takes its place.
    pub fn end(self) {
        self.supersede();
        self.tokens.set(None);
    }

    /// The engine that a run waits for does not start. Whether there was such a run.
    pub fn give_up(self) -> bool {
        let was_on = self.is_on_untracked();
        if was_on {
            self.tokens.set(None);
        }
        was_on
    }

    /// Begins a run in the place of the one before. Its answer goes to `then` unless there is a newer run by then. Before the engine is
    /// ready nothing is asked for: whoever starts it begins the run that waits once more.
    pub fn begin(self, request: Request, then: impl FnOnce(Result<Response, AppError>) + 'static) {
        let number = self.supersede();
        let is_newest = move || self.newest.try_with_value(|newest| *newest == number) == Some(true);
        self.tokens.set(Some(0));
        if self.client.is_waiting() {
            return;
        }
        let if_long = move || {
            if is_newest() {
                self.is_long.set(true);
            }
        };
        set_timeout(if_long, LONG);
        let answer = self.client.request_with_progress(request, move |tokens| {
            if is_newest() {
                self.tokens.set(Some(tokens));
            }
        });
        spawn_local(async move {
            let answer = answer.await;
            if is_newest() {
                self.tokens.set(None);
                then(answer);
            }
        });
    }

    /// The number of a new run, for which the one before is stopped.
    fn supersede(self) -> u64 {
        let number = self.newest.with_value(|number| number + 1);
        self.newest.set_value(number);
        if self.is_on_untracked() {
            self.cancel();
        }
        self.is_long.set(false);
        number
    }
}
