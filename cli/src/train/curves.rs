//! How a run goes, as a table and as curves.

use std::path::Path;

use anyhow::{Context, Result};
use plotters::prelude::*;

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Steps made.
    pub step: u64,
    /// Seconds of training, in all sittings.
    pub seconds: f64,
    /// Loss of each stream, in nats a token.
    pub losses: Vec<f64>,
    /// Share of tokens that were the likeliest, in the same order.
    pub right: Vec<f64>,
}

/// The table's first line for these streams: `text`, `tap3`.
fn heading(streams: &[String]) -> String {
    let names = || streams.iter();
    let losses: Vec<String> = names().map(|name| format!("{name}_loss")).collect();
    let right: Vec<String> = names().map(|name| format!("{name}_right")).collect();
    format!("step,seconds,{},{}", losses.join(","), right.join(","))
}

/// The streams that a table's first line names.
pub fn streams(table: &str) -> Vec<String> {
    let heading = table.lines().next().unwrap_or_default();
    heading.split(',').filter_map(|name| name.strip_suffix("_loss")).map(str::to_owned).collect()
}

/// The table as text.
pub fn table(points: &[Point], streams: &[String]) -> String {
    let mut text = heading(streams) + "\n";
    for Point { step, seconds, losses, right } in points {
        let numbers: Vec<String> = losses.iter().chain(right).map(|value| format!("{value:.5}")).collect();
        text += &format!("{step},{seconds:.1},{}\n", numbers.join(","));
    }
    text
}

/// Reads a table again, up to a step: what came after was lost with an unsaved run.
pub fn read(text: &str, until: u64) -> Vec<Point> {
    let point = |line: &str| {
        let mut fields = line.split(',');
        let step = fields.next()?.parse().ok()?;
        let seconds = fields.next()?.parse().ok()?;
        let values: Vec<f64> = fields.map(str::parse).collect::<Result<_, _>>().ok()?;
        let (losses, right) = values.split_at(values.len() / 2);
        Some(Point { step, seconds, losses: losses.to_vec(), right: right.to_vec() })
    };
    text.lines().skip(1).filter_map(point).filter(|point| point.step <= until).collect()
}

fn last_of(points: &[Point]) -> u64 {
    points.last().map_or(0, |point| point.step)
}

/// Draws losses above and shares of right tokens below, over the steps.
pub fn draw(path: &Path, points: &[Point], streams: &[String]) -> Result<()> {
    let failed = || format!("{} cannot be drawn", path.display());
    let area = SVGBackend::new(path, (900, 640)).into_drawing_area();
    // A run from another's weights begins where that one ended.
    let first = points.first().map_or(0, |point| point.step);
    let from = if first < last_of(points) / 2 { 0 } else { first };
    let steps = from..last_of(points).max(from + 1);
    let name = |stream: &String| match stream.strip_prefix("tap") {
        Some(layer) => format!("tap behind layer {layer}"),
        None => stream.clone(),
    };
    let names: Vec<String> = streams.iter().map(name).collect();
    let draw = || -> Result<(), Box<dyn std::error::Error>> {
        area.fill(&WHITE)?;
        let (above, below) = area.split_vertically(320);
        type Values = fn(&Point) -> &[f64];
        let parts: [(_, &str, Values); 2] = [
            (above, "loss, nats a token", |point| &point.losses),
            (below, "tokens predicted", |point| &point.right),
        ];
        for (area, caption, values) in parts {
            let top = points.iter().flat_map(values).copied().fold(0.1, f64::max);
            let mut chart = ChartBuilder::on(&area)
                .caption(caption, ("sans-serif", 18))
                .margin(12)
                .x_label_area_size(28)
                .y_label_area_size(48)
                .build_cartesian_2d(steps.clone(), 0.0..top)?;
            chart.configure_mesh().x_desc("step").light_line_style(WHITE).draw()?;
            for (index, name) in names.iter().enumerate() {
                let color = Palette99::pick(index).to_rgba();
                let line = points.iter().filter_map(|point| Some((point.step, *values(point).get(index)?)));
                chart
                    .draw_series(LineSeries::new(line, color.stroke_width(2)))?
                    .label(name)
                    .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
            }
            chart
                .configure_series_labels()
                .background_style(WHITE.mix(0.8))
                .border_style(BLACK.mix(0.2))
                .draw()?;
        }
        area.present()?;
        Ok(())
    };
    draw().map_err(|error| anyhow::anyhow!("{error}")).with_context(failed)
}
