//! Charts as SVG text, drawn by `plotters` and coloured by `assets/styles/xray-charts.css`.
//!
//! `plotters` writes colours into attributes. These are place-holders, one for each role ([`Ink`]); the style
//! sheet selects them (`[stroke="#030000"]`) and puts the theme's colours in their place.

use std::ops::Range;

use plotters::prelude::*;

use super::format;

/// `plotters` rounds to whole pixels; drawn this many times larger, curves come out smooth.
pub const SCALE: u32 = 4;

/// The role of something drawn. Keep the numbers equal to those in `xray-charts.css`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Axes and their texts.
    Text = 1,
    /// Grid lines.
    Grid = 2,
    /// The function drawn.
    Curve = 3,
    /// A point.
    Point = 4,
    /// What won.
    Winner = 5,
    /// A second line.
    Line = 6,
}

impl Ink {
    /// Its place-holder.
    pub const fn color(self) -> RGBColor {
        RGBColor(self as u8, 0, 0)
    }
}

/// A chart to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Width and height in CSS pixels.
    pub size: (u32, u32),
    /// What the horizontal axis shows.
    pub x_title: String,
    /// What the vertical axis shows.
    pub y_title: String,
    /// A line through these points.
    pub curve: Vec<(f64, f64)>,
    /// The two ends of a straight line; it does not stretch the axes, but is cut off at them.
    pub line: Vec<(f64, f64)>,
    /// Dots.
    pub points: Vec<(f64, f64)>,
    /// The points that won, with a text at the first.
    pub winners: Vec<(f64, f64)>,
    /// Said at the winner.
    pub winner_text: String,
}

impl Chart {
    /// The chart as an SVG element; `None` if it could not be drawn.
    pub fn svg(&self) -> Option<String> {
        let mut svg = String::new();
        self.draw(&mut svg).ok()?;
        Some(svg)
    }

    fn everything(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.curve.iter().chain(&self.points).chain(&self.winners).copied()
    }

    fn draw(&self, svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
        let x = padded(self.everything().map(|(x, _)| x), 0.04);
        let mut y = padded(self.everything().map(|(_, y)| y), 0.08);
        // Room for the winner's text.
        y.end += (y.end - y.start) * 0.12;
        let (left, right) = (x.start, x.end);
        let bottom = y.start;
        let (width, height) = self.size;
        let root = SVGBackend::with_string(svg, (width * SCALE, height * SCALE)).into_drawing_area();
        let line = |ink: Ink, width: u32| ink.color().stroke_width(width * SCALE);
        let text = ink_text;
        let mut chart = ChartBuilder::on(&root)
            .margin(6 * SCALE)
            .x_label_area_size(36 * SCALE)
            .y_label_area_size(56 * SCALE)
            .build_cartesian_2d(x, y.clone())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(line(Ink::Grid, 1))
            .axis_style(line(Ink::Text, 1))
            .set_all_tick_mark_size(5 * SCALE)
            .label_style(text(12))
            .axis_desc_style(text(12))
            .x_labels(8)
            .y_labels(5)
            .x_label_formatter(&|value| format::short(*value))
            .y_label_formatter(&|value| format::short(*value))
            .x_desc(&self.x_title)
            .y_desc(&self.y_title)
            .draw()?;
        if !self.curve.is_empty() {
            let style = line(Ink::Curve, 2);
            chart.draw_series(std::iter::once(PathElement::new(self.curve.clone(), style)))?;
        }
        if let &[from, to] = self.line.as_slice()
            && let Some(ends) = clipped(from, to, &y)
        {
            let style = line(Ink::Line, 1);
            chart.draw_series(std::iter::once(PathElement::new(ends, style)))?;
        }
        let dots =
            self.points.iter().map(|point| Circle::new(*point, 3 * SCALE, Ink::Point.color().filled()));
        chart.draw_series(dots)?;
        for &(x, y) in &self.winners {
            let drop = PathElement::new(vec![(x, bottom), (x, y)], line(Ink::Winner, 1));
            chart.draw_series(std::iter::once(drop))?;
            let ring = Circle::new((x, y), 6 * SCALE, line(Ink::Winner, 2));
            chart.draw_series(std::iter::once(ring))?;
        }
        if let Some(&(x, y)) = self.winners.first() {
            use plotters::style::text_anchor::{HPos, Pos, VPos};
            // Above the winner, and not beyond the edges.
            let place = (x - left) / (right - left);
            let h = if place < 0.15 {
                HPos::Left
            } else if place > 0.85 {
                HPos::Right
            } else {
                HPos::Center
            };
            let color = Ink::Winner.color();
            let style = text(13).color(&color).pos(Pos::new(h, VPos::Bottom));
            let label =
                EmptyElement::at((x, y)) + Text::new(self.winner_text.clone(), (0, -9 * SCALE as i32), style);
            chart.draw_series(std::iter::once(label))?;
        }
        root.present()?;
        drop(chart);
        drop(root);
        Ok(())
    }
}

/// Text in CSS pixels.
pub fn ink_text(size: u32) -> TextStyle<'static> {
    // Not from names: reading those takes Unicode's tables of capital letters along, 12 KB.
    let font = FontDesc::new(FontFamily::SansSerif, f64::from(size * SCALE), FontStyle::Normal);
    font.color(&Ink::Text.color())
}

/// The part of a straight line between two heights; `plotters` would bend it there.
fn clipped(from: (f64, f64), to: (f64, f64), heights: &Range<f64>) -> Option<[(f64, f64); 2]> {
    let (rise, run) = (to.1 - from.1, to.0 - from.0);
    let at = |height: f64| ((height - from.1) / rise).clamp(0.0, 1.0);
    let (start, end) = match rise {
        0.0 if heights.contains(&from.1) => (0.0, 1.0),
        0.0 => return None,
        _ if rise > 0.0 => (at(heights.start), at(heights.end)),
        _ => (at(heights.end), at(heights.start)),
    };
    let point = |share: f64| (from.0 + run * share, from.1 + rise * share);
    (start < end).then(|| [point(start), point(end)])
}

/// The range of some numbers, with room at both ends, never empty.
pub fn padded(values: impl Iterator<Item = f64>, share: f64) -> Range<f64> {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return 0.0..1.0;
    }
    let room = if high > low { (high - low) * share } else { 1.0 };
    low - room..high + room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_carries_its_roles_and_texts() {
        let chart = Chart {
            size: (600, 300),
            x_title: "key".into(),
            y_title: "score".into(),
            curve: vec![(0.0, 0.0), (1.0, 1.0)],
            line: vec![(0.0, 0.0), (1.0, 0.5)],
            points: vec![(0.5, 0.25)],
            winners: vec![(1.0, 1.0)],
            winner_text: "1 wins".into(),
        };
        let svg = chart.svg().expect("draws");
        for wanted in ["#030000", "#040000", "#050000", "#060000", "1 wins", "score", "viewBox"] {
            assert!(svg.contains(wanted), "{wanted} in {svg}");
        }
    }

    #[test]
    fn a_line_is_cut_where_it_leaves_the_chart() {
        assert_eq!(clipped((0.0, 4.0), (6.0, -8.0), &(-4.0..2.0)), Some([(1.0, 2.0), (4.0, -4.0)]));
        assert_eq!(clipped((0.0, -4.0), (4.0, 4.0), &(-9.0..0.0)), Some([(0.0, -4.0), (2.0, 0.0)]));
        assert_eq!(clipped((0.0, 1.0), (4.0, 1.0), &(0.0..2.0)), Some([(0.0, 1.0), (4.0, 1.0)]));
        assert_eq!(clipped((0.0, 5.0), (4.0, 9.0), &(0.0..2.0)), None);
    }

    #[test]
    fn nothing_and_one_point_have_a_range() {
        assert_eq!(padded([].into_iter(), 0.1), 0.0..1.0);
        assert_eq!(padded([5.0].into_iter(), 0.1), 4.0..6.0);
    }
}
