//! Pauses in long work, in which the worker hears what the page has to say.

use std::cell::Cell;

use crate::scope::Scope;

/// Seconds of work before a pause.
const PATIENCE: f64 = 0.02;

/// One piece of work and its pauses.
pub struct Rest<'a> {
    scope: &'a Scope,
    begin: f64,
    rested: Cell<f64>,
    waited: Cell<f64>,
}

impl<'a> Rest<'a> {
    /// Work that begins now.
    pub fn new(scope: &'a Scope) -> Self {
        let begin = scope.seconds();
        Self { scope, begin, rested: Cell::new(begin), waited: Cell::new(0.0) }
    }

    /// Lets the events that wait be heard, if it is time; says whether it was.
    pub async fn when_due(&self) -> bool {
        let now = self.scope.seconds();
        if now - self.rested.get() < PATIENCE {
            return false;
        }
        self.scope.let_events_through().await;
        self.rested.set(self.scope.seconds());
        self.waited.set(self.waited.get() + self.rested.get() - now);
        true
    }

    /// Seconds since the beginning, without the pauses.
    pub fn worked(&self) -> f64 {
        self.scope.seconds() - self.begin - self.waited.get()
    }
}
