//! What browser tests may do that a person cannot: break the engine. Only there with `?test` in the address.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Request;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::session::Session;

/// Puts `worldmodelBreak(device: boolean)` on the window: `true` loses the GPU device, `false` crashes the
/// worker.
pub fn install(session: Session) {
    if !window().location().search().is_ok_and(|search| search.split(['?', '&']).any(|word| word == "test")) {
        return;
    }
    let break_it = Closure::<dyn Fn(bool)>::new(move |device| {
        spawn_local(async move {
            // The answer, if one comes, is a crash that the page reports on its own.
            drop(session.client.request(Request::Break { device }).await);
        });
    });
    let name = JsValue::from_str("worldmodelBreak");
    // A window that takes no property makes the test fail, which is what it is for.
    drop(js_sys::Reflect::set(&window(), &name, &break_it.into_js_value()));
}
