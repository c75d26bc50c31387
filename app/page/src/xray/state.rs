//! What the X-ray looks at, and how it gets it from the engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::interpreter::{HeadKind, ModelCard};
use engine::xray::{AttentionDetail, Capture, Explanation, NeuronPart, Site, Stage};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{MachineRequest, MachineResponse};
use protocol::{AppError, Inside, Machine, Place, Request, Response};

use super::extra::Extra;
use super::places;
use super::play::{Axis, Play, Played};
use super::replace::Comparing;
use super::search::Search;
use crate::client::unexpected;
use crate::explain::Explainer;
use crate::session::{Session, Tape, use_session};

/// What the heads and neurons of one layer added to the residual stream at one position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Writes {
    /// By head: dimension and amount.
    pub heads: BTreeMap<usize, Vec<(usize, f32)>>,
    /// By neuron: dimension and amount.
    pub neurons: BTreeMap<usize, Vec<(usize, f32)>>,
    /// Whether every changed dimension has been asked for.
    pub complete: bool,
}

/// Everything on screen that belongs to one position.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The run's sequence.
    pub tape: Tape,
    /// What the model's parts mean.
    pub card: Arc<ModelCard>,
    /// What the position computed.
    pub capture: Arc<Capture>,
    /// What stands there, and where its heads found something.
    pub places: Arc<Vec<Place>>,
    /// Of a token that the full machine wrote: the instructions before its own.
    pub before: Option<u64>,
}

impl Scene {
    /// What stands at the position, or where one of its heads found something.
    pub fn place(&self, position: usize) -> Option<&Place> {
        places::find(&self.places, position)
    }
}

/// The keys of a head, with what stands at their positions.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The keys.
    pub detail: AttentionDetail,
    /// The places.
    pub places: Arc<Vec<Place>>,
}

/// The X-ray's state: a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Xray {
    /// What the routes share: run, position, layer, selected number.
    pub session: Session,
    /// The last capture that arrived, with the run it belongs to.
    pub scene: RwSignal<Option<Scene>>,
    /// Why the capture of this position did not arrive.
    pub problem: RwSignal<Option<AppError>>,
    /// Who wrote what in the current layer.
    pub writes: RwSignal<Writes>,
    /// The keys last shown: they stay until those of the next position come.
    pub keys: RwSignal<Option<Keys>>,
    /// Where its numbers come from.
    pub explainer: Explainer,
    /// What is played.
    pub play: Play,
    /// What is looked for.
    pub search: Search,
    /// The run with parts replaced.
    pub comparing: Comparing,
    /// The positions that the strip shows: the first, and the one behind the last.
    pub in_view: RwSignal<(usize, usize)>,
    /// What is open in the layer; it lives in the session's `extra`, for the share link.
    pub extra: Memo<Extra>,
    /// Whether a capture is under way.
    loading: StoredValue<bool>,
    /// Number of the newest question for writes; older ones stop.
    newest_writes: StoredValue<u64>,
}

/// The X-ray of this page.
pub fn use_xray() -> Xray {
    expect_context()
}

impl Xray {
    /// Follows the session: loads the capture of the position looked at, then who wrote what.
    pub fn new() -> Self {
        let session = use_session();
        let xray = Self {
            session,
            scene: RwSignal::new(None),
            problem: RwSignal::new(None),
            writes: RwSignal::default(),
            keys: RwSignal::new(None),
            explainer: Explainer::of_machine(session),
            play: Play::new(),
            search: Search::new(),
            comparing: Comparing::new(),
            in_view: RwSignal::default(),
            extra: Memo::new(move |_| session.extra.with(|text| Extra::parse(text))),
            loading: StoredValue::new(false),
            newest_writes: StoredValue::new(0),
        };
        // Nothing of one machine is shown with the other one's parts.
        Effect::new(move |before: Option<Machine>| {
            let machine = session.machine.get();
            if before.is_some_and(|before| before != machine) {
                xray.scene.set(None);
                xray.problem.set(None);
                xray.keys.set(None);
            }
            machine
        });
        Effect::new(move |_| {
            if xray.wanted().is_some() {
                xray.load();
            } else {
                xray.scene.set(None);
            }
        });
        Effect::new(move |_| {
            let scene = xray.scene.get();
            let layer = xray.layer();
            xray.load_writes(scene, layer);
        });
        xray.keep_playing();
        xray.keep_searching();
        xray.keep_comparing();
        xray
    }

    /// The layer looked at (tracked), never beyond the model.
    pub fn layer(self) -> usize {
        self.session.layer.get().min(self.layers().saturating_sub(1))
    }

    /// Number of layers (tracked); 0 until the model is loaded.
    pub fn layers(self) -> usize {
        self.session.shown_card().map_or(0, |card| card.layers.len())
    }

    /// The last position that computed (tracked); the run's last token was answered there and never read.
    pub fn last(self) -> usize {
        self.session.last_position().unwrap_or_default()
    }

    /// Number of tokens of the run (tracked).
    pub fn tokens(self) -> usize {
        self.session.tape().map_or(0, |tape| tape.tokens)
    }

    /// Why the last run did not take place (tracked).
    pub fn failure(self) -> Option<AppError> {
        let Session { machine, failure, full, .. } = self.session;
        if machine.get() == Machine::Full { full.failure.get() } else { failure.get() }
    }

    /// Whether the capture on screen is the one of the position looked at (tracked).
    pub fn is_current(self) -> bool {
        let Some((tape, _, position)) = self.wanted() else { return false };
        self.scene
            .with(|scene| scene.as_ref().is_some_and(|s| s.tape == tape && s.capture.position == position))
    }

    /// Goes to a position, as somebody wants: what plays along the positions pauses.
    pub fn go_to(self, position: usize) {
        if self.play.axis.get_untracked() == Axis::Tokens {
            self.play.pause();
        }
        self.show(position);
    }

    /// Shows a position. An explained number of the position left is replaced by its namesake there.
    pub(super) fn show(self, position: usize) {
        let here = untrack(|| self.session.position());
        self.session.look_at(position);
        if let (Some(site), Some(here)) = (self.session.selection.get_untracked(), here)
            && site.position() == here
            && here != position
        {
            self.explainer.open(site.moved(position));
        }
    }

    /// Goes some positions forward or back, as far as there are any.
    pub fn step(self, by: isize) {
        let Some(here) = untrack(|| self.session.position()) else { return };
        let last = untrack(|| self.last());
        self.go_to(here.saturating_add_signed(by).min(last));
    }

    /// Goes to a layer, as somebody wants: what plays along the layers pauses.
    pub fn go_to_layer(self, layer: usize) {
        if self.play.axis.get_untracked() == Axis::Layers {
            self.play.pause();
        }
        self.show_layer(layer);
    }

    /// Shows a layer.
    pub(super) fn show_layer(self, layer: usize) {
        if untrack(|| self.layer()) != layer {
            self.session.layer.set(layer.min(untrack(|| self.layers()).saturating_sub(1)));
            self.change_extra(|extra| (extra.head, extra.neuron) = (None, None));
        }
    }

    /// Opens or closes something in the layer.
    pub fn change_extra(self, change: impl FnOnce(&mut Extra)) {
        let mut extra = self.extra.get_untracked();
        change(&mut extra);
        self.session.extra.set(extra.to_string());
    }

    /// Shows a head's keys; those of the head shown are hidden.
    pub fn toggle_head(self, head: usize) {
        self.change_extra(|extra| extra.head = (extra.head != Some(head)).then_some(head));
    }

    /// Shows a neuron's weights; those of the neuron shown are hidden.
    pub fn toggle_neuron(self, neuron: usize) {
        self.change_extra(|extra| extra.neuron = (extra.neuron != Some(neuron)).then_some(neuron));
    }

    /// Goes some layers down the model or back.
    pub fn step_layer(self, by: isize) {
        self.go_to_layer(untrack(|| self.layer()).saturating_add_signed(by));
    }

    /// Asks the engine where a number comes from.
    pub async fn explain(self, site: Site) -> Result<Explanation, AppError> {
        self.explainer.explain(site).await
    }

    /// Asks the engine where several numbers come from; the answers stand in the same order.
    async fn explain_all(self, sites: Vec<Site>) -> Result<Vec<Explanation>, AppError> {
        let machine = self.session.machine.get_untracked();
        let request = Request::Inside { machine, of: Inside::Explain { sites } };
        match self.session.client.request(request).await? {
            Response::Explanations(explanations) => Ok(explanations),
            _ => Err(unexpected()),
        }
    }

    /// The run, the model and the position whose capture is wanted (tracked).
    fn wanted(self) -> Option<(Tape, Arc<ModelCard>, usize)> {
        Some((self.session.tape()?, self.session.shown_card()?, self.session.position()?))
    }

    /// Loads captures until the one on screen is the wanted one. Positions passed over while one is under
    /// way are never asked for: a held arrow key stays quick.
    fn load(self) {
        if self.loading.get_value() {
            return;
        }
        self.loading.set_value(true);
        spawn_local(async move {
            while let Some((tape, card, position)) = untrack(|| self.wanted_if_there()) {
                let answer = self.look(tape, card, position).await;
                let Some((now, _, there)) = untrack(|| self.wanted_if_there()) else { break };
                let done = now == tape && there == position;
                let (scene, problem) = match answer {
                    Ok(scene) => (Some(scene), None),
                    Err(error) => (None, Some(error)),
                };
                if done || (scene.is_some() && now.machine == tape.machine) {
                    // The page may be gone by now.
                    drop(self.scene.try_set(scene));
                    drop(self.problem.try_set(problem));
                }
                if done {
                    break;
                }
            }
            let _ = self.loading.try_set_value(false);
        });
    }

    /// What a position computed, and what stands there and where its heads found something.
    async fn look(self, tape: Tape, card: Arc<ModelCard>, position: usize) -> Result<Scene, AppError> {
        let client = self.session.client;
        let capture =
            client.request(Request::Inside { machine: tape.machine, of: Inside::Capture { position } });
        let before = (tape.machine == Machine::Full && position >= tape.prompt)
            .then(|| client.request(Request::Machine(MachineRequest::Before { position: position as u32 })));
        let Response::Capture(capture) = capture.await? else { return Err(unexpected()) };
        let mut positions = vec![position as u32];
        for (layer, values) in card.layers.iter().zip(&capture.layers) {
            for (head, values) in layer.heads.iter().zip(&values.heads) {
                // Entries of a store are no positions.
                let winner = values.winner.filter(|_| !matches!(head.kind, HeadKind::Cross { .. }));
                positions.extend(winner.map(|winner| winner as u32).filter(|w| !positions.contains(w)));
            }
        }
        let places = places::ask(self.session, tape, positions).await?;
        let before = match before {
            Some(before) => match before.await? {
                Response::Machine(MachineResponse::Before(before)) => Some(before),
                _ => return Err(unexpected()),
            },
            None => None,
        };
        Ok(Scene { tape, card, capture: Arc::from(capture), places: Arc::new(places), before })
    }

    /// Like [`Self::wanted`]; `None` as well when the X-ray is no longer on the page.
    fn wanted_if_there(self) -> Option<(Tape, Arc<ModelCard>, usize)> {
        self.loading.try_get_value()?;
        self.wanted()
    }

    /// Asks for each changed dimension who changed it.
    fn load_writes(self, scene: Option<Scene>, layer: usize) {
        let number = self.newest_writes.get_value() + 1;
        self.newest_writes.set_value(number);
        self.writes.set(Writes::default());
        let Some(capture) = scene.map(|scene| scene.capture) else { return };
        let Some(values) = capture.layers.get(layer) else { return };
        let position = capture.position;
        let changed = |before: &[f32], after: &[f32], stage| {
            let pairs = before.iter().zip(after).enumerate();
            let sites = pairs.filter(|(_, (before, after))| before != after);
            sites.map(|(dim, _)| Site::Resid { layer, stage, position, dim }).collect::<Vec<_>>()
        };
        let mut sites = changed(&values.resid_pre, &values.resid_mid, Stage::Mid);
        sites.extend(changed(&values.resid_mid, &values.resid_post, Stage::Post));
        spawn_local(async move {
            let answer = self.explain_all(sites).await;
            if self.newest_writes.try_get_value() != Some(number) {
                return;
            }
            let Ok(explanations) = answer else { return };
            let mut writes = Writes { complete: true, ..Writes::default() };
            for explanation in &explanations {
                if let Site::Resid { dim, .. } = explanation.site {
                    writes.add(dim, explanation);
                }
            }
            drop(self.writes.try_set(writes));
        });
    }
}

impl Writes {
    /// Takes up one dimension's explanation.
    fn add(&mut self, dim: usize, explanation: &Explanation) {
        for input in &explanation.inputs {
            let amount = input.value * input.weight;
            let list = match input.site {
                Site::Head { head, .. } => self.heads.entry(head).or_default(),
                Site::Neuron { part: NeuronPart::Post, neuron, .. } => {
                    self.neurons.entry(neuron).or_default()
                }
                _ => continue,
            };
            match list.iter_mut().find(|(of, _)| *of == dim) {
                Some((_, sum)) => *sum += amount,
                None if amount != 0.0 => list.push((dim, amount)),
                None => {}
            }
        }
    }
}
