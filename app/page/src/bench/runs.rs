//! The interpreter, measured: programs run in a worker of its own. The page's worker keeps the run that REPL and X-ray
//! show; here it would be replaced.

use std::rc::Rc;

use engine::interpreter::classic::Ending;
use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{Example, MachineRequest, MachineResponse};
use protocol::{AppError, Device, Request, Response, RunOptions, RunView};

use super::devices::Chosen;
use crate::client::link::Link;
use crate::client::{OnProgress, unexpected};
use crate::device::device_name;
use crate::models::grouped;
use crate::repl::examples::EXAMPLES;
use crate::session::Session;

/// Instructions that the loop executes.
const LENGTHS: [usize; 3] = [100, 1_000, 10_000];

/// What `worldmodel bench` runs, too: two loops, one in the other, with a write to a local and to memory in each round.
const LOOP: &str = "i32.const 255\nlocal.set 0\nloop\ni32.const 255\nlocal.set 1\nloop\nlocal.get 1\ni32.const 1\n\
    i32.sub\nlocal.tee 1\ni32.store 7\nlocal.get 1\nbr_if\nend_loop\nlocal.get 0\ni32.const 1\ni32.sub\nlocal.tee 0\n\
    br_if\nend_loop\nhalt";

/// No program begins like this one. Run in between, it keeps a dense engine from checking the answers it knows in one
/// parallel pass instead of computing them one by one.
const BETWEEN: &str = "halt";

/// Rounds of each.
const ROUNDS: usize = 3;
/// Seconds of forward passes in a round, for which short programs run again and again: a browser's clock is coarse on
/// purpose.
const ROUND: f64 = 0.03;
/// Runs of a round at most.
const RUNS: usize = 100;
/// Milliseconds after which a round is stopped; what it reached by then counts.
const LIMIT: f64 = 10_000.0;
/// Milliseconds after which no further round of the same is begun.
const ENOUGH: f64 = 5_000.0;

/// What is run: its name and its programs, each with the steps it may take.
fn workloads() -> Vec<(String, Vec<(&'static str, usize)>)> {
    let loops = LENGTHS.map(|length| (format!("a loop of {} steps", grouped(length)), vec![(LOOP, length)]));
    let examples = EXAMPLES.iter().map(|example| (example.text, RunOptions::default().max_tokens)).collect();
    loops.into_iter().chain([(format!("the {} example programs", EXAMPLES.len()), examples)]).collect()
}

/// What was measured of one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// Tokens a second, round by round.
    pub speeds: Vec<f64>,
    /// Tokens of the round that was stopped, if one took too long.
    pub stopped_at: Option<usize>,
}

/// What was measured on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct OnDevice {
    /// The device.
    pub device: Device,
    /// The seconds until its engine was ready: module, weights, self-test.
    pub ready: f64,
    /// What ran.
    pub workloads: Vec<Workload>,
    /// Runs, and of these the ones that the byte machine agrees with in every answer, at the end and in the state.
    pub runs: (usize, usize),
    /// Answers compared.
    pub answers: usize,
    /// Modules that ran on the full machine, and of these the ones that wasmi agrees with. Only on the processor, sparse.
    pub modules: Option<(usize, usize)>,
}

/// Measuring the interpreter; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Runs {
    /// The worker, while it is measured.
    link: StoredValue<Option<Rc<Link>>, LocalStorage>,
    /// What is to compute.
    pub chosen: Chosen,
    /// What goes on.
    pub stage: RwSignal<Option<String>>,
    /// Tokens of the run that goes on.
    pub tokens: RwSignal<usize>,
    /// What was measured, device by device.
    pub measured: RwSignal<Vec<OnDevice>>,
    /// Why the last measurement did not come to its end.
    pub failure: RwSignal<Option<AppError>>,
}

impl Runs {
    /// Nothing is measured.
    pub fn new(session: Session) -> Self {
        Self {
            link: StoredValue::new_local(None),
            chosen: Chosen::new(session),
            stage: RwSignal::new(None),
            tokens: RwSignal::new(0),
            measured: RwSignal::default(),
            failure: RwSignal::new(None),
        }
    }

    /// Measures a device.
    pub fn start(self, device: Device) {
        if self.stage.with_untracked(Option::is_some) {
            return;
        }
        self.failure.set(None);
        self.tokens.set(0);
        self.stage.set(Some(format!("{} starts", device_name(device))));
        spawn_local(async move {
            let failure = self.measure(device).await.err();
            let was_running = self.stop();
            // Stopping is what somebody wanted, and no failure.
            self.failure.set(failure.filter(|_| was_running));
            self.stage.set(None);
        });
    }

    /// Ends the worker; says whether there was one.
    pub fn stop(self) -> bool {
        let link = self.link.try_update_value(Option::take).flatten();
        link.inspect(|link| link.end("it was stopped")).is_some()
    }

    async fn measure(self, device: Device) -> Result<(), AppError> {
        let begin = Date::now();
        let engine = if device == Device::WebGpu { "gpu" } else { "light" };
        // Whoever waits hears of a crash.
        let link = Link::spawn(engine, Box::new(|_| {}), Box::new(|_, _| {}))?;
        self.link.set_value(Some(Rc::clone(&link)));
        let Response::Ready { .. } = self.ask(&link, Request::Start { device }, f64::INFINITY).await? else {
            return Err(unexpected());
        };
        let ready = (Date::now() - begin) / 1e3;
        let mut result =
            OnDevice { device, ready, workloads: Vec::new(), runs: (0, 0), answers: 0, modules: None };
        for (name, programs) in workloads() {
            // A loop longer than one that took too long is left out.
            let too_long = result.workloads.iter().any(|workload| workload.stopped_at.is_some());
            if too_long && programs.len() == 1 {
                result.workloads.push(Workload { name, speeds: Vec::new(), stopped_at: None });
                continue;
            }
            self.workload(&link, &mut result, name, &programs).await?;
            self.keep(&result);
        }
        if device == Device::Cpu {
            self.modules(&link, &mut result).await?;
            self.keep(&result);
        }
        Ok(())
    }

    fn keep(self, result: &OnDevice) {
        self.measured.update(|all| {
            all.retain(|old| old.device != result.device);
            all.push(result.clone());
        });
    }

    /// Runs each example of the full machine once.
    async fn modules(self, link: &Rc<Link>, result: &mut OnDevice) -> Result<(), AppError> {
        let ask = async |request| match self.ask(link, Request::Machine(request), f64::INFINITY).await? {
            Response::Machine(answer) => Ok(answer),
            _ => Err(unexpected()),
        };
        let MachineResponse::Examples(examples) = ask(MachineRequest::Examples).await? else {
            return Err(unexpected());
        };
        let (mut tokens, mut seconds, mut agree) = (0, 0.0, 0);
        for Example { title, text, function, arguments } in &examples {
            self.stage.set(Some(format!("full machine: {title}")));
            let (text, function, arguments) = (text.clone(), function.clone(), arguments.clone());
            let run = ask(MachineRequest::Run { text, function, arguments, max_tokens: u32::MAX }).await?;
            let MachineResponse::Ran(run) = run else { return Err(unexpected()) };
            tokens += run.tokens;
            seconds += run.seconds;
            agree += usize::from(run.reference.is_ok_and(|reference| reference.agrees));
        }
        let name = format!("{} modules, full machine", examples.len());
        let speeds = vec![f64::from(tokens) / seconds.max(1e-9)];
        result.workloads.push(Workload { name, speeds, stopped_at: None });
        result.modules = Some((examples.len(), agree));
        Ok(())
    }

    /// Runs programs, round by round.
    async fn workload(
        self,
        link: &Rc<Link>,
        result: &mut OnDevice,
        name: String,
        programs: &[(&str, usize)],
    ) -> Result<(), AppError> {
        let begin = Date::now();
        let mut workload = Workload { name, speeds: Vec::new(), stopped_at: None };
        for round in 1..=ROUNDS {
            let device = device_name(result.device);
            self.stage.set(Some(format!("{device}: {}, round {round} of {ROUNDS}", workload.name)));
            let (mut tokens, mut seconds, mut runs) = (0, 0.0, 0);
            let until = Date::now() + LIMIT;
            while seconds < ROUND && runs < RUNS && workload.stopped_at.is_none() {
                for (text, max_tokens) in programs {
                    if result.device != Device::Cpu {
                        self.run(link, BETWEEN, 1, f64::INFINITY).await?;
                    }
                    let run = self.run(link, text, *max_tokens, until).await?;
                    let agrees = run.reference.differences.is_empty();
                    result.runs = (result.runs.0 + 1, result.runs.1 + usize::from(agrees));
                    result.answers += run.report.steps.len();
                    tokens += run.tokens.len();
                    seconds += run.seconds;
                    runs += 1;
                    if matches!(run.report.ending, Ending::Cancelled) || Date::now() > until {
                        workload.stopped_at = Some(tokens);
                        break;
                    }
                }
            }
            if seconds > 0.0 {
                workload.speeds.push(tokens as f64 / seconds);
            }
            if workload.stopped_at.is_some() || Date::now() - begin > ENOUGH {
                break;
            }
        }
        result.workloads.push(workload);
        Ok(())
    }

    async fn run(
        self,
        link: &Rc<Link>,
        text: &str,
        max_tokens: usize,
        until: f64,
    ) -> Result<Box<RunView>, AppError> {
        let options = RunOptions { allow_open_loops: false, max_tokens };
        match self.ask(link, Request::Run { text: text.to_owned(), options }, until).await? {
            Response::Ran(run) => Ok(run),
            _ => Err(unexpected()),
        }
    }

    /// Asks the worker; a run is stopped when the time in milliseconds is over.
    async fn ask(self, link: &Rc<Link>, request: Request, until: f64) -> Result<Response, AppError> {
        let to_stop = Rc::downgrade(link);
        let on_progress: OnProgress = Box::new(move |response| {
            if let Response::Progress { tokens } = response {
                self.tokens.set(tokens);
                if Date::now() > until
                    && let Some(link) = to_stop.upgrade()
                {
                    link.tell(Request::Cancel(None));
                }
            }
        });
        link.ask(request, Some(on_progress)).await
    }
}

/// The measurements of this page's interpreter.
pub fn use_runs() -> Runs {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::interpreter::classic::asm;
    use engine::interpreter::classic::machine::{Semantics, run};
    use engine::interpreter::classic::program::OpenLoops;

    #[test]
    fn the_loop_is_longer_than_any_trace() {
        let program = asm::assemble(LOOP, OpenLoops::Refuse).unwrap().program;
        for length in LENGTHS {
            assert_eq!(run(&program, Semantics::Saturating, length).tokens.len(), length);
        }
    }

    #[test]
    fn nothing_that_is_measured_goes_on_from_the_program_in_between() {
        let program = |text| asm::assemble(text, OpenLoops::Refuse).unwrap().program;
        let between = program(BETWEEN);
        for (text, _) in workloads().iter().flat_map(|(_, programs)| programs) {
            assert!(!program(text).instructions().starts_with(between.instructions()), "{text}");
        }
    }
}
