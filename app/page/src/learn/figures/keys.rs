//! A head that looks something up: the model's own query at a step of a real run, and the keys it is scored against.

use leptos::prelude::*;
use protocol::Machine;

use super::controls::{NumberField, PassSlider};
use super::{Frame, looking, number};
use crate::learn::lab::{At, Program, Seen, Want};
use crate::learn::spot::Spot;
use crate::live::Listed;
use crate::xray::extra::Extra;
use crate::xray::figure::Figure;
use crate::xray::format::pair;
use crate::xray::parabola;

/// The program of [`Keys`].
const FETCHED: &str = "i32.const 7\ni32.const 6\ni32.mul\noutput\ni32.const 9\ni32.const 9\ni32.eq\nlocal.set 0\nlocal.get 0\noutput\n";

/// The last instruction's place in [`reads`].
const READ: usize = 8;

/// Writes cell 0 twice, cells 1 and 3 once, and reads one.
fn reads(cell: i64) -> String {
    let stores = [(11, 0), (22, 1), (44, 3), (33, 0)];
    let stores = stores.map(|(value, cell)| format!("i32.const {value}\ni32.store {cell}\n"));
    format!("{}i32.load {cell}\n", stores.concat())
}

/// The heads that fetch, at a step to choose.
#[component]
pub fn Keys(
    /// The figure's name.
    name: &'static str,
    /// The layer and the head.
    at: (usize, usize),
    /// The pass it begins at.
    pass: usize,
    /// Whether the keys are drawn in their plane as well.
    #[prop(default = false)]
    plane: bool,
) -> impl IntoView {
    let pass = RwSignal::new(pass);
    let program = Program::Classic(FETCHED.to_owned());
    let looking =
        looking(move || Want { program: program.clone(), at: At::Pass(pass.get()), heads: vec![at] });
    let steps = Signal::derive(move || {
        looking.seen.with(|seen| {
            let run = seen.as_ref().and_then(|seen| seen.classic());
            run.map(|run| {
                run.report.steps.iter().map(|step| step.instruction.to_string()).collect::<Vec<_>>()
            })
            .unwrap_or_default()
        })
    });
    let last =
        Signal::derive(move || steps.with(|steps| steps.len().saturating_sub(1).max(pass.get_untracked())));
    let words = Signal::derive(move || {
        let pass = pass.get();
        let name = steps.with(|steps| steps.get(pass).cloned()).unwrap_or_default();
        format!("{pass}, {name}")
    });
    let controls = view! { <PassSlider name="Instruction" last value=pass words/> }.into_any();
    let content = move |seen: &Seen| pictures(seen, if plane { 2 } else { 1 });
    view! { <Frame looking name controls content spot=move |seen| spot(seen, at)/> }
}

/// The head that finds a memory cell, for a cell to choose.
#[component]
pub fn Cell() -> impl IntoView {
    let cell = RwSignal::new(0_i64);
    let at = (6, 0);
    let looking = looking(move || Want {
        program: Program::Classic(reads(cell.get())),
        at: At::Pass(READ),
        heads: vec![at],
    });
    let controls = view! {
        <NumberField name="Read cell" value=cell bounds=(0, 20)/>
        <p class="lesson-note">"The program stores 11 in cell 0, 22 in cell 1, 44 in cell 3, 33 in cell 0. Then it loads."</p>
    }
    .into_any();
    let content = move |seen: &Seen| {
        let behind = |name| {
            seen.capture()
                .and_then(|capture| seen.behind(capture, at.0, name))
                .map(number)
                .unwrap_or_default()
        };
        let text = format!(
            "It brought back {} and the tag {}. A cell that was stored to would have the tag 512 + {}. The answer is {}.",
            behind("MEM_VALUE"),
            behind("MEM_TAG"),
            behind("OPERAND"),
            behind("RESULT")
        );
        view! { {pictures(seen, 1)}<p class="lesson-says" data-testid="cell-answer">{text}</p> }.into_any()
    };
    view! { <Frame looking name="lookup" controls content spot=move |seen| spot(seen, at)/> }
}

fn spot(seen: &Seen, (layer, head): (usize, usize)) -> Option<Spot> {
    Some(Spot {
        program: seen.want.program.clone(),
        position: seen.capture()?.position,
        layer,
        extra: Extra { head: Some(head), ..Extra::default() },
    })
}

/// The first charts of the head, and what won in words.
fn pictures(seen: &Seen, count: usize) -> AnyView {
    let Some(detail) = seen.keys.first() else {
        return view! { <p class="lesson-note">"No instruction was executed."</p> }.into_any();
    };
    let card = seen.card.layers.get(detail.layer).and_then(|layer| layer.heads.get(detail.head));
    let Some(card) = card else { return ().into_any() };
    let (kind, machine) = (card.kind, Machine::Classic);
    let figures = parabola::pictures(detail, kind, machine, 0.0, (0, 0)).into_iter().take(count);
    let figures = figures.enumerate().map(|(index, picture)| {
        let detail = detail.clone();
        let draw = move |size| {
            let picture = parabola::pictures(&detail, kind, machine, 0.0, size).into_iter().nth(index);
            picture.map(|picture| picture.chart).unwrap_or_default()
        };
        view! { <Figure title=picture.title text=picture.text testid=format!("keys-chart-{index}") draw/> }
    });
    let figures = figures.listed();
    let asked = detail.q.first().copied().unwrap_or_default();
    let winner = detail.winner.and_then(|winner| detail.keys.iter().find(|key| key.position == winner));
    let off = parabola::split(detail, machine).1.len();
    let says = winner.map(|key| {
        format!(
            "Head “{}” asks with q = {} for {}. Of {} keys, {off} are switched off. The key {} of position {} scores {}, \
             the most, and its value {} is what the head returns.",
            card.part.label,
            pair(&detail.q),
            number(asked),
            detail.keys.len(),
            pair(&key.k),
            key.position,
            number(key.score),
            pair(&key.v)
        )
    });
    view! { <div class="lesson-charts">{figures}</div><p class="lesson-says" data-testid="keys-says">{says}</p> }
        .into_any()
}
