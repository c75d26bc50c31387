//! The token strip: the prompt, then what the model wrote. Only what is in view is in the page, so that a run of four million tokens
//! scrolls like one of ten; and what stands there is asked for as it comes into view.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{Machine, Place, PlaceKind};

use super::places;
use super::ruler::{Ruler, View};
use super::state::use_xray;
use crate::session::Tape;

/// What is drawn beyond the edges.
const MARGIN: f64 = 240.0;
/// Positions that are asked for at once.
const ASKED: usize = 256;
/// The most tokens that an instruction's name stands above.
const NAMED: usize = 9;

/// What stands at some positions, one after the other.
struct Window {
    tape: Tape,
    first: usize,
    end: usize,
    places: Vec<Place>,
}

impl Window {
    /// The places from a position on.
    fn beginning_at(&self, position: usize) -> &[Place] {
        position.checked_sub(self.first).and_then(|index| self.places.get(index..)).unwrap_or_default()
    }
}

/// The strip of tokens.
#[component]
pub fn Strip() -> impl IntoView {
    let xray = use_xray();
    let session = xray.session;
    let scroller = NodeRef::<html::Div>::new();
    let width = RwSignal::new(1200.0_f64);
    let view = RwSignal::new(View::default());
    let behind = Memo::new(move |_| view.get().behind);
    let tape = Memo::new(move |_| session.tape());
    let ruler = Memo::new(move |_| tape.get().map(Ruler::of).unwrap_or_default());
    let measure = move || {
        if let Some(element) = scroller.get_untracked() {
            width.set(f64::from(element.client_width()));
        }
    };
    let listener = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || listener.remove());

    // The position looked at is in view.
    Effect::new(move |before: Option<Option<Tape>>| {
        let (ruler, tape) = (ruler.get(), tape.get());
        let (Some(element), Some(position)) = (scroller.get(), session.position()) else { return None };
        measure();
        let (width, mut now) = (width.get_untracked(), view.get_untracked());
        let is_other = before != Some(tape);
        if is_other {
            // What was in view is another run's: no small movement leads from there.
            let nowhere = View { scroll: f64::INFINITY, behind: 0.0 };
            now = ruler.scrolled(width, nowhere, f64::from(element.scroll_left()));
        }
        let (from, to) = (ruler.left(position), ruler.left(position + 1));
        if from < now.start() + ruler.token || to > now.start() + width - ruler.token {
            now = ruler.view_at(width, (from + to - width) / 2.0);
        } else if !is_other {
            return tape;
        }
        element.set_scroll_left(now.scroll as i32);
        view.set(ruler.settled(now, f64::from(element.scroll_left())));
        tape
    });
    let on_scroll = move |_| {
        let Some(element) = scroller.get_untracked() else { return };
        let (ruler, scroll) = (ruler.get_untracked(), f64::from(element.scroll_left()));
        let now = ruler.scrolled(f64::from(element.client_width()), view.get_untracked(), scroll);
        if now.scroll != scroll {
            element.set_scroll_left(now.scroll as i32);
        }
        view.set(ruler.settled(now, f64::from(element.scroll_left())));
    };

    let range = Memo::new(move |_| {
        let (ruler, start) = (ruler.get(), view.get().start());
        let first = ruler.position_at(start - MARGIN);
        let last = ruler.position_at(start + width.get() + MARGIN) + 1;
        (first, last.min(xray.tokens()))
    });

    Effect::new(move |_| {
        let (ruler, start) = (ruler.get(), view.get().start());
        let end = (ruler.position_at(start + width.get()) + 1).min(xray.tokens());
        xray.in_view.set((ruler.position_at(start), end));
    });

    // What stands there: asked for until all that is in view is known; what was passed over meanwhile is not asked for.
    let window = RwSignal::new(None::<Arc<Window>>);
    let is_asking = StoredValue::new(false);
    let wanted = move || {
        // The strip may be gone by now.
        let (first, last) = range.try_get()?;
        let tape = tape.try_get()??;
        let is_known = window.with(|window| {
            window.as_ref().is_some_and(|w| w.tape == tape && w.first <= first && last <= w.end)
        });
        (!is_known && first < last).then_some((tape, first, last))
    };
    Effect::new(move |_| {
        if wanted().is_none() || is_asking.get_value() {
            return;
        }
        is_asking.set_value(true);
        spawn_local(async move {
            while let Some((tape, first, last)) = untrack(wanted) {
                let room = ASKED.saturating_sub(last - first) / 2;
                let (first, end) = (first.saturating_sub(room), (last + room).min(tape.tokens));
                let positions = (first as u32..end as u32).collect();
                // Without an answer the tokens stay blank; why, the position's own request says.
                let Ok(places) = places::ask(session, tape, positions).await else { break };
                drop(window.try_set(Some(Arc::new(Window { tape, first, end, places }))));
            }
            let _ = is_asking.try_set_value(false);
        });
    });

    let active = move || {
        let (first, last) = range.get();
        let position = session.position()?;
        (first..last).contains(&position).then(|| format!("xr-token-{position}"))
    };
    let cells = move || {
        let (first, last) = range.get();
        let Some(tape) = tape.get() else { return Vec::new() };
        let window = window.get().filter(|window| window.tape == tape);
        let known = |position| window.clone().filter(|window| !window.beginning_at(position).is_empty());
        (first..last).map(|position| (position, tape, known(position))).collect()
    };
    view! {
        <div
            class="xr-strip"
            class:full=move || tape.get().is_some_and(|tape| tape.machine == Machine::Full)
            data-testid="xray-strip"
            node_ref=scroller
            role="listbox"
            aria-label="Tokens of the run; the arrow keys step"
            aria-orientation="horizontal"
            aria-activedescendant=move || active()
            tabindex="0"
            on:scroll=on_scroll
        >
            <div
                class="xr-strip-inner"
                role="presentation"
                style=move || format!("width:{}px", ruler.get().range())
            >
                <For
                    each=cells
                    key=|(position, tape, window)| (*position, tape.run, window.is_some())
                    children=move |(position, tape, window)| view! { <Cell position tape window behind/> }
                />
            </div>
        </div>
    }
}

/// One token, with its instruction above; blank until it is known what stands there.
#[component]
fn Cell(position: usize, tape: Tape, window: Option<Arc<Window>>, behind: Memo<f64>) -> impl IntoView {
    let xray = use_xray();
    let ruler = Ruler::of(tape);
    let (left, right) = (ruler.left(position), ruler.left(position + 1));
    let places = window.as_ref().map(|window| window.beginning_at(position)).unwrap_or_default();
    let place = places.first();
    let kind = match place.map(|place| place.kind) {
        Some(PlaceKind::Start) => "start",
        Some(PlaceKind::Opcode) => "opcode",
        Some(PlaceKind::Operand) => "operand",
        Some(PlaceKind::End) => "end",
        Some(PlaceKind::Answer) => "answer",
        None => "",
    };
    let above = place.and_then(|place| place.above.clone());
    let is_named = above.is_some();
    let above = above.map(|text| {
        // Above all tokens of the instruction, as far as to the next one's.
        let unnamed = places.iter().skip(1).take(NAMED - 1).take_while(|place| place.above.is_none()).count();
        let is_wide = kind == "opcode" || (kind == "answer" && tape.machine == Machine::Full);
        let style =
            if is_wide { format!("width:{}px", (unnamed + 1) as f64 * ruler.token) } else { String::new() };
        view! { <span class="xr-token-above" style=style aria-hidden="true">{text}</span> }
    });
    let card = untrack(|| xray.session.shown_card());
    let known = place
        .zip(card)
        .map(|(place, card)| format!(", {}, {}", places::name(tape.machine, &card, place), place.about));
    let label = format!("position {position}{}", known.unwrap_or_default());
    let word = place.map(|place| place.word.clone()).unwrap_or_default();
    view! {
        <div
            id=format!("xr-token-{position}")
            class=format!("xr-token {kind}")
            class:named=is_named
            role="option"
            aria-selected=move || (xray.session.position() == Some(position)).to_string()
            aria-label=label.clone()
            aria-posinset=(position + 1).to_string()
            aria-setsize=tape.tokens.to_string()
            data-testid=format!("token-{position}")
            data-position=position.to_string()
            title=label
            style=move || format!("left:{}px;width:{}px", left - behind.get(), right - left)
            on:click=move |_| xray.go_to(position)
        >
            {above}
            <span class="xr-token-value" aria-hidden="true">{word}</span>
            <span class="xr-token-position" aria-hidden="true">{position}</span>
        </div>
    }
}
