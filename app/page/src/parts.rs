//! Where the page's modules begin: each function here, and what only it needs, becomes one that is loaded later (docs/architecture.md).
//! What several of them need goes into modules between them.
//!
//! What these give are functions, because calling the marked ones takes a moment even when their module is here.

// What `wasm_split` writes has to say `unsafe`, for the names that the linker sees. Nothing else here does.
#![allow(unsafe_code)]

use leptos::prelude::*;
use leptos::wasm_split::{self, wasm_split};
use web_sys::File;

use crate::ask::Steps;
use crate::ask::story::Told;
use crate::bench::BenchPage;
use crate::chat::ChatPage;
use crate::language::worlds::Worlds;
use crate::learn::tour::panel::{AnswerTour, RunTour};
use crate::learn::{self, LearnPage};
use crate::models::ModelsPage;
use crate::part::{Found, Part};
use crate::repl::ReplPage;
use crate::route::Route;
use crate::session::Session;
use crate::shell::device_chip::DeviceMenu;
use crate::shell::share::{self, SharePanel, Shared};
use crate::test_hook;
use crate::traces::Traces;
use crate::xray::XrayPage;

/// Draws something of the page.
pub type Draw = fn() -> AnyView;

/// What deals with language models, and what the header opens.
#[derive(Clone, Copy)]
pub struct Talking {
    /// How a question is answered.
    pub steps: Draw,
    /// `#/chat`
    pub chat: Draw,
    /// `#/models`
    pub models: Draw,
    /// What the Share button opens.
    pub share: Draw,
    /// Opens a link's view.
    pub open_link: fn(Shared, String, Route),
    /// Opens what a frame shows as a page of its own.
    pub open_whole: fn(Shared),
    /// The story of the published system, at a step.
    pub told: fn(RwSignal<usize>) -> AnyView,
    /// What the device chip opens.
    pub device: Draw,
    /// What browser tests may do.
    pub test_hook: fn(Session, Worlds),
}

#[wasm_split(talking, wasm_split_path = wasm_split, fallible)]
fn talking() -> Found<Talking> {
    Ok(Talking {
        steps: || view! { <Steps/> }.into_any(),
        chat: || view! { <ChatPage/> }.into_any(),
        models: || view! { <ModelsPage/> }.into_any(),
        share: || view! { <SharePanel/> }.into_any(),
        open_link: share::open_link,
        open_whole: share::open_whole,
        told: |step| view! { <Told step/> }.into_any(),
        device: || view! { <DeviceMenu/> }.into_any(),
        test_hook: test_hook::install,
    })
}

/// What shows the machines.
#[derive(Clone, Copy)]
pub struct Machines {
    /// `#/repl`
    pub repl: Draw,
    /// `#/xray`
    pub xray: Draw,
    /// `#/bench`
    pub bench: Draw,
    /// Opens a trace file.
    pub open_trace: fn(Traces, File),
    /// Asks the question of such a file, once its model is here.
    pub follow_trace: fn(Traces),
}

#[wasm_split(machines, wasm_split_path = wasm_split, fallible)]
fn machines() -> Found<Machines> {
    Ok(Machines {
        repl: || view! { <ReplPage/> }.into_any(),
        xray: || view! { <XrayPage/> }.into_any(),
        bench: || view! { <BenchPage/> }.into_any(),
        open_trace: Traces::open,
        follow_trace: Traces::follow,
    })
}

/// The lessons, and the tours through other pages.
#[derive(Clone, Copy)]
pub struct Lessons {
    /// `#/learn`
    pub page: Draw,
    /// What the part of an address is called.
    pub title: fn(&str) -> Option<String>,
    /// A tour of an answer.
    pub answer_tour: Draw,
    /// A tour of the X-ray.
    pub run_tour: Draw,
}

#[wasm_split(lessons, wasm_split_path = wasm_split, fallible)]
fn lessons() -> Found<Lessons> {
    Ok(Lessons {
        page: || view! { <LearnPage/> }.into_any(),
        title: learn::title,
        answer_tour: || view! { <AnswerTour/> }.into_any(),
        run_tour: || view! { <RunTour/> }.into_any(),
    })
}

/// The parts of this page; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Parts {
    /// What deals with language models, and what the header opens.
    pub talking: Part<Talking>,
    /// What shows the machines.
    pub machines: Part<Machines>,
    /// The lessons, and the tours through other pages.
    pub lessons: Part<Lessons>,
}

impl Parts {
    /// None is here yet.
    pub fn new() -> Self {
        Self {
            talking: Part::new(|| Box::pin(talking())),
            machines: Part::new(|| Box::pin(machines())),
            lessons: Part::new(|| Box::pin(lessons())),
        }
    }

    /// Draws a route that comes later; the start route is here from the beginning.
    pub fn route(self, route: Route) -> Option<AnyView> {
        Some(match route {
            Route::Ask => return None,
            Route::Chat => self.talking.show(|part| (part.chat)()),
            Route::Models => self.talking.show(|part| (part.models)()),
            Route::Repl => self.machines.show(|part| (part.repl)()),
            Route::Xray => self.machines.show(|part| (part.xray)()),
            Route::Bench => self.machines.show(|part| (part.bench)()),
            Route::Learn => self.lessons.show(|part| (part.page)()),
        })
    }

    /// What a part of the lessons is called (tracked), once they are here.
    pub fn title(self, path: &str) -> Option<String> {
        self.lessons.get().and_then(|lessons| (lessons.title)(path))
    }

    /// Asks for everything that is not here yet.
    pub fn fetch_all(self) {
        self.talking.fetch();
        self.machines.fetch();
        self.lessons.fetch();
    }
}

/// The parts of this page.
pub fn use_parts() -> Parts {
    expect_context()
}
