//! Which model the X-ray looks into: a machine, the page's own language model, or one that a person loaded.

use leptos::prelude::*;
use protocol::Machine;

use crate::language::Language;
use crate::language::worlds::{Worlds, use_worlds};
use crate::live::live;
use crate::route::{Route, Router};
use crate::session::use_session;

/// A language model of the X-ray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// The one that comes with the page.
    Nano,
    /// The one that a person loaded.
    Own,
}

impl Decoder {
    /// The path behind `#/xray/`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Nano => "nano",
            Self::Own => "own",
        }
    }

    /// Which one a path names; `None` is a machine.
    pub fn of(path: &str) -> Option<Self> {
        [Self::Nano, Self::Own].into_iter().find(|one| one.path() == path)
    }

    /// Its model.
    pub fn language(self, worlds: Worlds) -> Language {
        match self {
            Self::Nano => worlds.nano,
            Self::Own => worlds.own,
        }
    }
}

/// All of them, to choose one.
#[component]
pub fn Models() -> impl IntoView {
    let (session, worlds) = (use_session(), use_worlds());
    let router: Router = expect_context();
    let decoder = Memo::new(move |_| Decoder::of(&router.path()));
    // A browser that refuses stays where it is.
    let go = |path: &str| drop(window().location().set_hash(&format!("{}{path}", Route::Xray.href())));
    let machine = move |machine: Machine, name: &'static str, title: &'static str, testid: &'static str| {
        let is_it = move || decoder.get().is_none() && session.machine.get() == machine;
        let show = move |_| {
            session.show_machine(machine);
            if decoder.get_untracked().is_some() {
                go("");
            }
        };
        view! {
            <button class="machine" data-testid=testid title=title aria-pressed=move || is_it().to_string() on:click=show>{name}</button>
        }
    };
    let own = move || {
        worlds.own.source.loaded.with(|loaded| loaded.as_ref().map(|loaded| loaded.card.name.clone()))
    };
    let trained = move |one: Decoder, testid: &'static str| {
        let is_it = move || decoder.get() == Some(one);
        let name = move || match one {
            Decoder::Nano => "nano".to_owned(),
            Decoder::Own => own().unwrap_or_else(|| "Your own model".to_owned()),
        };
        let show = move |_| go(&format!("/{}", one.path()));
        view! {
            <button class="machine" data-testid=testid title="A trained language model" aria-pressed=move || is_it().to_string() on:click=show>{live(name)}</button>
        }
    };
    view! {
        <div class="machines-choice" role="group" aria-label="Model" data-testid="xray-machine">
            {machine(Machine::Classic, "Bytes, line by line", "The classic machine", "machine-classic")}
            {machine(Machine::Full, "Modules, 32 bits", "The full machine", "machine-full")}
            {trained(Decoder::Nano, "decoder-nano")}
            {trained(Decoder::Own, "decoder-own")}
        </div>
    }
}
