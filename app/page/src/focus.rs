//! Where the focus goes when what had it goes away: a button that was pressed and is gone would leave it nowhere, and whoever
//! uses a keyboard at the top of the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Puts the focus on the element of an id.
pub fn on(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // An element that cannot take it leaves it where it is.
        drop(element.focus());
    }
}

/// The same once the page has been drawn again; nothing if the focus is somewhere by then.
pub fn next_on(id: &'static str) {
    request_animation_frame(move || {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if is_lost {
            on(id);
        }
    });
}
