//! The strongest neurons of the chosen layer.

use leptos::{html, prelude::*};
use protocol::language::Part;

use super::heads::OffSwitch;
use super::inside::has_switches;
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
    let has_switches = has_switches();
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
                    {has_switches.then(|| view! { <td><OffSwitch layer part=Part::Neuron(*neuron) testid="neuron-off"/></td> })}
                </tr>
            }
        });
        rows.listed()
    };
    let neurons = move || language.source.loaded.with(|loaded| loaded.as_ref().map_or(0, |l| l.card.neurons));
    let wanted = NodeRef::<html::Input>::new();
    let switch = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = wanted.get_untracked().map(|input| input.value()).unwrap_or_default();
        let Ok(neuron) = typed.trim().parse::<usize>() else { return };
        let layer = inside.layer.get_untracked();
        if neuron < untrack(neurons) && !untrack(|| inside.is_off(layer, Part::Neuron(neuron))) {
            inside.toggle(layer, Part::Neuron(neuron));
        }
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
                        {has_switches.then(|| view! { <th scope="col"><span class="visually-hidden">"switched off"</span></th> })}
                    </tr>
                </thead>
                <tbody>{live(rows)}</tbody>
            </table>
            {has_switches.then(|| view! { <form class="neuron-form" on:submit=switch>
                <label>
                    <span>"Another neuron"</span>
                    <input
                        class="field"
                        type="number"
                        min="0"
                        max=move || neurons().saturating_sub(1).to_string()
                        data-testid="neuron-number"
                        node_ref=wanted
                    />
                </label>
                <button class="button" type="submit">"Switch it off"</button>
            </form> })}
        </section>
    }
}
