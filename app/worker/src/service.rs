//! Each request's answer. The last run stays here: the requests after it speak of it.

use engine::interpreter::classic::asm;
use engine::interpreter::classic::compile::compile;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::classic::runner::{self, Options, Run};
use engine::interpreter::engine::{Engine, EngineError, HeadAddress, Want};
use engine::interpreter::model::Transformer;
use engine::source::SourceError;
use engine::xray::explain;
use protocol::{AppError, Device, DeviceReport, Problem, Request, Response, RunOptions};

use crate::engines::AnyEngine;
use crate::scope::Scope;
use crate::{self_test, view};

/// Seconds a run computes before it lets events through.
const PATIENCE: f64 = 0.02;

/// The engine at the page's service.
pub struct Service {
    scope: Scope,
    ready: Option<Ready>,
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
    run: Run,
}

impl Service {
    /// A service without a device.
    pub const fn new(scope: Scope) -> Self {
        Self { scope, ready: None }
    }

    /// Answers one request; `is_cancelled` is asked again and again while a run goes on.
    pub async fn answer(&mut self, id: u32, request: Request, is_cancelled: impl Fn() -> bool) {
        let answer = self.response(id, request, is_cancelled).await;
        self.scope.post(id, answer.unwrap_or_else(Response::Failed));
    }

    async fn response(
        &mut self,
        id: u32,
        request: Request,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Response, AppError> {
        if let Request::Start { device } = request {
            return self.start(device).await;
        }
        let scope = &self.scope;
        let ready = self.ready.as_mut().ok_or_else(not_started)?;
        match request {
            Request::Run { text, options } => ready.run(id, &text, options, scope, is_cancelled).await,
            Request::State { after } => {
                let last = ready.last.as_ref().ok_or_else(no_run)?;
                let steps = &last.run.report.steps;
                Ok(Response::State(runner::state_after(&last.program, steps, after)))
            }
            Request::Capture { position } => {
                let last = ready.last.as_ref().ok_or_else(no_run)?;
                let capture = ready.engine.capture(&last.run.sequence, position).await;
                Ok(Response::Capture(Box::new(capture.map_err(app_error)?)))
            }
            Request::Attention { layer, head, position, limit } => {
                let last = ready.last.as_ref().ok_or_else(no_run)?;
                let head = HeadAddress { layer, head };
                let detail = ready.engine.attention(&last.run.sequence, head, position, limit).await;
                Ok(Response::Attention(detail.map_err(app_error)?))
            }
            Request::Explain { site } => {
                let last = ready.last.as_ref().ok_or_else(no_run)?;
                let explanation = explain(&mut ready.engine, &ready.model, &last.run.sequence, site).await;
                Ok(Response::Explanation(explanation.map_err(app_error)?))
            }
            Request::SelfTest => {
                let result = self_test::run(&mut ready.engine, ready.device, scope).await;
                ready.see_last_again().await.map_err(app_error)?;
                Ok(Response::SelfTest(result.map_err(app_error)?))
            }
            Request::Check { programs } => {
                let result = self_test::check(&mut ready.engine, ready.device, scope, &programs).await;
                ready.see_last_again().await.map_err(app_error)?;
                Ok(Response::SelfTest(result.map_err(app_error)?))
            }
            Request::Break { device: true } => {
                ready.engine.lose_device();
                let again = self_test::run(&mut ready.engine, ready.device, scope).await;
                Ok(Response::SelfTest(again.map_err(app_error)?))
            }
            Request::Break { device: false } => crash(),
            // Both were dealt with before they came here.
            Request::Start { .. } | Request::Cancel => Err(not_started()),
        }
    }

    async fn start(&mut self, device: Device) -> Result<Response, AppError> {
        let model = compile();
        let mut engine = AnyEngine::new(&model, device).await.map_err(app_error)?;
        let self_test = self_test::run(&mut engine, device, &self.scope).await.map_err(app_error)?;
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
        text: &str,
        options: RunOptions,
        scope: &Scope,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Response, AppError> {
        let open = if options.allow_open_loops { OpenLoops::Allow } else { OpenLoops::Refuse };
        let asm::Assembly { program, spans } = asm::assemble(text, open).map_err(source_error)?;
        let begin = scope.seconds();
        let mut rested = begin;
        let mut waited = 0.0;
        let go_on = async |tokens| {
            let now = scope.seconds();
            if now - rested >= PATIENCE {
                scope.post(id, Response::Progress { tokens });
                scope.let_events_through().await;
                rested = scope.seconds();
                waited += rested - now;
            }
            !is_cancelled()
        };
        let known = self.known_answers(&program);
        let how = Options { max_tokens: options.max_tokens, want: Want::Tokens, draft: &known };
        self.last = None;
        let run = runner::run(&mut self.engine, &program, how, go_on).await.map_err(app_error)?;
        let seconds = scope.seconds() - begin - waited;
        let view = view::run_view(&program, spans, &run, options.max_tokens, seconds, self.device);
        self.last = Some(Last { program, run });
        Ok(Response::Ran(Box::new(view)))
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

    /// Another program has run on the engine: it reads the last run's sequence again.
    async fn see_last_again(&mut self) -> Result<(), EngineError> {
        let Some(last) = &self.last else { return Ok(()) };
        self.engine.reset();
        self.engine.extend(&last.run.sequence, Want::Tokens).await?;
        Ok(())
    }
}

#[expect(clippy::panic, reason = "crashing is what the browser test asks for")]
fn crash() -> ! {
    panic!("a test asked for a crash")
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
