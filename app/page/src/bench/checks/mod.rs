//! Whether both models compute in this browser what they should: against what was worked out by hand, what the official suite says, and
//! what the questions' own programs came to before.
//!
//! ```text
//! errand      one run of the checks
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
mod errand;
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
use errand::Errand;
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
    /// How many are done.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// Seconds all of them took together, with the way to the worker and back.
    pub seconds: f64,
    /// Those that are not right; of many the first.
    pub wrong: Vec<Wrong>,
}

impl Checked {
    fn new(name: impl Into<String>, unit: &'static str, of: usize) -> Self {
        Self { name: name.into(), unit, right: 0, done: 0, of, seconds: 0.0, wrong: Vec::new() }
    }

    /// Counts one more, that took the time since then.
    fn count(&mut self, since: f64, outcome: Result<(), Wrong>) {
        self.done += 1;
        self.seconds += (Date::now() - since) / 1e3;
        match outcome {
            Ok(()) => self.right += 1,
            Err(wrong) if self.wrong.len() < TOLD => self.wrong.push(wrong),
            Err(_) => {}
        }
    }

    /// How many are not right.
    const fn failed(&self) -> usize {
        self.done - self.right
    }

    /// It as a cell: one that did not come to its end says so wherever it is copied to.
    fn cell(&self) -> Cell {
        let Self { right, done, of, seconds, unit, .. } = self;
        let verdict = format!("{} of {} {unit}", grouped(*right), grouped(*done));
        let note = match done == of {
            true => format!("{seconds:.1} s"),
            false => format!("not finished, {} in all; {seconds:.1} s", grouped(*of)),
        };
        Cell::text(verdict, note)
    }
}

/// What was checked on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct OnDevice {
    /// The device.
    pub device: Device,
    /// The run's number.
    pub run: u64,
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
    /// What came of the last run, in words.
    pub verdict: RwSignal<String>,
    /// What was checked, device by device.
    pub all: RwSignal<Vec<OnDevice>>,
    /// Why the last run did not come to its end.
    pub failure: RwSignal<Option<AppError>>,
    /// Number of the newest run.
    newest: StoredValue<u64>,
}

impl Checks {
    /// Nothing is checked.
    pub fn new(session: Session) -> Self {
        Self {
            link: StoredValue::new_local(None),
            chosen: Chosen::new(session),
            stage: RwSignal::new(None),
            verdict: RwSignal::default(),
            all: RwSignal::default(),
            failure: RwSignal::new(None),
            newest: StoredValue::new(0),
        }
    }

    fn next_number(self) -> u64 {
        self.newest.update_value(|number| *number += 1);
        self.newest.get_value()
    }

    /// Checks a device.
    pub fn start(self, device: Device) {
        self.stop();
        self.failure.set(None);
        self.stage.set(Some(Stage { name: "what is to be checked arrives", done: 0, of: 0 }));
        let errand = Errand::new(self, device);
        spawn_local(async move {
            let result = run(errand).await;
            if !errand.is_wanted() {
                return;
            }
            self.stop();
            match result {
                Ok(()) => self.verdict.set(self.all.with_untracked(|all| verdict(all, device))),
                Err(error) => {
                    self.verdict.set(String::new());
                    self.failure.set(Some(error));
                }
            }
        });
    }

    /// Ends what goes on, and its worker.
    pub fn stop(self) {
        self.next_number();
        self.verdict.set(if self.stage.with_untracked(Option::is_some) { "Stopped." } else { "" }.to_owned());
        self.stage.set(None);
        if let Some(link) = self.link.try_update_value(Option::take).flatten() {
            link.end("it was stopped");
        }
    }
}

async fn run(errand: Errand) -> Result<(), AppError> {
    classic::run(errand).await?;
    // The full machine runs on the processor, from its sparse rows.
    if errand.device == Device::Cpu {
        suite::run(errand).await?;
    }
    // A language model has no dense device.
    if errand.device != Device::CpuDense {
        questions::run(errand).await?;
    }
    Ok(())
}

/// What came of a run.
fn verdict(all: &[OnDevice], device: Device) -> String {
    let checked = || all.iter().filter(|of| of.device == device).flat_map(|of| &of.checked);
    let done: usize = checked().map(|checked| checked.done).sum();
    match checked().map(Checked::failed).sum() {
        0 => format!("Checked: all {} are right.", grouped(done)),
        failed => format!("Checked: of {} all are right but {}.", grouped(done), grouped(failed)),
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
        let cells = all.iter().map(|of| {
            let checked = of.checked.iter().find(|checked| checked.name == name);
            checked.map_or_else(Cell::missing, Checked::cell)
        });
        Row { name: name.to_owned(), unit: "", cells: cells.collect() }
    });
    Table { name: "Conformance", columns, rows: rows.collect() }
}

/// The checks of this page.
pub fn use_checks() -> Checks {
    expect_context()
}
