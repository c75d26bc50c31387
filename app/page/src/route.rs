//! The address as signals: `#/repl?s=1.…` is the route `repl` with the query `s=1.…`.
//!
//! Everything behind the `#` stays in the browser: a link to a view works on any static host.

use leptos::prelude::*;

/// One of the page's seven routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The question, and how the language model answers it.
    #[default]
    Ask,
    /// The interpreter, line by line.
    Repl,
    /// Inside a run.
    Xray,
    /// Articles and slides.
    Learn,
    /// Talking with the language model.
    Chat,
    /// What is loaded.
    Models,
    /// Measurements.
    Bench,
}

impl Route {
    /// All routes, in the order of the navigation.
    pub const ALL: [Self; 7] =
        [Self::Ask, Self::Chat, Self::Repl, Self::Xray, Self::Learn, Self::Models, Self::Bench];

    /// The route's name in the address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Repl => "repl",
            Self::Xray => "xray",
            Self::Learn => "learn",
            Self::Chat => "chat",
            Self::Models => "models",
            Self::Bench => "bench",
        }
    }

    /// The route's name on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ask => "Ask",
            Self::Repl => "REPL",
            Self::Xray => "X-ray",
            Self::Learn => "Learn",
            Self::Chat => "Chat",
            Self::Models => "Models",
            Self::Bench => "Bench",
        }
    }

    /// The link to it.
    pub fn href(self) -> String {
        format!("#/{}", self.name())
    }

    /// Whether it has parts of its own: a lesson, or the language model that is looked into.
    const fn has_parts(self) -> bool {
        matches!(self, Self::Learn | Self::Xray)
    }

    /// The route of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.name() == name)
    }
}

/// Where the page is: its route and the query behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The route.
    pub route: Route,
    /// What follows its name: `deck/7` of `#/learn/deck/7`, `nano` of `#/xray/nano`.
    pub path: String,
    /// What follows the `?`, as it stands in the address.
    pub query: String,
    /// Whether the page stands in a frame of another one (`#/embed/xray?…`), without its header and navigation.
    pub embedded: bool,
}

/// What the path of a page in a frame begins with.
const EMBED: &str = "embed/";

impl Place {
    /// Reads a fragment. What names no route is the start route.
    fn parse(fragment: &str) -> Self {
        let fragment = address_decoded(fragment);
        let path = fragment.trim_start_matches('#').trim_start_matches('/');
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (path, embedded) = path.strip_prefix(EMBED).map_or((path, false), |path| (path, true));
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let found = Route::from_name(name).filter(|route| rest.is_empty() || route.has_parts());
        let path = if found.is_some() { rest.to_owned() } else { String::new() };
        Self { route: found.unwrap_or_default(), path, query: query.to_owned(), embedded }
    }

    /// The fragment of its address, without the query.
    pub fn fragment(&self) -> String {
        let embed = if self.embedded { EMBED } else { "" };
        let slash = if self.path.is_empty() { "" } else { "/" };
        format!("#/{embed}{}{slash}{}", self.route.name(), self.path)
    }

    /// The same with the query.
    fn address(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.fragment(), self.query)
    }

    /// The value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let query = self.query.as_str();
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// A link that went through a mail program may carry its `/`, `?`, `=` and `&` as `%2F`, `%3F`, `%3D`, `%26`. What
/// else is encoded in a payload, its reader decodes.
fn address_decoded(fragment: &str) -> String {
    let marks = [("%2F", "/"), ("%3F", "?"), ("%3D", "="), ("%26", "&")];
    marks.into_iter().fold(fragment.to_owned(), |text, (code, mark)| {
        text.replace(code, mark).replace(&code.to_ascii_lowercase(), mark)
    })
}

/// The router: where the page is, and how to go elsewhere.
#[derive(Clone, Copy)]
pub struct Router {
    place: RwSignal<Place>,
}

impl Router {
    /// Follows the address from now on.
    pub fn new() -> Self {
        let place = RwSignal::new(Place::parse(&fragment()));
        let listener = window_event_listener(leptos::ev::hashchange, move |_| {
            // A frame stays one, whichever of its links is followed.
            let embedded = place.with_untracked(|old| old.embedded);
            let new = Place::parse(&fragment());
            let is_followed = embedded && !new.embedded;
            let new = Place { embedded: new.embedded || embedded, ..new };
            if is_followed {
                // And when it is loaded again.
                write(&new.address());
            }
            if place.with_untracked(|old| *old != new) {
                place.set(new);
            }
        });
        on_cleanup(move || listener.remove());
        Self { place }
    }

    /// Where the page is (tracked).
    pub fn place(self) -> Place {
        self.place.get()
    }

    /// The route (tracked).
    pub fn route(self) -> Route {
        self.place.with(|place| place.route)
    }

    /// Goes to a part of a route without an entry in the history, and removes the query: what it said has been read.
    pub fn arrive(self, route: Route, path: &str) {
        self.turn_to(Place { route, path: path.to_owned(), ..Place::default() });
    }

    /// Which part of the route is open (tracked).
    pub fn path(self) -> String {
        self.place.with(|place| place.path.clone())
    }

    /// Turns to a part of the lessons without an entry in the history.
    pub fn turn_page(self, path: String) {
        self.turn_to(Place { route: Route::Learn, path, ..Place::default() });
    }

    /// Whether the page stands in a frame of another one (tracked).
    pub fn is_embedded(self) -> bool {
        self.place.with(|place| place.embedded)
    }

    fn turn_to(self, place: Place) {
        // A frame stays one, whatever is turned to.
        let place = Place { embedded: self.place.with_untracked(|place| place.embedded), ..place };
        write(&place.fragment());
        self.place.set(place);
    }
}

/// Puts a fragment into the address, without an entry in the history.
fn write(fragment: &str) {
    if let Ok(history) = window().history() {
        drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(fragment)));
    }
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_encoded_address_is_the_same_place() {
        let place = Place::parse("#/xray?s=1.AbC-_");
        assert_eq!((place.route, place.parameter("s")), (Route::Xray, Some("1.AbC-_")));
        for encoded in ["#/xray%3Fs=1.AbC-_", "#%2Fxray%3Fs%3D1.AbC-_", "#%2fxray%3fs%3d1.AbC-_"] {
            assert_eq!(Place::parse(encoded), place, "{encoded}");
        }
    }

    #[test]
    fn what_names_no_route_is_the_start() {
        for fragment in ["", "#", "#/", "#/nowhere", "#/?s=1", "#/repl/deck", "#/nowhere/learn"] {
            let place = Place::parse(fragment);
            assert_eq!((place.route, place.path.as_str()), (Route::Ask, ""), "{fragment}");
        }
    }

    #[test]
    fn a_page_in_a_frame_is_the_same_page() {
        for fragment in ["#/embed/xray?s=1.A", "#%2Fembed%2Fxray%3Fs%3D1.A"] {
            let place = Place::parse(fragment);
            assert_eq!((place.route, place.embedded, place.parameter("s")), (Route::Xray, true, Some("1.A")));
            assert_eq!(place.fragment(), "#/embed/xray");
            assert_eq!(place.address(), "#/embed/xray?s=1.A");
        }
        assert_eq!(Place::parse("#/embed/learn/deck/7").fragment(), "#/embed/learn/deck/7");
        assert_eq!(Place::parse("#/embed/learn/deck/7").address(), "#/embed/learn/deck/7");
        assert_eq!(Place::parse("#/embed/").fragment(), "#/embed/ask");
        assert!(!Place::parse("#/xray").embedded);
    }

    #[test]
    fn the_lessons_have_parts() {
        let parts = [("#/learn", ""), ("#/learn/", ""), ("#/learn/sum", "sum"), ("#/learn/deck/7", "deck/7")];
        for (fragment, path) in parts {
            let place = Place::parse(fragment);
            assert_eq!((place.route, place.path.as_str()), (Route::Learn, path), "{fragment}");
        }
        let place = Place::parse("#%2Flearn%2Fdeck%2F7%3Fs=1.A");
        assert_eq!((place.path.as_str(), place.parameter("s")), ("deck/7", Some("1.A")));
    }
}
