//! The Share button, and what opening such a link does.

use engine::xray::Site;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::share::{ShareError, View};
use protocol::{Machine, RunOptions};
use wasm_bindgen_futures::JsFuture;

use super::notices::{Notices, use_notices};
use super::opens::opens;
use super::packing::{from_link, to_link};
use super::popover::Popover;
use super::qr::LinkCode;
use crate::ask::shared as ask;
use crate::full::{Call, Goal};
use crate::language::worlds::{Worlds, use_worlds};
use crate::parts::{Parts, use_parts};
use crate::route::{Place, Route, Router};
use crate::session::{Session, use_session};
use crate::xray::models::Decoder;

/// Forward passes of classic that a link may ask for at most: five times what the page itself asks for.
const MOST_TOKENS: usize = 100_000;

/// The name of the query's parameter.
const PARAMETER: &str = "s";

/// What the page shows, as a view.
fn current_view(session: Session, worlds: Worlds, route: Route, decoder: Option<Decoder>) -> View {
    // A chat or a question is a view of its own: the program of the other model has nothing to do with it.
    let asks = untrack(|| worlds.current());
    let (language, extra) = match (route, decoder) {
        (Route::Chat, _) => (worlds.own, worlds.own.share()),
        (Route::Ask, _) => (asks, ask::share(worlds, asks)),
        (Route::Xray, Some(decoder)) => {
            let language = decoder.language(worlds);
            let is_chat = decoder == Decoder::Own && !language.inside.of_question.get_untracked();
            (language, if is_chat { language.share() } else { ask::share(worlds, language) })
        }
        _ => return machine_view(session, route),
    };
    let inside = language.inside;
    let is_shown = inside.whole.get_untracked() || inside.open.get_untracked();
    let selection = inside.selection.get_untracked().filter(|_| is_shown).map(|site| site.to_string());
    let mut view = View { route: route.name().to_owned(), selection, extra, ..View::default() };
    if decoder.is_some() {
        // For the line that says what the link opens; who opens it finds both in `extra`.
        view.position = u32::try_from(inside.at.get_untracked()).ok();
        view.layer = u8::try_from(inside.layer.get_untracked()).unwrap_or(0);
    }
    view
}

/// A machine's program, and where one looks.
fn machine_view(session: Session, route: Route) -> View {
    if session.machine.get_untracked() == Machine::Full {
        return full_view(session, route);
    }
    let options = session.options.get_value();
    let program = session.program.get_untracked();
    // The REPL shows the text in its editor, of which nothing has run yet.
    let editor = session.editor.get_untracked().filter(|text| route == Route::Repl && *text != program);
    let position = session.chosen.get_untracked().filter(|_| editor.is_none());
    View {
        route: route.name().to_owned(),
        program: editor.unwrap_or(program),
        position: position.and_then(|position| u32::try_from(position).ok()),
        layer: u8::try_from(session.layer.get_untracked()).unwrap_or(0),
        selection: session.selection.get_untracked().map(|site| site.to_string()),
        allow_open_loops: options.allow_open_loops,
        max_tokens: u32::try_from(options.max_tokens).unwrap_or(u32::MAX),
        extra: session.extra.get_untracked(),
    }
}

/// What a view's `extra` begins with when it is of the full machine; the function, its arguments and what the X-ray has to say follow.
const FULL: &str = "full";

/// The full machine's module, with the call and where one looks.
fn full_view(session: Session, route: Route) -> View {
    let full = session.full;
    let call = full.call();
    // Where one looks is a place of the last run, which may be of another text.
    let position = session.chosen.get_untracked().filter(|_| full.ran.with_untracked(|ran| *ran == call));
    // A name may have any character: it is the last.
    let parts = [FULL.to_owned(), call.arguments, session.extra.get_untracked(), call.function];
    View {
        route: route.name().to_owned(),
        program: call.text,
        position: position.and_then(|position| u32::try_from(position).ok()),
        layer: u8::try_from(session.layer.get_untracked()).unwrap_or(0),
        selection: session.selection.get_untracked().map(|site| site.to_string()),
        extra: parts.join("\n"),
        ..View::default()
    }
}

/// A link, and what it opens.
#[derive(Clone, Default, PartialEq, Eq)]
struct Link {
    address: String,
    /// The same for a frame on another page.
    embed: String,
    opens: String,
}

/// The whole address of what the page shows.
async fn current_link(shared: Shared, place: Place) -> Result<Link, ShareError> {
    let Shared { session, worlds, parts, .. } = shared;
    let location = window().location();
    let base = location.href().unwrap_or_default();
    let base = base.split('#').next().unwrap_or_default();
    let route = place.route;
    if route == Route::Learn {
        // A lesson's address says all there is to say.
        let title =
            untrack(|| parts.title(&place.path)).map(|title| format!(", “{title}”")).unwrap_or_default();
        let [address, embed] =
            [false, true].map(|embedded| format!("{base}{}", Place { embedded, ..place.clone() }.fragment()));
        return Ok(Link { address, embed, opens: format!("It opens {}{title}.", route.title()) });
    }
    let decoder = Decoder::of(&place.path).filter(|_| route == Route::Xray);
    let view = current_view(session, worlds, route, decoder);
    let question = match decoder {
        Some(decoder) => ask::question(decoder.language(worlds)),
        None if route == Route::Ask => ask::question(untrack(|| worlds.current())),
        None => String::new(),
    };
    let opens = opens(&view, session.machine.get_untracked() == Machine::Full, &question);
    let payload = to_link(&view).await?;
    let [address, embed] = [false, true].map(|embedded| {
        let fragment = Place { embedded, ..place.clone() }.fragment();
        format!("{base}{fragment}?{PARAMETER}={payload}")
    });
    Ok(Link { address, embed, opens })
}

/// What a link is of.
#[derive(Clone, Copy)]
pub struct Shared {
    /// Where the page is.
    pub router: Router,
    /// The machines' session.
    pub session: Session,
    /// The language models.
    pub worlds: Worlds,
    /// The notices on screen.
    pub notices: Notices,
    /// The page's parts.
    pub parts: Parts,
}

impl Shared {
    /// This page's.
    fn here() -> Self {
        Self {
            router: expect_context(),
            session: use_session(),
            worlds: use_worlds(),
            notices: use_notices(),
            parts: use_parts(),
        }
    }
}

/// Opens the link in the address now and whenever another one appears there.
pub fn follow_links(shared: Shared) {
    let Shared { router, notices, parts, .. } = shared;
    Effect::new(move |_| {
        let place = router.place();
        let Some(link) = place.parameter(PARAMETER) else { return };
        let (link, route) = (link.to_owned(), place.route);
        let missing = move || {
            notices.problem(
                "share",
                "This link cannot be opened: the part of the page that reads it did not arrive.",
                "Is there a network? Reload the page to try again.",
            );
        };
        parts.talking.then(move |part| (part.open_link)(shared, link, route), missing);
    });
}

/// Opens a link that stands in the address of a route.
pub fn open_link(shared: Shared, link: String, route: Route) {
    let Shared { router, session, worlds, notices, .. } = shared;
    spawn_local(async move {
        let view = from_link(&link).await;
        // Whoever went elsewhere while the part that reads links was on its way stays there.
        if untrack(|| router.place()).parameter(PARAMETER) != Some(link.as_str()) {
            return;
        }
        let (route, path) = open(route, view, session, worlds, notices);
        // From here on the page goes its own way; the address must not claim otherwise.
        router.arrive(route, path);
    });
}

/// Whether the address holds a link that is still being read (tracked).
pub fn is_arriving(router: Router) -> bool {
    router.place().parameter(PARAMETER).is_some()
}

/// Shows a link's view and returns its route. The checksum is over the view: what the address says around it
/// counts only where the view names no route of this page.
fn open(
    route: Route,
    view: Result<View, ShareError>,
    session: Session,
    worlds: Worlds,
    notices: Notices,
) -> (Route, &'static str) {
    let view = match view {
        Ok(view) => view,
        Err(error) => {
            notices.problem(
                "share",
                format!("This link cannot be opened: {error}."),
                format!(
                    "{} opens without it. Ask for the link again, or copy the whole of it.",
                    route.title()
                ),
            );
            return (route, "");
        }
    };
    notices.clear("share");
    let selection = selected(&view, notices);
    let shown = Route::from_name(&view.route);
    let in_xray = shown == Some(Route::Xray);
    if shown == Some(Route::Chat) || (in_xray && view.extra.starts_with("chat")) {
        if !worlds.own.open_shared(&view.extra) {
            notices.problem(
                "share",
                "The chat in this link cannot be read.",
                "A newer page may have made it. Your own chat is untouched.",
            );
        }
        worlds.own.inside.select.set_value(selection);
        return if in_xray { (Route::Xray, Decoder::Own.path()) } else { (Route::Chat, "") };
    }
    // Links of an earlier page's start route have a program, and no question.
    let has_question = view.extra.starts_with("ask") || (view.extra.is_empty() && view.program.is_empty());
    if (shown == Some(Route::Ask) && has_question) || (in_xray && view.extra.starts_with("ask")) {
        if !ask::open(worlds, &view.extra, selection) {
            notices.problem(
                "share",
                "The question in this link cannot be read.",
                "A newer page may have made it.",
            );
        }
        let decoder = if untrack(|| worlds.asks_own()) { Decoder::Own } else { Decoder::Nano };
        return if in_xray { (Route::Xray, decoder.path()) } else { (Route::Ask, "") };
    }
    let full: Vec<String> = view.extra.splitn(4, '\n').map(str::to_owned).collect();
    let extra = if let [FULL, arguments, extra, function] =
        full.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        let call =
            Call { text: view.program, function: (*function).to_owned(), arguments: (*arguments).to_owned() };
        session.show_machine(Machine::Full);
        session.full.open_sent(call, view.position.map_or(Goal::End, Goal::Position));
        (*extra).to_owned()
    } else {
        let max_tokens = usize::try_from(view.max_tokens).unwrap_or(MOST_TOKENS).clamp(1, MOST_TOKENS);
        session.show_machine(Machine::Classic);
        session
            .open_program(view.program, RunOptions { allow_open_loops: view.allow_open_loops, max_tokens });
        view.extra
    };
    session.chosen.set(view.position.and_then(|position| usize::try_from(position).ok()));
    session.layer.set(usize::from(view.layer));
    session.extra.set(extra);
    session.selection.set(selection);
    (shown.unwrap_or(route), "")
}

/// The number that a link explains.
fn selected(view: &View, notices: Notices) -> Option<Site> {
    let name = view.selection.as_ref()?;
    let site = name.parse::<Site>().ok();
    if site.is_none() {
        notices.problem(
            "share",
            format!("The link selects `{name}`, which is no number of this model."),
            "Everything else is as in the link; only that number is not opened.",
        );
    }
    site
}

/// The Share button.
#[component]
pub fn ShareButton() -> impl IntoView {
    let parts = use_parts();
    let notices = use_notices();
    let label = view! {
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor"
            stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">
            <path d="M8 10V1.8M5 4.4 8 1.6l3 2.8M4.6 7H3v7h10V7h-1.6"></path>
        </svg>
        <span class="share-word">"Share"</span>
    };
    let clear = Callback::new(move |()| notices.clear("share"));
    view! {
        <Popover label=label.into_any() class="button share" testid="share" title="Share this view" on_open=clear>
            {parts.talking.show(|part| (part.share)())}
        </Popover>
    }
}

/// The link to what the page shows now, and what one may do with it.
#[component]
pub fn SharePanel() -> impl IntoView {
    let shared = Shared::here();
    let router = shared.router;
    let link = RwSignal::new(Ok(Link::default()));
    let copied = RwSignal::new(false);
    let copy = move || {
        // The panel may be closed by now.
        let Some(Ok(Link { address, .. })) = link.try_get_untracked() else { return };
        spawn_local(async move {
            let done = JsFuture::from(window().navigator().clipboard().write_text(&address)).await;
            copied.try_set(done.is_ok());
        });
    };
    let place = untrack(|| router.place());
    spawn_local(async move {
        link.try_set(current_link(shared, place).await);
        copy();
    });
    let select_all =
        |event: leptos::ev::FocusEvent| event_target::<web_sys::HtmlInputElement>(&event).select();
    let is_chat = move || router.route() == Route::Chat;
    let is_ask = move || match router.route() {
        Route::Ask => true,
        Route::Xray => Decoder::of(&router.path()).is_some(),
        _ => false,
    };
    let is_learn = move || router.route() == Route::Learn;
    view! {
            {move || match link.get() {
                Ok(Link { address, embed, opens }) => view! {
                    <label class="share-field">
                        <span>"A link to exactly this view"</span>
                        <input
                            class="mono"
                            readonly
                            data-testid="share-link"
                            prop:value=address.clone()
                            on:focus=select_all
                        />
                    </label>
                    <div class="share-row">
                        <button class="button" on:click=move |_| copy() data-testid="share-copy">"Copy"</button>
                        <span role="status" data-testid="share-status">
                            {move || if copied.get() { "Copied." } else { "Select it and copy." }}
                        </span>
                    </div>
                    <p class="menu-note" data-testid="share-opens">{opens}</p>
                    <details class="share-phone">
                        <summary>"QR code for a phone"</summary>
                        <LinkCode link=address/>
                    </details>
                    <details class="share-frame">
                        <summary>"A frame for your own page"</summary>
                        <label class="share-field">
                            <span>"HTML; the frame has this view without the navigation"</span>
                            <input class="mono" readonly data-testid="share-embed" prop:value=frame(&embed) on:focus=select_all/>
                        </label>
                    </details>
                    <p class="menu-note">
                        {move || if is_chat() {
                            "Everything is in the link itself: every message, the settings, the model's name. Nothing \
                             is uploaded."
                        } else if is_ask() {
                            "Everything is in the link itself: the question, the model's name if it is your own, what decides, what is looked at. The same \
                             model writes the same answer again. Nothing is uploaded."
                        } else if is_learn() {
                            "It names the lesson or the slide. What was typed into a figure is not in it."
                        } else {
                            "Everything is in the link itself: program, position, selection. Nothing is uploaded."
                        }}
                    </p>
                }
                .into_any(),
                Err(error) => view! {
                    <p class="problem-text" role="alert" data-testid="share-error">
                        {format!("{}.", capitalised(&error.to_string()))}
                    </p>
                    <p class="menu-note">
                        {if is_chat() {
                            "Copy what matters of the chat"
                        } else if is_ask() {
                            "Copy the question"
                        } else {
                            "Copy the program's text"
                        }}
                        " instead, and send that."
                    </p>
                }
                .into_any(),
            }}
    }
}

/// A frame with a page in it. An address of ours has no character that HTML would take for its own, but for `&`.
fn frame(address: &str) -> String {
    let address = address.replace('&', "&amp;");
    format!(
        r#"<iframe src="{address}" title="WorldModel X-ray" width="100%" height="720" loading="lazy"></iframe>"#
    )
}

/// Opens what a frame shows as a page of its own.
#[component]
pub fn WholePage(
    /// Where the page is.
    router: Router,
) -> impl IntoView {
    let shared = Shared::here();
    // What opens it in another way than by a press has the address of the page or the lesson, without the view.
    let whole = move || Place { embedded: false, ..router.place() };
    let open = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        // Without the part that writes links the page opens, if not the view.
        let page = move || open_in_a_window(&untrack(whole).fragment());
        shared.parts.talking.then(move |part| (part.open_whole)(shared), page);
    };
    view! {
        <footer class="embed-foot">
            <a href=move || whole().fragment() target="_blank" rel="noopener" data-testid="whole-page" on:click=open>
                "Open in WorldModel X-ray"
            </a>
        </footer>
    }
}

/// Opens an address in a window of its own. Where a browser opens none, the frame stays what it is.
fn open_in_a_window(address: &str) {
    drop(window().open_with_url_and_target_and_features(address, "_blank", "noopener"));
}

/// Opens the view in a window of its own; if it cannot be put into a link, the page without it.
pub fn open_whole(shared: Shared) {
    let place = Place { embedded: false, ..untrack(|| shared.router.place()) };
    spawn_local(async move {
        let fallback = place.fragment();
        let link = current_link(shared, place).await;
        let address = link.map_or(fallback, |link| link.address);
        open_in_a_window(&address);
    });
}

/// A sentence's beginning in upper case.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        chars.fold(first.to_ascii_uppercase().to_string(), |text, c| text + c.encode_utf8(&mut [0; 4]))
    })
}
