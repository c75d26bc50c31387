//! The logits: `logit(t) = 2tR − t²`, a parabola over the tokens with its top at t = R, the result (A, the answer, in the full machine).

use engine::xray::{Capture, Site};
use leptos::prelude::*;
use protocol::Machine;

use super::chart::Chart;
use super::figure::Figure;
use super::format;
use super::state::{Xray, use_xray};
use crate::best::best_of;
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::live::{Listed, live};

/// How many tokens the table lists.
const LISTED: usize = 5;

/// The best tokens, best first; equals in order of token, as the model decides.
pub(super) fn best(logits: &[f32]) -> Vec<(usize, f32)> {
    best_of(logits.iter().copied().enumerate().collect(), LISTED, |a, b| a.1 > b.1)
}

/// The logits of all tokens as a chart.
pub fn chart(logits: &[f32], argmax: usize, size: (u32, u32)) -> Chart {
    let curve: Vec<(f64, f64)> =
        logits.iter().enumerate().map(|(token, logit)| (token as f64, f64::from(*logit))).collect();
    let winner = logits.get(argmax).map(|logit| (argmax as f64, f64::from(*logit)));
    Chart {
        size,
        x_title: "token".into(),
        y_title: "logit".into(),
        curve,
        winners: winner.into_iter().collect(),
        winner_text: format!("token {argmax}"),
        ..Chart::default()
    }
}

/// All of them, to be saved.
fn sheet(xray: Xray) -> Option<Sheet> {
    let scene = xray.scene.get()?;
    let capture = &scene.capture;
    let position = capture.position;
    let rows = capture.logits.iter().enumerate().map(|(token, logit)| {
        let name = u16::try_from(token).map(|token| format::token(&scene.card, token)).unwrap_or_default();
        vec![Cell::count(token), Cell::text(name), Cell::at(*logit, Site::Logit { position, token })]
    });
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Charts(vec![chart(&capture.logits, usize::from(capture.argmax), (0, 0))]),
        ..Sheet::new(&scene.card.name, "logits", "Logits")
            .at(position, None)
            .columns(&["token", "meaning", "logit"])
    })
}

/// The logits of the position.
#[component]
pub fn Logits() -> impl IntoView {
    let xray = use_xray();
    let content = move || {
        let scene = xray.scene.get()?;
        let capture: Capture = (*scene.capture).clone();
        let argmax = usize::from(capture.argmax);
        let position = capture.position;
        let is_full = scene.tape.machine == Machine::Full;
        let best = best(&capture.logits);
        let top = best.first().map_or(0.0, |(_, logit)| *logit);
        let text = format!(
            "Logits of {} tokens, a parabola; the highest is {} at token {argmax}.",
            capture.logits.len(),
            format::number(top)
        );
        let rows = best
            .into_iter()
            .map(|(token, logit)| {
                let name = u16::try_from(token).map(|token| format::token(&scene.card, token)).unwrap_or_default();
                view! {
                    <tr class:winner=token == argmax>
                        <th scope="row">{name.clone()}</th>
                        <td class="xr-num">
                            <Number site=Site::Logit { position, token } value=logit what=format!("logit of {name}")/>
                        </td>
                        <td class="xr-num">{format::change(logit - top)}</td>
                    </tr>
                }
            })
            .listed();
        let logits = capture.logits;
        Some(view! {
            <div class="xr-logits-body">
                <Figure
                    title=if is_full { "Logit of each token: 2tA − t²" } else { "Logit of each token: 2tR − t²" }
                    text
                    testid="logit-chart"
                    draw=move |size| chart(&logits, argmax, size)
                />
                <table class="xr-table xr-top" data-testid="logit-table">
                    <caption>{format!("The best {LISTED}")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Token"</th>
                            <th scope="col" class="xr-num">"logit"</th>
                            <th scope="col" class="xr-num">"to the best"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })
    };
    view! {
        <section class="xr-panel" aria-labelledby="xr-logits-title" data-testid="xray-logits">
            <div class="xr-panel-head">
                <h2 id="xr-logits-title">"Logits"</h2>
                <Export of="the logits" testid="export-logits" sheet=Callback::new(move |()| sheet(xray))/>
            </div>
            {live(content)}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_stand_in_order_of_token() {
        assert_eq!(best(&[1.0, 3.0, 2.0, 3.0]), [(1, 3.0), (3, 3.0), (2, 2.0), (0, 1.0)]);
    }

    #[test]
    fn the_chart_marks_the_best_token() {
        let logits: Vec<f32> = (0..260).map(|t| (2 * t * 8 - t * t) as f32).collect();
        assert_eq!(chart(&logits, 8, (600, 300)).winners, [(8.0, 64.0)]);
    }
}
