//! The machine after the step one looks at, panel by panel.

mod files;
mod memory;
mod next_byte;
mod other_machines;
mod values;

use std::sync::Arc;

use engine::interpreter::classic::MachineState;
use leptos::prelude::*;
use protocol::RunView;

use super::replay;
use super::words::host_in_words;
use crate::live::{Listed, live};
use crate::session::use_session;
use files::Files;
use memory::Memory;
use next_byte::NextByte;
use other_machines::OtherMachines;
use values::{Locals, Outputs, Stack};

/// What the panels show: the state, and the state one step earlier, to mark what changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The machine after the step.
    pub now: MachineState,
    /// The machine before it.
    pub before: MachineState,
    /// What the host did at the step, in words.
    pub host: Vec<String>,
}

/// All panels.
#[component]
pub fn Panels() -> impl IntoView {
    let session = use_session();
    let shown = Memo::new(move |_| {
        let steps = session.steps_shown();
        session.run.with(|run| run.as_ref().map(|run| shown_after(run, steps)).unwrap_or_default())
    });
    view! {
        <div class="panels" data-testid="panels">
            <Stack shown=shown/>
            <Outputs shown=shown/>
            <Locals shown=shown/>
            <NextByte/>
            <Memory shown=shown/>
            <Files shown=shown/>
            <HostPanel shown=shown/>
            <OtherMachines/>
        </div>
    }
}

fn shown_after(run: &Arc<RunView>, steps: usize) -> Shown {
    let before = steps.saturating_sub(1);
    let mut states = replay::states(run, before..=steps);
    let now = states.pop().unwrap_or_default();
    let before = states.pop().unwrap_or_default();
    let step = steps.checked_sub(1).and_then(|index| run.report.steps.get(index));
    let host = step.map(|step| step.host.iter().map(|action| host_in_words(run, action)).collect());
    Shown { now, before, host: host.unwrap_or_default() }
}

/// A panel with its title.
#[component]
pub fn Panel(
    /// Its title.
    title: &'static str,
    /// Test id.
    testid: &'static str,
    /// Classes besides `panel`: `wide`, `tall`.
    #[prop(optional)]
    class: &'static str,
    /// What stands beside the title.
    #[prop(optional)]
    note: Option<Signal<String>>,
    /// Its content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("panel {class}") data-testid=testid aria-label=title>
            <h2 class="panel-title">
                {title}
                {note.map(|note| view! { <span class="panel-note">{move || note.get()}</span> })}
            </h2>
            {children()}
        </section>
    }
}

/// What the host did at the step: the model computes values, the host turns pages.
#[component]
fn HostPanel(
    /// What is shown.
    shown: Memo<Shown>,
) -> impl IntoView {
    let actions = move || {
        let mut host = shown.with(|shown| shown.host.clone());
        if host.is_empty() {
            host.push("nothing".to_owned());
        }
        host.into_iter().map(|text| view! { <li>{text}</li> }).listed()
    };
    view! {
        <Panel title="What the host did" testid="panel-host">
            <ul class="host-list">{live(actions)}</ul>
        </Panel>
    }
}
