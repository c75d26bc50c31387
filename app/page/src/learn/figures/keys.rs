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
const FETCHED: &str =
    "i32.const 7\ni32.const 6\ni32.mul\noutput\ni32.const 9\ni32.const 9\ni32.eq\nlocal.set 0\nlocal.get 0\noutput\n";

/// The last instruction's place in [`reads`].
const READ: usize = 8;

/// Writes local 0 twice, locals 1 and 3 once, and reads one.
fn reads(local: i64) -> String {
    format!(
        "i32.const 11\nlocal.set 0\ni32.const 22\nlocal.set 1\ni32.const 44\nlocal.set 3\ni32.const 33\nlocal.set 0\nlocal.get {local}\n"
    )
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
    let looking = looking(move || Want {
        program: program.clone(),
        at: At::Pass(pass.get()),
        heads: vec![at],
    });
    let steps = Signal::derive(move || {
        looking.seen.with(|seen| {
            let run = seen.as_ref().and_then(|seen| seen.classic());
            run.map(|run| run.report.steps.iter().map(|step| step.instruction.to_string()).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    });
    let last = Signal::derive(move || steps.with(|steps| steps.len().saturating_sub(1).max(pass.get_untracked())));
    let words = Signal::derive(move || {
        let pass = pass.get();
        let name = steps.with(|steps| steps.get(pass).cloned()).unwrap_or_default();
        format!("{pass}, {name}")
    });
    let controls = view! { <PassSlider name="Instruction" last value=pass words/> }.into_any();
    let content = move |seen: &Seen| pictures(seen, if plane { 2 } else { 1 });
    view! { <Frame looking name controls content spot=move |seen| spot(seen, at)/> }
}

/// The head that finds a local, for a local to choose.
#[component]
pub fn Local(
    /// The figure's name.
    name: &'static str,
) -> impl IntoView {
    let local = RwSignal::new(0_i64);
    let at = (5, 0);
    let looking = looking(move || Want {
        program: Program::Classic(reads(local.get())),
        at: At::Pass(READ),
        heads: vec![at],
    });
    let controls = view! {
        <NumberField name="Read local" value=local bounds=(0, 20)/>
        <p class="lesson-note">"The program writes 11 to local 0, 22 to local 1, 44 to local 3, 33 to local 0. Then it reads."</p>
    }
    .into_any();
    let content = move |seen: &Seen| {
        let behind = |name| {
            seen.capture().and_then(|capture| seen.behind(capture, 5, name)).map(number).unwrap_or_default()
        };
        let asked = behind("OPERAND");
        let tag = behind("LOCAL_TAG");
        let text = format!(
            "It brought back {} and the tag {tag}. 512 + {asked} would be a local that was written, so the answer is {}.",
            behind("LOCAL_VALUE"),
            behind("RESULT")
        );
        view! { {pictures(seen, 1)}<p class="lesson-says" data-testid="local-answer">{text}</p> }.into_any()
    };
    view! { <Frame looking name controls content spot=move |seen| spot(seen, at)/> }
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
