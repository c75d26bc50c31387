//! A place in the X-ray: what a figure's last line, or a tour's step, opens.

use engine::interpreter::ModelCard;
use leptos::prelude::*;
use protocol::{Machine, RunOptions};

use super::lab::Program;
use crate::full::Goal;
use crate::session::{Session, use_session};
use crate::xray::extra::Extra;
use crate::xray::format;

/// A program's run, and where one looks in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The program.
    pub program: Program,
    /// The position.
    pub position: usize,
    /// The layer.
    pub layer: usize,
    /// What is open in the layer.
    pub extra: Extra,
}

impl Spot {
    /// Shows it: the X-ray looks there from now on. What was run before comes back with the REPL's undo.
    pub fn open(self, session: Session) {
        session.show_machine(self.program.machine());
        match self.program {
            Program::Classic(text) => {
                let same = session.program.with_untracked(|now| *now == text)
                    && session.run.with_untracked(Option::is_some);
                if !same {
                    session.open_program(text, RunOptions::default());
                }
            }
            Program::Full(call) => {
                let same = session.full.ran.with_untracked(|ran| *ran == call)
                    && session.full.call() == call
                    && session.full.run.with_untracked(Option::is_some);
                if !same {
                    session.full.open(call, Goal::Position(u32::try_from(self.position).unwrap_or(u32::MAX)));
                }
            }
        }
        session.chosen.set(Some(self.position));
        session.layer.set(self.layer);
        session.extra.set(self.extra.to_string());
        session.selection.set(None);
    }

    /// The place in words.
    fn words(&self, card: &ModelCard) -> String {
        let layer = card.layers.get(self.layer);
        let part = match (self.extra.head, self.extra.neuron) {
            (Some(head), _) => {
                layer.and_then(|layer| layer.heads.get(head)).map(|head| head.part.label.clone())
            }
            (None, Some(neuron)) => {
                layer.and_then(|layer| layer.neurons.get(neuron)).map(|neuron| neuron.label.clone())
            }
            (None, None) => None,
        };
        let part = part.map(|part| format!(", “{part}”")).unwrap_or_default();
        format!("position {}, layer {}{part}", self.position, self.layer)
    }
}

/// The way into the X-ray, at this very place.
#[component]
pub fn Inspect(spot: Spot, card: std::sync::Arc<ModelCard>) -> impl IntoView {
    let session = use_session();
    let machine = match spot.program.machine() {
        Machine::Classic => "classic",
        Machine::Full => "full",
    };
    let size = format::count(card.layers.len(), "layer");
    let words = spot.words(&card);
    let open = move |_| spot.clone().open(session);
    view! {
        <p class="lesson-source">
            <span>{format!("Computed here, now, by {machine}: {size}, {} parameters.", crate::models::grouped(card.parameters))}</span>
            " "
            <a href="#/xray" data-testid="open-xray" on:click=open>{format!("Open it in the X-ray: {words}")}</a>
        </p>
    }
}
