//! X-ray: a run of either machine, token by token and layer by layer. The worker keeps the run; here is what is in view of it.
//!
//! ```text
//! state      what is looked at, and how it comes from the engine
//! extra      what a share link carries beyond position, layer and selected number
//! keys       ← → ↑ ↓ Home End ?
//! places     what stands at each position of the sequence
//! format     numbers and tokens as text
//! strip      the tokens                    ruler      where each stands, however long the run
//! stepper    buttons, slider, what happens here
//! rail       the layers                    residual   the stream by dimension name
//! heads      what each head did            attention  one head's keys
//! neurons    what each neuron did          changes    which layer changed what
//! logits     the scores of the tokens
//! parabola   quadratic keys as charts      chart, figure   drawing them
//! start      before there is a run         models     which model is looked into
//! language   the X-ray of a language model
//! ```
//!
//! For browser tests. Test ids: `xray`, `xray-waiting`, `xray-failure`, `xray-problem`, `xray-machine`,
//! `xray-example`, `xray-edit`; `xray-strip` (a listbox; its options `token-P`), `xray-stepper`, `step-first`, `step-back`,
//! `step-forward`, `step-last`, `position-slider`, `position`, `help`, `help-line`; `xray-here`, `here-step`,
//! `here-host`, `here-encoding`, `here-instruction`; `xray-rail`, `layer-L` (`aria-current` on the shown one),
//! `xray-layer-title`; `xray-residual`, `dim-D`, `xray-residual-rest`; `xray-heads`, `head-H`, `winner-H`,
//! `attention`, `attention-chart-0`, `attention-chart-1`, `attention-note`, `attention-keys`;
//! `xray-neurons`, `neuron-N`, `silent-neurons`, `reads-gate`, `reads-value`; `xray-logits`, `logit-chart`,
//! `logit-table`; `xray-changes`; and those of `explain`.

mod attention;
pub mod changes;
pub mod chart;
pub mod extra;
pub mod figure;
pub mod format;
mod heads;
mod keys;
mod language;
pub mod logits;
pub mod models;
mod neurons;
pub mod parabola;
mod places;
mod rail;
mod residual;
mod ruler;
mod start;
pub mod state;
mod stepper;
mod strip;

use leptos::prelude::*;

use crate::explain::Explain;
use crate::learn::tour::panel::RunTour;
use crate::live::live;
use crate::route::Router;
use changes::ChangeMap;
use heads::Heads;
use language::LanguageXray;
use logits::Logits;
use models::Decoder;
use neurons::Neurons;
use rail::{LayerHead, Rail};
use residual::Residual;
use start::{Programs, Running, Waiting};
use state::Xray;
use stepper::{Here, Stepper};
use strip::Strip;

/// The route `#/xray`: a machine; or a language model, where the path names one.
#[component]
pub fn XrayPage() -> impl IntoView {
    let router: Router = expect_context();
    let decoder = Memo::new(move |_| Decoder::of(&router.path()));
    let content = move || match decoder.get() {
        Some(decoder) => view! { <LanguageXray decoder/> }.into_any(),
        None => view! { <MachineXray/> }.into_any(),
    };
    live(content)
}

/// The X-ray of a machine.
#[component]
fn MachineXray() -> impl IntoView {
    let xray = Xray::new();
    provide_context(xray);
    provide_context(xray.explainer);
    let help = RwSignal::new(false);
    keys::listen(xray, help);
    start::begin(xray, expect_context());
    // The page appears with its numbers, all at once: nothing moves when they come.
    let has_run = Memo::new(move |_| {
        let answered = xray.scene.with(Option::is_some) || xray.problem.with(Option::is_some);
        xray.tokens() > 0 && xray.layers() > 0 && answered
    });
    let is_running = Memo::new(move |_| xray.session.shown_going().is_on());
    let news = move || {
        if let Some(error) = xray.failure() {
            return Some(
                view! { <p class="xr-problem" role="alert">{error.message} ". " {error.remedy}</p> }
                    .into_any(),
            );
        }
        is_running.get().then(|| view! { <p class="xr-note" role="status"><Running/></p> }.into_any())
    };
    let failure = move || {
        xray.problem.get().map(|error| {
            view! {
                <p class="xr-problem" role="alert" data-testid="xray-problem">
                    "Not loaded: " {error.message} ". " {error.remedy}
                </p>
            }
        })
    };
    let content = move || {
        if !has_run.get() {
            return view! { <Waiting/> }.into_any();
        }
        view! {
            {live(news)}
            <Strip/>
            <Stepper help/>
            {live(failure)}
            <Here/>
            <div class="xr-body">
                <Rail/>
                <div class="xr-layer-view">
                    <LayerHead/>
                    <div class="xr-columns">
                        <Residual/>
                        <div class="xr-parts"><Heads/><Neurons/></div>
                    </div>
                </div>
            </div>
            <Logits/>
            <ChangeMap/>
        }
        .into_any()
    };
    view! {
        <div class="xray" data-testid="xray" class:explaining=move || xray.session.selection.with(Option::is_some)>
            <header class="xr-title"><h1>"X-ray"</h1><Programs/></header>
            {live(content)}
            <Explain/>
            <RunTour/>
        </div>
    }
}
