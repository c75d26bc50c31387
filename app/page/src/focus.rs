//! Where the focus goes when what had it goes away: a button that was pressed and is gone would leave it nowhere, and whoever
//! uses a keyboard at the top of the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

/// Puts the focus on the element of an id.
pub fn on(id: &str) {
    if let Some(element) = element(id) {
        // An element that cannot take it leaves it where it is.
        drop(element.focus());
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id).and_then(|element| element.dyn_into().ok())
}

/// Whether something has the focus.
fn is_somewhere() -> bool {
    document().active_element().is_some_and(|element| element.tag_name() != "BODY")
}

/// Whether what was pressed had the focus, when it was pressed. A browser that gives a pressed button none has nothing to lose.
#[derive(Clone, Copy)]
pub struct Held(bool);

/// Remembers that, in the handler of the press.
pub fn held() -> Held {
    Held(is_somewhere())
}

impl Held {
    /// Once the page has been drawn again: the focus, if it was held and is nowhere now. Nothing is scrolled.
    pub fn hand_to(self, id: &'static str) {
        if !self.0 {
            return;
        }
        request_animation_frame(move || {
            let Some(element) = element(id).filter(|_| !is_somewhere()) else { return };
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            drop(element.focus_with_options(&options));
        });
    }
}
