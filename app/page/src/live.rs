//! Views that are compiled once. Leptos compiles its machinery anew for every type of closure and of list item;
//! the page has a hundred of them, and a visitor would download each.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// A part of the page that is drawn again when a signal it has read changes.
///
/// The `view!` macro does the same to closures that stand in it literally; this is for those with a name.
pub fn live<V: IntoAny>(mut part: impl FnMut() -> V + Send + 'static) -> AnyView {
    let part: Arc<Mutex<dyn FnMut() -> AnyView + Send>> = Arc::new(Mutex::new(move || part().into_any()));
    part.into_any()
}

/// Iterators of views.
pub trait Listed: Iterator {
    /// All views, one after the other, as one.
    fn listed(self) -> AnyView
    where
        Self: Sized,
        Self::Item: IntoAny,
    {
        self.map(IntoAny::into_any).collect::<Vec<_>>().into_any()
    }
}

impl<I: Iterator> Listed for I {}
