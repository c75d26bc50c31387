//! What the routes share. REPL and X-ray look at the same run.
//!
//! The contract:
//! - [`Session::program`] is the whole text; [`Session::set_program`] changes it, runs it, and keeps what it
//!   replaces for [`Session::undo`]: the program, and the text in the editor when that is another one.
//! - [`Session::run`] is the last finished run; the worker holds the same run, so `Capture`, `Attention`
//!   and `Explain` requests speak of it. After a crash or a change of device it is run again.
//! - [`Session::position`] is *where one looks*: a position of the sequence, or the last executed one while
//!   nothing else is chosen. REPL's step and X-ray's position are two readings of it.
//! - [`Session::layer`] and [`Session::selection`] belong to X-ray; the share link carries them.

use std::sync::Arc;

use engine::interpreter::ModelCard;
use engine::xray::Site;
use leptos::prelude::*;
use protocol::{AppError, DeviceReport, Machine, Problem, Request, Response, RunOptions, RunView};

use crate::client::{Client, unexpected};
use crate::full::Full;
use crate::going::Going;

/// Earlier programs that undo remembers.
const REMEMBERED: usize = 500;

/// A program with everything that undo brings back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its text.
    pub program: String,
    /// The text in the editor, where it is another one.
    pub editor: Option<String>,
    /// How it was run.
    pub options: RunOptions,
}

/// The sequence of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tape {
    /// Whose run it is.
    pub machine: Machine,
    /// Tokens of its prompt.
    pub prompt: usize,
    /// Tokens of the prompt and of what the model wrote.
    pub tokens: usize,
    /// Tells it from other runs.
    pub run: usize,
}

/// The shared state; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Session {
    /// The engine's worker.
    pub client: Client,
    /// The machine that REPL and X-ray show.
    pub machine: RwSignal<Machine>,
    /// The full machine's module and run.
    pub full: Full,
    /// The program's text.
    pub program: RwSignal<String>,
    /// The line being typed in the REPL: it survives a visit to another route.
    pub draft: RwSignal<String>,
    /// Lines entered in the REPL, oldest first.
    pub entered: RwSignal<Vec<String>>,
    /// The text of the REPL's text editor while it is open.
    pub editor: RwSignal<Option<String>>,
    /// Earlier programs, oldest first: what undo goes back to.
    pub history: RwSignal<Vec<Kept>>,
    /// How the program is run; a share link may say otherwise than usual.
    pub options: StoredValue<RunOptions>,
    /// The last run.
    pub run: RwSignal<Option<Arc<RunView>>>,
    /// The run that is going on.
    pub going: Going,
    /// Why the last run did not take place.
    pub failure: RwSignal<Option<AppError>>,
    /// The position chosen; `None` follows the last executed one. Read it through [`Session::position`].
    pub chosen: RwSignal<Option<usize>>,
    /// The layer that X-ray shows.
    pub layer: RwSignal<usize>,
    /// The number that X-ray explains.
    pub selection: RwSignal<Option<Site>>,
    /// What X-ray wants the share link to carry beyond that (which head is open, for instance), in its own
    /// words; keep it short.
    pub extra: RwSignal<String>,
    /// What the model's parts mean, as soon as the engine is ready.
    pub card: RwSignal<Option<Arc<ModelCard>>>,
    /// What computes, and its self-test.
    pub device: RwSignal<Option<DeviceReport>>,
}

impl Session {
    /// An empty session.
    pub fn new() -> Self {
        let client = Client::new();
        Self {
            client,
            machine: RwSignal::default(),
            full: Full::new(client),
            program: RwSignal::default(),
            draft: RwSignal::default(),
            entered: RwSignal::default(),
            editor: RwSignal::new(None),
            history: RwSignal::default(),
            options: StoredValue::new(RunOptions::default()),
            run: RwSignal::new(None),
            going: Going::new(client, Machine::Classic),
            failure: RwSignal::new(None),
            chosen: RwSignal::new(None),
            layer: RwSignal::new(0),
            selection: RwSignal::new(None),
            extra: RwSignal::default(),
            card: RwSignal::new(None),
            device: RwSignal::new(None),
        }
    }

    /// Replaces the program, runs it, and looks at its last step. Undo goes back.
    pub fn set_program(self, text: String) {
        self.open_program(text, RunOptions::default());
    }

    /// The same for a program that says how it is to be run.
    pub fn open_program(self, text: String, options: RunOptions) {
        let program = self.program.get_untracked();
        let editor = self.editor.get_untracked().filter(|text| *text != program);
        if program != text || editor.is_some() {
            self.history.update(|history| {
                if history.len() >= REMEMBERED {
                    drop(history.remove(0));
                }
                history.push(Kept { program, editor, options: self.options.get_value() });
            });
        }
        self.show(Kept { program: text, editor: None, options });
    }

    /// Goes back to the program before the last change.
    pub fn undo(self) {
        let before = self.history.try_update(Vec::pop).flatten();
        self.show(before.unwrap_or_else(|| {
            // A program of an earlier visit: its last line goes, or all of it when it could not be run.
            let program = self.program.get_untracked();
            let kept = program.trim_end().rfind('\n').filter(|_| !self.is_refused());
            let kept = kept.map_or(0, |newline| newline + 1);
            Kept { program: program.get(..kept).unwrap_or_default().to_owned(), ..Kept::default() }
        }));
    }

    /// Whether the program itself is why the last run did not take place.
    pub fn is_refused(self) -> bool {
        self.failure.with_untracked(|f| f.as_ref().is_some_and(|e| matches!(e.problem, Problem::Source(_))))
    }

    fn show(self, Kept { program, editor, options }: Kept) {
        self.program.set(program);
        self.editor.set(editor);
        self.options.set_value(options);
        self.chosen.set(None);
        self.selection.set(None);
        self.start_run();
    }

    /// Runs the program as it stands, for instance on another device; the position looked at stays.
    pub fn start_run(self) {
        let text = self.program.get_untracked();
        if text.trim().is_empty() {
            self.going.end();
            self.run.set(None);
            self.failure.set(None);
            return;
        }
        let request = Request::Run { text: text.clone(), options: self.options.get_value() };
        self.going.begin(request, move |answer| match answer {
            Ok(Response::Ran(view)) => {
                self.failure.set(None);
                self.run.set(Some(Arc::from(view)));
            }
            Ok(_) => self.failure.set(Some(unexpected())),
            Err(error) => {
                if matches!(error.problem, Problem::Source(_)) {
                    // The run before is of another program; this one can be put right in the editor.
                    self.run.set(None);
                    if self.editor.with_untracked(Option::is_none) {
                        self.editor.set(Some(text));
                    }
                }
                self.failure.set(Some(error));
            }
        });
    }

    /// The engine that a run waits for does not start.
    pub fn not_run(self, error: &AppError) {
        if self.going.give_up() {
            self.failure.set(Some(error.clone()));
        }
    }

    /// The sequence that is looked at (tracked): the last run of the machine that is shown.
    pub fn tape(self) -> Option<Tape> {
        let machine = self.machine.get();
        match machine {
            Machine::Classic => self.run.with(|run| {
                let run = run.as_ref()?;
                let (prompt, tokens) = (run.report.prompt_tokens, run.tokens.len());
                Some(Tape { machine, prompt, tokens, run: Arc::as_ptr(run) as usize })
            }),
            Machine::Full => self.full.run.with(|run| {
                let run = run.as_ref()?;
                let (prompt, tokens) = (run.prompt_tokens as usize, run.tokens as usize);
                Some(Tape { machine, prompt, tokens, run: Arc::as_ptr(run) as usize })
            }),
        }
    }

    /// The run that is going on of the machine that is shown (tracked).
    pub fn shown_going(self) -> Going {
        match self.machine.get() {
            Machine::Classic => self.going,
            Machine::Full => self.full.going,
        }
    }

    /// What the parts of the model mean that is looked at (tracked).
    pub fn shown_card(self) -> Option<Arc<ModelCard>> {
        match self.machine.get() {
            Machine::Classic => self.card.get(),
            Machine::Full => self.full.card.get(),
        }
    }

    /// Shows another machine. Positions are of the other one's run.
    pub fn show_machine(self, machine: Machine) {
        if self.machine.get_untracked() != machine {
            self.chosen.set(None);
            self.selection.set(None);
            self.layer.set(0);
            self.extra.set(String::new());
            self.machine.set(machine);
        }
        if machine == Machine::Full {
            self.full.prepare();
        }
    }

    /// The position looked at (tracked); `None` while nothing has run.
    pub fn position(self) -> Option<usize> {
        let last = self.last_position()?;
        Some(self.chosen.get().unwrap_or(last).min(last))
    }

    /// The last position of the run (tracked); `None` while nothing has run.
    pub fn last_position(self) -> Option<usize> {
        // The model never read the last token, be it an answer or, where nothing was executed, the program's end:
        // it is a token, but no position.
        self.tape()?.tokens.checked_sub(2)
    }

    /// Looks at a position.
    pub fn look_at(self, position: usize) {
        self.chosen.set(Some(position));
    }

    /// How many steps are executed at the position looked at (tracked): 0 is before the first.
    pub fn steps_shown(self) -> usize {
        let Some(position) = self.position() else { return 0 };
        self.run.with(|run| {
            run.as_ref().map_or(0, |run| run.report.steps.partition_point(|step| step.position <= position))
        })
    }

    /// Looks at the machine after a number of steps.
    pub fn show_steps(self, steps: usize) {
        let chosen = self.run.with_untracked(|run| {
            let report = &run.as_ref()?.report;
            if steps >= report.steps.len() {
                return None;
            }
            let before_first = report.prompt_tokens.saturating_sub(2);
            Some(steps.checked_sub(1).and_then(|i| report.steps.get(i)).map_or(before_first, |s| s.position))
        });
        self.chosen.set(chosen);
    }
}

/// The session of this page.
pub fn use_session() -> Session {
    expect_context()
}
