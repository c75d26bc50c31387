//! The worker's own side of the browser.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use protocol::{FromWorker, Response};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, Performance, Request, StorageManager,
};

/// The worker's global scope.
#[derive(Clone)]
pub struct Scope {
    global: DedicatedWorkerGlobalScope,
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

    /// Milliseconds since 1970.
    pub fn today(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    /// Comes to `null` after so many milliseconds.
    pub fn after(&self, milliseconds: i32) -> Promise {
        Promise::new(&mut |resolve, _| {
            let null = JsValue::NULL;
            let timer = self.global.set_timeout_with_callback_and_timeout_and_arguments_1(
                &resolve,
                milliseconds,
                &null,
            );
            if timer.is_err() {
                drop(resolve.call1(&null, &null));
            }
        })
    }

    /// Asks another host for something; the answer is a `Response`.
    pub fn fetch(&self, request: &Request) -> Promise {
        self.global.fetch_with_request(request)
    }

    /// Whether the browser believes that there is a network.
    pub fn is_online(&self) -> bool {
        self.global.navigator().on_line()
    }

    /// The machine's memory in bytes, as coarsely as the browser says it: 8 GiB means that much or more.
    pub fn device_memory(&self) -> Option<u64> {
        let navigator = self.global.navigator();
        let gibibytes = Reflect::get(&navigator, &JsValue::from_str("deviceMemory")).ok()?.as_f64()?;
        Some((gibibytes * f64::from(1 << 30)) as u64)
    }

    /// Where the browser keeps files of this site, if it does.
    pub fn storage(&self) -> Option<StorageManager> {
        let storage = Reflect::get(&self.global.navigator(), &JsValue::from_str("storage")).ok()?;
        storage.dyn_into().ok()
    }
}

/// Bytes of this worker's memory.
pub fn memory() -> u64 {
    #[cfg(target_arch = "wasm32")]
    return core::arch::wasm32::memory_size(0) as u64 * 65_536;
    #[cfg(not(target_arch = "wasm32"))]
    0
}

/// What the browser says of an error, in its words.
pub fn words(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}

/// What kind of error the browser says it is: "QuotaExceededError".
pub fn kind(error: &JsValue) -> String {
    let name = Reflect::get(error, &JsValue::from_str("name"));
    name.ok().and_then(|name| name.as_string()).unwrap_or_default()
}
