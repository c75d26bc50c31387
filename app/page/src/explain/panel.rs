//! The panel that says where a number comes from: its name, its rule, its inputs, and the same number computed
//! again from them.

use engine::xray::{Explanation, Input, Site};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::AppError;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::use_explainer;
use crate::export::{Cell, Drawing, Export, Sheet};
use crate::live::{Listed, live};
use crate::xray::format;

/// More inputs that add 0 than this are folded.
const FOLDED_FROM: usize = 4;

/// The panel; there while a number is selected.
#[component]
pub fn Explain() -> impl IntoView {
    let explainer = use_explainer();
    let is_open = Memo::new(move |_| explainer.selection.get().is_some());
    view! { {move || is_open.get().then(|| view! { <Panel/> })} }
}

#[component]
fn Panel() -> impl IntoView {
    let explainer = use_explainer();
    let title = NodeRef::<html::H2>::new();
    let answer = RwSignal::new(None::<Result<Explanation, AppError>>);
    // Who opened the panel gets the focus back; a link's panel was opened by nobody.
    let opener =
        StoredValue::new_local(document().active_element().filter(|element| element.tag_name() == "BUTTON"));
    let close = move || {
        let first = explainer.trail.with_untracked(|trail| trail.first().copied());
        explainer.close();
        opener.with_value(|element| give_back(element.as_ref(), first));
    };
    Effect::new(move |_| {
        let Some(site) = explainer.selection.get() else { return };
        // The same name has another number after another run.
        let has_run = explainer.has_run();
        answer.set(None);
        if !has_run {
            return;
        }
        spawn_local(async move {
            let result = explainer.explain(site).await;
            if untrack(|| explainer.selection.try_get()) == Some(Some(site)) {
                drop(answer.try_set(Some(result)));
            }
        });
    });
    Effect::new(move |_| {
        if let (Some(title), true) = (title.get(), opener.with_value(Option::is_some)) {
            // Where the heading cannot take the focus, it stays on the number.
            drop(title.focus());
        }
    });
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            close();
        }
    };
    // Escape also closes it from outside: nothing else on the page waits for that key.
    let outside = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && !event.default_prevented() {
            event.prevent_default();
            close();
        }
    });
    on_cleanup(move || outside.remove());
    let content = move || match answer.get() {
        None => view! { <p class="xr-note" role="status">"Loading…"</p> }.into_any(),
        Some(Err(error)) => {
            view! { <p class="xr-problem" role="alert">{error.message} ". " {error.remedy}</p> }.into_any()
        }
        Some(Ok(explanation)) => view! { <Body explanation/> }.into_any(),
    };
    view! {
        <aside class="xr-explain" role="dialog" aria-labelledby="xr-explain-title" data-testid="explain" on:keydown=on_key>
            <div class="xr-explain-head">
                <h2 id="xr-explain-title" tabindex="-1" node_ref=title>"Where does it come from?"</h2>
                <button type="button" class="xr-close" aria-label="Close" data-testid="explain-close" on:click=move |_| close()>
                    "×"
                </button>
            </div>
            <Trail/>
            <div class="xr-explain-body" aria-live="polite">{live(content)}</div>
        </aside>
    }
}

/// The numbers opened on the way.
#[component]
fn Trail() -> impl IntoView {
    let explainer = use_explainer();
    let entries = move || {
        let trail = explainer.trail.get();
        let before = trail.len().saturating_sub(1);
        trail
            .into_iter()
            .take(before)
            .enumerate()
            .map(|(index, site)| {
                view! {
                    <li>
                        <button type="button" class="xr-site" on:click=move |_| explainer.back_to(index)>{site.to_string()}</button>
                    </li>
                }
            })
            .listed()
    };
    let is_long = move || explainer.trail.with(|trail| trail.len() > 1);
    view! {
        {move || {
            is_long().then(|| view! {
                <nav aria-label="The way here" data-testid="explain-trail"><ol class="xr-trail">{live(entries)}</ol></nav>
            })
        }}
    }
}

#[component]
fn Body(explanation: Explanation) -> impl IntoView {
    let same = explanation.value == explanation.recomputed;
    let agrees = explanation.agrees();
    let explainer = use_explainer();
    let saved = explanation.clone();
    let export = Callback::new(move |()| Some(sheet(explainer.model(), &saved)));
    let Explanation { site, label, rule, value, recomputed, inputs } = explanation;
    let verdict = match (same, agrees) {
        (true, _) => "the same".to_owned(),
        (_, true) => format!("the same, but for {:.0e} of rounding", (value - recomputed).abs()),
        _ => "different!".to_owned(),
    };
    let table = if inputs.is_empty() {
        view! { <p class="xr-note">"It is made of no other number."</p> }.into_any()
    } else {
        view! { <Inputs inputs/> }.into_any()
    };
    view! {
        <div class="xr-site-line">
            <code data-testid="explain-site">{site.to_string()}</code>
            <Copy site/>
            <Export of="this number with its operands" testid="export-number" sheet=export/>
        </div>
        <p class="xr-explain-label" data-testid="explain-label">{label}</p>
        <p class="xr-rule" data-testid="explain-rule">{rule}</p>
        <dl class="xr-verdict">
            <div><dt>"used"</dt><dd data-testid="explain-value">{format::number(value)}</dd></div>
            <div><dt>"recomputed"</dt><dd data-testid="explain-recomputed">{format::number(recomputed)}</dd></div>
            <div class=if agrees { "same" } else { "different" }>
                <dt class="visually-hidden">"verdict"</dt>
                <dd data-testid="explain-verdict">{verdict}</dd>
            </div>
        </dl>
        {table}
        <Elsewhere site/>
    }
}

/// The number with its operands, to be saved.
fn sheet(model: String, of: &Explanation) -> Sheet {
    let number = |name: &str, label: &str, value, weight, product| {
        vec![Cell::text(name), Cell::text(label), value, weight, product]
    };
    let mut rows = vec![
        number(&of.site.to_string(), &of.label, Cell::at(of.value, of.site), Cell::none(), Cell::none()),
        number("recomputed", &of.rule, Cell::number(of.recomputed), Cell::none(), Cell::none()),
    ];
    rows.extend(of.inputs.iter().map(|Input { site, label, value, weight }| {
        let product = Cell::number(value * weight);
        number(&site.to_string(), label, Cell::at(*value, *site), Cell::number(*weight), product)
    }));
    Sheet {
        rows,
        drawing: Drawing::Bars(vec![4]),
        ..Sheet::new(model, "number", format!("{} = {}", of.site, of.value))
            .at(of.site.position(), of.site.layer())
            .columns(&["number", "label", "value", "weight", "product"])
    }
}

/// What the number is made of.
#[component]
fn Inputs(inputs: Vec<Input>) -> impl IntoView {
    let explainer = use_explainer();
    let count = inputs.len();
    // Dozens of silent neurons would hide the one that speaks.
    let silent = inputs.iter().filter(|input| input.value * input.weight == 0.0).count();
    let is_folding = silent > FOLDED_FROM && silent < count;
    let all = RwSignal::new(false);
    let row = move |Input { site, label, value, weight }| {
        let name = site.to_string();
        let product = weight * value;
        view! {
            <tr class:silent=product == 0.0>
                <th scope="row">
                    <button
                        type="button"
                        class="xr-site"
                        data-site=name.clone()
                        aria-label=format!("{name}, {label}. Where does it come from?")
                        on:click=move |_| explainer.open_input(site)
                    >
                        {name.clone()}
                    </button>
                    <span class="xr-about">{label.clone()}</span>
                </th>
                <td class="xr-num">{format::number(value)}</td>
                <td class="xr-num">{format::number(weight)}</td>
                <td class="xr-num">{format::number(product)}</td>
            </tr>
        }
    };
    let rows = move || {
        let shown =
            inputs.iter().filter(|input| !is_folding || all.get() || input.value * input.weight != 0.0);
        shown.cloned().map(row).listed()
    };
    let more = is_folding.then(|| {
        view! {
            <button
                type="button"
                class="xr-more"
                data-testid="explain-fold"
                aria-expanded=move || all.get().to_string()
                on:click=move |_| all.update(|all| *all = !*all)
            >
                {format!("{silent} of them add 0")} {move || if all.get() { " · hide" } else { " · show" }}
            </button>
        }
    });
    view! {
        <table class="xr-table xr-inputs" data-testid="explain-inputs">
            <caption>{format!("Made of {}", format::count(count, "number"))}</caption>
            <thead>
                <tr>
                    <th scope="col">"Input"</th>
                    <th scope="col" class="xr-num">"value"</th>
                    <th scope="col" class="xr-num">"weight"</th>
                    <th scope="col" class="xr-num">"product"</th>
                </tr>
            </thead>
            <tbody>{live(rows)}</tbody>
        </table>
        {more}
    }
}

/// Shows the place of a number that belongs to another position or layer than the one on screen.
#[component]
fn Elsewhere(site: Site) -> impl IntoView {
    let explainer = use_explainer();
    let text = move || {
        let (position, shown) = explainer.place();
        let elsewhere = position != Some(site.position());
        let other_layer = site.layer().filter(|layer| *layer != shown);
        match (elsewhere, other_layer) {
            (true, Some(layer)) => Some(format!("Show position {}, layer {layer}", site.position())),
            (true, None) => Some(format!("Show position {}", site.position())),
            (false, Some(layer)) => Some(format!("Show layer {layer}")),
            (false, None) => None,
        }
    };
    let go = move |_| explainer.go_to(site);
    view! {
        {move || {
            text().map(|text| view! {
                <button type="button" class="xr-more" data-testid="explain-elsewhere" on:click=go>{text}</button>
            })
        }}
    }
}

/// Copies the number's name.
#[component]
fn Copy(site: Site) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        spawn_local(async move {
            let done = JsFuture::from(window().navigator().clipboard().write_text(&site.to_string())).await;
            let _ = copied.try_set(done.is_ok());
        });
    };
    view! {
        <button type="button" class="xr-more" data-testid="explain-copy" on:click=copy>
            {move || if copied.get() { "Copied" } else { "Copy name" }}
        </button>
    }
}

/// Gives the focus back to the button that opened the panel, or to the one that shows the same number now.
fn give_back(opener: Option<&web_sys::Element>, site: Option<Site>) {
    let again = site.and_then(|site| {
        document().query_selector(&format!(".xr-number[data-site=\"{site}\"]")).ok().flatten()
    });
    let target = opener.filter(|element| element.is_connected()).cloned().or(again);
    if let Some(element) = target.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A button that cannot take the focus leaves it where it is.
        drop(element.focus());
    }
}
