//! One head's keys: the pictures and the table.

use engine::interpreter::HeadKind;
use engine::xray::{AttentionDetail, HeadPart, KeyScore, Site};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Request, Response};

use super::figure::Figure;
use super::format;
use super::number::{Number, Pair};
use super::parabola;
use super::places;
use super::state::{Scene, use_xray};
use crate::best::best_of;
use crate::client::unexpected;
use crate::live::{Listed, live};

/// How many keys are asked for.
const LIMIT: usize = 256;
/// How many the table shows at first.
const LISTED: usize = 8;

/// Asks for a head's keys and shows them.
#[component]
pub fn AttentionView(layer: usize, head: usize, kind: HeadKind, scene: Scene) -> impl IntoView {
    let xray = use_xray();
    let shown = xray.keys.get_untracked().filter(|keys| (keys.layer, keys.head) == (layer, head));
    let answer = RwSignal::new(shown.map(Ok::<_, AppError>));
    let position = scene.capture.position;
    spawn_local(async move {
        let request = Request::Attention { layer, head, position, limit: LIMIT };
        let result = match xray.session.client.request(request).await {
            Ok(Response::Attention(detail)) => Ok(detail),
            Ok(_) => Err(unexpected()),
            Err(error) => Err(error),
        };
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
        Some(Ok(detail)) => view! { <Detail detail kind scene=scene.clone()/> }.into_any(),
    };
    view! { <div class="xr-attention" data-testid="attention">{live(content)}</div> }
}

#[component]
fn Detail(detail: AttentionDetail, kind: HeadKind, scene: Scene) -> impl IntoView {
    let values = scene.capture.layers.get(detail.layer).and_then(|layer| layer.heads.get(detail.head));
    let result = values.map_or(0.0, |head| head.z[0]);
    let figures = parabola::pictures(&detail, kind, result, (0, 0))
        .into_iter()
        .enumerate()
        .map(|(index, picture)| {
            let detail = detail.clone();
            let draw = move |size| {
                let picture = parabola::pictures(&detail, kind, result, size).into_iter().nth(index);
                picture.map(|picture| picture.chart).unwrap_or_default()
            };
            view! {
                <Figure title=picture.title text=picture.text testid=format!("attention-chart-{index}") draw/>
            }
        })
        .listed();
    let (on, off) = parabola::split(&detail);
    let mut notes = Vec::new();
    if kind != HeadKind::Sum && !off.is_empty() {
        let shown = if on.is_empty() { "all are drawn" } else { "they are not drawn" };
        notes.push(format!(
            "{} switched off: the compiler has pushed them far below the parabola; {shown}.",
            if off.len() == 1 { "1 key is".to_owned() } else { format!("{} keys are", off.len()) }
        ));
    }
    if detail.omitted > 0 {
        notes.push(format!("{} with lower scores left out.", format::count(detail.omitted, "key")));
    }
    if detail.keys.is_empty() {
        notes.push("There is no key to choose from: the store is empty.".to_owned());
    }
    let notes = (!notes.is_empty())
        .then(|| view! { <p class="xr-note" data-testid="attention-note">{notes.join(" ")}</p> });
    let table = (!detail.keys.is_empty()).then(|| view! { <Keys detail kind scene/> });
    view! { <div class="xr-figures">{figures}</div> {notes} {table} }
}

/// The keys, best first; for a sum head the positions that add something.
#[component]
fn Keys(detail: AttentionDetail, kind: HeadKind, scene: Scene) -> impl IntoView {
    let all = RwSignal::new(false);
    let mut keys = detail.keys.clone();
    if kind == HeadKind::Sum {
        keys.retain(|key| key.v != [0.0, 0.0]);
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
        let line = |key: &KeyScore| line(key, layer, head, query, winner, kind, &scene).into_any();
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
    layer: usize,
    head: usize,
    query: usize,
    winner: Option<usize>,
    kind: HeadKind,
    scene: &Scene,
) -> impl IntoView + use<> {
    let position = key.position;
    let in_store = matches!(kind, HeadKind::Cross { .. });
    let place = if in_store {
        format!("{position}: {}", format::token(&scene.card, key.token))
    } else {
        let place = places::describe(&scene.run.report, position);
        format!("{position}: {}, {place}", format::token(&scene.card, key.token))
    };
    // The keys of a store belong to no position: there is no site to open.
    let pair = |part, name: &str, values: [f32; 2]| {
        if in_store {
            return view! { <span class="xr-pair">{format::pair(values)}</span> }.into_any();
        }
        view! { <Pair layer head part position values what=format!("{name} of position {position}")/> }
            .into_any()
    };
    let won = winner == Some(position);
    let score = Site::Score { layer, head, query, key: position };
    view! {
        <tr class:winner=won>
            <th scope="row">{place} {won.then(|| view! { <b class="xr-won">" wins"</b> })}</th>
            {(kind != HeadKind::Sum).then(|| view! {
                <td class="xr-num">{pair(HeadPart::K, "key", key.k)}</td>
                <td class="xr-num"><Number site=score value=key.score what=format!("score of position {position}")/></td>
            })}
            <td class="xr-num">{pair(HeadPart::V, "value", key.v)}</td>
        </tr>
    }
}
