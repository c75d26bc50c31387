//! The interpreter transformer: which device is measured, and the table.

use leptos::prelude::*;

use super::devices::DeviceField;
use super::failed;
use super::runs::{OnDevice, use_runs};
use super::table::{Cell, Row, Table, TableView};
use crate::device::{device_name, use_engine};
use crate::live::live;
use crate::models::grouped;
use crate::session::use_session;

/// Seconds below which a browser's clock, which is coarse on purpose, gives no speed.
const MEASURABLE: f64 = 0.002;

/// What was measured, as a table.
pub fn table(all: &[OnDevice]) -> Table {
    let columns = all.iter().map(|of| (device_name(of.device).to_owned(), String::new())).collect();
    let mut rows = Vec::new();
    let longest = all.iter().map(|of| of.workloads.len()).max().unwrap_or_default();
    for index in 0..longest {
        let name = all.iter().find_map(|of| of.workloads.get(index)).map(|workload| workload.name.clone());
        let cells = all.iter().map(|of| match of.workloads.get(index) {
            None => Cell::missing(),
            Some(workload) => {
                let cell = Cell::spread(workload.speeds.clone());
                match workload.stopped_at {
                    Some(tokens) => cell.noted(format!("stopped after {} tokens", grouped(tokens))),
                    None => cell,
                }
            }
        });
        rows.push(Row { name: name.unwrap_or_default(), unit: "tokens/s", cells: cells.collect() });
    }
    let mut row = |name: &str, unit, cell: &dyn Fn(&OnDevice) -> Cell| {
        rows.push(Row { name: name.to_owned(), unit, cells: all.iter().map(cell).collect() });
    };
    row("agrees with the byte machine", "", &|of| {
        let (runs, agree) = of.runs;
        Cell::text(
            format!("{} of {} runs", grouped(agree), grouped(runs)),
            format!("{} answers", grouped(of.answers)),
        )
    });
    row("full machine agrees with wasmi", "", &|of| match of.modules {
        Some((modules, agree)) => {
            Cell::text(format!("{} of {} modules", grouped(agree), grouped(modules)), String::new())
        }
        None => Cell::missing(),
    });
    row("engine ready, with its self-test", "s", &|of| Cell::spread(vec![of.ready]));
    Table { name: "Interpreter transformer", columns, rows }
}

/// The interpreter's part of the page.
#[component]
pub fn OfInterpreter() -> impl IntoView {
    let runs = use_runs();
    let is_running = Memo::new(move |_| runs.stage.with(Option::is_some));
    let button = move || {
        if is_running.get() {
            view! { <button class="button" data-testid="bench-stop" on:click=move |_| { runs.stop(); }>"Stop"</button> }
                .into_any()
        } else {
            view! {
                <button class="button primary" data-testid="bench-run" on:click=move |_| runs.start(untrack(|| runs.chosen.device()))>
                    "Measure"
                </button>
            }
            .into_any()
        }
    };
    let tokens = move || match runs.tokens.get() {
        tokens if is_running.get() && tokens > 0 => format!("{} tokens", grouped(tokens)),
        _ => String::new(),
    };
    let failure = move || runs.failure.get().map(|error| failed(error, "bench-run-failure"));
    let measured = move || {
        let table = runs.measured.with(|all| table(all));
        (!table.columns.is_empty()).then(|| {
            view! {
                <TableView table testid="bench-interpreter"/>
                <p class="models-note bench-note">
                    "All forward passes of a run count, those that read the program among them. The byte machine \
                     executes the same program without a model: a run agrees when every answer, every output and \
                     the state at its end are the same."
                </p>
            }
        })
    };
    view! {
        <section class="models-part" data-accent="interpreter" aria-labelledby="bench-of-interpreter">
            <h2 id="bench-of-interpreter">"The interpreter transformer"</h2>
            <div class="bench-part">
                <div class="bench-controls">
                    <DeviceField chosen=runs.chosen disabled=is_running testid="bench-device"/>
                    {live(button)}
                    <span class="bench-stage">
                        <span role="status" data-testid="bench-stage">{move || runs.stage.get()}</span>
                        " "
                        <span class="mono">{live(tokens)}</span>
                    </span>
                </div>
                {live(failure)}
                {live(measured)}
                <Before/>
            </div>
        </section>
    }
}

/// What the page has measured without being asked.
#[component]
fn Before() -> impl IntoView {
    let session = use_session();
    let engine = use_engine();
    let self_test = move || {
        session.device.with(|device| match device {
            None => engine.absence(),
            Some(device) => {
                let test = &device.self_test;
                let verdict = if test.failures.is_empty() {
                    "all as the reference machine says"
                } else {
                    "with differences"
                };
                format!(
                    "{}: {} programs, {} tokens, {verdict}, in {:.1} ms.",
                    device.name,
                    test.programs,
                    test.tokens,
                    test.seconds * 1e3
                )
            }
        })
    };
    let last_run = move || {
        session.run.with(|run| match run {
            None => "Nothing has run yet.".to_owned(),
            Some(run) => {
                let count = run.tokens.len();
                let speed = if run.seconds > MEASURABLE {
                    format!(", {} tokens a second.", grouped((count as f64 / run.seconds) as usize))
                } else {
                    ": too short to give a speed.".to_owned()
                };
                format!("{} tokens in {:.1} ms{speed}", grouped(count), run.seconds * 1e3)
            }
        })
    };
    view! {
        <dl class="facts wide">
            <div><dt>"Self-test at start-up"</dt><dd data-testid="bench-self-test">{live(self_test)}</dd></div>
            <div><dt>"Your last run in the REPL"</dt><dd data-testid="bench-last-run">{live(last_run)}</dd></div>
        </dl>
    }
}
