//! A table of figures: on the page, as Markdown and as CSV.

use leptos::prelude::*;

use crate::best::best_of;
use crate::export::{self, Sheet};
use crate::live::Listed;
use crate::models::grouped;

/// What stands where nothing was measured.
const NOT_MEASURED: &str = "not measured";

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What it says.
    text: String,
    /// What stands beside it: the spread, or what else must be known.
    note: String,
    /// Median, least and most, where it is of numbers.
    numbers: Option<[f64; 3]>,
}

impl Cell {
    /// Nothing was measured.
    pub fn missing() -> Self {
        Self::text(NOT_MEASURED, "")
    }

    /// Words, or a number that does not vary.
    pub fn text(text: impl Into<String>, note: impl Into<String>) -> Self {
        Self { text: text.into(), note: note.into(), numbers: None }
    }

    /// The median of some measurements, with the least and the most; nothing measured where there is none.
    pub fn spread(values: Vec<f64>) -> Self {
        let count = values.len();
        let values = best_of(values, count, |one, other| one < other);
        let (Some(least), Some(most), Some(upper), Some(lower)) =
            (values.first(), values.last(), values.get(count / 2), values.get(count.saturating_sub(1) / 2))
        else {
            return Self::missing();
        };
        let median = f64::midpoint(*lower, *upper);
        let note = if count > 1 { format!("{}–{}", figure(*least), figure(*most)) } else { String::new() };
        Self { text: figure(median), note, numbers: Some([median, *least, *most]) }
    }

    /// The same with something else beside it.
    pub fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }
}

/// A number with three digits that say something: `1,234`, `166`, `44.1`, `0.62`.
pub fn figure(number: f64) -> String {
    match number {
        _ if number >= 1_000.0 => grouped(number.round() as usize),
        _ if number >= 100.0 => format!("{number:.0}"),
        _ if number >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A line of the table: what it is, in what unit, and each column's.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Its unit, or what it is a number of.
    pub unit: &'static str,
    /// One cell a column.
    pub cells: Vec<Cell>,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it is about.
    pub name: &'static str,
    /// What each column is of: its name, and how it was measured.
    pub columns: Vec<(String, String)>,
    /// The lines.
    pub rows: Vec<Row>,
}

impl Table {
    /// Its cells column by column: the column, the line and the cell.
    fn cells(&self) -> impl Iterator<Item = (&(String, String), &Row, &Cell)> {
        self.columns.iter().enumerate().flat_map(move |(at, column)| {
            self.rows.iter().filter_map(move |row| Some((column, row, row.cells.get(at)?)))
        })
    }

    /// It as a table of Markdown, with its name above it.
    pub fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let head = self.columns.iter().map(|(name, how)| match how.as_str() {
            "" => plain(name),
            how => plain(&format!("{name}, {how}")),
        });
        let mut text = format!("\n### {}\n\n", self.name);
        text.push_str(&line(std::iter::once(String::new()).chain(head).collect()));
        text.push_str(&line(
            std::iter::once("---".to_owned()).chain(self.columns.iter().map(|_| "---:".to_owned())).collect(),
        ));
        for row in &self.rows {
            let cells = row.cells.iter().map(|cell| {
                let unit = if cell.numbers.is_some() && !row.unit.is_empty() {
                    format!(" {}", row.unit)
                } else {
                    String::new()
                };
                let note = if cell.note.is_empty() { String::new() } else { format!(" ({})", cell.note) };
                plain(&format!("{}{unit}{note}", cell.text))
            });
            text.push_str(&line(std::iter::once(plain(&row.name)).chain(cells).collect()));
        }
        text
    }

    /// It as lines of CSV: table, column, how, figure, unit, median or text, least, most.
    pub fn csv(&self) -> String {
        let mut text = String::new();
        for (column, row, cell) in self.cells() {
            let numbers = match cell.numbers {
                Some(numbers) => numbers.map(|number| number.to_string()),
                None => [cell.text.clone(), String::new(), String::new()],
            };
            let fields = [self.name, &column.0, &column.1, &row.name, row.unit].into_iter();
            text.push_str(&csv_line(fields.chain(numbers.iter().map(String::as_str))));
        }
        text
    }
}

/// Tables as one sheet, to be saved: a row a figure.
pub fn sheet(tables: &[Table]) -> Sheet {
    let rows = tables.iter().flat_map(|table| {
        table.cells().map(move |((name, how), row, cell)| {
            let words = [table.name, name, how, &row.name, row.unit].map(export::Cell::text);
            let numbers = match cell.numbers {
                Some(numbers) => numbers.map(export::Cell::measured),
                None => [&cell.text, "", ""].map(export::Cell::text),
            };
            words.into_iter().chain(numbers).chain([export::Cell::text(&cell.note)]).collect()
        })
    });
    Sheet {
        rows: rows.collect(),
        ..Sheet::new("worldmodel", "bench", "Measured in a browser").columns(&[
            "table",
            "of",
            "how",
            "figure",
            "unit",
            "median or text",
            "least",
            "most",
            "note",
        ])
    }
}

/// A text as it stands in a cell of Markdown, in which a bar parts cells and other signs have a meaning.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => plain.push(' '),
            '|' | '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '>' => plain.extend(['\\', letter]),
            letter => plain.push(letter),
        }
    }
    plain
}

/// Fields as a line of CSV, all of them in quotation marks.
pub fn csv_line<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let fields: Vec<String> = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
    fields.join(",") + "\n"
}

/// It on the page. Where it is wider than the page it scrolls by itself, by keys too.
#[component]
pub fn TableView(
    /// The table.
    table: Table,
    /// What tests find it by.
    testid: &'static str,
) -> impl IntoView {
    let small = |text: String| (!text.is_empty()).then(|| view! { <small>{text}</small> });
    let columns = table.columns.into_iter().map(|(name, how)| {
        view! { <th scope="col">{name}{small(how)}</th> }
    });
    let rows = table.rows.into_iter().map(|row| {
        let cells = row.cells.into_iter().map(|cell| {
            let (kind, unit) = match cell.numbers {
                Some(_) => ("number", row.unit),
                None if cell.text == NOT_MEASURED => ("missing", ""),
                None => ("words", ""),
            };
            view! { <td class=kind>{cell.text}" "{small(unit.to_owned())}" "{small(cell.note)}</td> }
        });
        view! { <tr><th scope="row">{row.name}</th>{cells.listed()}</tr> }
    });
    view! {
        <div class="bench-scroll" tabindex="0" role="region" aria-label=table.name data-testid=testid>
            <table class="bench-table">
                <thead><tr><td></td>{columns.listed()}</tr></thead>
                <tbody>{rows.listed()}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        let figures = [1_234.4, 166.2, 44.06, 0.618].map(figure);
        assert_eq!(figures, ["1,234", "166", "44.1", "0.62"]);
    }

    #[test]
    fn a_spread_is_median_least_and_most() {
        let cell = Cell::spread(vec![3.0, 1.0, 2.0]);
        assert_eq!((cell.text.as_str(), cell.note.as_str()), ("2.00", "1.00–3.00"));
        assert_eq!(Cell::spread(vec![1.0, 4.0]).numbers, Some([2.5, 1.0, 4.0]));
        assert_eq!(Cell::spread(vec![7.0]).note, "");
        assert_eq!(Cell::spread(Vec::new()), Cell::missing());
    }

    #[test]
    fn a_cell_of_markdown_stays_one() {
        assert_eq!(plain("a|b\n*c* <d>"), "a\\|b \\*c\\* \\<d\\>");
    }

    #[test]
    fn a_table_reads_well_as_markdown_and_as_csv() {
        let table = Table {
            name: "Model",
            columns: vec![("Smol \"2\"".to_owned(), "CPU".to_owned())],
            rows: vec![
                Row {
                    name: "decode".to_owned(),
                    unit: "tokens/s",
                    cells: vec![Cell::spread(vec![44.0, 45.0])],
                },
                Row { name: "load".to_owned(), unit: "s", cells: vec![Cell::missing()] },
            ],
        };
        assert_eq!(
            table.markdown(),
            "\n### Model\n\n|  | Smol \"2\", CPU |\n| --- | ---: |\n| decode | 44.5 tokens/s (44.0–45.0) |\n| load | not measured |\n"
        );
        assert_eq!(
            table.csv(),
            "\"Model\",\"Smol \"\"2\"\"\",\"CPU\",\"decode\",\"tokens/s\",\"44.5\",\"44\",\"45\"\n\
             \"Model\",\"Smol \"\"2\"\"\",\"CPU\",\"load\",\"s\",\"not measured\",\"\",\"\"\n"
        );
    }
}
