//! Looking for something in the run: what was typed, where it happens, and going from one place to the next. The run may be long, so the
//! worker is asked for a piece at a time, and what is looked for no more is not asked for any further.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::survey::{FORMS, Hits, MOST_HITS, Wanted};
use protocol::{AppError, Inside, Request, Response};

use super::state::{Xray, use_xray};
use crate::client::unexpected;
use crate::session::Tape;

/// A pause in typing, after which it is looked for.
const PAUSE: Duration = Duration::from_millis(300);

/// Where something happens, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The positions, ascending.
    pub positions: Arc<Vec<u32>>,
    /// Whether the whole run was searched.
    is_done: bool,
    /// Whether there are more than are listed.
    is_cut: bool,
}

/// What is looked for; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Search {
    /// What was typed.
    text: RwSignal<String>,
    /// Where it happens; `None` while nothing is looked for.
    pub found: RwSignal<Option<Found>>,
    /// Why there is no answer.
    problem: RwSignal<Option<String>>,
    /// Number of the newest search: older ones stop.
    newest: StoredValue<u64>,
    /// Whether to go to the next place as soon as one is known.
    goes: StoredValue<bool>,
}

impl Search {
    /// Nothing is looked for.
    pub fn new() -> Self {
        Self {
            text: RwSignal::default(),
            found: RwSignal::new(None),
            problem: RwSignal::new(None),
            newest: StoredValue::new(0),
            goes: StoredValue::new(false),
        }
    }

    /// A number for a new search.
    fn next_number(self) -> u64 {
        let number = self.newest.get_value() + 1;
        self.newest.set_value(number);
        number
    }

    fn is_newest(self, number: u64) -> bool {
        self.newest.try_get_value() == Some(number)
    }
}

impl Xray {
    /// Looks again in a run that takes the place of another.
    pub fn keep_searching(self) {
        Effect::new(move |_| {
            if self.session.tape().is_some() {
                untrack(|| self.look_for(false));
            }
        });
    }

    /// Looks for what stands in the field; `goes`: and goes there.
    fn look_for(self, goes: bool) {
        let search = self.search;
        let number = search.next_number();
        search.goes.set_value(goes);
        let text = search.text.get_untracked();
        let wanted = Wanted::parse(&text);
        let is_empty = text.trim().is_empty();
        let refused = (wanted.is_none() && !is_empty)
            .then(|| format!("It finds {FORMS}; “written” or “read” may follow memory, local and global."));
        search.problem.set(refused);
        let (Some(wanted), Some(tape)) = (wanted, untrack(|| self.session.tape())) else {
            search.found.set(None);
            return;
        };
        spawn_local(async move {
            let mut all = Vec::new();
            let mut from = Some(0);
            while let Some(begin) = from {
                let answer = self.piece(tape, wanted.clone(), begin).await;
                if !search.is_newest(number) {
                    return;
                }
                match answer {
                    Ok(Hits { positions, next }) => {
                        all.extend(positions);
                        from = next.filter(|_| all.len() < MOST_HITS);
                        let is_cut = all.len() >= MOST_HITS;
                        all.truncate(MOST_HITS);
                        let positions = Arc::new(all.clone());
                        search.found.set(Some(Found { positions, is_done: from.is_none(), is_cut }));
                        if search.goes.get_value() {
                            self.go_to_hit(true, from.is_none());
                        }
                    }
                    Err(error) => {
                        search.found.set(None);
                        search.problem.set(Some(error.message));
                        return;
                    }
                }
            }
        });
    }

    async fn piece(self, tape: Tape, wanted: Wanted, from: u64) -> Result<Hits, AppError> {
        let request = Request::Inside { machine: tape.machine, of: Inside::Search { wanted, from } };
        match self.session.client.request(request).await? {
            Response::Hits(hits) => Ok(hits),
            _ => Err(unexpected()),
        }
    }

    /// Goes to the next place behind the position looked at, or to the last one before it; `round`: from the end to the beginning.
    fn go_to_hit(self, forward: bool, round: bool) {
        let Some(here) = untrack(|| self.session.position()) else { return };
        let Some(found) = self.search.found.get_untracked() else { return };
        let last = untrack(|| self.last());
        if let Some(position) = beside(&found.positions, here, last, forward, round) {
            self.search.goes.set_value(false);
            self.go_to(position);
        }
    }
}

/// The place next to a position. What stands behind the last position is that one: the run's last token has no position of its own.
fn beside(positions: &[u32], here: usize, last: usize, forward: bool, round: bool) -> Option<usize> {
    let place = |position: &u32| (*position as usize).min(last);
    let found = if forward {
        let behind = positions.partition_point(|position| place(position) <= here);
        positions.get(behind).or_else(|| positions.first().filter(|_| round))
    } else {
        let before = positions.partition_point(|position| place(position) < here);
        before
            .checked_sub(1)
            .and_then(|index| positions.get(index))
            .or_else(|| positions.last().filter(|_| round))
    };
    found.map(place)
}

/// How many places there are, and which of them one looks at.
fn count(found: &Found, here: usize, last: usize) -> String {
    let number = found.positions.len();
    let (all, so_far) = match (number, found.is_cut, found.is_done) {
        (0, _, true) => return "not in this run".to_owned(),
        (0, _, false) => return "searching …".to_owned(),
        (_, true, _) => (format!("the first {number}"), ""),
        (_, _, true) => (number.to_string(), ""),
        (_, _, false) => (number.to_string(), " so far"),
    };
    let at = found.positions.partition_point(|position| (*position as usize).min(last) < here);
    let is_there = found.positions.get(at).is_some_and(|position| (*position as usize).min(last) == here);
    match is_there {
        true => format!("{} of {all}{so_far}", at + 1),
        false if number == 1 && found.is_done => "1 place".to_owned(),
        false => format!("{all} places{so_far}"),
    }
}

/// The field, the buttons, and what was found.
#[component]
pub fn SearchField() -> impl IntoView {
    let xray = use_xray();
    let search = xray.search;
    let step = move |forward: bool| match search.found.with_untracked(Option::is_some) {
        true => xray.go_to_hit(forward, true),
        false => xray.look_for(true),
    };
    let typed = move |event| {
        search.text.set(event_target_value(&event));
        search.found.set(None);
        search.problem.set(None);
        let number = search.next_number();
        let look = move || {
            if search.is_newest(number) {
                xray.look_for(false);
            }
        };
        set_timeout(look, PAUSE);
    };
    let pressed = move |event: KeyboardEvent| {
        if event.key() == "Enter" && event.shift_key() {
            event.prevent_default();
            step(false);
        }
    };
    let submitted = move |event: SubmitEvent| {
        event.prevent_default();
        step(true);
    };
    let found = move || {
        let here = xray.session.position().unwrap_or_default();
        search.found.with(|found| found.as_ref().map(|found| count(found, here, xray.last())))
    };
    let nothing =
        move || search.found.with(|found| found.as_ref().is_none_or(|found| found.positions.is_empty()));
    view! {
        <form class="xr-search" role="search" aria-label="Search in the run" on:submit=submitted>
            <label for="xr-search">"Find"</label>
            <input
                id="xr-search"
                type="search"
                class="mono"
                data-testid="search"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder="i32.add, memory[16], local 0, output …"
                title=format!("It finds {FORMS}")
                aria-describedby="xr-search-problem"
                prop:value=move || search.text.get()
                on:input=typed
                on:keydown=pressed
            />
            <button type="button" class="xr-step" aria-label="Previous place" title="Previous place (Shift+Enter)" data-testid="search-back" aria-disabled=move || nothing().to_string() on:click=move |_| step(false)>"↑"</button>
            <button type="submit" class="xr-step" aria-label="Next place" title="Next place (Enter)" data-testid="search-forward">"↓"</button>
            <output class="xr-found-count" data-testid="search-count" aria-live="polite">{found}</output>
            <span id="xr-search-problem" class="xr-search-problem" data-testid="search-problem">{move || search.problem.get()}</span>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_place_is_behind_and_comes_round() {
        let places = [3, 7, 9];
        for (here, forward, expected) in [
            (0, true, 3),
            (3, true, 7),
            (8, true, 9),
            (9, true, 3),
            (9, false, 7),
            (3, false, 9),
            (5, false, 3),
        ] {
            assert_eq!(beside(&places, here, 20, forward, true), Some(expected), "{here} {forward}");
        }
        assert_eq!(beside(&places, 9, 20, true, false), None);
        assert_eq!(beside(&[], 9, 20, true, true), None);
        // The last token has no position.
        assert_eq!(beside(&[21], 3, 20, true, true), Some(20));
    }

    #[test]
    fn what_was_found_is_counted() {
        let found = |positions: &[u32], is_done, is_cut| Found {
            positions: Arc::new(positions.to_vec()),
            is_done,
            is_cut,
        };
        assert_eq!(count(&found(&[3, 7, 9], true, false), 7, 20), "2 of 3");
        assert_eq!(count(&found(&[3, 7, 9], true, false), 8, 20), "3 places");
        assert_eq!(count(&found(&[3], true, false), 8, 20), "1 place");
        assert_eq!(count(&found(&[3, 7], true, true), 3, 20), "1 of the first 2");
        assert_eq!(count(&found(&[], true, false), 3, 20), "not in this run");
        assert_eq!(count(&found(&[], false, false), 3, 20), "searching …");
        assert_eq!(count(&found(&[3, 7], false, false), 8, 20), "2 places so far");
    }
}
