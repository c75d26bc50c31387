//! The worker's own side of the browser.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use protocol::{FromWorker, Response};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, Performance};

/// The worker's global scope.
#[derive(Clone)]
pub struct Scope {
    pub(crate) global: DedicatedWorkerGlobalScope,
    performance: Option<Performance>,
    /// A message sent to oneself comes back after the events that wait; a timer would be slowed to 4 ms.
    turn: Option<MessageChannel>,
}

impl Scope {
    /// The scope this module runs in; `None` outside a worker.
    pub fn of_this_worker() -> Option<Self> {
        let global = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>().ok()?;
        let performance = global.performance();
        Some(Self { global, performance, turn: MessageChannel::new().ok() })
    }

    /// Hears every message from now on.
    pub fn listen(&self, listener: &Closure<dyn Fn(MessageEvent)>) {
        let listener = listener.as_ref().unchecked_ref();
        if self.global.add_event_listener_with_callback("message", listener).is_err() {
            self.post_crash("the worker cannot listen");
        }
    }

    /// Sends an answer.
    pub fn post(&self, id: u32, response: Response) {
        match protocol::encode(&FromWorker { id, response }) {
            Ok(bytes) => {
                // The page may have closed; then nobody misses the answer.
                drop(self.global.post_message(&Uint8Array::from(bytes.as_slice())));
            }
            Err(error) => self.post_crash(&error.to_string()),
        }
    }

    /// Says that this worker is of no use any more.
    pub fn post_crash(&self, message: &str) {
        let crash = Object::new();
        let told = Reflect::set(&crash, &JsValue::from_str("crash"), &JsValue::from_str(message));
        // Nothing is left to do when even that fails.
        drop(told.and_then(|_| self.global.post_message(&crash)));
    }

    /// Seconds since some moment; 0 where the browser has no clock.
    pub fn seconds(&self) -> f64 {
        self.performance.as_ref().map_or(0.0, |clock| clock.now() / 1e3)
    }

    /// Lets the events that wait be heard, a `Cancel` among them.
    pub async fn let_events_through(&self) {
        let Some(turn) = &self.turn else { return };
        let promise = Promise::new(&mut |resolve, _| {
            turn.port1().set_onmessage(Some(&resolve));
            // A channel to oneself has no other end that could be closed.
            drop(turn.port2().post_message(&JsValue::NULL));
        });
        drop(JsFuture::from(promise).await);
    }
}
