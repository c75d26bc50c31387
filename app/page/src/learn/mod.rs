//! `#/learn`: sections to read, slides to show and tours to follow. Every figure runs the real model, now, in a worker of the lessons' own:
//! what the person has run or asked elsewhere stays as it is.
//!
//! ```text
//! contents  what there is                                                       #/learn
//! article/  the sections: their texts (`assets/lessons/article`) and figures    #/learn/NAME
//! deck/     the slides: keys, print, their texts (`assets/lessons/deck.html`)   #/learn/deck/N
//! tour/     tours of the X-ray and of a question (`assets/lessons/tours`)
//! figures/  what the sections and slides show
//! lab       the lessons' engine: a figure's run, and what is seen inside
//! spot      a place in the X-ray, and the way there
//! ```
//!
//! For browser tests. Test ids: `learn-contents`, `lesson` with `data-lesson`, `lesson-next`, `lesson-back`; `figure-NAME` (`aria-busy`
//! while it is computed) with `figure-problem`, `open-xray`, `number-range`, and what each shows: `keys-says`, `keys-chart-0`,
//! `keys-chart-1`, `cell-answer`, `sum-table`, `sum-chart`, `sum-says`, `neurons-table`, `neurons-says`, `stream-table`, `counts-table`,
//! `strip`, `strip-says`, `passes-table`, `outputs`, `logits-says`, `carries-table`, `carry-B`, `carries-says`, `host-table`, `host-says`,
//! `rule-table`, `rule-says`, `rule-TERM`, `lesson-question`, `lesson-ask`, `nano-parts`, `nano-state`; `deck`, `slide-N` (`data-here`),
//! `deck-at`, `deck-back`, `deck-next`, `deck-screen`, `deck-print`; `tour-NAME` begins one; `tour` with `data-tour` and `data-ready`,
//! `tour-at`, `tour-text` (values are `.tour-value` with `data-claim`), `tour-back`, `tour-next`, `tour-close`.

mod article;
mod contents;
mod deck;
mod figures;
pub mod lab;
mod spot;
pub mod tour;

use leptos::prelude::*;

use crate::focus;
use crate::language::Language;
use crate::live::live;
use crate::route::Router;
use lab::Lab;

/// What computes for the lessons; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Lessons {
    /// The interpreter transformers.
    pub lab: Lab,
    /// WorldModel-nano.
    pub nano: Language,
}

/// What computes for the lessons.
fn use_lessons() -> Lessons {
    expect_context()
}

/// A part of the lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Contents,
    /// A section, by its place.
    Section(usize),
    /// A slide, from 0.
    Slide(usize),
}

impl Part {
    /// What an address names; the contents, if nothing.
    fn of(path: &str) -> Self {
        if let Some(section) = article::SECTIONS.iter().position(|section| section.name == path) {
            return Self::Section(section);
        }
        let slide = path.strip_prefix("deck").map(|rest| rest.trim_start_matches('/'));
        slide.map_or(Self::Contents, |number| {
            let number = number.parse::<usize>().unwrap_or(1);
            Self::Slide(number.clamp(1, deck::slides().len().max(1)) - 1)
        })
    }
}

/// What the part of an address is called; `None` for the contents.
pub fn title(path: &str) -> Option<String> {
    match Part::of(path) {
        Part::Contents => None,
        Part::Section(section) => {
            article::SECTIONS.get(section).map(|section| section.prose().title.to_owned())
        }
        Part::Slide(slide) => {
            deck::slides().get(slide).map(|text| format!("Slide {}: {}", slide + 1, text.title))
        }
    }
}

/// `#/learn`
#[component]
pub fn LearnPage() -> impl IntoView {
    let lessons = use_lessons();
    lessons.lab.open();
    on_cleanup(move || {
        lessons.lab.close();
        lessons.nano.unload();
    });
    let router: Router = expect_context();
    let part = Memo::new(move |_| Part::of(&router.path()));
    // All slides are on the page at once.
    let shown = Memo::new(move |_| match part.get() {
        Part::Slide(_) => Part::Slide(0),
        part => part,
    });
    Effect::new(move |before: Option<Part>| {
        let shown = shown.get();
        if before.is_some_and(|before| before != shown) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            focus::on("main");
        }
        shown
    });
    let content = move || match shown.get() {
        Part::Contents => view! { <contents::Contents/> }.into_any(),
        Part::Section(section) => view! { <article::Article section/> }.into_any(),
        Part::Slide(_) => {
            let here = Memo::new(move |_| match part.get() {
                Part::Slide(slide) => slide,
                _ => 0,
            });
            view! { <deck::Deck here/> }.into_any()
        }
    };
    view! { <div class="learn">{live(content)}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_parts() {
        assert_eq!(Part::of(""), Part::Contents);
        assert_eq!(Part::of("nothing"), Part::Contents);
        assert_eq!(Part::of("program"), Part::Section(0));
        assert_eq!(Part::of("deck"), Part::Slide(0));
        assert_eq!(Part::of("deck/7"), Part::Slide(6));
        assert_eq!(Part::of("deck/0"), Part::Slide(0));
        assert_eq!(Part::of("deck/99"), Part::Slide(14));
    }
}
