//! The whole run in one strip: what its tokens are, from the first to the last, what part of it is in view, and where something was found.
//! A click goes there. A column stands for as many tokens as share it, coloured by how many of them are of each kind.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::survey::{Kinds, Overview, TokenKind};
use protocol::{AppError, Inside, Request, Response};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::state::{Xray, use_xray};
use crate::client::unexpected;
use crate::export::{Cell, Drawing, Export, Map, Sheet};
use crate::live::{Listed, live};
use crate::session::Tape;

/// Columns of the picture at most.
const COLUMNS: usize = 480;
/// Its height, in its own units.
const HEIGHT: u64 = 100;

/// The tokens of a run by column, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
struct Picture {
    tape: Tape,
    columns: Vec<Kinds>,
}

impl Picture {
    fn new(tape: Tape) -> Self {
        Self { tape, columns: vec![Kinds::default(); tape.tokens.min(COLUMNS)] }
    }

    /// Takes up a piece.
    fn add(&mut self, piece: &Overview) {
        let columns = self.columns.iter_mut().skip(piece.first as usize);
        for (sum, kinds) in columns.zip(&piece.columns) {
            sum.iter_mut().zip(kinds).for_each(|(sum, count)| *sum += count);
        }
    }

    /// How many tokens are of a kind.
    fn count(&self, kind: TokenKind) -> u32 {
        self.columns.iter().filter_map(|kinds| kinds.get(kind as usize)).sum()
    }

    /// The first token of a column.
    fn first(&self, column: usize) -> usize {
        (column * self.tape.tokens).div_ceil(self.columns.len().max(1))
    }

    /// How many tokens of each kind stand in each column, to be saved: kinds that the run does not have are left out.
    fn sheet(&self, model: &str) -> Sheet {
        let kinds: Vec<TokenKind> = TokenKind::ALL.into_iter().filter(|kind| self.count(*kind) > 0).collect();
        let count = |kinds: &Kinds, kind: TokenKind| kinds.get(kind as usize).copied().unwrap_or_default();
        let columns = self.columns.iter().enumerate();
        let rows = columns.map(|(column, counts)| {
            let ends = [self.first(column), self.first(column + 1).saturating_sub(1)].map(Cell::count);
            let counts = kinds.iter().map(|kind| Cell::count(count(counts, *kind) as usize));
            ends.into_iter().chain(counts).collect()
        });
        let share = |kind: &TokenKind| {
            let of =
                |counts: &Kinds| Some(count(counts, *kind) as f32 / counts.iter().sum::<u32>().max(1) as f32);
            self.columns.iter().map(of).collect()
        };
        let map = Map {
            rows: (
                "share of the tokens that are".to_owned(),
                kinds.iter().map(|kind| kind.name().to_owned()).collect(),
            ),
            columns: (
                "from token".to_owned(),
                (0..self.columns.len()).map(|column| self.first(column).to_string()).collect(),
            ),
            values: kinds.iter().map(share).collect(),
        };
        let names = ["from token", "to token"].into_iter().chain(kinds.iter().map(|kind| kind.name()));
        Sheet {
            rows: rows.collect(),
            drawing: Drawing::Map(map),
            ..Sheet::new(model, "run-map", "The whole run by kinds of tokens")
                .columns(&names.collect::<Vec<_>>())
        }
    }

    /// What is drawn of a kind: of each column the part that it has. Kinds stand on each other in their order.
    fn path(&self, kind: TokenKind) -> String {
        let mut path = String::new();
        for (x, kinds) in self.columns.iter().enumerate() {
            let sum = |kinds: &[u32]| kinds.iter().map(|count| u64::from(*count)).sum::<u64>();
            let height = |part: u64| part * HEIGHT / sum(kinds).max(1);
            let (below, own) = kinds.split_at_checked(kind as usize).unwrap_or_default();
            let (from, to) = (height(sum(below)), height(sum(below) + sum(own.get(..1).unwrap_or_default())));
            if from < to {
                path.push_str(&format!("M{x} {}h1v{}h-1z", HEIGHT - to, to - from));
            }
        }
        path
    }
}

/// Reads the run's tokens, a piece at a time, until another run takes its place.
async fn read(xray: Xray, picture: RwSignal<Option<Picture>>, tape: Tape) -> Result<(), AppError> {
    let mut now = Picture::new(tape);
    let columns = now.columns.len() as u32;
    let mut from = Some(0);
    while let Some(begin) = from {
        let request =
            Request::Inside { machine: tape.machine, of: Inside::Overview { columns, from: begin } };
        let Response::Overview(piece) = xray.session.client.request(request).await? else {
            return Err(unexpected());
        };
        // The map may be gone by now, or of another run.
        let is_wanted =
            picture.try_with_untracked(|picture| picture.as_ref().is_some_and(|p| p.tape == tape));
        if is_wanted != Some(true) {
            break;
        }
        now.add(&piece);
        from = piece.next;
        picture.set(Some(now.clone()));
    }
    Ok(())
}

/// The map.
#[component]
pub fn MiniMap() -> impl IntoView {
    let xray = use_xray();
    let tape = Memo::new(move |_| xray.session.tape());
    let picture = RwSignal::new(None::<Picture>);
    Effect::new(move |_| {
        let tape = tape.get();
        picture.set(tape.map(Picture::new));
        if let Some(tape) = tape {
            // Without an answer the map stays blank; why, the position's own request says.
            spawn_local(async move { drop(read(xray, picture, tape).await) });
        }
    });
    let tokens = move || xray.tokens().max(1);
    let percent = move |position: usize| position as f64 * 100.0 / tokens() as f64;
    let position = move || xray.session.position().unwrap_or_default();
    let window = move || {
        let (from, to) = xray.in_view.get();
        format!("left:{}%;width:{}%", percent(from), percent(to.saturating_sub(from)))
    };
    let here = move || format!("left:{}%;width:{}%", percent(position()), percent(1));
    let columns =
        Memo::new(move |_| picture.with(|picture| picture.as_ref().map_or(1, |p| p.columns.len().max(1))));
    let kinds = TokenKind::ALL.map(|kind| {
        let path = move || picture.with(|picture| picture.as_ref().map(|picture| picture.path(kind)));
        view! { <path class=format!("kind-{}", kind.name()) d=path></path> }
    });
    let hits = move || {
        let found = xray.search.found.get().map(|found| found.positions).unwrap_or_default();
        marks(&found, tokens(), 2 * COLUMNS)
    };
    let legend = move || {
        let picture = picture.get()?;
        let entries = TokenKind::ALL
            .into_iter()
            .map(|kind| (kind, picture.count(kind)))
            .filter(|(_, count)| *count > 0);
        let entries = entries.map(|(kind, count)| {
            view! { <li><span class=format!("xr-kind-mark kind-{}", kind.name()) aria-hidden="true"></span>{kind.name()} " " <b>{count}</b></li> }
        });
        Some(entries.listed())
    };
    let sheet = move |()| {
        let model = xray.session.shown_card().map(|card| card.name.clone())?;
        picture.with(|picture| picture.as_ref().map(|picture| picture.sheet(&model)))
    };
    let go = move |event: &PointerEvent| {
        let Some(map) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let frame = map.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        let tokens = untrack(tokens);
        let position = (share.clamp(0.0, 1.0) * tokens as f64) as usize;
        xray.go_to(position.min(untrack(|| xray.last())));
    };
    let down = move |event: PointerEvent| {
        if event.button() == 0 {
            if let Some(map) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
                // Without it a drag ends at the map's edge.
                drop(map.set_pointer_capture(event.pointer_id()));
            }
            go(&event);
        }
    };
    let moved = move |event: PointerEvent| {
        if event.buttons() & 1 == 1 {
            go(&event);
        }
    };
    view! {
        <div class="xr-map-frame">
            <div
                class="xr-map-run"
                role="slider"
                tabindex="0"
                aria-label="The whole run"
                aria-valuemin="0"
                aria-valuemax=move || xray.last().to_string()
                aria-valuenow=move || position().to_string()
                aria-valuetext=move || format!("token {} of {}", position(), xray.last())
                data-testid="minimap"
                title="The whole run: click or drag to go there"
                on:pointerdown=down
                on:pointermove=moved
            >
                <svg aria-hidden="true" preserveAspectRatio="none" viewBox=move || format!("0 0 {} {HEIGHT}", columns.get())>{kinds}</svg>
                <svg aria-hidden="true" class="xr-map-hits" preserveAspectRatio="none" viewBox=format!("0 0 {} 1", 2 * COLUMNS) data-testid="minimap-hits">
                    <path d=hits></path>
                </svg>
                <span class="xr-map-window" style=window></span>
                <span class="xr-map-here" style=here></span>
            </div>
            <div class="xr-map-foot">
                <ul class="xr-map-legend" aria-label="Tokens of the run, by what they are" data-testid="minimap-legend">{live(legend)}</ul>
                <Export of="the map of the run" testid="export-run-map" sheet=Callback::new(sheet)/>
            </div>
        </div>
    }
}

/// A mark for each of some positions of a run, in a picture that is so wide; those that share a place share a mark.
fn marks(positions: &[u32], tokens: usize, width: usize) -> String {
    let mut path = String::new();
    let mut last = None;
    for position in positions {
        let x = u64::from(*position) * width as u64 / (tokens as u64).max(1);
        if last != Some(x) {
            path.push_str(&format!("M{x} 0h2v1h-2z"));
            last = Some(x);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Machine;

    #[test]
    fn a_column_is_divided_among_its_kinds() {
        let mut picture = Picture::new(Tape { machine: Machine::Full, prompt: 1, tokens: 2, run: 0 });
        let mut piece = Overview { first: 1, columns: vec![Kinds::default()], next: None };
        piece.columns[0][TokenKind::Arithmetic as usize] = 1;
        piece.columns[0][TokenKind::Output as usize] = 3;
        picture.add(&piece);
        assert_eq!(picture.path(TokenKind::Arithmetic), "M1 75h1v25h-1z");
        assert_eq!(picture.path(TokenKind::Output), "M1 0h1v75h-1z");
        assert_eq!(picture.path(TokenKind::Memory), "");
        assert_eq!((picture.count(TokenKind::Output), picture.count(TokenKind::Prompt)), (3, 0));
    }

    #[test]
    fn a_saved_map_has_every_token_once_and_says_which() {
        let mut picture = Picture::new(Tape { machine: Machine::Full, prompt: 1, tokens: 1_000, run: 0 });
        for column in 0..COLUMNS {
            let tokens = picture.first(column + 1) - picture.first(column);
            picture.columns[column][TokenKind::Memory as usize] = tokens as u32;
        }
        let sheet = picture.sheet("full");
        assert_eq!(sheet.columns, ["from token", "to token", "memory"]);
        assert_eq!((sheet.rows.len(), sheet.rows[0][0].text.as_str()), (COLUMNS, "0"));
        assert_eq!(sheet.rows[COLUMNS - 1][1].text, "999");
        for pair in sheet.rows.windows(2) {
            assert_eq!(pair[0][1].value.unwrap() + 1.0, pair[1][0].value.unwrap());
        }
        let all: f64 = sheet.rows.iter().filter_map(|row| row[2].value).sum();
        assert_eq!(all, 1_000.0);
    }

    #[test]
    fn places_that_share_a_mark_are_drawn_once() {
        assert_eq!(marks(&[0, 1, 9], 10, 5), "M0 0h2v1h-2zM4 0h2v1h-2z");
    }
}
