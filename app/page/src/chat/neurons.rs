//! The strongest neurons of the chosen layer.

use leptos::prelude::*;
use protocol::language::Part;

use super::heads::OffSwitch;
use crate::language::use_language;
use crate::live::{Listed, live};

/// A number to three places, with a real minus.
fn number(value: f32) -> String {
    format!("{value:.3}").replace('-', "−")
}

/// The neurons with the largest products, and the way to switch off any other.
#[component]
pub fn Neurons() -> impl IntoView {
    let language = use_language();
    let inside = language.inside;
    let rows = move || {
        let Some(look) = inside.look.get() else { return ().into_any() };
        let layer = look.request.layer;
        let rows = look.neurons.iter().map(|(neuron, gate, value, product)| {
            view! {
                <tr>
                    <th scope="row">{neuron.to_string()}</th>
                    <td>{number(*gate)}</td>
                    <td>{number(*value)}</td>
                    <td><b>{number(*product)}</b></td>
                    <td><OffSwitch layer part=Part::Neuron(*neuron) testid="neuron-off"/></td>
                </tr>
            }
        });
        rows.listed()
    };
    view! {
        <section class="inside-part" aria-labelledby="neurons-title">
            <h3 id="neurons-title">{move || format!("Strongest neurons of layer {}", inside.layer.get())}</h3>
            <p class="inside-about">
                "A neuron's gate (after SiLU) times its value is what it writes, along its own direction of the stream."
            </p>
            <table class="neuron-table" data-testid="neurons">
                <thead>
                    <tr>
                        <th scope="col">"neuron"</th>
                        <th scope="col">"gate"</th>
                        <th scope="col">"value"</th>
                        <th scope="col">"product"</th>
                        <th scope="col"><span class="visually-hidden">"switched off"</span></th>
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
        </section>
    }
}
