//! All layers at the token looked at: what attention and FFN add to the residual stream, how long it is behind them, where programs
//! branch off, and what the stream would say.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::asking::{Asked, World};
use protocol::language::{Look, Part, Replacement, Station};
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::ask::programs::program_id;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::inside::lens::behind;
use crate::language::{Language, units, use_language};
use crate::live::{Listed, live};

/// Heads of a line; more stand below.
const LINE: usize = 16;
/// Side of a head's square, and its distance to the next.
const SIDE: usize = 12;
const STEP: usize = 14;

/// The map.
#[component]
pub fn Map() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let rows = move || {
        let look = inside.look.get().filter(|look| !look.stations.is_empty());
        look.map(|look| rows(&look))
    };
    let won = move || {
        let look = inside.look.get().filter(|_| inside.is_of_text())?;
        let next = inside.tokens.with(|tokens| tokens.as_ref()?.get(look.request.position + 1).cloned())?;
        let text = match won_behind(&look, &next) {
            None => format!(
                "{} came next, though the stream would not have said it behind the last layer.",
                units::visible(&next)
            ),
            Some(0) => format!("{}, which came next, leads from the embedding on.", units::visible(&next)),
            Some(row) => {
                format!("{}, which came next, leads from layer {} on.", units::visible(&next), row - 1)
            }
        };
        Some(view! { <p class="inside-about" data-testid="lm-won">{text}</p> })
    };
    let open = move |event: leptos::ev::MouseEvent| {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(head) = element.and_then(|element| element.get_attribute("data-head")) else { return };
        if let Some((Ok(layer), Ok(head))) = head.split_once(' ').map(|(l, h)| (l.parse(), h.parse())) {
            inside.layer.set(layer);
            inside.head.set(Some(head));
        }
    };
    let is_stale = move || {
        let is_here = |look: &Arc<Look>| look.request.position == inside.at.get();
        !inside.is_of_text() || inside.look.with(|look| look.as_ref().is_none_or(|look| !is_here(look)))
    };
    view! {
        <section class="xr-panel lm-map-panel" aria-labelledby="lm-map-title">
            <h2 id="lm-map-title">"All layers at this token"</h2>
            <p class="inside-about">
                "Downwards the residual stream, as thick as it is long. Each layer adds to it what its heads found (a square a head, darker where it "
                "adds more), then what its neurons make of that. Beside it: the token that the stream would say there."
            </p>
            {live(won)}
            <Export of="all layers" testid="export-layers" sheet=Callback::new(move |()| sheet(language))/>
            <div class="lm-scroller" tabindex="0" role="group" aria-labelledby="lm-map-title">
                <table class="lm-map" class:stale=is_stale data-testid="lm-map" aria-busy=move || is_stale().to_string() on:click=open>
                    <thead>
                        <tr>
                            <th scope="col">"layer"</th>
                            <th scope="col">"heads"</th>
                            <th scope="col"><span class="visually-hidden">"residual stream"</span></th>
                            <th scope="col">"neurons"</th>
                            <th scope="col">"would say"</th>
                        </tr>
                    </thead>
                    <tbody>{live(rows)}</tbody>
                </table>
            </div>
        </section>
    }
}

/// The map, to be saved.
fn sheet(language: Language) -> Option<Sheet> {
    let is_of_text = language.inside.is_of_text();
    let look = language.inside.look.get().filter(|look| is_of_text && !look.stations.is_empty())?;
    let heads = look.stations.first().map_or(0, |station| station.heads.len());
    let mut columns = ["behind", "length", "attention adds", "neurons add", "would say", "probability"]
        .map(str::to_owned)
        .to_vec();
    columns.extend((0..heads).map(|head| format!("head {head} adds")));
    let rows = look.norms.iter().zip(&look.lens).enumerate().map(|(row, (norm, said))| {
        let station = row.checked_sub(1).and_then(|layer| look.stations.get(layer));
        let (token, share) = said.first().cloned().unwrap_or_default();
        let added =
            |of: fn(&Station) -> f32| station.map_or_else(Cell::none, |station| Cell::number(of(station)));
        let mut cells = vec![
            Cell::text(behind(row)),
            Cell::number(*norm),
            added(|station| station.attention),
            added(|station| station.ffn),
            Cell::text(token),
            Cell::number(share),
        ];
        cells.extend(
            station.into_iter().flat_map(|station| &station.heads).map(|length| Cell::number(*length)),
        );
        cells
    });
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Bars(vec![1, 2, 3]),
        ..Sheet::new(language.model_name(), "layers", "All layers at one token")
            .at(look.request.position, None)
            .columns(&columns)
    })
}

/// The first row of the lens from which on a token leads to the end; `None` where it does not lead at the end.
fn won_behind(look: &Look, token: &str) -> Option<usize> {
    let leads = |row: &Vec<(String, f32)>| row.first().is_some_and(|(first, _)| first == token);
    let run = look.lens.iter().rev().take_while(|row| leads(row)).count();
    (run > 0).then(|| look.lens.len() - run)
}

/// A row for the embedding, and one a layer.
fn rows(look: &Look) -> AnyView {
    let language = use_language();
    let inside = language.inside;
    let most = |of: fn(&Station) -> f32| look.stations.iter().map(of).fold(f32::MIN_POSITIVE, f32::max);
    let most_head =
        look.stations.iter().flat_map(|one| &one.heads).copied().fold(f32::MIN_POSITIVE, f32::max);
    let most_added = most(|one| one.attention).max(most(|one| one.ffn));
    let longest = look.norms.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let position = look.request.position;
    let next = inside
        .tokens
        .with_untracked(|tokens| tokens.as_ref().and_then(|tokens| tokens.get(position + 1).cloned()));
    let spine = |row: usize| {
        let norm = look.norms.get(row).copied().unwrap_or_default();
        view! {
            <td class="lm-spine">
                <span style=format!("--share:{:.3}", norm / longest) title=format!("length {norm:.2}")></span>
                <span class="visually-hidden">{format!("length {norm:.2}")}</span>
            </td>
        }
    };
    let says = |row: usize| {
        let said = look.lens.get(row).and_then(|tokens| tokens.first());
        let said = said.map(|(token, probability)| {
            let is_next = next.as_ref() == Some(token);
            view! { <span class="mono chip-token" class:next=is_next>{units::visible(token)}</span><small>{units::percent(*probability)}</small> }
        });
        view! { <td class="lm-says">{said}</td> }
    };
    let taps = taps();
    let layers = look.stations.iter().enumerate().map(|(layer, station)| {
        let is_here = move || inside.layer.get() == layer;
        let added = |share: f32| format!("--share:{:.3}", share / most_added);
        let (attention, ffn) = (format!("adds {:.2}", station.attention), format!("adds {:.2}", station.ffn));
        let here = taps.iter().filter(|tap| tap.behind == layer + 1);
        let branches = here.map(|tap| tap.view(spine(layer + 1).into_any())).listed();
        view! {
            <tr class:here=is_here>
                <th scope="row">
                    <button
                        class="lens-layer"
                        data-testid=format!("lm-layer-{layer}")
                        aria-current=move || is_here().then_some("true")
                        on:click=move |_| inside.layer.set(layer)
                    >{format!("layer {layer}")}</button>
                </th>
                <td class="lm-heads" title=format!("attention adds {:.2}", station.attention)>
                    <span class="lm-station" style=added(station.attention)>{squares(layer, &station.heads, most_head)}</span>
                    <span class="visually-hidden">{attention}</span>
                </td>
                {spine(layer + 1)}
                <td class="lm-ffn" title=format!("neurons add {:.2}", station.ffn)>
                    <span class="lm-station" style=added(station.ffn)><span class="lm-box"></span></span>
                    <span class="visually-hidden">{ffn}</span>
                </td>
                {says(layer + 1)}
            </tr>
            {branches}
        }
    });
    view! {
        <tr>
            <th scope="row">"embedding"</th><td></td>{spine(0)}<td></td>{says(0)}
        </tr>
        {layers.listed()}
    }
    .into_any()
}

/// A layer's heads as squares.
fn squares(layer: usize, heads: &[f32], most: f32) -> AnyView {
    let all: String = heads.iter().enumerate().map(|(head, length)| {
        let (x, y) = (head % LINE * STEP, head / LINE * STEP);
        // Never invisible: a head that adds nothing is there.
        let strength = 0.06 + 0.94 * (length / most).clamp(0.0, 1.0);
        format!(
            "<rect data-head='{layer} {head}' x='{x}' y='{y}' width='{SIDE}' height='{SIDE}' fill-opacity='{strength:.3}'>\
             <title>head {head} adds {length:.2}</title></rect>"
        )
    })
    .collect();
    let lines = heads.len().div_ceil(LINE).max(1);
    let (width, height) = (heads.len().min(LINE) * STEP, lines * STEP);
    view! {
        <svg width=width.to_string() height=height.to_string() viewBox=format!("-1 -1 {width} {height}") aria-hidden="true" inner_html=all></svg>
    }
    .into_any()
}

/// A tap, and what it wrote of this text.
struct Tap {
    number: usize,
    /// The layers before it.
    behind: usize,
    gates: Vec<f32>,
    wrote: Option<String>,
    is_chosen: bool,
}

/// The model's taps.
fn taps() -> Vec<Tap> {
    let language = use_language();
    let is_changed = language.inside.of_changed.get();
    let asked = if is_changed { language.asking.changed.get() } else { language.asking.asked.get() };
    let asked = asked.filter(|_| language.inside.of_question.get_untracked());
    language.source.loaded.with_untracked(|loaded| {
        let Some(world) = loaded.as_ref().and_then(|loaded| loaded.world.as_ref()) else { return Vec::new() };
        let tap = |(number, behind): (usize, &usize)| Tap {
            number,
            behind: *behind,
            gates: gates(world, number, asked.as_deref()),
            wrote: asked.as_ref().and_then(|asked| {
                Some(match &asked.candidates.get(number)?.result {
                    Ok(value) => format!("a program: {value}"),
                    Err(_) => "a program that failed".to_owned(),
                })
            }),
            is_chosen: asked.as_ref().is_some_and(|asked| asked.chosen == Some(number)),
        };
        world.layers.iter().enumerate().map(tap).collect()
    })
}

/// A tap's gates, as trained or as they were put for an answer.
fn gates(world: &World, tap: usize, asked: Option<&Asked>) -> Vec<f32> {
    let mut gates = world.gates.get(tap).cloned().unwrap_or_default();
    for one in asked.iter().flat_map(|asked| &asked.question.interventions).filter(|one| one.layer == tap) {
        if let Part::Gate(layer) = one.part
            && let Some(gate) = gates.get_mut(layer)
        {
            *gate = if let Replacement::Value(value) = one.with { value } else { 0.0 };
        }
    }
    gates
}

impl Tap {
    /// Its row, with the stream passing by.
    fn view(&self, spine: AnyView) -> AnyView {
        let number = self.number;
        let gates: Vec<String> = self.gates.iter().map(|gate| format!("{gate:.2}")).collect();
        let (plural, gates) = (if gates.len() == 1 { "" } else { "s" }, gates.join(", "));
        let wrote = self.wrote.clone();
        let can_go = wrote.is_some();
        let wrote = wrote.unwrap_or_else(|| "no program".to_owned());
        let chosen = if self.is_chosen { ", and was chosen" } else { "" };
        let go = move |_| {
            let program = document().get_element_by_id(&program_id(number));
            if let Some(program) = program {
                program.scroll_into_view();
            }
        };
        let text = format!("writes {wrote}{chosen}");
        let said = match can_go {
            true => view! { <button class="lens-layer" data-testid=format!("lm-tap-{number}") on:click=go>{text}</button> }.into_any(),
            false => view! { <span data-testid=format!("lm-tap-{number}")>{text}</span> }.into_any(),
        };
        view! {
            <tr class="lm-tap" class:chosen=self.is_chosen>
                <td></td><td></td>
                {spine}
                <td colspan="2"><span class="lm-branch" aria-hidden="true"></span>{format!("tap {}: gate{plural} {gates}; ", number + 1)}{said}</td>
            </tr>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use protocol::language::{LookRequest, TextOf};

    use super::*;

    #[test]
    fn a_token_has_won_where_it_leads_to_the_end() {
        let row = |token: &str| vec![(token.to_owned(), 0.5)];
        let look = |words: &[&str]| Look {
            request: LookRequest {
                position: 0,
                layer: 0,
                top: 1,
                stations: true,
                interventions: Vec::new(),
                of: TextOf::Last,
            },
            lens: words.iter().map(|word| row(word)).collect(),
            logits: Vec::new(),
            dimensions: Vec::new(),
            norms: Vec::new(),
            patterns: Vec::new(),
            heads: Vec::new(),
            neurons: Vec::new(),
            added: (0.0, 0.0),
            stations: Vec::new(),
        };
        assert_eq!(won_behind(&look(&["a", "b", "a", "a"]), "a"), Some(2));
        assert_eq!(won_behind(&look(&["a", "a"]), "a"), Some(0));
        assert_eq!(won_behind(&look(&["a", "b"]), "a"), None);
    }
}
