//! The neurons of the layer: gate, value and their product; which dimensions each reads and writes.

use engine::interpreter::Part as Label;
use engine::xray::{Explanation, Input, NeuronPart, Site};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use protocol::language::Part as Replaceable;

use super::format;
use super::heads::{Part, Written};
use super::replace::OffSwitch;
use super::spoken::InWholeRun;
use super::state::{Scene, Xray, use_xray};
use crate::explain::Number;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::live::{Listed, live};

/// One neuron at one position.
#[derive(Clone, Debug, PartialEq)]
struct Neuron {
    index: usize,
    label: Label,
    pre: f32,
    linear: f32,
    post: f32,
}

/// The neurons that speak, those that are silent, and how many are not in use.
fn sorted(scene: &Scene, layer: usize) -> Option<(Vec<Neuron>, Vec<Neuron>, usize)> {
    let labels = &scene.card.layers.get(layer)?.neurons;
    let values = scene.capture.layers.get(layer)?;
    let numbers = values.pre.iter().zip(&values.pre_linear).zip(&values.post);
    let all = labels.iter().zip(numbers).enumerate().map(|(index, (label, ((pre, linear), post)))| Neuron {
        index,
        label: label.clone(),
        pre: *pre,
        linear: *linear,
        post: *post,
    });
    let (speaking, rest): (Vec<Neuron>, Vec<Neuron>) = all.partition(|neuron| neuron.post != 0.0);
    let (silent, unused): (Vec<Neuron>, Vec<Neuron>) =
        rest.into_iter().partition(|neuron| !neuron.label.label.is_empty());
    Some((speaking, silent, unused.len()))
}

/// The neurons in use, to be saved: those that speak first.
fn sheet(xray: Xray) -> Option<Sheet> {
    let layer = xray.layer();
    let scene = xray.scene.get()?;
    let position = scene.capture.position;
    let (speaking, silent, _) = sorted(&scene, layer)?;
    let rows = speaking.into_iter().chain(silent).map(|one| {
        let cell = |part, value| Cell::at(value, Site::Neuron { layer, part, position, neuron: one.index });
        vec![
            Cell::text(format!("{} {}", one.index, one.label.label)),
            cell(NeuronPart::Pre, one.pre),
            cell(NeuronPart::PreLinear, one.linear),
            cell(NeuronPart::Post, one.post),
        ]
    });
    let columns = ["neuron", "gate", "value", "product"];
    Some(Sheet {
        rows: rows.collect(),
        drawing: Drawing::Bars(vec![3]),
        ..Sheet::new(&scene.card.name, "neurons", "Neurons").at(position, Some(layer)).columns(&columns)
    })
}

/// The neurons of the current layer.
#[component]
pub fn Neurons() -> impl IntoView {
    let xray = use_xray();
    let show_silent = RwSignal::new(false);
    let content = move || {
        let layer = xray.layer();
        let scene = xray.scene.get()?;
        let (speaking, silent, unused) = sorted(&scene, layer)?;
        let open = xray.extra.get_untracked().neuron;
        let folded = !show_silent.get() && !silent.iter().any(|neuron| Some(neuron.index) == open);
        let note = match (speaking.len(), silent.len()) {
            (0, 0) => "No neuron of this layer is in use.".to_owned(),
            (0, _) => "Every neuron gives 0 here.".to_owned(),
            _ => String::new(),
        };
        let rest = (!silent.is_empty()).then(|| {
            let text = format!(
                "{} 0 here",
                if silent.len() == 1 {
                    "1 more neuron gives".to_owned()
                } else {
                    format!("{} more neurons give", silent.len())
                }
            );
            view! {
                <button
                    type="button"
                    class="xr-more"
                    data-testid="silent-neurons"
                    aria-expanded=(!folded).to_string()
                    on:click=move |_| show_silent.update(|shown| *shown = !*shown)
                >
                    {text} {if folded { " · show" } else { " · hide" }}
                </button>
            }
        });
        let unused =
            (unused > 0).then(|| view! { <span class="xr-note">{format!("{unused} not in use.")}</span> });
        let shown: Vec<Neuron> = speaking.into_iter().chain(silent.into_iter().filter(|_| !folded)).collect();
        let table = (!shown.is_empty()).then(|| {
            let rows = shown.into_iter().map(|neuron| view! { <Row neuron layer scene=scene.clone()/> }).listed();
            view! {
                <table class="xr-table xr-neurons">
                    <thead>
                        <tr>
                            <th scope="col">"Neuron"</th>
                            <th scope="col" class="xr-num">"gate"</th>
                            <th scope="col" class="xr-num">"value"</th>
                            <th scope="col" class="xr-num"><abbr title="max(0, gate) · value">"product"</abbr></th>
                            <th scope="col">"writes"</th>
                        </tr>
                    </thead>
                    {rows}
                </table>
            }
        });
        Some(view! {
            {(!note.is_empty()).then(|| view! { <p class="xr-note">{note}</p> })}
            {table}
            <p class="xr-rest">{rest} " " {unused}</p>
        })
    };
    view! {
        <section class="xr-panel" aria-labelledby="xr-neurons-title" data-testid="xray-neurons">
            <div class="xr-panel-head">
                <h3 id="xr-neurons-title">"FFN"</h3>
                <span class="xr-count">"max(0, gate) · value"</span>
                <Export of="the neurons" testid="export-neurons" sheet=Callback::new(move |()| sheet(xray))/>
            </div>
            {live(content)}
            <InWholeRun/>
        </section>
    }
}

#[component]
fn Row(neuron: Neuron, layer: usize, scene: Scene) -> impl IntoView {
    let xray = use_xray();
    let position = scene.capture.position;
    let Neuron { index, label, pre, linear, post } = neuron;
    let is_open = Memo::new(move |_| xray.extra.get().neuron == Some(index));
    let site = |part| Site::Neuron { layer, part, position, neuron: index };
    view! {
        <tbody class="xr-neuron" class:open=move || is_open.get() class:silent=post == 0.0 data-testid=format!("neuron-{index}")>
            <tr>
                <th scope="row">
                    <button
                        type="button"
                        class="xr-expand"
                        aria-expanded=move || is_open.get().to_string()
                        on:click=move |_| xray.toggle_neuron(index)
                    >
                        <span class="xr-index">{index}</span>
                        <span class="xr-label">{label.label.clone()}</span>
                    </button>
                    <span class="xr-about">{label.about.clone()}</span>
                    <OffSwitch layer part=Replaceable::Neuron(index)/>
                </th>
                <td class="xr-num" data-label="gate">
                    <Number site=site(NeuronPart::Pre) value=pre what=format!("gate of neuron {index}")/>
                </td>
                <td class="xr-num" data-label="value">
                    <Number site=site(NeuronPart::PreLinear) value=linear what=format!("value of neuron {index}")/>
                </td>
                <td class="xr-num" data-label="product">
                    <Number site=site(NeuronPart::Post) value=post what=format!("product of neuron {index}")/>
                </td>
                <td data-label="writes"><Written part=Part::Neuron(index) scene=scene.clone() layer/></td>
            </tr>
            {move || {
                is_open.get().then(|| view! {
                    <tr class="xr-reads"><td colspan="5"><Reads layer neuron=index position/></td></tr>
                })
            }}
        </tbody>
    }
}

/// What a neuron's gate and value are made of.
#[component]
fn Reads(layer: usize, neuron: usize, position: usize) -> impl IntoView {
    let xray = use_xray();
    let part = |part, title: &'static str| {
        let answer = RwSignal::new(None::<Result<Explanation, AppError>>);
        spawn_local(async move {
            let result = xray.explain(Site::Neuron { layer, part, position, neuron }).await;
            // The neuron may be closed by now.
            drop(answer.try_set(Some(result)));
        });
        let content = move || match answer.get() {
            None => view! { <p class="xr-note" role="status">"Loading…"</p> }.into_any(),
            Some(Err(error)) => view! { <p class="xr-problem" role="alert">{error.message}</p> }.into_any(),
            Some(Ok(explanation)) => view! { <Weights title explanation/> }.into_any(),
        };
        view! { <div data-testid=format!("reads-{title}")>{content}</div> }
    };
    view! {
        <div class="xr-weights">{part(NeuronPart::Pre, "gate")} {part(NeuronPart::PreLinear, "value")}</div>
    }
}

#[component]
fn Weights(title: &'static str, explanation: Explanation) -> impl IntoView {
    let total = explanation.value;
    let rows = explanation
        .inputs
        .into_iter()
        .map(|Input { site, label, value, weight }| {
            view! {
                <tr>
                    <th scope="row" class="xr-name">{label.clone()}</th>
                    <td class="xr-num"><Number site value what=label/></td>
                    <td class="xr-num">{format!("× {}", format::number(weight))}</td>
                    <td class="xr-num">{format::number(weight * value)}</td>
                </tr>
            }
        })
        .listed();
    view! {
        <table class="xr-table">
            <caption>{format!("The {title} reads")}</caption>
            <thead>
                <tr>
                    <th scope="col">"dimension"</th>
                    <th scope="col" class="xr-num">"is"</th>
                    <th scope="col" class="xr-num">"weight"</th>
                    <th scope="col" class="xr-num">"gives"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
            <tfoot>
                <tr><th scope="row" colspan="3">{format!("the {title}")}</th><td class="xr-num">{format::number(total)}</td></tr>
            </tfoot>
        </table>
    }
}
