//! The tour's panel over the page it goes through.

use engine::interpreter::ModelCard;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{MachineRequest, MachineResponse, StepView};
use protocol::{Machine, asking::Asked};

use super::{Step, Tour, Tours, value};
use crate::focus;
use crate::language::worlds::{Worlds, use_worlds};
use crate::learn::lab::Program;
use crate::live::{Listed, live};
use crate::session::{Session, use_session};
use crate::xray::extra::Extra;
use crate::xray::state::{Xray, use_xray};

/// Instructions of the full machine that a tour may speak of.
const STEPS: u32 = 400;

/// The step that is on, if its tour goes through this page (tracked).
fn current(tours: Tours, is_question: bool) -> Option<(usize, Tour, usize, Step)> {
    let (number, place) = tours.on.get()?;
    let tour = Tour::all().into_iter().nth(number)?;
    let step = tour.steps.get(place)?.clone();
    (tour.question().is_some() == is_question).then_some((number, tour, place, step))
}

/// A tour of the X-ray.
#[component]
pub fn RunTour() -> impl IntoView {
    let (tours, xray): (Tours, Xray) = (expect_context(), use_xray());
    let session = xray.session;
    let steps = RwSignal::new(None::<(usize, Vec<StepView>)>);
    let on = Memo::new(move |_| current(tours, false));
    // The run that the tour is of, once it is there.
    let tape = Memo::new(move |_| {
        let (_, tour, _, _) = on.get()?;
        let tape = session.tape()?;
        let is_of_it = match tour.program()? {
            Program::Classic(text) => {
                session.machine.get() == Machine::Classic
                    && session.program.with(|now| *now == text)
                    && !session.going.is_on()
            }
            Program::Full(call) => {
                session.machine.get() == Machine::Full && session.full.ran.with(|ran| *ran == call)
            }
        };
        is_of_it.then_some(tape)
    });
    Effect::new(move |_| {
        let Some(tape) = tape.get().filter(|tape| tape.machine == Machine::Full) else { return };
        if steps.with_untracked(|steps| steps.as_ref().is_some_and(|(run, _)| *run == tape.run)) {
            return;
        }
        spawn_local(async move {
            let request = MachineRequest::Steps { behind: 0, count: STEPS };
            if let Ok(MachineResponse::Steps(found)) = session.full.ask(request).await {
                steps.try_set(Some((tape.run, found)));
            }
        });
    });
    // The place of the step, in this run.
    let place = Memo::new(move |_| {
        let ((number, _, place, step), tape) = (on.get()?, tape.get()?);
        let position = match step.instruction {
            None => tape.prompt.checked_sub(1)? + step.pass?,
            Some((name, which, token)) => steps.with(|steps| {
                let (run, steps) = steps.as_ref()?;
                let found = steps.iter().filter(|step| step.name == name).nth(which);
                let found = found.filter(|_| *run == tape.run)?;
                (found.position as usize + token).checked_sub(1)
            })?,
        };
        let card = session.shown_card()?;
        Some((number, place, tape.run, position, extra_of(&step, &card)))
    });
    Effect::new(move |_| {
        let (Some((.., position, extra)), Some((.., step))) = (place.get(), on.get_untracked()) else {
            return;
        };
        session.chosen.set(Some(position));
        session.layer.set(step.layer);
        session.extra.set(extra.to_string());
        session.selection.set(None);
    });
    // What the step speaks of is on the screen.
    let is_ready = Memo::new(move |_| {
        let (Some((.., position, _)), Some((.., step))) = (place.get(), on.get()) else { return false };
        xray.is_current()
            && session.position() == Some(position)
            && xray.layer() == step.layer
            && xray.scene.with(Option::is_some)
    });
    let find = move |name: &str| {
        if !is_ready.get() {
            return None;
        }
        let scene = xray.scene.get()?;
        let (.., extra) = place.get()?;
        value::in_run(name, &scene, xray.layer(), extra)
    };
    let bring = move |step: &Step| {
        let part = place.get_untracked().map(|(.., extra)| extra).unwrap_or_default();
        let id = match (step.show, part.head, part.neuron) {
            (Some(id), _, _) => id.to_owned(),
            (None, Some(head), _) => format!("head-{head}"),
            (None, None, Some(neuron)) => format!("neuron-{neuron}"),
            (None, None, None) => "xray-here".to_owned(),
        };
        show(&id);
    };
    view! { <Panel on is_ready find bring/> }
}

/// What is open at a step.
fn extra_of(step: &Step, card: &ModelCard) -> Extra {
    let layer = card.layers.get(step.layer);
    let neuron = step.neuron.and_then(|label| layer?.neurons.iter().position(|part| part.label == label));
    Extra { head: step.head, neuron, ..Extra::default() }
}

/// A tour of an answer.
#[component]
pub fn AnswerTour() -> impl IntoView {
    let (tours, worlds): (Tours, Worlds) = (expect_context(), use_worlds());
    let asking = worlds.nano.asking;
    let on = Memo::new(move |_| current(tours, true));
    let is_of_it = move |asked: &Asked| {
        let (_, tour, ..) = on.get()?;
        (tour.question() == Some(asked.question.text.as_str())).then_some(())
    };
    let is_ready = Memo::new(move |_| {
        asking.asked.with(|asked| asked.as_ref().and_then(|asked| is_of_it(asked)).is_some())
            && !asking.is_busy()
    });
    Effect::new(move |_| {
        if is_ready.get()
            && let Some((.., step)) = on.get()
        {
            asking.pointed.set(step.point);
        }
    });
    let find = move |name: &str| {
        let asked = asking.asked.get().filter(|_| is_ready.get())?;
        value::in_answer(name, &asked)
    };
    let bring = move |step: &Step| show(step.show.unwrap_or("answer"));
    view! { <Panel on is_ready find bring/> }
}

/// Brings a part of the page into view, and marks it.
fn show(id: &str) {
    let marked = document().query_selector_all("[data-toured]").ok();
    for element in (0..marked.as_ref().map_or(0, web_sys::NodeList::length))
        .filter_map(|index| marked.as_ref()?.item(index))
        .filter_map(|node| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(node).ok())
    {
        drop(element.remove_attribute("data-toured"));
    }
    if id.is_empty() {
        return;
    }
    if let Some(element) = document().query_selector(&format!("[data-testid={id}]")).ok().flatten() {
        drop(element.set_attribute("data-toured", ""));
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Start);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The panel: the step's text with its values, and the way on.
#[component]
fn Panel(
    /// The step that is on.
    on: Memo<Option<(usize, Tour, usize, Step)>>,
    /// Whether what it speaks of is there.
    is_ready: Memo<bool>,
    /// A value by its name (tracked).
    find: impl Fn(&str) -> Option<String> + Copy + Send + Sync + 'static,
    /// Brings what a step speaks of into view.
    bring: impl Fn(&Step) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let (tours, worlds): (Tours, Worlds) = (expect_context(), use_worlds());
    let session: Session = use_session();
    let is_on = Memo::new(move |_| on.with(Option::is_some));
    Effect::new(move |_| {
        if is_ready.get()
            && let Some((.., step)) = on.get()
        {
            request_animation_frame(move || bring(&step));
        }
    });
    let go = move |by: isize| {
        tours.on.update(|on| {
            if let Some((number, place)) = on {
                let last = Tour::all().get(*number).map_or(0, |tour| tour.steps.len().saturating_sub(1));
                *place = place.saturating_add_signed(by).min(last);
            }
        });
    };
    let close = move || {
        show("");
        tours.end(worlds);
        focus::on("main");
    };
    let keys = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" => go(-1),
            "ArrowRight" => go(1),
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
        // The X-ray has the same keys.
        event.stop_propagation();
    };
    let title = move || on.with(|on| on.as_ref().map(|(_, tour, ..)| tour.title));
    let name = move || on.with(|on| on.as_ref().map(|(_, tour, ..)| tour.name));
    let at = move || on.with(|on| on.as_ref().map(|(_, tour, place, _)| (*place, tour.steps.len())));
    let is_first = move || at().is_none_or(|(place, _)| place == 0);
    let is_last = move || at().is_none_or(|(place, count)| place + 1 >= count);
    let text = move || {
        let (.., step) = on.get()?;
        Some(pieces(step.text).map(|piece| said(piece, find)).listed())
    };
    let failure = move || {
        let failed = session
            .failure
            .get()
            .or_else(|| session.full.failure.get())
            .or_else(|| worlds.nano.asking.failure.get());
        failed
            .filter(|_| !is_ready.get())
            .map(|error| view! { <p class="problem-text" role="alert">{error.message}</p> })
    };
    let content = move || {
        is_on.get().then(|| {
            let panel = NodeRef::<html::Section>::new();
            // Only where a tour begins: who comes back to the page of one has the focus elsewhere.
            Effect::new(move |_| {
                if let (Some(panel), true) = (panel.get(), tours.is_begun.get()) {
                    tours.is_begun.set(false);
                    // Where it cannot take the focus, its text is announced all the same.
                    drop(panel.focus());
                }
            });
            view! {
                <section
                    class="tour"
                    tabindex="-1"
                    node_ref=panel
                    aria-label="Guided tour"
                    data-testid="tour"
                    data-tour=name
                    data-ready=move || is_ready.get().to_string()
                    on:keydown=keys
                >
                    <header class="tour-head">
                        <h2>{live(title)}</h2>
                        <span data-testid="tour-at">{move || at().map(|(place, count)| format!("{} of {count}", place + 1))}</span>
                        <button type="button" class="icon-button" aria-label="End the tour" data-testid="tour-close" on:click=move |_| close()>"×"</button>
                    </header>
                    <p class="tour-text" role="status" data-testid="tour-text">{live(text)}</p>
                    {live(failure)}
                    <p class="tour-steps">
                        <button type="button" class="button" data-testid="tour-back" aria-disabled=move || is_first().to_string() on:click=move |_| go(-1)>"Back"</button>
                        <button
                            type="button"
                            class="button primary"
                            data-testid="tour-next"
                            on:click=move |_| if untrack(is_last) { close() } else { go(1) }
                        >
                            {move || if is_last() { "End" } else { "Next" }}
                        </button>
                    </p>
                </section>
            }
        })
    };
    live(content)
}

/// A piece of a step's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Text(&'static str),
    /// A value by its name, and what it is claimed to be.
    Value(&'static str, Option<&'static str>),
}

/// A text in pieces.
fn pieces(text: &'static str) -> impl Iterator<Item = Piece> {
    text.split('{').enumerate().flat_map(|(index, part)| {
        let (name, rest) = match part.split_once('}') {
            Some((name, rest)) if index > 0 => (Some(name), rest),
            _ => (None, part),
        };
        let value = name.map(|name| match name.split_once('=') {
            Some((name, claim)) => Piece::Value(name, Some(claim)),
            None => Piece::Value(name, None),
        });
        value.into_iter().chain(std::iter::once(Piece::Text(rest)))
    })
}

/// A piece as it is read.
fn said(piece: Piece, find: impl Fn(&str) -> Option<String>) -> AnyView {
    let (name, claim) = match piece {
        Piece::Text(text) => return text.into_any(),
        Piece::Value(name, claim) => (name, claim),
    };
    let Some(value) = find(name) else {
        return view! { <b class="tour-value mono" data-claim="none">"…"</b> }.into_any();
    };
    let differs = claim.filter(|claim| *claim != value);
    let state = if differs.is_some() { "differs" } else { "ok" };
    let differs = differs.map(|claim| format!(" (the tour says {claim})"));
    view! { <b class="tour-value mono" data-claim=state data-name=name>{value}{differs}</b> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_values() {
        let found: Vec<Piece> = pieces("It is {RESULT=8}, from {gate}.").collect();
        let wanted = [
            Piece::Text("It is "),
            Piece::Value("RESULT", Some("8")),
            Piece::Text(", from "),
            Piece::Value("gate", None),
            Piece::Text("."),
        ];
        assert_eq!(found, wanted);
    }
}
