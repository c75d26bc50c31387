//! The heads of the chosen layer: where each looks, and how much it adds.

use engine::xray::Site;
use leptos::prelude::*;
use protocol::language::{Look, Part};

use crate::best::best_of;
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Map, Sheet};
use crate::language::interventions::part_name;
use crate::language::{Language, units, use_language};
use crate::live::{Listed, live};

/// Bars of a pattern at most: with more positions, several share one.
const BARS: usize = 64;
/// Positions written out for an open head.
const LISTED: usize = 8;

/// A pattern as bars, the first position on the left; each bar is the sum of the positions it stands for.
fn bars(pattern: &[f32]) -> String {
    let each = pattern.len().div_ceil(BARS).max(1);
    let count = pattern.len().div_ceil(each);
    let mut svg = String::new();
    for (place, share) in pattern.chunks(each).enumerate() {
        let share: f32 = share.iter().sum();
        // A sliver for what is nearly nothing would only look like something.
        if share > 0.004 {
            let (left, width) = (place as f32 / count as f32 * 100.0, 100.0 / count as f32);
            let height = share.min(1.0) * 24.0;
            let top = 24.0 - height;
            svg.push_str(&format!(
                "<rect x='{left:.2}' y='{top:.2}' width='{width:.2}' height='{height:.2}'/>"
            ));
        }
    }
    svg
}

/// The positions with the largest share of a pattern.
fn largest(pattern: &[f32], count: usize) -> Vec<(usize, f32)> {
    best_of(pattern.iter().copied().enumerate().collect(), count, |a, b| a.1 > b.1)
}

/// The patterns of all heads of the layer, or of one, to be saved.
fn sheet(language: Language, of: Option<usize>) -> Option<Sheet> {
    let look = language.inside.look.get()?;
    let (query, layer) = (look.request.position, look.request.layer);
    let tokens = language.inside.tokens.get().unwrap_or_default();
    let token = |place: usize| tokens.get(place).cloned().unwrap_or_default();
    let heads = look.patterns.iter().enumerate().filter(|(head, _)| of.is_none_or(|of| of == *head));
    let mut rows = Vec::new();
    for (head, pattern) in heads {
        for (key, share) in pattern.iter().enumerate() {
            rows.push(vec![
                Cell::text(format!("{key} {}", units::visible(&token(key)))),
                Cell::count(head),
                Cell::count(key),
                Cell::text(token(key)),
                Cell::at(*share, Site::Pattern { layer, head, query, key }),
            ]);
        }
    }
    let drawing = match of {
        Some(_) => Drawing::Bars(vec![4]),
        None => Drawing::Map(Map {
            rows: ("head".to_owned(), (0..look.patterns.len()).map(|head| head.to_string()).collect()),
            columns: (
                "token that answers".to_owned(),
                (0..=query).map(|key| units::visible(&token(key))).collect(),
            ),
            values: look.patterns.iter().map(|pattern| pattern.iter().copied().map(Some).collect()).collect(),
        }),
    };
    let title =
        of.map_or_else(|| "Patterns of the heads".to_owned(), |head| format!("Pattern of head {head}"));
    Some(Sheet {
        rows,
        drawing,
        ..Sheet::new(language.model_name(), if of.is_some() { "head" } else { "heads" }, title)
            .at(query, Some(layer))
            .columns(&["name", "head", "key", "token", "share"])
    })
}

/// All heads of the layer.
#[component]
pub fn Heads() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let list = move || {
        let Some(look) = inside.look.get() else { return ().into_any() };
        let most = look.heads.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        (0..look.patterns.len()).map(|head| head_view(&look, head, most)).listed()
    };
    let added = move || {
        inside.look.with(|look| {
            look.as_ref().map(|look| {
                let (attention, ffn) = look.added;
                format!(
                    "Layer {}: attention adds a vector of length {attention:.2} to the stream, the feed-forward part one of {ffn:.2}.",
                    look.request.layer
                )
            })
        })
    };
    view! {
        <section class="inside-part" aria-labelledby="heads-title">
            <h3 id="heads-title">{move || format!("Heads of layer {}", inside.layer.get())}</h3>
            <p class="inside-about" data-testid="added">{live(added)}</p>
            <p class="inside-about">
                "Bars: how a head divides its attention among the tokens so far, first to last. Adds: the length of "
                "what it writes into the stream."
            </p>
            <ul class="head-list" data-testid="heads">{live(list)}</ul>
            <Export of="the heads" testid="export-heads" sheet=Callback::new(move |()| sheet(language, None))/>
        </section>
    }
}

fn head_view(look: &Look, head: usize, most: f32) -> AnyView {
    let language = use_language();
    let inside = language.inside;
    let (query, layer) = (look.request.position, look.request.layer);
    let pattern = look.patterns.get(head).cloned().unwrap_or_default();
    let adds = look.heads.get(head).copied().unwrap_or_default();
    let token = move |place: usize| {
        let token =
            inside.tokens.with_untracked(|tokens| tokens.as_ref().and_then(|t| t.get(place).cloned()));
        units::visible(&token.unwrap_or_default())
    };
    let sees = largest(&pattern, 1).first().map(|(place, share)| {
        view! { <span class="head-sees"><span class="mono chip-token">{token(*place)}</span>{units::percent(*share)}</span> }
    });
    let svg = bars(&pattern);
    let is_open = move || inside.head.get() == Some(head);
    let table = move || {
        is_open().then(|| {
            let rows = largest(&pattern, LISTED).into_iter().map(|(place, share)| {
                view! {
                    <tr>
                        <th scope="row">
                            <button class="lens-layer" on:click=move |_| inside.look_at(place)>{place.to_string()}</button>
                        </th>
                        <td class="mono">{token(place)}</td>
                        <td><Number site=Site::Pattern { layer, head, query, key: place } value=share what=format!("attention to token {place}")/></td>
                    </tr>
                }
            });
            let rows = rows.listed();
            view! {
                <table class="head-table" data-testid="head-table">
                    <thead><tr><th scope="col">"token"</th><th scope="col">"text"</th><th scope="col">"share"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                <Export of="this head" testid="export-head" sheet=Callback::new(move |()| sheet(language, Some(head)))/>
            }
        })
    };
    let open = move |_| inside.head.update(|open| *open = (*open != Some(head)).then_some(head));
    view! {
        <li class="head" data-testid="head">
            <button class="head-name" aria-expanded=move || is_open().to_string() on:click=open>
                {format!("Head {head}")}
            </button>
            <svg class="pattern" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true" inner_html=svg></svg>
            {sees}
            <span class="head-adds">
                "adds "{format!("{adds:.2}")}
                <span class="share-bar" style=format!("--share:{:.3}", adds / most)></span>
            </span>
            <OffSwitch layer part=Part::Head(head) testid="head-off"/>
            {live(table)}
        </li>
    }
    .into_any()
}

/// The switch of a head or neuron.
#[component]
pub fn OffSwitch(layer: usize, part: Part, testid: &'static str) -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let name = part_name(layer, part, &[]);
    view! {
        <label class="off-switch">
            <input
                type="checkbox"
                data-testid=testid
                aria-label=format!("{name} off")
                prop:checked=move || inside.is_off(layer, part)
                on:change=move |_| inside.toggle(layer, part)
            />
            <span aria-hidden="true">"off"</span>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_pattern_keeps_its_sum() {
        let pattern = vec![1.0 / 130.0; 130];
        let svg = bars(&pattern);
        // 130 positions in threes are 44 bars, each three times as high as one position.
        assert_eq!(svg.matches("<rect").count(), 44);
        assert!(svg.contains("height='0.55'"), "{svg}");
        assert_eq!(bars(&[]), "");
    }
}
