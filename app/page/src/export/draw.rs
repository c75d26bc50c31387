//! A table as a picture: black on white, whole in itself, drawn by `plotters`.

use plotters::prelude::*;

use super::sheet::{Drawing, Map, Sheet};
use crate::xray::chart::{Chart, Ink, SCALE, ink_text, padded};
use crate::xray::format;

/// Width of a picture in CSS pixels; a map may be wider.
const WIDTH: u32 = 760;
/// Room for the title.
const HEAD: u32 = 40;
/// Height of a chart.
const CHART: u32 = 320;
/// Height of a bar with its gap.
const BAR: u32 = 16;
/// Room for what stands beside rows.
const NAMES: u32 = 220;
/// Rows with bars at most: a picture of more would not be read; the data have all.
const MOST_BARS: usize = 200;

/// What the place-holders of [`Ink`] are on paper, by their numbers from 1.
const ON_PAPER: [&str; 6] = ["#33302c", "#dad6cf", "#2f5fb3", "#33302c", "#a8390f", "#2f5fb3"];

/// A part of a picture: its SVG, and its size in CSS pixels.
type Part = (String, (u32, u32));

impl Sheet {
    /// The picture with its title, and its size in CSS pixels; `None` if there is none.
    pub fn svg(&self) -> Option<Part> {
        let parts = match &self.drawing {
            Drawing::None => return None,
            Drawing::Bars(columns) => vec![self.bars(columns)?],
            Drawing::Map(map) => vec![map.drawn()?],
            Drawing::Charts(charts) => charts.iter().map(chart).collect::<Option<Vec<_>>>()?,
        };
        let width = parts.iter().map(|(_, (width, _))| *width).max()?.max(WIDTH);
        let height = HEAD + parts.iter().map(|(_, (_, height))| height).sum::<u32>();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
             <title>{0}</title><rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\
             <text x=\"14\" y=\"26\" font-family=\"sans-serif\" font-size=\"15\" font-weight=\"600\" fill=\"{1}\">{0}</text>",
            escaped(&self.heading()),
            ON_PAPER[0]
        );
        let mut y = HEAD;
        for (part, (width, height)) in parts {
            // `plotters` has drawn it larger, and says so in its view box.
            let inner = part.split_once("viewBox").map_or("", |(_, rest)| rest);
            svg.push_str(&format!(
                "<svg x=\"0\" y=\"{y}\" width=\"{width}\" height=\"{height}\" viewBox{inner}"
            ));
            y += height;
        }
        svg.push_str("</svg>");
        for (ink, paper) in (1..).zip(ON_PAPER) {
            svg = svg.replace(&format!("#0{ink}0000"), paper);
        }
        Some((svg, (width, height)))
    }

    /// A bar for each row, from 0 to its value: of several columns one below the other, the last the darkest.
    fn bars(&self, columns: &[usize]) -> Option<Part> {
        let rows = self.rows.get(..self.rows.len().min(MOST_BARS))?;
        let value = |row: usize, column: usize| rows.get(row)?.get(column)?.value;
        let values =
            (0..rows.len()).flat_map(|row| columns.iter().filter_map(move |column| value(row, *column)));
        let x = padded(values.chain(std::iter::once(0.0)), 0.06);
        let each = BAR * columns.len().max(1) as u32;
        let size = (WIDTH, each * rows.len() as u32 + 64);
        let mut svg = String::new();
        {
            let root =
                SVGBackend::with_string(&mut svg, (size.0 * SCALE, size.1 * SCALE)).into_drawing_area();
            let mut chart = ChartBuilder::on(&root)
                .margin(10 * SCALE)
                .x_label_area_size(44 * SCALE)
                .y_label_area_size(NAMES * SCALE)
                .build_cartesian_2d(x.clone(), rows.len() as f64..0.0)
                .ok()?;
            let names: Vec<&str> =
                columns.iter().filter_map(|column| self.columns.get(*column).map(String::as_str)).collect();
            let title = names.join("; ");
            chart
                .configure_mesh()
                .disable_y_mesh()
                .disable_y_axis()
                .y_labels(0)
                .light_line_style(TRANSPARENT)
                .bold_line_style(Ink::Grid.color().stroke_width(SCALE))
                .axis_style(Ink::Text.color().stroke_width(SCALE))
                .label_style(ink_text(12))
                .axis_desc_style(ink_text(12))
                .x_labels(7)
                .x_label_formatter(&|value| format::short(*value))
                .x_desc(title)
                .draw()
                .ok()?;
            let share = 0.86 / columns.len().max(1) as f64;
            for (at, row) in rows.iter().enumerate() {
                for (place, column) in columns.iter().enumerate() {
                    let Some(value) = row.get(*column).and_then(|cell| cell.value) else { continue };
                    let top = at as f64 + 0.07 + share * place as f64;
                    let ink = if place + 1 == columns.len() { Ink::Curve } else { Ink::Grid };
                    let bar = Rectangle::new([(0.0, top), (value, top + share)], ink.color().filled());
                    chart.draw_series(std::iter::once(bar)).ok()?;
                }
                let name = row.first().map(|cell| cut(&cell.text, 32)).unwrap_or_default();
                let y = 10 + each * at as u32 + each / 2;
                right(&root, name, NAMES, y)?;
            }
            root.present().ok()?;
        }
        Some((svg, size))
    }
}

impl Map {
    /// Squares with names beside and below them.
    fn drawn(&self) -> Option<Part> {
        let (rows, columns) = (self.values.len() as u32, self.columns.1.len().max(1) as u32);
        // Small maps get large squares, and none is wider than a screen.
        let cell = ((WIDTH - 160) / columns).clamp(3, 26);
        let height = if rows > 60 { cell } else { cell.max(12) };
        let size = ((160 + cell * columns).max(WIDTH), height * rows + 124);
        let most =
            self.values.iter().flatten().flatten().fold(f32::MIN_POSITIVE, |most, v| most.max(v.abs()));
        let mut svg = String::new();
        {
            let root =
                SVGBackend::with_string(&mut svg, (size.0 * SCALE, size.1 * SCALE)).into_drawing_area();
            let at = |x: u32, y: u32| ((x * SCALE) as i32, (y * SCALE) as i32);
            let left = 140;
            for (row, values) in (0..).zip(&self.values) {
                for (column, value) in (0..).zip(values) {
                    let Some(value) = value.filter(|value| *value != 0.0) else { continue };
                    let ink = if value < 0.0 { Ink::Winner } else { Ink::Curve };
                    let color = ink.color().mix(f64::from((value.abs() / most).max(0.04))).filled();
                    let corner = at(left + cell * column, 10 + height * row);
                    let end = at(left + cell * (column + 1), 10 + height * (row + 1));
                    root.draw(&Rectangle::new([corner, end], color)).ok()?;
                }
            }
            let frame = [at(left, 10), at(left + cell * columns, 10 + height * rows)];
            root.draw(&Rectangle::new(frame, Ink::Text.color().stroke_width(SCALE / 2))).ok()?;
            let every = (14_u32.div_ceil(height)).max(1);
            for (row, name) in (0..).zip(&self.rows.1).filter(|(row, _): &(u32, _)| row.is_multiple_of(every))
            {
                right(&root, cut(name, 20), left, 10 + height * row + height / 2)?;
            }
            // Names below one another's squares would overlap: each is turned.
            let every = (14_u32.div_ceil(cell)).max(1);
            let below = 10 + height * rows;
            let turned = ink_text(11).transform(FontTransform::Rotate90);
            for (column, name) in
                (0..).zip(&self.columns.1).filter(|(at, _): &(u32, _)| at.is_multiple_of(every))
            {
                let place = at(left + cell * column + cell / 2 + 5, below + 5);
                root.draw(&Text::new(cut(name, 12), place, turned.clone())).ok()?;
            }
            let what = format!(
                "down: {}; to the right: {}; darkest: {}",
                self.rows.0,
                self.columns.0,
                format::number(most)
            );
            root.draw(&Text::new(what, at(left, below + 92), ink_text(12))).ok()?;
            root.present().ok()?;
        }
        Some((svg, size))
    }
}

/// A chart of the page, as wide as a picture.
fn chart(chart: &Chart) -> Option<Part> {
    let size = (WIDTH, CHART);
    Some((Chart { size, ..chart.clone() }.svg()?, size))
}

/// A text that ends left of a place.
fn right(
    root: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    text: String,
    x: u32,
    y: u32,
) -> Option<()> {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let style = ink_text(11).pos(Pos::new(HPos::Right, VPos::Center));
    let place = (((x - 6) * SCALE) as i32, (y * SCALE) as i32);
    root.draw(&Text::new(text, place, style)).ok()
}

/// So many characters of a text.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::sheet::Cell;

    fn sheet(drawing: Drawing) -> Sheet {
        let mut sheet =
            Sheet::new("classic", "neurons", "a < b & c").at(23, Some(4)).columns(&["neuron", "product"]);
        sheet.rows =
            (0..3).map(|n| vec![Cell::text(format!("n{n} <&>")), Cell::number(n as f32 - 1.0)]).collect();
        Sheet { drawing, ..sheet }
    }

    fn balanced(svg: &str) -> bool {
        svg.matches("<svg").count() == svg.matches("</svg>").count() && !svg.contains("\"#0")
    }

    #[test]
    fn bars_have_names_axis_and_title() {
        let (svg, (width, height)) = sheet(Drawing::Bars(vec![1])).svg().unwrap();
        assert!(balanced(&svg), "{svg}");
        assert!(
            svg.contains("a &lt; b &amp; c, classic, layer 4, position 23") && svg.contains("n2 "),
            "{svg}"
        );
        assert!(svg.contains("product") && svg.contains("#ffffff") && svg.contains("#2f5fb3"), "{svg}");
        assert_eq!((width, height), (WIDTH, HEAD + 3 * BAR + 64));
    }

    #[test]
    fn a_map_leaves_out_what_is_not_there() {
        let map = Map {
            rows: ("layer".to_owned(), vec!["0".to_owned()]),
            columns: ("key".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
            values: vec![vec![Some(0.5), None]],
        };
        let (svg, _) = sheet(Drawing::Map(map)).svg().unwrap();
        assert!(balanced(&svg) && svg.contains("darkest: 0.5"), "{svg}");
        // The paper, the frame and one square.
        assert_eq!(svg.matches("<rect").count(), 3, "{svg}");
    }

    #[test]
    fn words_are_not_drawn() {
        assert!(sheet(Drawing::None).svg().is_none());
    }
}
