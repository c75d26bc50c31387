//! The whole page.

use std::time::Duration;

use leptos::prelude::*;
use protocol::Device;
use web_sys::File;

use crate::ask::AskPage;
use crate::bench::checks::Checks;
use crate::bench::runs::Runs;
use crate::device::Engine;
use crate::dropping;
use crate::kept;
use crate::language::Language;
use crate::language::worlds::Worlds;
use crate::learn::Lessons;
use crate::learn::lab::Lab;
use crate::learn::tour::Tours;
use crate::live::live;
use crate::parts::Parts;
use crate::route::Router;
use crate::session::Session;
use crate::shell::Shell;
use crate::shell::notices::Notices;
use crate::shell::share::{self, Shared};
use crate::test_hook;
use crate::traces::{SUBJECT, Traces};

/// The root component.
#[component]
pub fn App() -> impl IntoView {
    let router = Router::new();
    let notices = Notices::new();
    let session = Session::new();
    let engine = Engine::new(session, notices);
    let language = Language::new(notices, "model");
    let parts = Parts::new();
    provide_context(parts);
    provide_context(router);
    provide_context(notices);
    provide_context(session);
    provide_context(engine);
    provide_context(language);
    let worlds = Worlds::new(Language::new(notices, "nano"), language);
    provide_context(worlds);
    provide_context(Runs::new(session));
    provide_context(Checks::new(session));
    provide_context(Lessons { lab: Lab::new(), nano: Language::new(notices, "lessons") });
    provide_context(Tours::new());
    kept::restore(session);
    share::follow_links(Shared { router, session, worlds, notices, parts });
    if test_hook::is_wanted() {
        parts.talking.then(move |part| (part.test_hook)(session, worlds), || {});
    }
    let traces = Traces::new(router, session, worlds, notices, parts);
    provide_context(traces);
    dropping::watch(router, language, move |file| open_trace(parts, traces, notices, file));
    // The page paints first: neither its other parts nor the engine's module must compete with what it needs for that.
    request_animation_frame(move || {
        let go_on = move || {
            parts.fetch_all();
            engine.start(Device::Cpu);
        };
        set_timeout(go_on, Duration::ZERO);
    });
    // Of the lessons another part is no other page.
    let page = Memo::new(move |_| {
        let place = router.place();
        (place.route, place.query)
    });
    let content = move || {
        let route = page.get().0;
        parts.route(route).unwrap_or_else(|| view! { <AskPage/> }.into_any())
    };
    view! { <Shell router=router>{live(content)}</Shell> }
}

/// Opens a trace file with the part that does, if that comes.
fn open_trace(parts: Parts, traces: Traces, notices: Notices, file: File) {
    let missing = move || {
        notices.problem(
            SUBJECT,
            "Not opened. The part of the page that reads such files did not arrive.",
            "Is there a network? Drop the file again, or reload the page.",
        );
    };
    parts.machines.then(move |part| (part.open_trace)(traces, file), missing);
}
