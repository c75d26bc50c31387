//! The whole page.

use std::time::Duration;

use leptos::prelude::*;
use protocol::Device;

use crate::ask::AskPage;
use crate::bench::BenchPage;
use crate::bench::runs::Runs;
use crate::chat::ChatPage;
use crate::device::Engine;
use crate::dropping;
use crate::kept;
use crate::language::Language;
use crate::language::worlds::Worlds;
use crate::learn::lab::Lab;
use crate::learn::tour::Tours;
use crate::learn::{LearnPage, Lessons};
use crate::live::live;
use crate::models::ModelsPage;
use crate::repl::ReplPage;
use crate::route::{Route, Router};
use crate::session::Session;
use crate::shell::notices::Notices;
use crate::shell::{Shell, share};
use crate::test_hook;
use crate::traces::Traces;
use crate::xray::XrayPage;

/// The root component.
#[component]
pub fn App() -> impl IntoView {
    let router = Router::new();
    let notices = Notices::new();
    let session = Session::new();
    let engine = Engine::new(session, notices);
    let language = Language::new(notices, "model");
    provide_context(router);
    provide_context(notices);
    provide_context(session);
    provide_context(engine);
    provide_context(language);
    let worlds = Worlds::new(Language::new(notices, "nano"), language);
    provide_context(worlds);
    provide_context(Runs::new());
    provide_context(Lessons { lab: Lab::new(), nano: Language::new(notices, "lessons") });
    provide_context(Tours::new());
    kept::restore(session);
    share::follow_links(router, session, worlds, notices);
    test_hook::install(session, language, worlds.nano);
    let traces = Traces::new(router, session, worlds, notices);
    provide_context(traces);
    dropping::watch(router, language, traces);
    // The page paints first: the engine's module must not compete with its own fonts and styles.
    request_animation_frame(move || {
        set_timeout(move || engine.start(Device::Cpu), Duration::ZERO);
    });
    // Of the lessons another part is no other page.
    let page = Memo::new(move |_| {
        let place = router.place();
        (place.route, place.query)
    });
    let content = move || match page.get().0 {
        Route::Ask => view! { <AskPage/> }.into_any(),
        Route::Repl => view! { <ReplPage/> }.into_any(),
        Route::Xray => view! { <XrayPage/> }.into_any(),
        Route::Chat => view! { <ChatPage/> }.into_any(),
        Route::Learn => view! { <LearnPage/> }.into_any(),
        Route::Models => view! { <ModelsPage/> }.into_any(),
        Route::Bench => view! { <BenchPage/> }.into_any(),
    };
    view! { <Shell router=router>{live(content)}</Shell> }
}
