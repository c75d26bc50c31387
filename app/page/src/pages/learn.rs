//! The articles and slides to come.

use leptos::prelude::*;

use super::Ahead;

const PLAN: [(&str, &str); 3] = [
    (
        "The article",
        "How a transformer executes WebAssembly, section by section, each figure a live run of the real model.",
    ),
    (
        "The deck",
        "Fifteen slides on how a feed-forward layer interprets bytecode: gates that test, values that add.",
    ),
    ("Exercises", "Predict the winner of a head or the value of a neuron, then let the model show it."),
];

/// `#/learn`
#[component]
pub fn LearnPage() -> impl IntoView {
    view! {
        <Ahead
            title="How weights become an interpreter"
            lead="The ideas behind the machine, told with figures that compute instead of pictures that claim."
            plan=&PLAN
        >
            <ol class="today-list">
                <li>
                    <p>
                        <strong>"Quadratic keys. "</strong>
                        "A head that asks with q = (i, 1) among keys k = (2j, −j²) scores highest at j = i. In the "
                        <a href="#/xray">"X-ray"</a>
                        ", open a head of layer 0: the parabola and its winner are drawn from the run."
                    </p>
                </li>
                <li>
                    <p>
                        <strong>"Gate times value. "</strong>
                        "A neuron computes max(0, gate) · value. Multiplying two numbers is one neuron: a gates, b is "
                        "the value. Layer 4 of the X-ray lists them by name."
                    </p>
                </li>
                <li>
                    <p>
                        <strong>"Depth by adding up. "</strong>
                        "One head of layer 1 adds what every earlier step did to the stack. Type a few lines in the "
                        <a href="#/repl">"REPL"</a>
                        " and watch that one sum."
                    </p>
                </li>
            </ol>
        </Ahead>
    }
}
