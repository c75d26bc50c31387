//! The full machine's answers. The last run stays here: the requests after it speak of it.
//!
//! ```text
//! mod      which request is answered how
//! run      from a module's text to a recorded run, and what wasmi makes of the same call
//! state    the machine between two instructions, and instructions, for the page
//! places   what stands at a position of the sequence
//! examples modules to open
//! changed  the last run with parts of the transformer replaced
//! survey   where something happens in a run, and what its tokens are
//! special  the last run on a machine that has the program in its weights
//! dense    a run confirmed, or its beginning written again, on the device in use
//! ```

mod changed;
mod dense;
mod examples;
mod places;
mod run;
mod special;
mod state;
mod survey;

pub use run::read;

use engine::interpreter::dense::DenseDevice;
use engine::interpreter::engine::{Engine, EngineError, HeadAddress};
use engine::interpreter::full::compile::compile;
use engine::interpreter::full::engine::FullEngine;
use engine::interpreter::full::recording::{Recording, Step};
use engine::interpreter::full::replay::Change;
use engine::interpreter::model::Transformer;
use engine::source::Span;
use engine::trace::Trace;
use engine::wat::Names;
use engine::xray::{AttentionDetail, Capture, Explanation, Site, explain_captured};
use protocol::language::Intervention;
use protocol::machine::{Find, MachineRequest, MachineResponse};
use protocol::{AppError, Inside, Problem, Response};

use crate::recorded::{self, Call};
use crate::scope::Scope;
use crate::spoken;

/// The machine at the page's service.
pub struct Full {
    model: Transformer,
    engine: FullEngine,
    last: Option<Last>,
}

/// The last run.
struct Last {
    recording: Recording,
    /// The module.
    text: String,
    call: Call,
    names: Names,
    /// The position looked into last: the page asks for many of its numbers, one after the other.
    captured: Option<Capture>,
}

impl Full {
    /// Compiles the weights.
    ///
    /// # Errors
    /// When the engine does not take them.
    pub fn new() -> Result<Self, AppError> {
        let model = compile();
        let engine = FullEngine::new(&model).map_err(|error| failed(&error))?;
        Ok(Self { model, engine, last: None })
    }

    /// The one that there is, or one that is compiled now.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn of(place: &mut Option<Self>) -> Result<&mut Self, AppError> {
        match place.take() {
            Some(machine) => Ok(place.insert(machine)),
            None => Ok(place.insert(Self::new()?)),
        }
    }

    /// Answers one request; `is_cancelled` is asked again and again while it goes on.
    ///
    /// # Errors
    /// What is wrong with the module or its arguments; what there is not in the last run.
    pub async fn response(
        &mut self,
        id: u32,
        request: MachineRequest,
        device: Option<DenseDevice>,
        scope: &Scope,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<MachineResponse, AppError> {
        let errand = Errand { id, scope, is_cancelled: &is_cancelled };
        match request {
            MachineRequest::Examples => Ok(examples()),
            MachineRequest::Read { text } => read(&text),
            MachineRequest::Run { text, function, arguments, max_tokens } => {
                let ready = run::ready(&text, &function, &arguments)?;
                self.last = None;
                let (recording, view) = ready.run(&mut self.engine, max_tokens, &errand).await?;
                let call = Call {
                    function: view.function.clone(),
                    arguments: view.arguments.clone(),
                    max_tokens: max_tokens as usize,
                };
                self.last = Some(Last { recording, text, call, names: ready.names, captured: None });
                Ok(MachineResponse::Ran(Box::new(view)))
            }
            MachineRequest::Look { instructions, memory } => {
                let Last { recording, names, .. } = self.last()?;
                Ok(MachineResponse::State(Box::new(state::state(recording, names, instructions, memory))))
            }
            MachineRequest::Steps { behind, count } => {
                let Last { recording, names, .. } = self.last()?;
                Ok(MachineResponse::Steps(state::steps(recording, names, behind, count)))
            }
            MachineRequest::Find { behind, back, what } => {
                let Last { recording, text, .. } = self.last()?;
                let mut is = Search::new(
                    &what,
                    text,
                    behind.checked_sub(1).and_then(|at| recording.steps(at, 1).pop()),
                );
                let found = if back {
                    recording.find_back(behind, |step| is.is(step))
                } else {
                    recording.find(behind, |step| is.is(step))
                };
                Ok(MachineResponse::Found(found.map(|step| step.number - 1)))
            }
            MachineRequest::Before { position } => {
                let before = self.last()?.recording.instructions_at(position as usize);
                Ok(MachineResponse::Before(before))
            }
            MachineRequest::Check => {
                let Self { model, last, .. } = self;
                let run = last.as_ref().ok_or_else(no_run)?.recording.run();
                dense::check(model, device, run, &errand).await.map(MachineResponse::Checked)
            }
            MachineRequest::Specialise => {
                let Self { model, last, .. } = self;
                let recording = &last.as_ref().ok_or_else(no_run)?.recording;
                special::run(model, recording, &errand).await.map(MachineResponse::Specialised)
            }
            MachineRequest::Generate { tokens } => {
                let Self { model, last, .. } = self;
                let run = last.as_ref().ok_or_else(no_run)?.recording.run();
                let (rate, same) = dense::generate(model, device, run, tokens, &errand).await?;
                Ok(MachineResponse::Generated(rate, same))
            }
        }
    }

    /// Whether there is a last run.
    pub const fn has_run(&self) -> bool {
        self.last.is_some()
    }

    /// The last run as a trace.
    ///
    /// # Errors
    /// When nothing has run, or the run is too long for a file.
    pub fn trace(&self) -> Result<Trace, AppError> {
        let Self { model, engine, last } = self;
        let Last { recording, text, call, .. } = last.as_ref().ok_or_else(no_run)?;
        recorded::full(model, &engine.name(), (text, call), recording)
    }

    /// The last run once more with parts replaced.
    ///
    /// # Errors
    /// When nothing has run, or the model has not what shall be replaced.
    pub async fn changed(
        &mut self,
        id: u32,
        wanted: &[Intervention],
        scope: &Scope,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Response, AppError> {
        let errand = Errand { id, scope, is_cancelled: &is_cancelled };
        let Self { model, engine, last } = self;
        let recording = &last.as_ref().ok_or_else(no_run)?.recording;
        let both = changed::run((model, engine), recording, wanted, &errand).await?;
        Ok(Response::Changed(Box::new(both)))
    }

    /// Answers what is asked about the last run's inside.
    ///
    /// # Errors
    /// When nothing has run, or the run has no such position or part.
    pub async fn inside(&mut self, of: Inside) -> Result<Response, AppError> {
        Ok(match of {
            Inside::Capture { position } => {
                Response::Capture(Box::new(self.capture(position).await?.clone()))
            }
            Inside::Attention { layer, head, position, limit } => {
                Response::Attention(self.attention(HeadAddress { layer, head }, position, limit).await?)
            }
            Inside::Explain { sites } => Response::Explanations(self.explain(&sites).await?),
            Inside::Places { positions } => {
                Response::Places(places::places(&mut self.last()?.recording, &positions))
            }
            Inside::Card => Response::Card(Box::new(self.model.card.clone())),
            Inside::Search { wanted, from } => {
                let Last { recording, text, names, .. } = self.last()?;
                Response::Hits(survey::hits(recording, text, names, &wanted, from))
            }
            Inside::Overview { columns, from } => {
                Response::Overview(survey::overview(&self.last()?.recording, columns, from))
            }
            Inside::Spoken { from } => {
                let Self { engine, last, .. } = self;
                let sequence = &last.as_ref().ok_or_else(no_run)?.recording.run().sequence;
                let piece = spoken::piece(engine, sequence, sequence.len(), from).await;
                Response::Spoken(piece.map_err(|error| failed(&error))?)
            }
        })
    }

    /// Everything a position of the last run computed.
    async fn capture(&mut self, position: usize) -> Result<&Capture, AppError> {
        let Self { engine, last, .. } = self;
        let last = last.as_mut().ok_or_else(no_run)?;
        let capture = match last.captured.take() {
            Some(capture) if capture.position == position => capture,
            _ => engine.capture(&last.recording.run().sequence, position).await.map_err(|e| failed(&e))?,
        };
        Ok(last.captured.insert(capture))
    }

    /// One head's keys at a position of the last run.
    async fn attention(
        &mut self,
        head: HeadAddress,
        position: usize,
        limit: usize,
    ) -> Result<AttentionDetail, AppError> {
        self.capture(position).await?;
        let Self { engine, last, .. } = self;
        let Last { recording, captured, .. } = last.as_ref().ok_or_else(no_run)?;
        let capture = captured.as_ref().ok_or_else(no_run)?;
        let detail = engine.attention(&recording.run().sequence, capture, head, limit).await;
        detail.map_err(|error| failed(&error))
    }

    /// Where numbers of the last run come from.
    async fn explain(&mut self, sites: &[Site]) -> Result<Vec<Explanation>, AppError> {
        let mut explanations = Vec::with_capacity(sites.len());
        for site in sites {
            self.capture(site.position()).await?;
            let Self { model, engine, last } = self;
            let Last { recording, captured, .. } = last.as_ref().ok_or_else(no_run)?;
            let capture = captured.as_ref().ok_or_else(no_run)?;
            let explanation =
                explain_captured(engine, model, &recording.run().sequence, capture, *site).await;
            explanations.push(explanation.map_err(|error| failed(&error))?);
        }
        Ok(explanations)
    }

    fn last(&mut self) -> Result<&mut Last, AppError> {
        self.last.as_mut().ok_or_else(no_run)
    }
}

/// The modules to open.
pub fn examples() -> MachineResponse {
    MachineResponse::Examples(examples::examples())
}

/// One request under way.
struct Errand<'a> {
    id: u32,
    scope: &'a Scope,
    is_cancelled: &'a dyn Fn() -> bool,
}

/// Whether instructions are what is looked for.
struct Search<'a> {
    what: &'a Find,
    text: &'a str,
    /// Where the instruction before stands.
    before: Option<Span>,
}

impl<'a> Search<'a> {
    fn new(what: &'a Find, text: &'a str, before: Option<Step>) -> Self {
        Self { what, text, before: before.and_then(|step| step.done.record.span) }
    }

    fn is(&mut self, step: &Step) -> bool {
        let span = step.done.record.span;
        let before = std::mem::replace(&mut self.before, span);
        match self.what {
            Find::Line(line) => {
                let is_on = |span: Option<Span>| span.is_some_and(|span| span.line == *line);
                is_on(span) && !is_on(before)
            }
            // What the source has as one can be several of the machine's.
            Find::Named(name) => {
                let word = span.and_then(|span| self.text.get(span.start..span.end));
                step.done.record.op.mnemonic() == name || (step.begins && word == Some(name.as_str()))
            }
            Find::Writes(wanted) => match step.done.change {
                Change::Memory { address, count } => (address..address + u64::from(count)).contains(wanted),
                _ => false,
            },
            Find::Output => matches!(step.done.change, Change::Output { .. }),
        }
    }
}

fn no_run() -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message: "no module has run yet".to_owned(),
        remedy: "Run a module in the REPL, or open an example.".to_owned(),
    }
}

/// What the engine cannot do.
fn failed(error: &dyn std::error::Error) -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message: error.to_string(),
        remedy: "Choose a position and a part that the run has, or make the run shorter.".to_owned(),
    }
}

/// What went wrong on a device.
fn of_device(error: EngineError) -> AppError {
    let (problem, remedy) = match &error {
        EngineError::DeviceMissing { .. } => {
            (Problem::DeviceMissing, "WebGPU needs a recent browser with hardware acceleration switched on.")
        }
        EngineError::DeviceLost { .. } => (Problem::DeviceLost, "Continue on the CPU; it computes the same."),
        EngineError::DraftRefused { .. } => (
            Problem::BadRequest,
            "The device and the engine that wrote the run disagree: that is a fault of one of them; please report the program.",
        ),
        _ => return failed(&error),
    };
    AppError { problem, message: error.to_string(), remedy: remedy.to_owned() }
}
