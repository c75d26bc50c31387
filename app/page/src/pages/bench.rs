//! The measurements to come.

use leptos::prelude::*;

use super::Ahead;
use crate::device::use_engine;
use crate::live::live;
use crate::models::grouped;
use crate::session::use_session;

const PLAN: [(&str, &str); 3] = [
    ("Conformance", "All programs of the suite, in this browser, on every device it has."),
    ("Questions", "The question sets, with and without the tool, answer by answer."),
    ("Speed", "Tokens a second by engine, device and length of the trace, and how it grows."),
];

/// Seconds below which a browser's clock, which is coarse on purpose, gives no speed.
const MEASURABLE: f64 = 0.002;

/// `#/bench`
#[component]
pub fn BenchPage() -> impl IntoView {
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
        <Ahead
            title="Measured here, on your machine"
            lead="Speed and correctness as this browser gives them; no figure on this page comes from elsewhere."
            plan=&PLAN
        >
            <dl class="facts wide">
                <div><dt>"Self-test at start-up"</dt><dd data-testid="bench-self-test">{live(self_test)}</dd></div>
                <div><dt>"Your last run"</dt><dd data-testid="bench-last-run">{live(last_run)}</dd></div>
            </dl>
            <p>
                "Open a longer example in the "<a href="#/repl">"REPL"</a>
                ", the primes for instance, and change the device under the chip above to compare."
            </p>
        </Ahead>
    }
}
