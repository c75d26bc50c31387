//! The full machine on the page: the module, its last run, and the instruction that is looked at.
//!
//! The worker keeps the run; here is what is on screen of it, asked for when it is wanted. The run belongs to the text that was run:
//! its spans are of [`Full::ran`], and once the text is another one, nothing of it is lit any more.

mod looking;

use std::sync::Arc;
use std::time::Duration;

use engine::interpreter::ModelCard;
use engine::source::{SourceError, Span};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{Example, FunctionView, MachineRequest, MachineResponse, MachineRun, State};
use protocol::{AppError, Inside, Machine, Problem, Request, Response};

use crate::client::{Client, unexpected};
use crate::going::Going;

/// A pause in typing, after which the module is looked at.
const PAUSE: Duration = Duration::from_millis(300);
/// Tokens that a run may have: as many as have exact positions.
const MAX_TOKENS: u32 = 2_048 * 2_048;
/// Tokens of a run that nobody asked for: of a link that was opened, and of what was there before a reload.
const UNASKED: u32 = 1_000_000;
/// Modules that undo remembers.
const REMEMBERED: usize = 50;

/// What is to be called, and of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The module.
    pub text: String,
    /// The function; empty for the one that is proposed.
    pub function: String,
    /// The arguments, as they were typed.
    pub arguments: String,
}

/// The full machine's state on the page; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Full {
    client: Client,
    /// The module's text.
    pub text: RwSignal<String>,
    /// The function that is called; empty for the one that is proposed.
    pub function: RwSignal<String>,
    /// Its arguments, as they are typed.
    pub arguments: RwSignal<String>,
    /// What the module exports.
    pub functions: RwSignal<Vec<FunctionView>>,
    /// The function that is called where none is chosen.
    pub proposed: RwSignal<Option<String>>,
    /// What is wrong with the text as it stands.
    pub problems: RwSignal<Vec<SourceError>>,
    /// What the last run was of.
    pub ran: RwSignal<Call>,
    /// The last run.
    pub run: RwSignal<Option<Arc<MachineRun>>>,
    /// The run that is going on.
    pub going: Going,
    /// Whether the run is checked, or written again.
    pub is_busy: RwSignal<bool>,
    /// Modules that others have replaced, oldest first: what undo goes back to.
    pub earlier: RwSignal<Vec<Call>>,
    /// Why the last request did not take place.
    pub failure: RwSignal<Option<AppError>>,
    /// Instructions that are executed where one looks.
    pub at: RwSignal<u64>,
    /// The machine there.
    pub state: RwSignal<Option<Arc<State>>>,
    /// The line that a run shall go to.
    pub marked: RwSignal<Option<usize>>,
    /// The first address of memory shown; `None` follows what is written.
    pub memory: RwSignal<Option<u64>>,
    /// What a search has to say.
    pub search_news: RwSignal<String>,
    /// Modules to open.
    pub examples: RwSignal<Vec<Example>>,
    /// What the model's parts mean.
    pub card: RwSignal<Option<Arc<ModelCard>>>,
    /// Where the run that is going on, or the last one, was to be looked at.
    goal: StoredValue<(Goal, u32)>,
    newest_read: StoredValue<u64>,
    looking: StoredValue<bool>,
}

/// Where a run shall be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// At its end.
    End,
    /// Where a line of the text is reached first.
    Line(usize),
    /// At a position of its sequence.
    Position(u32),
}

impl Full {
    /// Nothing is typed yet.
    pub fn new(client: Client) -> Self {
        let full = Self {
            client,
            text: RwSignal::default(),
            function: RwSignal::default(),
            arguments: RwSignal::default(),
            functions: RwSignal::default(),
            proposed: RwSignal::new(None),
            problems: RwSignal::default(),
            ran: RwSignal::default(),
            run: RwSignal::new(None),
            going: Going::new(client, Machine::Full),
            is_busy: RwSignal::new(false),
            earlier: RwSignal::default(),
            failure: RwSignal::new(None),
            at: RwSignal::new(0),
            state: RwSignal::new(None),
            marked: RwSignal::new(None),
            memory: RwSignal::new(None),
            search_news: RwSignal::default(),
            examples: RwSignal::default(),
            card: RwSignal::new(None),
            goal: StoredValue::new((Goal::End, MAX_TOKENS)),
            newest_read: StoredValue::new(0),
            looking: StoredValue::new(false),
        };
        Effect::new(move |_| {
            full.text.track();
            full.read_soon();
        });
        Effect::new(move |_| {
            if full.wanted().is_some() {
                full.look();
            } else {
                full.state.set(None);
            }
        });
        full
    }

    /// Asks for what is shown before anything has run: examples, and what the model's parts mean.
    pub fn prepare(self) {
        spawn_local(async move {
            if self.examples.with_untracked(Vec::is_empty)
                && let Ok(MachineResponse::Examples(examples)) = self.ask(MachineRequest::Examples).await
            {
                self.examples.set(examples);
            }
            if self.card.with_untracked(Option::is_none) {
                let request = Request::Inside { machine: Machine::Full, of: Inside::Card };
                if let Ok(Response::Card(card)) = self.client.request(request).await {
                    self.card.set(Some(Arc::from(card)));
                }
            }
        });
    }

    /// Opens a module and runs it. Undo goes back to the one before.
    pub fn open(self, call: Call, goal: Goal) {
        self.put(call);
        self.begin(goal, MAX_TOKENS);
    }

    /// The same for a module that somebody else sent: it is not run for long without being asked for.
    pub fn open_sent(self, call: Call, goal: Goal) {
        self.put(call);
        self.begin(goal, UNASKED);
    }

    /// The same for a run that a file has, with as many tokens as it was given.
    pub fn open_recorded(self, call: Call, max_tokens: u32) {
        self.put(call);
        self.begin(Goal::End, max_tokens.min(MAX_TOKENS));
    }

    /// What was typed before a reload is run again.
    pub fn resume(self) {
        self.begin(Goal::End, UNASKED);
    }

    /// Goes back to the module before the last one that was opened.
    pub fn undo(self) {
        if let Some(call) = self.earlier.try_update(Vec::pop).flatten() {
            self.set(call);
            self.start();
        }
    }

    fn put(self, call: Call) {
        let now = self.call();
        if !now.text.trim().is_empty() && now != call {
            self.earlier.update(|earlier| {
                if earlier.len() >= REMEMBERED {
                    drop(earlier.remove(0));
                }
                earlier.push(now);
            });
        }
        self.set(call);
    }

    fn set(self, call: Call) {
        self.text.set(call.text);
        self.function.set(call.function);
        self.arguments.set(call.arguments);
        self.marked.set(None);
        self.memory.set(None);
    }

    /// What would be run now.
    pub fn call(self) -> Call {
        Call {
            text: self.text.get_untracked(),
            function: self.function.get_untracked(),
            arguments: self.arguments.get_untracked(),
        }
    }

    /// Runs the module as it stands, and looks at a place of the run.
    pub fn start_to(self, goal: Goal) {
        self.begin(goal, MAX_TOKENS);
    }

    fn begin(self, goal: Goal, max_tokens: u32) {
        if self.is_busy.get_untracked() {
            // A check of the run before, or writing it again, must not keep this one waiting.
            self.going.cancel();
        }
        let call = self.call();
        self.search_news.set(String::new());
        self.failure.set(None);
        if call.text.trim().is_empty() {
            self.going.end();
            self.run.set(None);
            return;
        }
        self.goal.set_value((goal, max_tokens));
        let Call { text, function, arguments } = call.clone();
        let request = MachineRequest::Run { text, function, arguments, max_tokens };
        self.going.begin(Request::Machine(request), move |answer| {
            match answer {
                Ok(Response::Machine(MachineResponse::Ran(run))) => {
                    self.ran.set(call);
                    self.memory.set(None);
                    self.state.set(None);
                    self.at.set(if goal == Goal::End { run.instructions } else { run.before_call });
                    self.run.set(Some(Arc::from(run)));
                    match goal {
                        Goal::End => {}
                        Goal::Line(line) => self.run_to(line),
                        Goal::Position(position) => self.go_to_position(position),
                    }
                }
                Ok(_) => self.failure.set(Some(unexpected())),
                Err(error) => {
                    // After a crash the run is made again, by another worker. What cannot be run has no result beside it.
                    match &error.problem {
                        Problem::Source(errors) => {
                            self.run.set(None);
                            self.problems.set(errors.clone());
                        }
                        Problem::BadRequest => self.run.set(None),
                        _ => {}
                    }
                    self.failure.set(Some(error));
                }
            }
        });
    }

    /// Runs the module as it stands.
    pub fn start(self) {
        self.start_to(Goal::End);
    }

    /// Another worker knows nothing of the run: it is run again, where there was one.
    pub fn start_again(self) {
        let position = self.state.with_untracked(|state| state.as_ref().map(|state| state.position));
        if self.going.is_on_untracked() {
            let (goal, max_tokens) = self.goal.get_value();
            self.begin(goal, max_tokens);
        } else if self.run.with_untracked(Option::is_some) {
            let (_, max_tokens) = self.goal.get_value();
            self.begin(position.map_or(Goal::End, Goal::Position), max_tokens);
        }
        self.read_soon();
    }

    /// The engine that a run waits for does not start.
    pub fn not_run(self, error: &AppError) {
        if self.going.give_up() {
            self.failure.set(Some(error.clone()));
        }
    }

    /// Whether the worker computes for it (tracked): a run of the other machine waits until it has ended.
    pub fn is_working(self) -> bool {
        self.going.is_on() || self.is_busy.get()
    }

    /// Whether the text is the one that was run (tracked).
    pub fn is_current(self) -> bool {
        self.text.with(|text| self.ran.with(|ran| ran.text == *text))
    }

    /// Whether function or arguments are no more those that were run (tracked).
    pub fn is_other_call(self) -> bool {
        let chosen =
            |function: String| if function.is_empty() { self.proposed.get() } else { Some(function) };
        let function = chosen(self.function.get());
        self.ran.with(|ran| chosen(ran.function.clone()) != function || ran.arguments != self.arguments.get())
    }

    /// Where the next instruction stands in the text (tracked), if that is the text that was run.
    pub fn current(self) -> Option<Span> {
        self.state.with(|state| state.as_ref()?.span).filter(|_| self.is_current())
    }

    /// Instructions of the run (tracked).
    pub fn instructions(self) -> u64 {
        self.run.with(|run| run.as_ref().map_or(0, |run| run.instructions))
    }

    /// Asks the worker.
    pub async fn ask(self, request: MachineRequest) -> Result<MachineResponse, AppError> {
        match self.client.request(Request::Machine(request)).await? {
            Response::Machine(response) => Ok(response),
            _ => Err(unexpected()),
        }
    }

    /// Reads the module once nothing was typed for a moment: what it exports, and what is wrong with it.
    fn read_soon(self) {
        let number = self.newest_read.with_value(|number| number + 1);
        self.newest_read.set_value(number);
        let is_newest = move || self.newest_read.try_with_value(|newest| *newest == number) == Some(true);
        let read = move || {
            if !is_newest() {
                return;
            }
            let text = self.text.get_untracked();
            spawn_local(async move {
                let is_empty = text.trim().is_empty();
                let answer =
                    if is_empty { None } else { Some(self.ask(MachineRequest::Read { text }).await) };
                if !is_newest() {
                    return;
                }
                match answer {
                    Some(Ok(MachineResponse::Read { functions, proposed })) => {
                        // A function of an earlier text, which nobody could choose any more.
                        let chosen = self.function.get_untracked();
                        if !functions.iter().any(|function| function.name == chosen) {
                            self.function.set(String::new());
                        }
                        self.functions.set(functions);
                        self.proposed.set(proposed);
                        self.problems.set(Vec::new());
                    }
                    Some(Err(AppError { problem: Problem::Source(errors), .. })) => self.problems.set(errors),
                    Some(_) => {}
                    None => {
                        self.functions.set(Vec::new());
                        self.proposed.set(None);
                        self.problems.set(Vec::new());
                    }
                }
            });
        };
        set_timeout(read, PAUSE);
    }
}
