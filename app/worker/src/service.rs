//! The interpreter's answers. The last run stays here: the requests after it speak of it.

use engine::interpreter::AnyEngine;
use engine::interpreter::classic::asm;
use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::classic::runner::{self, Options, Run};
use engine::interpreter::engine::{Engine, EngineError, HeadAddress, Want};
use engine::interpreter::model::Transformer;
use engine::source::SourceError;
use engine::trace::Trace;
use engine::xray::{Capture, Explanation, Site, explain_captured};
use protocol::changed::Changed;
use protocol::language::Intervention;
use protocol::machine::MachineRequest;
use protocol::{
    AppError, Device, DeviceReport, Inside, Machine, Problem, Request, Response, RunOptions, Text,
};
use web_sys::File;

use crate::breaking::{Breakable, Destroy};
use crate::full::{self, Full};
use crate::rest::Rest;
use crate::scope::Scope;
use crate::{changed, places, recorded, self_test, spoken, survey, traces, view};

/// The engine at the page's service.
pub struct Service {
    scope: Scope,
    breakable: Breakable,
    ready: Option<Ready>,
    /// The full machine, once something was asked of it.
    full: Option<Full>,
    /// The trace file that was opened last, until it is compared.
    opened: Option<Trace>,
}

/// What there is once a device is chosen.
struct Ready {
    model: Transformer,
    engine: AnyEngine,
    device: Device,
    last: Option<Last>,
}

/// The last run and its program.
struct Last {
    program: Program,
    /// Its text, and how it was run.
    asked: (Text, RunOptions),
    run: Run,
    /// The position looked into last: the page asks for many of its numbers, one after the other.
    captured: Option<Capture>,
}

impl Service {
    /// A service without a device.
    pub const fn new(scope: Scope, breakable: Breakable) -> Self {
        Self { scope, breakable, ready: None, full: None, opened: None }
    }

    /// Answers one request; `is_cancelled` is asked again and again while a run goes on.
    ///
    /// # Errors
    /// What went wrong, and what to do about it.
    pub async fn response(
        &mut self,
        id: u32,
        request: Request,
        files: &[File],
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Response, AppError> {
        match request {
            Request::Start { device } => return self.start(device).await,
            Request::OpenTrace => return self.open_trace(files),
            Request::WriteTrace(machine) => {
                return traces::write(&self.trace(machine)?).map(Response::Trace);
            }
            Request::CompareTrace(machine) => return self.compare_trace(machine),
            _ => {}
        }
        let ready = self.ready.as_mut().ok_or_else(not_started)?;
        let machine = &mut self.full;
        let scope = &self.scope;
        match request {
            Request::Run { text, options } => ready.run(id, text, options, scope, is_cancelled).await,
            Request::Inside { machine: Machine::Classic, of } => ready.inside(of).await,
            Request::Inside { machine: Machine::Full, of } => Full::of(machine)?.inside(of).await,
            Request::Changed { machine: Machine::Classic, interventions } => {
                ready.changed(id, &interventions, scope, is_cancelled).await
            }
            Request::Changed { machine: Machine::Full, interventions } => {
                Full::of(machine)?.changed(id, &interventions, scope, is_cancelled).await
            }
            // Neither needs the weights.
            Request::Machine(MachineRequest::Examples) => Ok(Response::Machine(full::examples())),
            Request::Machine(MachineRequest::Read { text }) => full::read(&text).map(Response::Machine),
            Request::Machine(request) => {
                let device = ready.engine.dense_device().cloned();
                let answer = Full::of(machine)?.response(id, request, device, scope, is_cancelled).await;
                answer.map(Response::Machine)
            }
            Request::SelfTest => {
                let result = self_test::run(&mut ready.engine, ready.device, &Rest::new(scope)).await;
                ready.see_last_again(scope).await.map_err(app_error)?;
                Ok(Response::SelfTest(result.map_err(app_error)?))
            }
            Request::Check { programs } => {
                let rest = Rest::new(scope);
                let result = self_test::check(&mut ready.engine, ready.device, &rest, &programs).await;
                ready.see_last_again(scope).await.map_err(app_error)?;
                Ok(Response::SelfTest(result.map_err(app_error)?))
            }
            // All of them were dealt with before they came here.
            Request::Start { .. }
            | Request::Cancel(_)
            | Request::Break { .. }
            | Request::OpenTrace
            | Request::WriteTrace(_)
            | Request::CompareTrace(_)
            | Request::Language(_) => Err(not_started()),
        }
    }

    /// Reads a trace file, and says what it is of.
    fn open_trace(&mut self, files: &[File]) -> Result<Response, AppError> {
        self.opened = None;
        let trace = traces::read(files)?;
        let opened = recorded::opened(&trace)?;
        // A question's file is read by its own worker.
        self.opened = (!matches!(opened.input, protocol::trace::Input::Question { .. })).then_some(trace);
        Ok(Response::TraceOpened(Box::new(opened)))
    }

    /// The last run of a machine.
    fn trace(&self, machine: Machine) -> Result<Trace, AppError> {
        match machine {
            Machine::Classic => {
                let Ready { model, engine, last, .. } = self.ready.as_ref().ok_or_else(not_started)?;
                let Last { asked: (text, options), run, .. } = last.as_ref().ok_or_else(no_run)?;
                recorded::classic(model, &engine.name(), (text, *options), run)
            }
            Machine::Full => self.full.as_ref().ok_or_else(no_run)?.trace(),
        }
    }

    /// Compares the file that was opened with the last run of a machine.
    fn compare_trace(&mut self, machine: Machine) -> Result<Response, AppError> {
        let file = self.opened.take().ok_or_else(recorded::not_there)?;
        let has_run = match machine {
            Machine::Classic => self.ready.as_ref().is_some_and(|ready| ready.last.is_some()),
            Machine::Full => self.full.as_ref().is_some_and(Full::has_run),
        };
        if !has_run {
            return Err(recorded::not_run());
        }
        let again = self.trace(machine)?;
        recorded::is_of(&file, &again)?;
        let again = file.limited_as_this_one(again);
        Ok(Response::Compared(traces::compared(&file, again)))
    }

    async fn start(&mut self, device: Device) -> Result<Response, AppError> {
        let model = compile();
        let mut engine = AnyEngine::new(&model, device).await.map_err(app_error)?;
        let destroy =
            engine.dense_device().cloned().map(|device| -> Destroy { Box::new(move || device.destroy()) });
        self.breakable.set(destroy);
        let rest = Rest::new(&self.scope);
        let self_test = self_test::run(&mut engine, device, &rest).await.map_err(app_error)?;
        let report = DeviceReport { device, name: engine.name(), self_test };
        let card = model.card.clone();
        self.ready = Some(Ready { model, engine, device, last: None });
        Ok(Response::Ready { device: report, card })
    }
}

impl Ready {
    async fn run(
        &mut self,
        id: u32,
        text: Text,
        options: RunOptions,
        scope: &Scope,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Response, AppError> {
        let open = if options.allow_open_loops { OpenLoops::Allow } else { OpenLoops::Refuse };
        let asm::Assembly { program, spans } = asm::assemble(&text, open).map_err(source_error)?;
        let rest = Rest::new(scope);
        let go_on = async |tokens| {
            if rest.when_due().await {
                scope.post(id, Response::Progress { tokens });
            }
            !is_cancelled()
        };
        let known = self.known_answers(&program);
        let how = Options { max_tokens: options.max_tokens, want: Want::Tokens, draft: &known };
        self.last = None;
        let run = runner::run(&mut self.engine, &program, how, go_on).await.map_err(app_error)?;
        let seconds = rest.worked();
        let view = view::run_view(&program, spans, &run, options.max_tokens, seconds, self.device);
        self.last = Some(Last { program, asked: (text, options), run, captured: None });
        Ok(Response::Ran(Box::new(view)))
    }

    /// The last run once more with parts replaced.
    async fn changed(
        &mut self,
        id: u32,
        wanted: &[Intervention],
        scope: &Scope,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Response, AppError> {
        let Last { program, run, .. } = self.last.as_ref().ok_or_else(no_run)?;
        let list = changed::interventions(&self.model, wanted)?;
        let rest = Rest::new(scope);
        let go_on = async |tokens| {
            if rest.when_due().await {
                scope.post(id, Response::Progress { tokens });
            }
            !is_cancelled()
        };
        let both = changed::run((&self.model, &mut self.engine), (program, run), &list, go_on).await;
        let both = both.map_err(app_error)?.ok_or_else(changed::stopped)?;
        Ok(Response::Changed(Box::new(Changed { seconds: rest.worked(), ..both })))
    }

    /// Answers what is asked about the last run.
    async fn inside(&mut self, of: Inside) -> Result<Response, AppError> {
        Ok(match of {
            Inside::Capture { position } => {
                let (capture, ..) = self.capture(position).await?;
                Response::Capture(Box::new(capture.clone()))
            }
            Inside::Attention { layer, head, position, limit } => {
                let (capture, run, engine, _) = self.capture(position).await?;
                let head = HeadAddress { layer, head };
                let detail = engine.attention(&run.sequence, capture, head, limit).await;
                Response::Attention(detail.map_err(app_error)?)
            }
            Inside::Explain { sites } => Response::Explanations(self.explain(&sites).await?),
            Inside::Places { positions } => {
                let Last { run, .. } = self.last.as_ref().ok_or_else(no_run)?;
                Response::Places(places::places(&run.report, &run.tokens(), &self.model.card, &positions))
            }
            Inside::Card => Response::Card(Box::new(self.model.card.clone())),
            // These runs are short: the first piece is all of them.
            Inside::Search { wanted, .. } => {
                let Last { run, .. } = self.last.as_ref().ok_or_else(no_run)?;
                Response::Hits(survey::hits(&run.report, &run.tokens(), &wanted))
            }
            Inside::Overview { columns, .. } => {
                let Last { run, .. } = self.last.as_ref().ok_or_else(no_run)?;
                Response::Overview(survey::overview(&run.report, run.tokens().len(), columns))
            }
            Inside::Spoken { from } => {
                let Last { run, .. } = self.last.as_ref().ok_or_else(no_run)?;
                Response::Spoken(
                    spoken::piece(&mut self.engine, &run.sequence, run.tokens().len(), from)
                        .await
                        .map_err(app_error)?,
                )
            }
        })
    }

    /// The answers of the last run, if this program only continues its program: the REPL's next line. The
    /// dense engine then computes their positions in one parallel pass, and checks each; the sparse engine
    /// is quick enough to answer all of them again, one by one.
    fn known_answers(&self, program: &Program) -> Vec<u16> {
        match &self.last {
            Some(last)
                if self.device != Device::Cpu
                    && program.instructions().starts_with(last.program.instructions()) =>
            {
                last.run.report.steps.iter().map(|step| step.token).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Everything a position of the last run computed, with that run and what else explaining it takes.
    async fn capture(
        &mut self,
        position: usize,
    ) -> Result<(&Capture, &Run, &mut AnyEngine, &Transformer), AppError> {
        let Last { run, captured, .. } = self.last.as_mut().ok_or_else(no_run)?;
        let capture = match captured.take() {
            Some(capture) if capture.position == position => capture,
            _ => self.engine.capture(&run.sequence, position).await.map_err(app_error)?,
        };
        Ok((captured.insert(capture), run, &mut self.engine, &self.model))
    }

    async fn explain(&mut self, sites: &[Site]) -> Result<Vec<Explanation>, AppError> {
        let mut explanations = Vec::with_capacity(sites.len());
        for site in sites {
            let (capture, run, engine, model) = self.capture(site.position()).await?;
            let explanation = explain_captured(engine, model, &run.sequence, capture, *site).await;
            explanations.push(explanation.map_err(app_error)?);
        }
        Ok(explanations)
    }

    /// Another program has run on the engine: it reads the last run's sequence again.
    async fn see_last_again(&mut self, scope: &Scope) -> Result<(), EngineError> {
        let Some(last) = &self.last else { return Ok(()) };
        let rest = Rest::new(scope);
        self.engine.reset();
        while self.engine.seen() < last.run.sequence.len() {
            self.engine.advance(&last.run.sequence, Want::Tokens).await?;
            rest.when_due().await;
        }
        Ok(())
    }
}

fn source_error(errors: Vec<SourceError>) -> AppError {
    let first = errors.first().map_or_else(|| "the program is wrong".to_owned(), ToString::to_string);
    let message = match errors.len() {
        0 | 1 => first,
        count => format!("{first}, and {} more", count - 1),
    };
    AppError {
        problem: Problem::Source(errors),
        message,
        remedy: "The underlined places are wrong; correct them and it runs.".to_owned(),
    }
}

fn app_error(error: EngineError) -> AppError {
    let (problem, remedy) = match &error {
        EngineError::NoSuchPosition { .. } | EngineError::NoSuchPart { .. } => {
            (Problem::BadRequest, "Choose a position and a part that the run has.")
        }
        EngineError::DeviceMissing { .. } => {
            (Problem::DeviceMissing, "WebGPU needs a recent browser with hardware acceleration switched on.")
        }
        EngineError::DeviceLost { .. } => (Problem::DeviceLost, "Continue on the CPU; it computes the same."),
        EngineError::TooLong { .. } => {
            (Problem::BadRequest, "Stop the run earlier, or give the program less to do.")
        }
        EngineError::DraftRefused { .. } => {
            (Problem::BadRequest, "That is a fault of the engine; please report the program.")
        }
    };
    AppError { problem, message: error.to_string(), remedy: remedy.to_owned() }
}

fn not_started() -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message: "the engine is not started".to_owned(),
        remedy: "Choose a device in the header.".to_owned(),
    }
}

fn no_run() -> AppError {
    AppError {
        problem: Problem::BadRequest,
        message: "nothing has run yet".to_owned(),
        remedy: "Type a program in the REPL, or open an example.".to_owned(),
    }
}
