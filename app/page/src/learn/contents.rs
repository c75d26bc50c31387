//! What there is to read, to show and to follow.

use leptos::prelude::*;

use super::article::SECTIONS;
use super::deck;
use super::tour::Tour;
use super::tour::start::TourList;
use crate::live::Listed;

/// The first page of the lessons.
#[component]
pub fn Contents() -> impl IntoView {
    let sections = SECTIONS.iter().map(|section| {
        let prose = section.prose();
        view! {
            <li>
                <a href=format!("#/learn/{}", section.name)>{prose.title}</a>
                <p>{prose.lead}</p>
            </li>
        }
    });
    let slides = deck::slides().into_iter().enumerate().map(|(number, slide)| {
        view! { <li><a href=format!("#/learn/deck/{}", number + 1)>{slide.title}</a></li> }
    });
    view! {
        <div class="learn-contents" data-testid="learn-contents">
            <header class="ahead-head">
                <h1 class="display">"How weights compute"</h1>
                <p class="lead">
                    "Two models, explained with figures that run them. Change a number, and the model computes it again, in this tab. "
                    "Each figure ends with the way to its place in the X-ray."
                </p>
            </header>
            <section aria-labelledby="sections">
                <h2 id="sections">{format!("{} sections to read", SECTIONS.len())}</h2>
                <ol class="learn-sections">{sections.listed()}</ol>
            </section>
            <div class="learn-side">
                <section aria-labelledby="tours">
                    <h2 id="tours">{format!("{} guided tours", Tour::all().len())}</h2>
                    <TourList/>
                </section>
                <section aria-labelledby="slides">
                    <h2 id="slides">{format!("{} slides: how an FFN interprets bytecode", deck::slides().len())}</h2>
                    <ol class="learn-slides">{slides.listed()}</ol>
                    <p class="lesson-note">"← and → turn them. They print one to a page."</p>
                </section>
            </div>
        </div>
    }
}
