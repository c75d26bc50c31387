//! What language models need of the browser besides: time, network, storage, memory.

use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Request, StorageManager};

use crate::scope::Scope;

impl Scope {
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
