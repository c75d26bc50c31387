//! `#/bench`: whether both models compute in this browser what they should, and how fast, in tables that can be copied.
//!
//! ```text
//! checks       conformance programs, the official suite, questions
//! language     the language model: what is measured, and the table
//! interpreter  the interpreter transformer: the same
//! runs         its programs, run in a worker of their own
//! devices      what can compute, to choose from
//! table        a table on the page, as Markdown and as CSV
//! ```
//!
//! Test ids: `bench-no-model`, `bench-sizes`, `bench-rounds`, `bench-measure`, `bench-load-again`, `bench-other-device`,
//! `bench-failure`, `bench-language`, `bench-device`, `bench-run`, `bench-stop`, `bench-stage`, `bench-run-failure`,
//! `bench-interpreter`, `bench-self-test`, `bench-last-run`, `check-device`, `check-run`, `check-stop`, `check-stage`, `check-far`,
//! `check-failure`, `bench-checks`, `copy-markdown`, `copy-csv`, `copy-status`, `bench-machine`; of
//! `models::work` what goes on.

pub mod checks;
mod devices;
mod interpreter;
mod language;
pub mod runs;
mod table;

use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use wasm_bindgen_futures::JsFuture;

use crate::client::link::site;
use crate::device::adapter;
use crate::export::Export;
use crate::language::{units, use_language};
use crate::live::live;
use checks::use_checks;
use runs::use_runs;
use table::{Table, csv_line};

/// What the figures were measured with: the browser, and its machine as far as it says.
fn machine(adapter: &str) -> (String, String) {
    let navigator = window().navigator();
    let graphics = if adapter.is_empty() { "no WebGPU" } else { adapter };
    let cores = navigator.hardware_concurrency();
    (navigator.user_agent().unwrap_or_default(), format!("{cores:.0} cores, graphics: {graphics}"))
}

/// Why something did not come to its end.
fn failed(error: AppError, testid: &'static str) -> AnyView {
    view! {
        <div class="problem" role="alert" data-testid=testid>
            <p class="problem-message">{error.message}</p>
            <p>{error.remedy}</p>
        </div>
    }
    .into_any()
}

/// The site's version: the folder of its files is named by what is in them.
fn version() -> String {
    site().trim_matches(['.', '/']).to_owned()
}

/// `#/bench`
#[component]
pub fn BenchPage() -> impl IntoView {
    let language = use_language();
    let runs = use_runs();
    let checks = use_checks();
    let tables = move || {
        let of_checks = checks.all.with(|all| checks::table(all));
        let of_language = language.speeds.log.with(language::table);
        let of_interpreter = runs.measured.with(|all| interpreter::table(all));
        [of_checks, of_language, of_interpreter]
            .into_iter()
            .filter(|table| !table.columns.is_empty() && !table.rows.is_empty())
            .collect::<Vec<Table>>()
    };
    let status = RwSignal::new(String::new());
    let graphics = RwSignal::new(String::new());
    spawn_local(async move { graphics.set(adapter().await.unwrap_or_default()) });
    let copy = move |as_csv: bool| {
        let (browser, has) = graphics.with_untracked(|adapter| machine(adapter));
        let when = units::moment(Date::now() as u64);
        let tables = untrack(tables);
        let text = if as_csv {
            let head = ["table", "of", "how", "figure", "unit", "median or text", "least", "most"];
            let version = version();
            let about =
                [("version", &version), ("browser", &browser), ("machine", &has), ("copied on", &when)];
            let about =
                about.map(|(name, value)| csv_line(["", "", "", name, "", value, "", ""].into_iter()));
            csv_line(head.into_iter()) + &about.concat() + &tables.iter().map(Table::csv).collect::<String>()
        } else {
            let tables: String = tables.iter().map(Table::markdown).collect();
            let version = version();
            format!(
                "## WorldModel X-ray, measured in a browser\n\n- version: {version}\n- browser: {browser}\n- machine: {has}\n- copied on {when}\n{tables}"
            )
        };
        spawn_local(async move {
            let done = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
            let said = if done.is_ok() { "Copied." } else { "The browser does not let this page copy." };
            status.set(said.to_owned());
        });
    };
    let export = Callback::new(move |()| {
        let tables = tables();
        (!tables.is_empty()).then(|| table::sheet(&tables))
    });
    let nothing = Memo::new(move |_| tables().is_empty());
    // What was copied is no longer all there is.
    let is_more = Memo::new(move |_| {
        let columns: Vec<usize> = tables().iter().map(|table| table.columns.len()).collect();
        let works = language.source.work.with(Option::is_some);
        (columns, works, checks.stage.with(Option::is_some), runs.stage.with(Option::is_some))
    });
    Effect::new(move |_| {
        is_more.track();
        status.set(String::new());
    });
    let here = move || {
        let (browser, has) = graphics.with(|adapter| machine(adapter));
        format!("{browser} · {has}")
    };
    view! {
        <div class="models bench">
            <header class="ahead-head">
                <h1 class="display">"Measured here, on your machine"</h1>
                <p class="lead">
                    "Whether both models compute in this browser what they should, and how fast; no figure on this page comes from "
                    "elsewhere. A speed is the median of its rounds, with the least and the most beside it."
                </p>
            </header>
            <checks::OfChecks/>
            <language::OfLanguage/>
            <interpreter::OfInterpreter/>
            <section class="models-part" aria-labelledby="bench-copy">
                <h2 id="bench-copy">"Send the figures to somebody"</h2>
                <p class="models-note bench-machine" data-testid="bench-machine">{live(here)}</p>
                <p class="card-actions">
                    <button class="button" data-testid="copy-markdown" disabled=move || nothing.get() on:click=move |_| copy(false)>
                        "Copy as Markdown"
                    </button>
                    <button class="button" data-testid="copy-csv" disabled=move || nothing.get() on:click=move |_| copy(true)>
                        "Copy as CSV"
                    </button>
                    <Export of="the figures" testid="export-bench" drawn=false sheet=export/>
                    <span class="models-note" role="status" data-testid="copy-status">
                        {live(move || if nothing.get() { "Nothing is measured yet.".to_owned() } else { status.get() })}
                    </span>
                </p>
            </section>
        </div>
    }
}
