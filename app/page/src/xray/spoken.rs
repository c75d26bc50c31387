//! The layer's neurons that were strongest anywhere in the run, and at how many of its positions each spoke. Every position is computed
//! once more for that, piece by piece: what is known so far is shown, and it can be stopped.

use engine::interpreter::ModelCard;
use engine::xray::{NeuronPart, Site};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::survey::{Spoken, Voice};
use protocol::{AppError, Inside, Request, Response};

use super::state::{Xray, use_xray};
use crate::client::unexpected;
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::focus;
use crate::live::{Listed, live};
use crate::models::grouped;
use crate::session::Tape;

/// Neurons of a layer that are shown.
const SHOWN: usize = 12;

/// The id of what opens the part.
const OPENER: &str = "xr-spoken-open";

/// What is known of a run; a handle that is copied freely.
#[derive(Clone, Copy)]
struct Listening {
    /// What the neurons gave so far, and in which run.
    heard: RwSignal<Option<(Tape, Spoken)>>,
    /// Whether it goes on.
    is_on: RwSignal<bool>,
    problem: RwSignal<Option<AppError>>,
    /// Number of the newest listening: an older one stops.
    newest: StoredValue<u64>,
}

impl Listening {
    fn new() -> Self {
        let (heard, is_on, problem) = (RwSignal::new(None), RwSignal::new(false), RwSignal::new(None));
        Self { heard, is_on, problem, newest: StoredValue::new(0) }
    }

    /// How many positions of a run are done, and how many there are (tracked).
    fn done(self, tape: Tape) -> Option<(usize, usize)> {
        self.heard.with(|heard| {
            let (_, spoken) = heard.as_ref().filter(|(of, _)| *of == tape)?;
            Some((spoken.done() as usize, spoken.of as usize))
        })
    }

    /// Goes through the run, from where it was stopped if it was.
    fn start(self, xray: Xray) {
        let Some(tape) = untrack(|| xray.session.tape()) else { return };
        let number = self.stop();
        self.problem.set(None);
        self.is_on.set(true);
        let known = self.heard.with_untracked(|heard| heard.clone().filter(|(of, _)| *of == tape));
        let mut all =
            known.map(|(_, spoken)| spoken).unwrap_or_else(|| Spoken { next: Some(0), ..Spoken::default() });
        spawn_local(async move {
            while let Some(from) = all.next {
                let request = Request::Inside { machine: tape.machine, of: Inside::Spoken { from } };
                let answer = xray.session.client.request(request).await;
                // The panel may be gone by now.
                if self.newest.try_get_value() != Some(number) {
                    return;
                }
                // What the engine says may be of a run that is under way: then this one begins again if it stays the page's.
                if untrack(|| xray.session.tape() != Some(tape) || xray.session.shown_going().is_on()) {
                    return self.is_on.set(false);
                }
                match answer {
                    Ok(Response::Spoken(piece)) => {
                        all.go_on(&piece);
                        self.heard.set(Some((tape, all.clone())));
                    }
                    Ok(_) => return self.fail(unexpected()),
                    Err(error) => return self.fail(error),
                }
            }
            // The button goes.
            let held = focus::held();
            self.is_on.set(false);
            held.hand_to(OPENER);
        });
    }

    fn fail(self, error: AppError) {
        self.is_on.set(false);
        self.problem.set(Some(error));
    }

    /// Stops; gives the number of what may begin now.
    fn stop(self) -> u64 {
        self.is_on.set(false);
        self.newest.update_value(|number| *number += 1);
        self.newest.get_value()
    }
}

const fn site(voice: &Voice) -> Site {
    Site::Neuron {
        layer: voice.layer as usize,
        part: NeuronPart::Post,
        position: voice.position as usize,
        neuron: voice.neuron as usize,
    }
}

fn label(card: &ModelCard, voice: &Voice) -> String {
    let layer = card.layers.get(voice.layer as usize);
    let neuron = layer.and_then(|layer| layer.neurons.get(voice.neuron as usize));
    neuron.map(|neuron| neuron.label.clone()).unwrap_or_default()
}

/// All layers' neurons, to be saved.
fn sheet(xray: Xray, listening: Listening) -> Option<Sheet> {
    let scene = xray.scene.get()?;
    let rows = listening.heard.with(|heard| {
        let (_, spoken) = heard.as_ref().filter(|(of, _)| *of == scene.tape)?;
        let row = |voice: &Voice| {
            vec![
                Cell::count(voice.layer as usize),
                Cell::text(format!("{} {}", voice.neuron, label(&scene.card, voice))),
                Cell::count(voice.spoke as usize),
                Cell::count(voice.position as usize),
                Cell::at(voice.peak, site(voice)),
            ]
        };
        Some(spoken.voices.iter().map(row).collect())
    })?;
    Some(Sheet {
        rows,
        drawing: Drawing::Bars(vec![4]),
        ..Sheet::new(&scene.card.name, "strongest", "Strongest neurons in the run").columns(&[
            "layer",
            "neuron",
            "speaks at",
            "position",
            "product",
        ])
    })
}

/// The disclosure, and what it discloses.
#[component]
pub fn InWholeRun() -> impl IntoView {
    let xray = use_xray();
    let listening = Listening::new();
    let is_open = RwSignal::new(false);
    let tape = Memo::new(move |_| xray.session.tape());
    let is_going = Memo::new(move |_| xray.session.shown_going().is_on());
    Effect::new(move |_| {
        tape.track();
        if is_open.get() && !is_going.get() {
            listening.start(xray);
        } else {
            listening.stop();
        }
    });
    let content = move || {
        if !is_open.get() {
            return ().into_any();
        }
        view! {
            {live(move || far(listening, tape.get()))}
            {live(move || problem(listening))}
            {live(move || table(xray, listening))}
        }
        .into_any()
    };
    view! {
        <div class="xr-spoken" data-testid="xray-spoken">
            <button
                type="button"
                class="xr-more"
                id=OPENER
                data-testid="spoken-open"
                aria-expanded=move || is_open.get().to_string()
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                "Strongest in the whole run" {move || if is_open.get() { " · hide" } else { " · show" }}
            </button>
            {live(content)}
        </div>
    }
    .into_any()
}

/// How far it is.
fn far(listening: Listening, tape: Option<Tape>) -> impl IntoView {
    let known = listening.done(tape?);
    let (done, of) = known.unwrap_or_default();
    let (is_on, is_done) = (listening.is_on.get(), known.is_some() && done >= of);
    let text = match (is_on, is_done) {
        (true, _) if known.is_none() => "listening …".to_owned(),
        (false, _) if known.is_none() => "nothing is known yet".to_owned(),
        (true, false) => format!("{} of {} positions", grouped(done), grouped(of)),
        (false, false) => format!("stopped after {} of {} positions", grouped(done), grouped(of)),
        (_, true) => format!("all {} positions", grouped(of)),
    };
    let xray = use_xray();
    // One button, so that whoever pressed it still has the focus on it.
    let press = move |_| match listening.is_on.get_untracked() {
        true => drop(listening.stop()),
        false => listening.start(xray),
    };
    let button = (!is_done).then(|| {
        let text = if is_on { "Stop" } else { "Go on" };
        view! { <button type="button" class="xr-more" data-testid="spoken-stop" on:click=press>{text}</button> }
    });
    Some(
        view! { <p class="xr-rest"><span class="xr-note" data-testid="spoken-far">{text}</span> " " {button}</p> },
    )
}

fn problem(listening: Listening) -> impl IntoView {
    listening.problem.get().map(|error| {
        view! { <p class="xr-problem" role="alert">{error.message} ". " {error.remedy}</p> }
    })
}

fn table(xray: Xray, listening: Listening) -> impl IntoView {
    let layer = xray.layer();
    let scene = xray.scene.get()?;
    let (tape, voices, more) = listening.heard.with(|heard| {
        let (tape, spoken) = heard.as_ref().filter(|(of, _)| *of == scene.tape)?;
        let mut voices = spoken.strongest(layer as u32);
        let more = voices.len().saturating_sub(SHOWN);
        voices.truncate(SHOWN);
        Some((*tape, voices, more))
    })?;
    let (done, of) = listening.done(tape)?;
    if voices.is_empty() {
        let so_far = if done < of { " so far" } else { "" };
        let text = format!("No neuron of this layer gave anything but 0{so_far}.");
        return Some(view! { <p class="xr-note">{text}</p> }.into_any());
    }
    let rows = voices.iter().map(|voice| {
        let (neuron, position) = (voice.neuron, voice.position as usize);
        let go = move |_| xray.go_to(position);
        view! {
            <tr data-testid=format!("spoken-{neuron}")>
                <th scope="row"><span class="xr-index">{neuron}</span><span class="xr-label">{label(&scene.card, voice)}</span></th>
                <td class="xr-num" data-label="product">
                    <Number site=site(voice) value=voice.peak what=format!("product of neuron {neuron} at position {position}")/>
                </td>
                <td class="xr-num" data-label="at">
                    <button type="button" class="xr-more" aria-label=format!("Go to position {position}, where neuron {neuron} is strongest") on:click=go>
                        {grouped(position)}
                    </button>
                </td>
                <td class="xr-num" data-label="speaks at">{format!("{} of {}", grouped(voice.spoke as usize), grouped(done))}</td>
            </tr>
        }
    });
    let rows = rows.listed();
    let more = (more > 0).then(|| format!("{more} more spoke less loudly; the export has all layers."));
    let export = Callback::new(move |()| sheet(xray, listening));
    Some(
        view! {
            <table class="xr-table">
                <thead>
                    <tr>
                        <th scope="col">"Neuron"</th>
                        <th scope="col" class="xr-num">"product"</th>
                        <th scope="col" class="xr-num">"at"</th>
                        <th scope="col" class="xr-num">"speaks at"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="xr-rest"><span class="xr-note">{more}</span></p>
            <Export of="the strongest neurons" testid="export-spoken" sheet=export/>
        }
        .into_any(),
    )
}
