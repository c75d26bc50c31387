//! Whole runs as trace files: saved, and opened again. A file that is opened has its run made once more, as its first line says, and the
//! page says whether both agree; the workers read, write and compare.
//!
//! ```text
//! mod    what is open, and how a run is made again
//! view   the buttons, and what came of a file
//! ```
//!
//! Test ids: `run-export`, `run-open`, `run-file` (a file's field), `run-said`, `trace-news` (with `data-stage`), `trace-close`.

mod view;

pub use view::{News, Of, RunFile};

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::trace::{Difference, Input, MOST_BYTES, Opened, not_opened};
use protocol::{AppError, Machine, Request, Response};
use web_sys::File;

use crate::client::unexpected;
use crate::full::Call;
use crate::language::worlds::Worlds;
use crate::parts::Parts;
use crate::route::{Route, Router};
use crate::session::Session;
use crate::shell::notices::Notices;
use crate::xray::models::Decoder;

/// The notices about files.
pub const SUBJECT: &str = "trace";

/// What is done with a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It is read.
    Reading,
    /// Its run is made again; a language model may have to arrive first.
    Running,
    /// Both were compared: where they differ first, if they do.
    Compared(Option<Difference>),
    /// There is nothing to compare.
    Failed(AppError),
}

/// A file that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Showing {
    /// Its name.
    file: String,
    /// Tokens of its run, and what had computed it.
    of: (usize, String),
    /// The language model that it is of; `None` for a machine.
    decoder: Option<Decoder>,
    /// The machine that it is of, once the file is read; `None` for a language model.
    machine: Option<Machine>,
    stage: Stage,
    /// What was looked at when the comparison came: of another run nothing is said.
    run: Option<usize>,
}

/// The file that was opened last; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Traces {
    router: Router,
    session: Session,
    worlds: Worlds,
    notices: Notices,
    showing: RwSignal<Option<Showing>>,
    /// A question's file that waits for its model.
    waiting: RwSignal<Option<(File, String, Decoder)>, LocalStorage>,
    /// Number of the newest file: what comes of an older one is not told.
    newest: StoredValue<u32>,
}

impl Traces {
    /// No file yet.
    pub fn new(router: Router, session: Session, worlds: Worlds, notices: Notices, parts: Parts) -> Self {
        let traces = Self {
            router,
            session,
            worlds,
            notices,
            showing: RwSignal::new(None),
            waiting: RwSignal::new_local(None),
            newest: StoredValue::new(0),
        };
        // What opens files is in that part: before it is here, none waits.
        Effect::new(move |_| {
            if let Some(part) = parts.machines.get() {
                (part.follow_trace)(traces);
            }
        });
        traces
    }

    /// Asks the question of the file that waits, once its model is here (tracked).
    pub fn follow(self) {
        let decoder = self.waiting.with(|waiting| waiting.as_ref().map(|(.., decoder)| *decoder));
        let Some(language) = decoder.map(|decoder| decoder.language(self.worlds)) else { return };
        let source = language.source;
        if source.loaded.with(Option::is_some) {
            self.replay();
        } else if let Some(error) = source.failure.get().filter(|_| source.work.with(Option::is_none)) {
            self.waiting.set(None);
            language.expect_no_more(&error);
            self.say(Stage::Failed(error));
        }
    }

    /// Opens a file, and has its run made again.
    pub fn open(self, file: File) {
        self.notices.clear(SUBJECT);
        let name = file.name();
        let bytes = file.size() as u64;
        if bytes > MOST_BYTES {
            let message = format!(
                "{name} has {} million bytes; traces of {} at most are opened here",
                bytes >> 20,
                MOST_BYTES >> 20
            );
            return self.refuse(&not_opened(
                message,
                "Check it on the command line: worldmodel trace --check FILE.",
            ));
        }
        self.newest.update_value(|newest| *newest = newest.wrapping_add(1));
        let number = self.newest.get_value();
        let is_newest = move || self.newest.try_get_value() == Some(number);
        self.abandon();
        self.showing.set(Some(Showing {
            file: name.clone(),
            of: (0, String::new()),
            decoder: Decoder::of(&untrack(|| self.router.path())),
            machine: None,
            stage: Stage::Reading,
            run: None,
        }));
        spawn_local(async move {
            let answer = self.session.client.request_with_file(Request::OpenTrace, file.clone()).await;
            if !is_newest() {
                return;
            }
            let opened = match answer {
                Ok(Response::TraceOpened(opened)) => *opened,
                other => {
                    self.showing.set(None);
                    let error = other.err().unwrap_or_else(unexpected);
                    return self.refuse(&AppError { message: format!("{name}: {}", error.message), ..error });
                }
            };
            let decoder = matches!(opened.input, Input::Question { .. }).then(|| named(&opened.model));
            let of = (opened.tokens, opened.engine.clone());
            let machine = match opened.input {
                Input::Classic { .. } => Some(Machine::Classic),
                Input::Full { .. } => Some(Machine::Full),
                Input::Question { .. } => None,
            };
            let stage = Stage::Running;
            self.showing.set(Some(Showing { file: name, of, decoder, machine, stage, run: None }));
            if let Some(machine) = self.begin(opened, file) {
                let answer = self.session.client.request(Request::CompareTrace(machine)).await;
                if is_newest() {
                    self.say(match answer {
                        Ok(Response::Compared(difference)) => Stage::Compared(difference),
                        other => Stage::Failed(other.err().unwrap_or_else(unexpected)),
                    });
                }
            }
        });
    }

    /// Lets go of the file before: a question of it that waits for its model is asked no more, and nothing more is told of it.
    fn abandon(self) {
        self.showing.set(None);
        if let Some((.., decoder)) = self.waiting.try_update(Option::take).flatten() {
            decoder.language(self.worlds).asking.coming.set(None);
        }
    }

    /// A file that is not opened leaves everything as it is.
    fn refuse(self, error: &AppError) {
        self.notices.problem(SUBJECT, format!("Not opened. {}", error.message), error.remedy.clone());
    }

    /// Has a file's run made. That of a machine is compared behind it: requests are answered in order.
    fn begin(self, opened: Opened, file: File) -> Option<Machine> {
        let session = self.session;
        let machine = match opened.input {
            Input::Classic { program, options } => {
                session.show_machine(Machine::Classic);
                session.open_program(program, options);
                Machine::Classic
            }
            Input::Full { text, function, arguments, max_tokens } => {
                session.show_machine(Machine::Full);
                session.chosen.set(None);
                session.selection.set(None);
                session.full.open_recorded(Call { text, function, arguments }, max_tokens);
                Machine::Full
            }
            Input::Question { text } => {
                self.ask(&opened.model, text, file);
                return None;
            }
        };
        go_to("");
        Some(machine)
    }

    /// Has a file's question asked again, as soon as its model is there.
    fn ask(self, model: &str, text: String, file: File) {
        let decoder = named(model);
        let language = decoder.language(self.worlds);
        if decoder == Decoder::Own && language.source.loaded.with_untracked(Option::is_none) {
            self.showing.set(None);
            let message = format!("The file is a run of {model}, and no model of your own is loaded");
            return self.refuse(&not_opened(message, "Load that one under Models, and open the file again."));
        }
        language.expect(&text);
        // Why its model did not come before says nothing of how it comes now.
        language.source.failure.set(None);
        self.waiting.set(Some((file, text, decoder)));
        if decoder == Decoder::Nano {
            self.worlds.prepare();
        }
        go_to(&format!("/{}", decoder.path()));
    }

    /// Asks the question that waits.
    fn replay(self) {
        let Some((file, text, decoder)) = self.waiting.try_update(Option::take).flatten() else { return };
        let number = self.newest.get_value();
        let language = decoder.language(self.worlds);
        let other = || {
            Stage::Failed(not_opened(
                "something else was asked meanwhile",
                "Open the file again to compare it.",
            ))
        };
        // A question that somebody asked before the model was there goes first.
        if language.asking.waits.get_untracked() {
            return self.say(other());
        }
        spawn_local(async move {
            let answer = language.replay(file, text).await;
            if self.newest.try_get_value() == Some(number) {
                self.say(
                    answer.map_or_else(other, |answer| answer.map_or_else(Stage::Failed, Stage::Compared)),
                );
            }
        });
    }

    fn say(self, stage: Stage) {
        let (decoder, machine) = self.showing.with_untracked(|showing| {
            showing.as_ref().map_or((None, None), |showing| (showing.decoder, showing.machine))
        });
        let run = untrack(|| self.run_of(decoder, machine));
        self.showing.update(|showing| {
            if let Some(showing) = showing {
                (showing.stage, showing.run) = (stage, run);
            }
        });
    }

    /// Tells the run that is looked at from others (tracked): of a language model, or of a machine while that is shown.
    fn run_of(self, decoder: Option<Decoder>, machine: Option<Machine>) -> Option<usize> {
        match decoder {
            Some(decoder) => {
                let asked = decoder.language(self.worlds).asking.asked;
                asked.with(|asked| asked.as_ref().map(|asked| Arc::as_ptr(asked) as usize))
            }
            None if Some(self.session.machine.get()) != machine => None,
            None => self.session.tape().map(|tape| tape.run),
        }
    }
}

/// The language model that a file calls so.
fn named(model: &str) -> Decoder {
    if model == Decoder::Nano.path() { Decoder::Nano } else { Decoder::Own }
}

/// Goes to a part of the X-ray. A browser that refuses stays where it is.
fn go_to(path: &str) {
    drop(window().location().set_hash(&format!("{}{path}", Route::Xray.href())));
}

/// The files of this page.
pub fn use_traces() -> Traces {
    expect_context()
}
