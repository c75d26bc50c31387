//! Many buttons in rows and columns as one stop of the Tab key: the arrow keys go from one to the next, Home and End to the ends of a row.
//! (The "roving tabindex" of the ARIA Authoring Practices.)
//!
//! A grid's element hears [`keys`] and [`focused`]; its rows have `data-row`, and the buttons in them `data-cell` and [`stop`].

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A cell's `tabindex`: the first of the first row is the grid's stop, until another has the focus.
pub const fn stop(is_first: bool) -> &'static str {
    if is_first { "0" } else { "-1" }
}

/// The elements below one that a selector names.
fn all<T: JsCast>(of: &Element, selector: &str) -> Vec<T> {
    let Ok(found) = of.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// The grid that hears an event, and the cell that it came from.
fn place(event: &web_sys::Event) -> Option<(Element, Element)> {
    let grid = event.current_target()?.dyn_into::<Element>().ok()?;
    let cell = event.target()?.dyn_into::<Element>().ok()?.closest("[data-cell]").ok()??;
    Some((grid, cell))
}

/// Makes the first cell of the grid of an id its stop once it is drawn, if there is none any more: the one that was may be gone.
pub fn mend(id: &'static str) {
    request_animation_frame(move || {
        let Some(grid) = document().get_element_by_id(id) else { return };
        let cells: Vec<HtmlElement> = all(&grid, "[data-cell]");
        if let Some(first) = cells.first().filter(|_| cells.iter().all(|cell| cell.tab_index() != 0)) {
            first.set_tab_index(0);
        }
    });
}

/// Goes from cell to cell.
pub fn keys(event: KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return;
    }
    let Some((grid, cell)) = place(&event) else { return };
    let rows: Vec<Vec<HtmlElement>> =
        all::<Element>(&grid, "[data-row]").iter().map(|row| all(row, "[data-cell]")).collect();
    let at = rows.iter().enumerate().find_map(|(row, cells)| {
        let column = cells.iter().position(|one| one.is_same_node(Some(&cell)))?;
        Some((row, column))
    });
    let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
    let Some((row, column)) = at.and_then(|at| beside(&lengths, at, &event.key())) else { return };
    // Whoever else hears these keys, as the X-ray's steps do, is not meant.
    event.prevent_default();
    event.stop_propagation();
    if let Some(next) = rows.get(row).and_then(|cells| cells.get(column)) {
        // What cannot take the focus leaves it where it is.
        drop(next.focus());
    }
}

/// The cell that a key goes to, from one at a row and a column; at an edge the same. `None` for other keys.
fn beside(lengths: &[usize], (row, column): (usize, usize), key: &str) -> Option<(usize, usize)> {
    let (row, column) = match key {
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "ArrowRight" => (row, column + 1),
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowDown" => ((row + 1).min(lengths.len().saturating_sub(1)), column),
        "Home" => (row, 0),
        "End" => (row, usize::MAX),
        _ => return None,
    };
    let last = lengths.get(row)?.saturating_sub(1);
    Some((row, column.min(last)))
}

/// Makes the cell that has the focus the grid's stop.
pub fn focused(event: FocusEvent) {
    let Some((grid, cell)) = place(&event) else { return };
    for other in all::<HtmlElement>(&grid, "[data-cell][tabindex='0']") {
        other.set_tab_index(-1);
    }
    if let Ok(cell) = cell.dyn_into::<HtmlElement>() {
        cell.set_tab_index(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_to_the_next_cell_and_stay_at_the_edges() {
        let lengths = [3, 3, 2];
        for (at, key, expected) in [
            ((0, 0), "ArrowRight", (0, 1)),
            ((0, 2), "ArrowRight", (0, 2)),
            ((0, 0), "ArrowLeft", (0, 0)),
            ((1, 2), "ArrowDown", (2, 1)),
            ((2, 1), "ArrowDown", (2, 1)),
            ((1, 1), "ArrowUp", (0, 1)),
            ((0, 0), "ArrowUp", (0, 0)),
            ((1, 1), "Home", (1, 0)),
            ((1, 0), "End", (1, 2)),
        ] {
            assert_eq!(beside(&lengths, at, key), Some(expected), "{at:?} {key}");
        }
        assert_eq!(beside(&lengths, (0, 0), "Enter"), None);
        assert_eq!(beside(&[], (0, 0), "End"), None);
    }
}
