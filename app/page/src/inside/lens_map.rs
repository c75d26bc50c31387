//! The logit lens of the whole text: for each layer and token, what the stream would say there.

use std::collections::BTreeMap;

use leptos::prelude::*;
use protocol::language::{LanguageResponse, LensOfText, Opened};

use super::lens::behind;
use super::on_demand::OnDemand;
use crate::export::{Cell, Drawing, Export, Map, Sheet};
use crate::language::{Language, units, use_language};
use crate::live::Listed;
use crate::roving;

/// Tokens on each side of the one looked at that are shown of a long text.
const AROUND: usize = 40;

/// The id of the table of cells.
const CELLS: &str = "lens-cells";

/// The map.
#[component]
pub fn LensMap() -> impl IntoView {
    let inside = use_language().inside;
    let wanted = move |()| Some(Opened::Lens(inside.followed.get().map(|(token, _)| token)));
    // Of a link's token only the number is known before the model says how it is written.
    let spelled = RwSignal::new(None::<(u32, String)>);
    let shown = move |response: LanguageResponse| match response {
        LanguageResponse::LensMap(lens) => {
            spelled.set(inside.followed.get_untracked().map(|followed| spelling(&lens, followed)));
            roving::mend(CELLS);
            map(&lens)
        }
        _ => ().into_any(),
    };
    let followed = move || {
        inside.followed.get().map(|(token, word)| {
            let known = spelled.get().filter(|(known, _)| *known == token && word.is_empty());
            let word = known.map_or(word, |(_, word)| word);
            let word = if word.is_empty() { format!("token {token}") } else { units::visible(&word) };
            view! {
                <p class="inside-about" data-testid="followed">
                    "Coloured by the probability of "<b class="mono chip-token">{word}</b>". "
                    <button class="quiet" on:click=move |_| inside.followed.set(None)>"Follow none"</button>
                </p>
            }
        })
    };
    view! {
        <OnDemand
            title="The logit lens of the whole text"
            testid="lens-map"
            about="For each token that was read (to the right) and behind each layer (downwards): the token that the stream would say. Darker is \
                   more probable; a cell opens its token and layer, and arrow keys go from cell to cell. To follow one token through the layers, press “follow” beside it above."
            wanted=Callback::new(wanted)
            shown=Callback::new(shown)
        />
        {crate::live::live(followed)}
    }
}

/// A followed token, as the model writes it.
fn spelling(lens: &LensOfText, (token, word): (u32, String)) -> (u32, String) {
    let known = lens.words.iter().find(|(known, _)| *known == token);
    (token, known.map_or(word, |(_, word)| word.clone()))
}

/// The whole map, to be saved: what is drawn is the probability of the likeliest token, or of the one that is followed.
fn sheet(language: Language, lens: &LensOfText) -> Sheet {
    let words: BTreeMap<u32, &str> = lens.words.iter().map(|(token, word)| (*token, word.as_str())).collect();
    let tokens = language.inside.tokens.get().unwrap_or_default();
    let read: Vec<String> = tokens.iter().map(|token| units::visible(token)).collect();
    let followed = language.inside.followed.get().filter(|_| !lens.map.followed.is_empty());
    let followed = followed.map(|followed| spelling(lens, followed));
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for (row, cells) in lens.map.likeliest.iter().enumerate() {
        let of_followed =
            |position: usize| lens.map.followed.get(row).and_then(|of| of.get(position)).copied();
        let mut drawn = Vec::with_capacity(cells.len());
        for (position, (token, probability)) in cells.iter().enumerate() {
            rows.push(vec![
                Cell::text(behind(row)),
                Cell::count(position),
                Cell::text(tokens.get(position).cloned().unwrap_or_default()),
                Cell::text(words.get(token).copied().unwrap_or_default()),
                Cell::number(*probability),
                of_followed(position).map_or_else(Cell::none, Cell::number),
            ]);
            drawn.push(Some(of_followed(position).unwrap_or(*probability)));
        }
        values.push(drawn);
    }
    let of = followed.map_or_else(|| "followed".to_owned(), |(_, word)| format!("probability of {word}"));
    let names = (0..values.len()).map(behind).collect();
    let map = Map { rows: ("behind".to_owned(), names), columns: ("token read".to_owned(), read), values };
    Sheet {
        rows,
        drawing: Drawing::Map(map),
        ..Sheet::new(language.model_name(), "lens-map", "Logit lens of the whole text").columns(&[
            "behind",
            "position",
            "read",
            "says",
            "probability",
            &of,
        ])
    }
}

fn map(lens: &LensOfText) -> AnyView {
    let language = use_language();
    let inside = language.inside;
    let saved = lens.clone();
    let export = Callback::new(move |()| Some(sheet(language, &saved)));
    let words: BTreeMap<u32, &str> = lens.words.iter().map(|(token, word)| (*token, word.as_str())).collect();
    let count = lens.map.likeliest.first().map_or(0, Vec::len);
    let at = inside.at.get_untracked();
    let window = match count > 2 * AROUND {
        true => at.saturating_sub(AROUND)..(at + AROUND).min(count),
        false => 0..count,
    };
    let tokens = inside.tokens.get_untracked();
    let followed_token = inside.followed.get_untracked().map(|followed| spelling(lens, followed));
    let read = window.clone().map(|position| {
        let token = tokens.as_ref().and_then(|tokens| tokens.get(position).cloned()).unwrap_or_default();
        view! { <th scope="col" class="mono">{units::visible(&token)}</th> }
    });
    let head = view! { <tr><th scope="col">"read"</th>{read.listed()}</tr> };
    let rows = lens.map.likeliest.iter().enumerate().map(|(row, cells)| {
        let name = behind(row);
        let followed = lens.map.followed.get(row);
        let cells = cells.iter().enumerate().skip(window.start).take(window.len()).map(
            |(position, (token, probability))| {
                let word = units::visible(words.get(token).copied().unwrap_or_default());
                let of_followed = followed.and_then(|of| of.get(position)).copied();
                let share = of_followed.unwrap_or(*probability);
                let label = format!("{word}, {}", units::percent(*probability));
                // The colour is the followed token's.
                let label = match (of_followed, &followed_token) {
                    (Some(share), Some((number, name))) if number != token => {
                        format!("{label}; {}, {}", units::visible(name), units::percent(share))
                    }
                    _ => label,
                };
                let open = move |_| {
                    inside.look_at(position);
                    if let Some(layer) = row.checked_sub(1) {
                        inside.layer.set(layer);
                    }
                };
                let stop = roving::stop(row == 0 && position == window.start);
                view! {
                    <td style=format!("--share:{share:.3}")>
                        <button class="lens-cell mono" title=label data-cell="" tabindex=stop on:click=open>{word}</button>
                    </td>
                }
            },
        );
        view! { <tr data-row=""><th scope="row">{name}</th>{cells.listed()}</tr> }
    });
    view! {
        <div class="scroller" tabindex="0" role="group" aria-label="The logit lens of the whole text">
            <table class="lens lens-map" id=CELLS data-testid="lens-cells" on:keydown=roving::keys on:focusin=roving::focused><thead>{head}</thead><tbody>{rows.listed()}</tbody></table>
        </div>
        <Export of="the map" testid="export-lens-map" sheet=export/>
    }
    .into_any()
}
