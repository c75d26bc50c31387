//! Parts of the page that come as modules of their own, when somebody wants them or the first one has nothing else to do.
//!
//! A function marked with `wasm_split` in `parts` is where such a module begins. It gives a function that needs no waiting any more;
//! [`Part`] asks for it once, keeps it, and says meanwhile what there is to say.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::focus;

/// What a module gives when it has come.
pub type Found<F> = Result<F, SplitLoaderError>;

/// A module on its way.
pub type Coming<F> = Pin<Box<dyn Future<Output = Found<F>>>>;

/// How far a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State<F> {
    /// Nobody has asked for it.
    Absent,
    /// It is on its way.
    Coming,
    /// It did not arrive.
    Failed,
    There(F),
}

/// A part of the page in a module of its own; a handle that is copied freely.
pub struct Part<F: 'static> {
    state: RwSignal<State<F>>,
    ask: fn() -> Coming<F>,
}

impl<F> Clone for Part<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Part<F> {}

impl<F: Copy + Send + Sync + 'static> Part<F> {
    /// A part that nobody has asked for yet.
    pub fn new(ask: fn() -> Coming<F>) -> Self {
        Self { state: RwSignal::new(State::Absent), ask }
    }

    /// Asks for it, unless it is here or on its way.
    pub fn fetch(self) {
        if matches!(self.state.get_untracked(), State::Coming | State::There(_)) {
            return;
        }
        self.state.set(State::Coming);
        spawn_local(async move {
            let found = (self.ask)().await;
            self.state.set(found.map_or(State::Failed, State::There));
        });
    }

    /// Goes on with what it gives as soon as it is here: at once, if it is. The other way to go on is for where it does not come.
    pub fn then(self, go_on: impl FnOnce(F) + 'static, or_else: impl FnOnce() + 'static) {
        if let State::There(found) = self.state.get_untracked() {
            return go_on(found);
        }
        self.fetch();
        spawn_local(async move {
            // The browser asks for it once, whoever waits.
            match (self.ask)().await {
                Ok(found) => go_on(found),
                Err(_) => or_else(),
            }
        });
    }

    /// What it gives, if it is here (tracked).
    pub fn get(self) -> Option<F> {
        match self.state.get() {
            State::There(found) => Some(found),
            _ => None,
        }
    }

    /// Draws what is here; meanwhile, and if it does not come, says so.
    pub fn show(self, draw: impl Fn(F) -> AnyView + Send + Sync + 'static) -> AnyView {
        self.fetch();
        let content = move || {
            match self.state.get() {
            State::There(found) => draw(found),
            State::Failed => {
                let again = move |()| {
                    // The button goes, and comes again or gives way to the page.
                    let held = focus::held();
                    self.fetch();
                    held.hand_to("main");
                };
                view! { <Missing again=Callback::new(again)/> }.into_any()
            }
            State::Absent | State::Coming => view! {
                <p class="part-coming" role="status" data-testid="part-coming">"This part of the page arrives …"</p>
            }
            .into_any(),
        }
        };
        content.into_any()
    }
}

/// Says that a part did not come, and what to do.
#[component]
fn Missing(again: Callback<()>) -> impl IntoView {
    view! {
        <div class="problem" role="alert" data-testid="part-missing">
            <p class="problem-message">"This part of the page did not arrive."</p>
            <p>"Everything else works, and nothing typed is lost. Is there a network? If it fails again with one, reload the page."</p>
            <button class="button" data-testid="part-again" on:click=move |_| again.run(())>"Try again"</button>
        </div>
    }
}
