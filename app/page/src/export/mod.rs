//! What is on screen, as a file: the data with their names, and the picture. Each view gives a [`Sheet`]; all else is here.
//!
//! ```text
//! sheet  a table whose values say their names, and how it is drawn
//! text   as CSV and JSON
//! draw   as SVG, by `plotters`
//! save   as a file; PNG from the SVG
//! ```
//!
//! Test ids: `export-VIEW` (a button), `export-VIEW-panel` (its formats `export-svg`, `export-png`, `export-csv`, `export-json`, and
//! `export-said`).

mod draw;
mod save;
mod sheet;
mod text;

pub use sheet::{Cell, Drawing, Map, Sheet};

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::live::{Listed, live};
use crate::shell::popover::Popover;

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Svg,
    Png,
    Csv,
    Json,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Svg, Self::Png, Self::Csv, Self::Json];

    /// The file's ending, and what the kind is called.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Svg => ("svg", "SVG", "picture, any size"),
            Self::Png => ("png", "PNG", "picture, dots"),
            Self::Csv => ("csv", "CSV", "table"),
            Self::Json => ("json", "JSON", "table for programs"),
        }
    }

    const fn is_picture(self) -> bool {
        matches!(self, Self::Svg | Self::Png)
    }

    /// Saves a sheet, and says under which name.
    async fn save(self, sheet: &Sheet) -> Result<String, JsValue> {
        let (ending, ..) = self.names();
        let name = sheet.file_name(ending);
        let drawn = || sheet.svg().ok_or_else(|| JsValue::from_str("it could not be drawn"));
        match self {
            Self::Csv => save::text(&name, "text/csv;charset=utf-8", &sheet.csv())?,
            Self::Json => save::text(&name, "application/json", &sheet.json())?,
            Self::Svg => save::text(&name, "image/svg+xml", &drawn()?.0)?,
            Self::Png => {
                let (svg, size) = drawn()?;
                save::png(&name, &svg, size).await?;
            }
        }
        Ok(name)
    }
}

/// Saves a text of a model as a file, and says under which name.
///
/// # Errors
/// When the browser refuses.
pub fn save_text(model: &str, what: &'static str, ending: &str, text: &str) -> Result<String, JsValue> {
    let name = Sheet::new(model, what, "").file_name(ending);
    save::text(&name, "application/jsonl", text)?;
    Ok(name)
}

/// The button that saves a view.
#[component]
pub fn Export(
    /// What is saved, in words behind "Export".
    of: &'static str,
    /// Test id: `export-` and the view.
    testid: &'static str,
    /// The view, when it is saved; `None` where there is nothing yet.
    sheet: Callback<(), Option<Sheet>>,
    /// Whether it can be drawn.
    #[prop(default = true)]
    drawn: bool,
) -> impl IntoView {
    let label = view! { "Export"<span class="visually-hidden">" "{of}</span> }.into_any();
    view! {
        <Popover label class="button export-button" testid title="Export as a file">
            <Formats sheet drawn/>
        </Popover>
    }
}

/// The formats, and what was saved.
#[component]
fn Formats(sheet: Callback<(), Option<Sheet>>, drawn: bool) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let buttons = Kind::ALL.into_iter().filter(|kind| drawn || !kind.is_picture()).map(|kind| {
        let (ending, name, about) = kind.names();
        let save = move |_| {
            let Some(sheet) = untrack(|| sheet.run(())) else {
                said.set("There is nothing to save yet.".to_owned());
                return;
            };
            spawn_local(async move {
                let text = match kind.save(&sheet).await {
                    Ok(name) => format!("Saved {name}"),
                    Err(_) => "The browser does not save it: try another format.".to_owned(),
                };
                // The panel may be closed by now.
                drop(said.try_set(text));
            });
        };
        view! {
            <button type="button" class="export-kind" data-testid=format!("export-{ending}") on:click=save>
                <b>{name}</b>" "<span>{about}</span>
            </button>
        }
    });
    view! {
        <div class="export-kinds">{buttons.listed()}</div>
        <p class="export-said" role="status" data-testid="export-said">{live(move || said.get())}</p>
    }
}
