//! X-ray: a run of either machine, token by token and layer by layer. The worker keeps the run; here is what is in view of it.
//!
//! ```text
//! state      what is looked at, and how it comes from the engine
//! extra      what a share link carries beyond position, layer and selected number
//! keys       ← → ↑ ↓ Home End ?
//! places     what stands at each position of the sequence
//! format     numbers and tokens as text
//! strip      the tokens                    ruler      where each stands, however long the run
//! minimap    the whole run in one picture  search     finding a place in it
//! stepper    buttons, sliders, what happens here      play   stepping by itself
//! rail       the layers                    residual   the stream by dimension name
//! heads      what each head did            attention  one head's keys
//! neurons    what each neuron did          changes    which layer changed what
//! spoken     which neurons were strongest anywhere in the run
//! logits     the scores of the tokens
//! parabola   quadratic keys as charts      chart, figure   drawing them
//! replace    parts put out of action       compare    the run with and without them
//! start      before there is a run         models     which model is looked into
//! language   the X-ray of a language model
//! ```
//!
//! For browser tests. Test ids of the time: `minimap`, `minimap-hits`, `minimap-legend`, `search`, `search-back`, `search-forward`,
//! `search-count`, `search-problem`, `play`, `play-axis`, `play-speed`, `layer-back`, `layer-forward`, `layer-slider`, `layer-at`;
//! of what is replaced: `compare`, `compare-summary`, `off-head-H`, `off-neuron-N`, `off-dim-D`, `replaced-part`, `put-all-back`, `replace-kind`,
//! `replace-number`, `replace-with`, `replace-value`, `replace-here`, `replace-add`, `replace-problem`, `verdict`, `run-before`, `run-after`,
//! `go-to-parting`, `parting-logits`. Others: `xray`, `xray-waiting`, `xray-failure`, `xray-problem`, `xray-machine`,
//! `xray-example`, `xray-edit`; `xray-strip` (a listbox; its options `token-P`), `xray-stepper`, `step-first`, `step-back`,
//! `step-forward`, `step-last`, `position-slider`, `position`, `help`, `help-line`; `xray-here`, `here-step`,
//! `here-host`, `here-encoding`, `here-instruction`; `xray-rail`, `layer-L` (`aria-current` on the shown one),
//! `xray-layer-title`; `xray-residual`, `dim-D`, `xray-residual-rest`; `xray-heads`, `head-H`, `winner-H`,
//! `attention`, `attention-chart-0`, `attention-chart-1`, `attention-note`, `attention-keys`;
//! `xray-neurons`, `neuron-N`, `silent-neurons`, `xray-spoken`, `spoken-open`, `spoken-far`, `spoken-stop`, `spoken-N`, `reads-gate`, `reads-value`; `xray-logits`, `logit-chart`,
//! `logit-table`; `xray-changes`; and those of `explain`.

mod attention;
pub mod changes;
pub mod chart;
mod compare;
pub mod extra;
pub mod figure;
pub mod format;
mod heads;
mod keys;
mod language;
pub mod logits;
mod minimap;
pub mod models;
mod neurons;
pub mod parabola;
mod places;
pub mod play;
mod rail;
pub mod replace;
mod residual;
mod ruler;
pub mod search;
mod spoken;
mod start;
pub mod state;
mod stepper;
mod strip;

use leptos::prelude::*;

use crate::explain::Explain;
use crate::learn::tour::use_tours;
use crate::live::live;
use crate::parts::use_parts;
use crate::route::Router;
use crate::traces::News;
use changes::ChangeMap;
use compare::Compare;
use heads::Heads;
use language::LanguageXray;
use logits::Logits;
use minimap::MiniMap;
use models::Decoder;
use neurons::Neurons;
use rail::{LayerHead, Rail};
use residual::Residual;
use search::SearchField;
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
    let (parts, tours) = (use_parts(), use_tours());
    // Once there is a tour, what shows it stays: it may have more to do when the tour has ended.
    let is_toured = Memo::new(move |before| before == Some(&true) || tours.is_on());
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
            <MiniMap/>
            <Stepper help/>
            <SearchField/>
            {live(failure)}
            <Here/>
            <Compare/>
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
            <News/>
            {live(content)}
            <Explain/>
            {live(move || is_toured.get().then(|| parts.lessons.show(|part| (part.run_tour)())))}
        </div>
    }
}
