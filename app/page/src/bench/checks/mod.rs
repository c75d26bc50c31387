//! Whether both models compute in this browser what they should: against answers that no engine of ours has computed.
//!
//! ```text
//! cases       what is checked, as the site has it (`checks/`)
//! classic     the conformance programs, on the interpreter transformer
//! suite       calls of WebAssembly's official test suite, on the full machine
//! questions   questions that are published or held out, to the model of this page
//! section     the part of the page
//! ```
//!
//! Each check has a worker of its own, as the measurements have: what REPL, X-ray and Ask show stays.

mod cases;
mod classic;
mod questions;
mod section;
mod suite;

use std::rc::Rc;

use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{AppError, Device};

use super::devices::Chosen;
use super::table::{Cell, Row, Table};
use crate::client::link::Link;
use crate::device::device_name;
use crate::models::grouped;
use crate::session::Session;
pub use section::OfChecks;

/// Of what is not as it should be, so much is told.
const TOLD: usize = 20;

/// What was not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The program, the call or the question.
    pub what: String,
    /// What was expected, and what came.
    pub why: String,
    /// Whether it is a question, which can be asked.
    pub is_question: bool,
}

/// A check, as far as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// What was checked.
    pub name: String,
    /// What was counted: programs, calls, questions.
    pub unit: &'static str,
    /// How many of them are right.
    pub right: usize,
    /// How many there were.
    pub of: usize,
    /// Seconds all of them took together, with the way to the worker and back.
    pub seconds: f64,
    /// Those that are not right; of many the first.
    pub wrong: Vec<Wrong>,
}

impl Checked {
    fn new(name: impl Into<String>, unit: &'static str) -> Self {
        Self { name: name.into(), unit, right: 0, of: 0, seconds: 0.0, wrong: Vec::new() }
    }

    /// Counts one more, that took the time since then.
    fn count(&mut self, since: f64, outcome: Result<(), Wrong>) {
        self.of += 1;
        self.seconds += (Date::now() - since) / 1e3;
        match outcome {
            Ok(()) => self.right += 1,
            Err(wrong) if self.wrong.len() < TOLD => self.wrong.push(wrong),
            Err(_) => {}
        }
    }
}

/// What was checked on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct OnDevice {
    /// The device.
    pub device: Device,
    /// Each check.
    pub checked: Vec<Checked>,
}

/// How far the checks are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is checked.
    pub name: &'static str,
    /// Cases that are done.
    pub done: usize,
    /// Cases there are; 0 until that is known.
    pub of: usize,
}

/// The checks; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Checks {
    /// The worker, while something is checked.
    link: StoredValue<Option<Rc<Link>>, LocalStorage>,
    /// What is to compute.
    pub chosen: Chosen,
    /// What goes on.
    pub stage: RwSignal<Option<Stage>>,
    /// What was checked, device by device.
    pub all: RwSignal<Vec<OnDevice>>,
    /// Why the last check did not come to its end.
    pub failure: RwSignal<Option<AppError>>,
}

impl Checks {
    /// Nothing is checked.
    pub fn new(session: Session) -> Self {
        Self {
            link: StoredValue::new_local(None),
            chosen: Chosen::new(session),
            stage: RwSignal::new(None),
            all: RwSignal::default(),
            failure: RwSignal::new(None),
        }
    }

    /// Checks a device.
    pub fn start(self, device: Device) {
        if self.stage.with_untracked(Option::is_some) {
            return;
        }
        self.failure.set(None);
        self.stage.set(Some(Stage { name: "what is to be checked arrives", done: 0, of: 0 }));
        spawn_local(async move {
            let result = self.run(device).await;
            let was_running = self.stop();
            // Stopping is what somebody wanted, and no failure.
            self.failure.set(result.err().filter(|_| was_running));
            self.stage.set(None);
        });
    }

    /// Ends the worker; says whether anything was being checked.
    pub fn stop(self) -> bool {
        let was_running = self.stage.with_untracked(Option::is_some);
        self.stage.set(None);
        if let Some(link) = self.link.try_update_value(Option::take).flatten() {
            link.end("it was stopped");
        }
        was_running
    }

    async fn run(self, device: Device) -> Result<(), AppError> {
        self.all.update(|all| {
            all.retain(|old| old.device != device);
            all.push(OnDevice { device, checked: Vec::new() });
        });
        classic::run(self, device).await?;
        // The full machine runs on the processor, from its sparse rows.
        if device == Device::Cpu {
            suite::run(self).await?;
        }
        // A language model has no dense device.
        if device != Device::CpuDense {
            questions::run(self, device).await?;
        }
        Ok(())
    }

    /// Starts a worker, in place of the one before. `None` when the checks were stopped meanwhile.
    fn hire(self, engine: &str) -> Result<Rc<Link>, AppError> {
        // Whoever waits hears of a crash.
        let link = Link::spawn(engine, Box::new(|_| {}), Box::new(|_, _| {}))?;
        if let Some(before) = self.link.try_update_value(|held| held.replace(Rc::clone(&link))).flatten() {
            before.end("another engine takes its place");
        }
        Ok(link)
    }

    /// Says how far a check is. Whether it is still wanted.
    fn tell(self, name: &'static str, done: usize, of: usize) -> bool {
        let is_wanted = self.stage.with_untracked(Option::is_some);
        if is_wanted {
            self.stage.set(Some(Stage { name, done, of }));
        }
        is_wanted
    }

    /// Puts what is known of a check into the table.
    fn keep(self, device: Device, checked: &Checked) {
        self.all.update(|all| {
            let Some(of) = all.iter_mut().find(|of| of.device == device) else { return };
            match of.checked.iter_mut().find(|known| known.name == checked.name) {
                Some(known) => known.clone_from(checked),
                None => of.checked.push(checked.clone()),
            }
        });
    }
}

/// What was checked, as a table.
pub fn table(all: &[OnDevice]) -> Table {
    let columns = all.iter().map(|of| (device_name(of.device).to_owned(), String::new())).collect();
    let mut names: Vec<&str> = Vec::new();
    for checked in all.iter().flat_map(|of| &of.checked) {
        if !names.contains(&checked.name.as_str()) {
            names.push(&checked.name);
        }
    }
    let rows = names.into_iter().map(|name| {
        let cells = all.iter().map(|of| match of.checked.iter().find(|checked| checked.name == name) {
            None => Cell::missing(),
            Some(Checked { unit, right, of, seconds, .. }) => {
                let verdict = format!("{} of {} {unit}", grouped(*right), grouped(*of));
                Cell::text(verdict, format!("{seconds:.1} s"))
            }
        });
        Row { name: name.to_owned(), unit: "", cells: cells.collect() }
    });
    Table { name: "Conformance", columns, rows: rows.collect() }
}

/// The checks of this page.
pub fn use_checks() -> Checks {
    expect_context()
}
