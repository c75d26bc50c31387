//! The 256 memory cells as a square.

use leptos::prelude::*;

use super::{Panel, Shown};
use crate::live::{Listed, live};

/// The memory.
#[component]
pub fn Memory(
    /// What is shown.
    shown: Memo<Shown>,
) -> impl IntoView {
    let cells =
        Memo::new(move |_| shown.with(|shown| (shown.now.memory.clone(), shown.before.memory.clone())));
    let note = Signal::derive(move || match cells.with(|(now, _)| now.len()) {
        0 => "nothing written".to_owned(),
        1 => "1 cell written".to_owned(),
        count => format!("{count} cells written"),
    });
    let grid = move || {
        cells.with(|(now, before)| {
            let cell = |address: u8| {
                let value = value_at(now, address);
                let is_new = value_at(before, address) != value;
                let text = value.map(|value| value.to_string()).unwrap_or_default();
                let title = value.map(|value| format!("{address}: {value}"));
                view! { <span class="cell" class:written=value.is_some() class:new=is_new title=title>{text}</span> }
            };
            (0..=255).map(cell).listed()
        })
    };
    // The picture is for eyes; the list says the same.
    let list = move || {
        cells.with(|(now, _)| {
            let items = now.iter().map(|(address, value)| {
                view! { <li data-testid="memory-cell">{format!("{address}: {value}")}</li> }
            });
            items.listed()
        })
    };
    let columns = (0..16).map(|column| view! { <span>{format!("{column:x}")}</span> }).listed();
    let rows = (0..16).map(|row| view! { <span>{format!("{row:x}0")}</span> }).listed();
    view! {
        <Panel title="Memory" testid="panel-memory" class="wide" note=note>
            <div class="memory" aria-hidden="true">
                <div class="memory-columns">{columns}</div>
                <div class="memory-rows">{rows}</div>
                <div class="memory-grid">{live(grid)}</div>
            </div>
            <ul class="visually-hidden" aria-label="Written cells">{live(list)}</ul>
        </Panel>
    }
}

/// What the written cells hold at an address.
fn value_at(cells: &[(u8, u8)], address: u8) -> Option<u8> {
    cells.iter().find(|(of, _)| *of == address).map(|(_, value)| *value)
}
