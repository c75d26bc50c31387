//! Parts of the transformer that are replaced, and the run with them beside the run as it is. What is replaced stands in the session's
//! `extra`, for the share link. All else that the X-ray shows is the run as it is.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::changed::Changed;
use protocol::language::{Intervention, Part, Replacement};
use protocol::{AppError, Request, Response};

use super::state::{Xray, use_xray};
use crate::client::unexpected;
use crate::language::interventions::part_name;

/// The comparison; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Comparing {
    /// Both runs, or why there are not two; they stay until those of what is replaced now come.
    pub both: RwSignal<Option<Result<Arc<Changed>, AppError>>>,
    /// Tokens of the changed run so far, while it goes on.
    pub going: RwSignal<Option<usize>>,
    /// Number of the newest one: the answers of others are ignored.
    newest: StoredValue<u64>,
}

impl Comparing {
    /// There is nothing to compare.
    pub fn new() -> Self {
        Self { both: RwSignal::new(None), going: RwSignal::new(None), newest: StoredValue::new(0) }
    }
}

impl Xray {
    /// What is replaced (tracked).
    pub fn replaced(self) -> Vec<Intervention> {
        self.extra.with(|extra| extra.off.clone())
    }

    /// Whether a part is replaced (tracked).
    pub fn is_replaced(self, layer: usize, part: Part) -> bool {
        self.extra.with(|extra| extra.off.iter().any(|one| (one.layer, one.part) == (layer, part)))
    }

    /// Replaces a part by zero, or puts it back.
    pub fn toggle_part(self, layer: usize, part: Part) {
        let is_off = untrack(|| self.is_replaced(layer, part));
        self.put_back(layer, part);
        if !is_off {
            self.replace(Intervention { layer, part, with: Replacement::Zero, position: None });
        }
    }

    /// Replaces a part, in the place of what stood for it before.
    pub fn replace(self, one: Intervention) {
        self.put_back(one.layer, one.part);
        self.change_extra(|extra| extra.off.push(one));
    }

    /// Puts a part back.
    pub fn put_back(self, layer: usize, part: Part) {
        self.change_extra(|extra| extra.off.retain(|one| (one.layer, one.part) != (layer, part)));
    }

    /// Makes the run once more whenever something else is replaced, or another run takes its place.
    pub fn keep_comparing(self) {
        let Comparing { both, going, newest } = self.comparing;
        let wanted = Memo::new(move |_| (self.session.tape(), self.replaced()));
        let stop = move || {
            let is_going = going.try_get_untracked().flatten().is_some();
            if is_going && !untrack(|| self.session.shown_going().is_on()) {
                self.session.client.cancel(self.session.machine.get_untracked());
            }
        };
        // Whoever goes elsewhere does not wait for it either.
        on_cleanup(stop);
        Effect::new(move |_| {
            let (tape, interventions) = wanted.get();
            let number = newest.get_value() + 1;
            newest.set_value(number);
            let is_newest = move || newest.try_get_value() == Some(number);
            // Nobody waits for what was replaced before.
            stop();
            let Some(tape) = tape.filter(|_| !interventions.is_empty()) else {
                both.set(None);
                going.set(None);
                return;
            };
            going.set(Some(0));
            let request = Request::Changed { machine: tape.machine, interventions };
            let answer = self.session.client.request_with_progress(request, move |tokens| {
                if is_newest() {
                    going.set(Some(tokens));
                }
            });
            spawn_local(async move {
                let answer = answer.await;
                if !is_newest() {
                    return;
                }
                going.set(None);
                both.set(Some(match answer {
                    Ok(Response::Changed(changed)) => Ok(Arc::from(changed)),
                    Ok(_) => Err(unexpected()),
                    Err(error) => Err(error),
                }));
            });
        });
    }
}

/// The switch of a head, a neuron or a dimension.
#[component]
pub fn OffSwitch(layer: usize, part: Part) -> impl IntoView {
    let xray = use_xray();
    let name = part_name(layer, part, &[]);
    let testid = match part {
        Part::Head(head) => format!("off-head-{head}"),
        Part::Neuron(neuron) => format!("off-neuron-{neuron}"),
        Part::Dimension(dim) => format!("off-dim-{dim}"),
        Part::Gate(of) => format!("off-gate-{of}"),
    };
    view! {
        <label class="xr-off">
            <input
                type="checkbox"
                data-testid=testid
                aria-label=format!("{name} off")
                title=format!("Put 0 in the place of {name}, and compare")
                prop:checked=move || xray.is_replaced(layer, part)
                on:change=move |_| xray.toggle_part(layer, part)
            />
            <span aria-hidden="true">"off"</span>
        </label>
    }
}
