//! The lessons' own engine. What the person has run stays what it was: a figure's runs happen in a worker of their own, which is started
//! with the first figure and ended when the lessons are left.
//!
//! A worker keeps one run of each machine, so figures take turns: each runs its program and looks into it before the next one does.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::interpreter::ModelCard;
use engine::xray::{AttentionDetail, Capture};
use futures_channel::oneshot;
use leptos::prelude::*;
use protocol::machine::{MachineRequest, MachineResponse, MachineRun, StepView};
use protocol::{AppError, Device, Inside, Machine, Request, Response, RunOptions, RunView};

use crate::client::{Client, crashed, unexpected};
use crate::full::Call;

/// Keys of a head that are asked for.
const KEYS: usize = 256;
/// Tokens that a figure's run may have: a figure is small.
const TOKENS: u32 = 4_000;
/// Instructions of the full machine that are asked for.
const STEPS: u32 = 200;

/// A program that a figure runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// On classic.
    Classic(String),
    /// On the full machine.
    Full(Call),
}

impl Program {
    /// The machine it is for.
    pub const fn machine(&self) -> Machine {
        match self {
            Self::Classic(_) => Machine::Classic,
            Self::Full(_) => Machine::Full,
        }
    }
}

/// The forward passes that are looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The one that executes the instruction executed after so many others; of a shorter run the last.
    Pass(usize),
    /// Of the full machine: those that write the last instruction of this name, a byte each.
    Writes(String),
}

/// What a figure wants computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The program.
    pub program: Program,
    /// Where to look.
    pub at: At,
    /// The heads, by layer and number, whose keys are wanted.
    pub heads: Vec<(usize, usize)>,
}

/// A run.
#[derive(Clone, Debug)]
pub enum Ran {
    /// Of classic.
    Classic(Box<RunView>),
    /// Of the full machine, with its instructions.
    Full(Box<MachineRun>, Vec<StepView>),
}

/// What was computed.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What was wanted.
    pub want: Want,
    /// The run.
    pub ran: Ran,
    /// What the model's parts mean.
    pub card: Arc<ModelCard>,
    /// The forward passes looked into; one of classic.
    pub captures: Vec<Capture>,
    /// The keys of the heads asked for, at the first of them.
    pub keys: Vec<AttentionDetail>,
}

impl Seen {
    /// The forward pass looked into.
    pub fn capture(&self) -> Option<&Capture> {
        self.captures.first()
    }

    /// The run, if it is classic's.
    pub fn classic(&self) -> Option<&RunView> {
        match &self.ran {
            Ran::Classic(run) => Some(run),
            Ran::Full(..) => None,
        }
    }

    /// The index of a dimension.
    pub fn dim(&self, name: &str) -> Option<usize> {
        self.card.dims.iter().position(|part| part.label == name)
    }

    /// What a dimension holds behind a layer of a forward pass.
    pub fn behind(&self, capture: &Capture, layer: usize, name: &str) -> Option<f32> {
        capture.layers.get(layer)?.resid_post.get(self.dim(name)?).copied()
    }
}

#[derive(Default)]
struct State {
    /// Whether the lessons are on the page.
    is_open: bool,
    /// Whether a worker runs, with what classic's parts mean.
    classic: Option<Arc<ModelCard>>,
    full: Option<Arc<ModelCard>>,
    /// Whether somebody has the worker, and who waits for it.
    is_taken: bool,
    waiting: VecDeque<oneshot::Sender<()>>,
}

/// The lessons' engine; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Lab {
    client: Client,
    state: StoredValue<State, LocalStorage>,
}

/// The worker, for as long as this is kept.
struct Turn(Lab);

impl Drop for Turn {
    fn drop(&mut self) {
        let lab = self.0;
        lab.state.try_update_value(|state| {
            // Who waits no more is passed over.
            while let Some(next) = state.waiting.pop_front() {
                if next.send(()).is_ok() {
                    return;
                }
            }
            state.is_taken = false;
        });
    }
}

impl Lab {
    /// No worker runs yet.
    pub fn new() -> Self {
        let lab = Self { client: Client::new(), state: StoredValue::new_local(State::default()) };
        // The next figure starts another one.
        lab.client.on_trouble(move |_| lab.forget());
        lab
    }

    /// The lessons are on the page from now on.
    pub fn open(self) {
        self.state.update_value(|state| state.is_open = true);
    }

    /// They are left: the worker ends.
    pub fn close(self) {
        self.state.update_value(|state| state.is_open = false);
        self.forget();
        self.client.disconnect("the lessons were left");
    }

    fn forget(self) {
        self.state.update_value(|state| (state.classic, state.full) = (None, None));
    }

    /// Runs a program and looks into it.
    ///
    /// # Errors
    /// When the program cannot be run, or the engine does not start.
    pub async fn look(self, want: Want) -> Result<Seen, AppError> {
        let _turn = self.turn().await;
        let classic = self.classic_card().await?;
        match want.program.clone() {
            Program::Classic(text) => {
                let request = Request::Run { text, options: RunOptions::default() };
                let Response::Ran(run) = self.ask(request).await? else { return Err(unexpected()) };
                let passes = run.report.steps.len();
                let at = match &want.at {
                    At::Pass(pass) if passes > 0 => {
                        vec![run.report.prompt_tokens.saturating_sub(1) + (*pass).min(passes - 1)]
                    }
                    _ => Vec::new(),
                };
                self.inside(want, Ran::Classic(run), classic, at).await
            }
            Program::Full(Call { text, function, arguments }) => {
                let card = self.full_card().await?;
                let request = MachineRequest::Run { text, function, arguments, max_tokens: TOKENS };
                let MachineResponse::Ran(run) = self.ask_full(request).await? else {
                    return Err(unexpected());
                };
                let request = MachineRequest::Steps { behind: 0, count: STEPS };
                let MachineResponse::Steps(steps) = self.ask_full(request).await? else {
                    return Err(unexpected());
                };
                let at = match &want.at {
                    At::Pass(pass) => vec![run.prompt_tokens.saturating_sub(1) as usize + pass],
                    At::Writes(name) => {
                        steps.iter().rev().find(|step| step.name == *name).map_or_else(Vec::new, |step| {
                            // A token is what the forward pass before it answers.
                            let first = step.position.saturating_sub(1) as usize;
                            (first..first + step.tokens.split(' ').count()).collect()
                        })
                    }
                };
                self.inside(want, Ran::Full(run, steps), card, at).await
            }
        }
    }

    async fn inside(
        self,
        want: Want,
        ran: Ran,
        card: Arc<ModelCard>,
        at: Vec<usize>,
    ) -> Result<Seen, AppError> {
        let machine = want.program.machine();
        let (mut captures, mut keys) = (Vec::new(), Vec::new());
        for position in &at {
            let request = Request::Inside { machine, of: Inside::Capture { position: *position } };
            let Response::Capture(capture) = self.ask(request).await? else { return Err(unexpected()) };
            captures.push(*capture);
        }
        if let Some(position) = at.first().copied() {
            for &(layer, head) in &want.heads {
                let of = Inside::Attention { layer, head, position, limit: KEYS };
                let Response::Attention(detail) = self.ask(Request::Inside { machine, of }).await? else {
                    return Err(unexpected());
                };
                keys.push(detail);
            }
        }
        Ok(Seen { want, ran, card, captures, keys })
    }

    /// Waits until nobody else has the worker.
    async fn turn(self) -> Turn {
        let waits = self.state.try_update_value(|state| {
            if !state.is_taken {
                state.is_taken = true;
                return None;
            }
            let (call, called) = oneshot::channel();
            state.waiting.push_back(call);
            Some(called)
        });
        if let Some(Some(called)) = waits {
            // Nobody drops a caller without calling it.
            let _ = called.await;
        }
        Turn(self)
    }

    /// What classic's parts mean; starts the worker if none runs.
    async fn classic_card(self) -> Result<Arc<ModelCard>, AppError> {
        let left = || crashed("the lessons were left");
        let there = self.state.try_with_value(|state| (state.is_open, state.classic.clone()));
        match there {
            Some((true, Some(card))) => return Ok(card),
            Some((true, None)) => {}
            _ => return Err(left()),
        }
        let (_, card) = self.client.connect(Device::Cpu, |_| ()).await.ok_or_else(left)??;
        let card = Arc::new(card);
        self.state.update_value(|state| state.classic = Some(Arc::clone(&card)));
        Ok(card)
    }

    async fn full_card(self) -> Result<Arc<ModelCard>, AppError> {
        if let Some(Some(card)) = self.state.try_with_value(|state| state.full.clone()) {
            return Ok(card);
        }
        let request = Request::Inside { machine: Machine::Full, of: Inside::Card };
        let Response::Card(card) = self.ask(request).await? else { return Err(unexpected()) };
        let card: Arc<ModelCard> = Arc::from(card);
        self.state.update_value(|state| state.full = Some(Arc::clone(&card)));
        Ok(card)
    }

    async fn ask(self, request: Request) -> Result<Response, AppError> {
        self.client.request(request).await
    }

    async fn ask_full(self, request: MachineRequest) -> Result<MachineResponse, AppError> {
        match self.ask(Request::Machine(request)).await? {
            Response::Machine(response) => Ok(response),
            _ => Err(unexpected()),
        }
    }
}
