//! One head's keys: the pictures and the table.

use engine::interpreter::HeadKind;
use engine::xray::{HeadPart, KeyScore, Site};
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Inside, Machine, Place, Request, Response};

use super::figure::Figure;
use super::format;
use super::parabola;
use super::places;
use super::state::{Keys, Scene, Xray, use_xray};
use crate::best::best_of;
use crate::client::unexpected;
use crate::explain::{Number, Pair};
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::live::{Listed, live};
use crate::session::Tape;

/// How many keys are asked for.
const LIMIT: usize = 256;
/// How many the table shows at first.
const LISTED: usize = 8;

/// Asks for a head's keys and shows them.
#[component]
pub fn AttentionView(layer: usize, head: usize, kind: HeadKind, scene: Scene) -> impl IntoView {
    let xray = use_xray();
    let shown =
        xray.keys.get_untracked().filter(|keys| (keys.detail.layer, keys.detail.head) == (layer, head));
    let answer = RwSignal::new(shown.map(Ok::<_, AppError>));
    let (tape, position) = (scene.tape, scene.capture.position);
    spawn_local(async move {
        let result = keys(xray, tape, (layer, head, kind), position).await;
        // The head may be closed by now.
        if answer.try_set(Some(result.clone())).is_none() {
            xray.keys.set(result.ok());
        }
    });
    let content = move || match answer.get() {
        None => view! { <p class="xr-note" role="status">"Loading the keys…"</p> }.into_any(),
        Some(Err(error)) => {
            view! { <p class="xr-problem" role="alert">{error.message} " " {error.remedy}</p> }.into_any()
        }
        Some(Ok(keys)) => view! { <Detail keys kind scene=scene.clone()/> }.into_any(),
    };
    view! { <div class="xr-attention" data-testid="attention">{live(content)}</div> }
}

/// Asks for a head's keys, and then for what stands where they do.
async fn keys(
    xray: Xray,
    tape: Tape,
    (layer, head, kind): (usize, usize, HeadKind),
    position: usize,
) -> Result<Keys, AppError> {
    let of = Inside::Attention { layer, head, position, limit: LIMIT };
    let request = Request::Inside { machine: tape.machine, of };
    let Response::Attention(detail) = xray.session.client.request(request).await? else {
        return Err(unexpected());
    };
    // Entries of a store are no positions.
    let places = if matches!(kind, HeadKind::Cross { .. }) {
        Vec::new()
    } else {
        let positions = detail.keys.iter().map(|key| key.position as u32).collect();
        places::ask(xray.session, tape, positions).await?
    };
    Ok(Keys { detail, places: Arc::new(places) })
}

/// One head's keys, scores, shares and values, to be saved; drawn as on the page.
fn sheet(keys: &Keys, kind: HeadKind, scene: &Scene, result: f32) -> Sheet {
    let Keys { detail, places } = keys;
    let (layer, head, query) = (detail.layer, detail.head, detail.position);
    let in_store = matches!(kind, HeadKind::Cross { .. });
    let is_sum = kind == HeadKind::Sum;
    // The keys of a store belong to no position: there is no site to open.
    let vector = |part, position, values: &[f32]| -> Vec<Cell> {
        let cells = values.iter().enumerate().map(|(component, value)| match in_store {
            true => Cell::number(*value),
            false => Cell::at(*value, Site::Head { layer, part, position, head, component }),
        });
        cells.collect()
    };
    let widths = detail.keys.first().map_or((0, 0), |key| (key.k.len(), key.v.len()));
    let mut columns = vec!["key".to_owned(), "token".to_owned()];
    columns.extend((0..widths.0).map(|component| format!("k {component}")));
    columns.extend(["score".to_owned(), "share".to_owned()]);
    columns.extend((0..widths.1).map(|component| format!("v {component}")));
    let rows = detail.keys.iter().map(|key| {
        let position = key.position;
        let name = match places::find(places, position) {
            Some(place) => places::name(scene.tape.machine, &scene.card, place),
            None => format::token(&scene.card, key.token),
        };
        let mut row = vec![Cell::count(position), Cell::text(name)];
        row.extend(vector(HeadPart::K, position, &key.k));
        // A sum head takes all alike; the others take one.
        let share = f32::from(u8::from(is_sum || detail.winner == Some(position)));
        let (score, pattern) = (
            Site::Score { layer, head, query, key: position },
            Site::Pattern { layer, head, query, key: position },
        );
        row.extend([Cell::at(key.score, score), Cell::at(share, pattern)]);
        row.extend(vector(HeadPart::V, position, &key.v));
        row
    });
    let charts = parabola::pictures(detail, kind, scene.tape.machine, result, (0, 0));
    let charts: Vec<_> = charts.into_iter().map(|picture| picture.chart).collect();
    Sheet {
        rows: rows.collect(),
        drawing: if charts.is_empty() { Drawing::None } else { Drawing::Charts(charts) },
        ..Sheet::new(&scene.card.name, "attention", format!("Attention of head {head}"))
            .at(query, Some(layer))
            .columns(&columns)
    }
}

#[component]
fn Detail(keys: Keys, kind: HeadKind, scene: Scene) -> impl IntoView {
    let (saved, at) = (keys.clone(), scene.clone());
    let Keys { detail, places } = keys;
    let machine = scene.tape.machine;
    let values = scene.capture.layers.get(detail.layer).and_then(|layer| layer.heads.get(detail.head));
    let result = values.map_or(0.0, |head| head.z.first().copied().unwrap_or(0.0));
    let figures = parabola::pictures(&detail, kind, machine, result, (0, 0))
        .into_iter()
        .enumerate()
        .map(|(index, picture)| {
            let detail = detail.clone();
            let draw = move |size| {
                let picture = parabola::pictures(&detail, kind, machine, result, size).into_iter().nth(index);
                picture.map(|picture| picture.chart).unwrap_or_default()
            };
            view! {
                <Figure title=picture.title text=picture.text testid=format!("attention-chart-{index}") draw/>
            }
        })
        .listed();
    let (on, off) = parabola::split(&detail, machine);
    let mut notes = Vec::new();
    if kind != HeadKind::Sum && !off.is_empty() {
        let shown = if on.is_empty() { "all are drawn" } else { "they are not drawn" };
        let how = match machine {
            Machine::Classic => "the compiler has pushed them far below the parabola",
            Machine::Full => "their last component makes their scores lower than any other",
        };
        notes.push(format!(
            "{} switched off: {how}; {shown}.",
            if off.len() == 1 { "1 key is".to_owned() } else { format!("{} keys are", off.len()) }
        ));
    }
    let lower = detail.omitted.saturating_sub(detail.unread);
    if lower > 0 {
        notes.push(format!("{} with lower scores left out.", format::count(lower, "key")));
    }
    if detail.unread > 0 {
        notes.push(format!(
            "The keys of the first {} were not read again{}: the run is too long to wait for them.",
            format::count(detail.unread, "position"),
            if kind == HeadKind::Sum { "" } else { ", but the winner's was" }
        ));
    }
    if detail.keys.is_empty() {
        notes.push("There is no key to choose from: the store is empty.".to_owned());
    }
    let notes = (!notes.is_empty())
        .then(|| view! { <p class="xr-note" data-testid="attention-note">{notes.join(" ")}</p> });
    let table = (!detail.keys.is_empty()).then(|| {
        let keys = Keys { detail, places };
        view! { <Table keys kind scene/> }
    });
    let export = Callback::new(move |()| Some(sheet(&saved, kind, &at, result)));
    view! {
        <div class="xr-figures">{figures}</div>
        {notes}
        {table}
        <Export of="the attention of this head" testid="export-attention" sheet=export/>
    }
}

/// The keys, best first; for a sum head the positions that add something.
#[component]
fn Table(keys: Keys, kind: HeadKind, scene: Scene) -> impl IntoView {
    let Keys { detail, places } = keys;
    let all = RwSignal::new(false);
    let mut keys = detail.keys.clone();
    if kind == HeadKind::Sum {
        keys.retain(|key| key.v.iter().any(|value| *value != 0.0));
    } else {
        // The winner is the latest of equals: so is the order.
        let count = keys.len();
        keys = best_of(keys, count, |a, b| (a.score, a.position) > (b.score, b.position));
    }
    let total = keys.len();
    let winner = detail.winner;
    let (layer, head, query) = (detail.layer, detail.head, detail.position);
    let rows = move || {
        let shown = if all.get() { total } else { LISTED };
        let line = |key: &KeyScore| {
            let place = places::find(&places, key.position);
            line(key, place, (layer, head, query), winner, kind, &scene).into_any()
        };
        keys.iter().take(shown).map(line).listed()
    };
    let more = move || {
        (total > LISTED).then(|| {
            view! {
                <button type="button" class="xr-more" on:click=move |_| all.update(|all| *all = !*all)>
                    {move || if all.get() { format!("Show the first {LISTED}") } else { format!("Show all {total}") }}
                </button>
            }
        })
    };
    let caption = match kind {
        HeadKind::Sum => "What is added up",
        HeadKind::HardMax | HeadKind::Cross { .. } => "The keys, best first",
    };
    view! {
        <div class="xr-scroll" tabindex="0" role="region" aria-label=caption>
            <table class="xr-table xr-keys" data-testid="attention-keys">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{if matches!(kind, HeadKind::Cross { .. }) { "Entry" } else { "Position" }}</th>
                        {(kind != HeadKind::Sum).then(|| view! {
                            <th scope="col" class="xr-num">"key"</th>
                            <th scope="col" class="xr-num">"score q · k"</th>
                        })}
                        <th scope="col" class="xr-num">"value"</th>
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
        </div>
        {live(more)}
    }
}

fn line(
    key: &KeyScore,
    place: Option<&Place>,
    (layer, head, query): (usize, usize, usize),
    winner: Option<usize>,
    kind: HeadKind,
    scene: &Scene,
) -> impl IntoView + use<> {
    let position = key.position;
    let in_store = matches!(kind, HeadKind::Cross { .. });
    let place = match place {
        Some(place) => {
            let name = places::name(scene.tape.machine, &scene.card, place);
            format!("{position}: {name}, {}", place.about)
        }
        None => format!("{position}: {}", format::token(&scene.card, key.token)),
    };
    // The keys of a store belong to no position: there is no site to open.
    let pair = |part, name: &str, values: &[f32]| {
        if in_store {
            return view! { <span class="xr-pair">{format::pair(values)}</span> }.into_any();
        }
        view! { <Pair layer head part position values=values.to_vec() what=format!("{name} of position {position}")/> }
            .into_any()
    };
    let won = winner == Some(position);
    let score = Site::Score { layer, head, query, key: position };
    view! {
        <tr class:winner=won>
            <th scope="row">{place} {won.then(|| view! { <b class="xr-won">" wins"</b> })}</th>
            {(kind != HeadKind::Sum).then(|| view! {
                <td class="xr-num">{pair(HeadPart::K, "key", &key.k)}</td>
                <td class="xr-num"><Number site=score value=key.score what=format!("score of position {position}")/></td>
            })}
            <td class="xr-num">{pair(HeadPart::V, "value", &key.v)}</td>
        </tr>
    }
}
