//! Every head of every layer, as thumbnails of their patterns over the whole text.

use engine::xray::Survey;
use leptos::{html, prelude::*};
use protocol::language::{LanguageResponse, Opened};
use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

use super::on_demand::OnDemand;
use crate::export::{Cell, Drawing, Export, Map, Sheet};
use crate::language::{Language, use_language};
use crate::live::Listed;
use crate::roving;

/// Shares of attention below this, of 255, are not drawn.
const FAINT: u8 = 4;

/// The grid.
#[component]
pub fn AllHeads() -> impl IntoView {
    let shown = move |response: LanguageResponse| match response {
        LanguageResponse::Survey(survey) => grid(&survey),
        _ => ().into_any(),
    };
    view! {
        <OnDemand
            title="All heads of all layers"
            testid="all-heads"
            about="Each square is one head over the whole text: rows are the tokens that ask, columns those that answer, darker is more \
                   attention. A head that looks one back is a line below the diagonal. Open one to see it at the token above."
            wanted=Callback::new(|()| Some(Opened::Heads))
            shown=Callback::new(shown)
        />
    }
}

/// All thumbnails, to be saved: shares that are not faint.
fn sheet(language: Language, survey: &Survey) -> Sheet {
    let side = survey.side.max(1);
    let heads = survey.thumbnails.iter().map(Vec::len).max().unwrap_or(0);
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for (layer, of_layer) in survey.thumbnails.iter().enumerate() {
        let mut drawn = vec![vec![None; heads * side]; side];
        for (head, shares) in of_layer.iter().enumerate() {
            for (place, share) in shares.iter().enumerate().filter(|(_, share)| **share >= FAINT) {
                let (query, key) = (place / side, place % side);
                let share = f32::from(*share) / 255.0;
                let places = [layer, head, query, key].map(Cell::count);
                rows.push(places.into_iter().chain([Cell::number(share)]).collect());
                if let Some(square) = drawn.get_mut(query).and_then(|row| row.get_mut(head * side + key)) {
                    *square = Some(share);
                }
            }
        }
        values.extend(drawn);
    }
    let name = |part: &str, of: usize| {
        if of.is_multiple_of(side) { format!("{part} {}", of / side) } else { String::new() }
    };
    let map = Map {
        rows: (
            "layers, the place that asks in each".to_owned(),
            (0..values.len()).map(|row| name("layer", row)).collect(),
        ),
        columns: (
            "heads, the place that answers in each".to_owned(),
            (0..heads * side).map(|column| name("head", column)).collect(),
        ),
        values,
    };
    Sheet {
        rows,
        drawing: Drawing::Map(map),
        ..Sheet::new(language.model_name(), "all-heads", "All heads of all layers")
            .columns(&["layer", "head", "query", "key", "share"])
    }
}

fn grid(survey: &Survey) -> AnyView {
    let side = survey.side;
    let (language, saved) = (use_language(), survey.clone());
    let export = Callback::new(move |()| Some(sheet(language, &saved)));
    let rows = survey.thumbnails.iter().enumerate().map(|(layer, heads)| {
        let habits = survey.habits.get(layer);
        let heads = heads.iter().enumerate().map(|(head, shares)| {
            let habit = habits.and_then(|all| all.get(head)).copied().unwrap_or_default();
            view! { <li><Thumbnail layer head side shares=shares.clone() habit/></li> }
        });
        view! {
            <li class="head-row" data-row="">
                <span class="head-row-name">{layer.to_string()}</span>
                <ol class="thumbs">{heads.listed()}</ol>
            </li>
        }
    });
    view! {
        <ol class="head-rows" data-testid="head-grid" on:keydown=roving::keys on:focusin=roving::focused>{rows.listed()}</ol>
        <Export of="all heads" testid="export-all-heads" sheet=export/>
    }
    .into_any()
}

#[component]
fn Thumbnail(layer: usize, head: usize, side: usize, shares: Vec<u8>, habit: [f32; 3]) -> impl IntoView {
    let inside = use_language().inside;
    let canvas = NodeRef::<html::Canvas>::new();
    let label = format!("Layer {layer}, head {head}: {}", in_words(habit));
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            draw(&canvas, side, &shares);
        }
    });
    let is_shown = move || inside.layer.get() == layer && inside.head.get() == Some(head);
    let open = move |_| {
        inside.layer.set(layer);
        inside.head.set(Some(head));
    };
    view! {
        <button class="thumb" data-cell="" tabindex=roving::stop(layer == 0 && head == 0) title=label.clone() aria-label=label aria-pressed=move || is_shown().to_string() on:click=open>
            <canvas width=side.to_string() height=side.to_string() node_ref=canvas></canvas>
        </button>
    }
}

fn draw(canvas: &web_sys::HtmlCanvasElement, side: usize, shares: &[u8]) {
    // A browser that draws nothing leaves the squares empty; their names say what they are.
    let Ok(Some(context)) = canvas.get_context("2d") else { return };
    let Ok(context) = context.dyn_into::<CanvasRenderingContext2d>() else { return };
    for (row, shares) in shares.chunks(side.max(1)).enumerate() {
        for (column, share) in shares.iter().enumerate().filter(|(_, share)| **share >= FAINT) {
            context.set_global_alpha(f64::from(*share) / 255.0);
            context.fill_rect(column as f64, row as f64, 1.0, 1.0);
        }
    }
}

/// Where a head looks most of the time, for those who do not see it.
fn in_words(habit: [f32; 3]) -> String {
    let [first, own, before] = habit.map(|share| format!("{:.0} %", 100.0 * share));
    format!("on average {first} on the first token, {own} on itself, {before} on the one before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_looks_one_back_is_called_so() {
        assert_eq!(
            in_words([0.0, 0.004, 0.98]),
            "on average 0 % on the first token, 0 % on itself, 98 % on the one before"
        );
    }
}
