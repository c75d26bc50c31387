//! A request under way: what it tells the page, and how it hears that it is to stop.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Promise};
use protocol::language::LanguageProgress;
use protocol::{AppError, Response};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::error;
use crate::breaking::Breakable;
use crate::rest::Rest;
use crate::scope::Scope;

/// Seconds between two reports of the same work.
const BETWEEN_REPORTS: f64 = 0.1;
/// Milliseconds after which whoever waits for the browser looks whether it is to stop.
const TICK: i32 = 150;

/// A request under way.
pub struct Errand<'a> {
    /// The worker's side of the browser.
    pub scope: &'a Scope,
    /// What tests break.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "the processor cannot be taken away"))]
    pub breakable: &'a Breakable,
    id: u32,
    is_cancelled: &'a dyn Fn() -> bool,
    rest: Rest<'a>,
    told: Cell<f64>,
    /// A timer that runs; chunks of a download share one.
    tick: RefCell<Option<Promise>>,
}

impl<'a> Errand<'a> {
    /// The request of that number; `is_cancelled` says whether somebody stopped it.
    pub fn new(
        scope: &'a Scope,
        breakable: &'a Breakable,
        id: u32,
        is_cancelled: &'a dyn Fn() -> bool,
    ) -> Self {
        let rest = Rest::new(scope);
        Self {
            scope,
            breakable,
            id,
            is_cancelled,
            rest,
            told: Cell::new(f64::NEG_INFINITY),
            tick: RefCell::default(),
        }
    }

    /// Tells the page how far it is.
    pub fn tell(&self, progress: LanguageProgress) {
        self.told.set(self.scope.seconds());
        self.scope.post(self.id, Response::LanguageProgress(progress));
    }

    /// The same, about ten times a second at most.
    pub fn tell_now_and_then(&self, progress: LanguageProgress) {
        if self.scope.seconds() - self.told.get() >= BETWEEN_REPORTS {
            self.tell(progress);
        }
    }

    /// Whether somebody stopped the request, as far as the worker has heard.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only the graphics device is waited for so"))]
    pub fn is_cancelled(&self) -> bool {
        (self.is_cancelled)()
    }

    /// Rests if it is time, and says whether the request is to stop.
    pub async fn is_to_stop(&self) -> bool {
        self.rest.when_due().await;
        (self.is_cancelled)()
    }

    /// Rests if it is time.
    ///
    /// # Errors
    /// When somebody stopped the request.
    pub async fn go_on(&self) -> Result<(), AppError> {
        if self.is_to_stop().await { Err(error::cancelled()) } else { Ok(()) }
    }

    /// Waits for the browser, which may take for ever: what it says, good or bad. The promise must not come to
    /// `null`.
    ///
    /// # Errors
    /// When somebody stopped the request meanwhile.
    pub async fn wait(&self, promise: &Promise) -> Result<Result<JsValue, JsValue>, AppError> {
        loop {
            if (self.is_cancelled)() {
                return Err(error::cancelled());
            }
            let running = self.tick.borrow().clone();
            let tick = running.unwrap_or_else(|| self.scope.after(TICK));
            self.tick.replace(Some(tick.clone()));
            let first = JsFuture::from(Promise::race(&Array::of2(promise, &tick))).await;
            match first {
                Ok(value) if value.is_null() => drop(self.tick.take()),
                other => return Ok(other),
            }
        }
    }
}
