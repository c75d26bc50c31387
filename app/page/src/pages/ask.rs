//! The start route: the question box to come, and the interpreter that is there.

use leptos::prelude::*;

use super::Ahead;
use crate::repl::highlighted_program;
use crate::session::use_session;

const PLAN: [(&str, &str); 4] = [
    ("Think", "A Qwen3 language model reads “Calculate 12 * 11” and begins to answer."),
    (
        "Propose",
        "At layers 3, 7 and 11 a second stream, attending to the text, writes one small WebAssembly program each.",
    ),
    (
        "Run",
        "The candidates are scored and compiled; the best runs in a sandbox with fuel and memory limits.",
    ),
    ("Answer", "The result goes back into the model's own context, and the answer continues from there."),
];

const FIRST: &str = "i32.const 3\ni32.const 5\ni32.add\noutput\n";

/// `#/ask`
#[component]
pub fn AskPage() -> impl IntoView {
    let session = use_session();
    let run_first = move |_| session.set_program(FIRST.to_owned());
    view! {
        <Ahead
            title="Two models that compute, opened down to the last number"
            lead="One writes programs to answer a question. The other executes them, with weights that a compiler \
                  wrote and nobody trained. The second one works here, in this tab; the first moves in next."
            plan=&PLAN
        >
            <div class="today-demo" data-accent="interpreter">
                <pre class="today-code"><code>{highlighted_program(FIRST)}</code></pre>
                <div class="today-text">
                    <p>
                        "Four instructions, four forward passes of a transformer: 8 layers, 30 heads, 316,000 "
                        "parameters. Each pass fetches its instruction by attention, finds the top of the stack by "
                        "attention, and adds with its feed-forward neurons."
                    </p>
                    <p class="today-actions">
                        <a class="button primary" href="#/repl" on:click=run_first data-testid="start-repl">
                            "Run it in the REPL"
                        </a>
                        <a class="button" href="#/xray" on:click=run_first data-testid="start-xray">
                            "See it inside, in the X-ray"
                        </a>
                    </p>
                </div>
            </div>
        </Ahead>
    }
}
