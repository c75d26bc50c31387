//! Beginning a tour, going through it and ending it.

use leptos::prelude::*;

use super::{Tour, Tours};
use crate::language::worlds::{Worlds, use_worlds};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::route::Route;
use crate::session::{Session, use_session};
use crate::xray::extra::Extra;

impl Tours {
    /// Begins a tour where it goes through: the X-ray, or the page of questions.
    pub fn begin(self, number: usize, session: Session, worlds: Worlds) {
        let Some(tour) = Tour::all().into_iter().nth(number) else { return };
        self.end(worlds);
        let route = if let Some(question) = tour.question() {
            let asking = worlds.nano.asking;
            let before =
                asking.asked.with_untracked(|asked| asked.as_ref().map(|asked| asked.question.text.clone()));
            self.asked_before.set_value(before.filter(|before| before != question));
            worlds.turn_to(None);
            worlds.nano.ask_this(question);
            worlds.prepare();
            Route::Ask
        } else {
            if let Some(program) = tour.program() {
                Spot { program, position: 0, layer: 0, extra: Extra::default() }.open(session);
            }
            Route::Xray
        };
        self.on.set(Some((number, 0)));
        self.is_begun.set(true);
        // A browser that refuses stays where it is.
        drop(window().location().set_hash(&route.href()));
    }

    /// Ends the tour; a question that stood there before is asked again.
    pub fn end(self, worlds: Worlds) {
        self.on.set(None);
        if let Some(question) = self.asked_before.try_update_value(Option::take).flatten() {
            worlds.nano.ask_this(&question);
        }
    }
}

/// All tours, to begin one.
#[component]
pub fn TourList() -> impl IntoView {
    let (tours, session, worlds): (Tours, Session, Worlds) = (expect_context(), use_session(), use_worlds());
    let all = Tour::all().into_iter().enumerate().map(|(number, tour)| {
        let begin = move |_| tours.begin(number, session, worlds);
        view! {
            <li>
                <button type="button" class="button" data-testid=format!("tour-{}", tour.name) on:click=begin>{tour.title}</button>
                <span>{tour.about}</span>
            </li>
        }
    });
    view! { <ul class="tour-list">{all.listed()}</ul> }
}
