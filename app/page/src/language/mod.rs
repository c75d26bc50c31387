//! The language model of this page: its worker, what is loaded, the chat, and what is looked at inside.
//!
//! ```text
//! source   choosing a model, reading what it is, loading it
//! progress what goes on meanwhile
//! talk     the chat's messages, and writing the next
//! asking   a question, its programs and its answer
//! host     what programs may ask of this browser
//! worlds   the model that comes with the page beside the one that was loaded
//! replay   a question's run as a file, and asked again from one
//! inside   the token looked at, and what is switched off
//! further  what else of it is looked at, in a share link
//! shared   the chat in a share link
//! speed    measuring
//! units    bytes, rates and times as text
//! ```
//!
//! It all lives as long as the page: a visit to another route changes nothing. The worker is one of its own
//! (`protocol::language` says why), started when something is asked of it and ended when the model is unloaded.

pub mod asking;
pub mod changed;
pub mod further;
pub mod host;
pub mod inside;
pub mod interventions;
mod opening;
pub mod progress;
mod replay;
pub mod shared;
pub mod source;
pub mod speed;
pub mod talk;
pub mod units;
pub mod worlds;

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::language::{LanguageProgress, LanguageRequest, LanguageResponse};
use protocol::{AppError, Device, Problem, Request, Response};
use web_sys::File;

use crate::client::link::Link;
use crate::client::{OnProgress, pending, received, unexpected};
use crate::shell::notices::{Notice, Notices};
use asking::Asking;
use inside::Inside;
use progress::Work;
use source::Source;
use speed::Speeds;
use talk::Talk;

/// Called with what goes on.
type OnLanguageProgress = Box<dyn Fn(LanguageProgress)>;

/// The language model; a handle that is copied freely.
#[derive(Clone, Copy)]
pub struct Language {
    notices: Notices,
    subject: &'static str,
    /// The worker, and whether it is the one with the GPU.
    worker: StoredValue<Option<(Rc<Link>, bool)>, LocalStorage>,
    /// Choosing and loading.
    pub source: Source,
    /// The chat.
    pub talk: Talk,
    /// A question and its answer.
    pub asking: Asking,
    /// Looking inside.
    pub inside: Inside,
    /// Measuring.
    pub speeds: Speeds,
}

impl Language {
    /// Nothing is chosen, and no worker runs.
    ///
    /// `subject` is what a notice of it is about: the page has two.
    pub fn new(notices: Notices, subject: &'static str) -> Self {
        let language = Self {
            notices,
            subject,
            worker: StoredValue::new_local(None),
            source: Source::new(),
            talk: Talk::new(),
            asking: Asking::new(),
            inside: Inside::new(),
            speeds: Speeds::new(),
        };
        language.look_when_it_changes();
        language.ask_when_it_is_there();
        language
    }

    /// Asks the worker, which is started if need be; on a device, if that matters.
    async fn ask(
        self,
        device: Option<Device>,
        request: LanguageRequest,
        files: Vec<File>,
        on_progress: Option<OnLanguageProgress>,
    ) -> Result<LanguageResponse, AppError> {
        let link = self.link(device)?;
        let on_progress = on_progress.map(|tell| -> OnProgress {
            Box::new(move |response| {
                if let Response::LanguageProgress(progress) = response {
                    tell(progress);
                }
            })
        });
        let (pending, answer) = pending(on_progress);
        link.send(Request::Language(request), &files, pending);
        match received(answer.await) {
            Ok(Response::Language(answer)) => Ok(answer),
            Ok(_) => Err(unexpected()),
            Err(error) => {
                if error.problem == Problem::DeviceLost {
                    self.lost(&link, &error);
                }
                Err(error)
            }
        }
    }

    /// The worker for a device; any worker will do where that does not matter.
    fn link(self, device: Option<Device>) -> Result<Rc<Link>, AppError> {
        let has_gpu = device == Some(Device::WebGpu);
        let running = self.worker.with_value(|worker| {
            worker
                .as_ref()
                .filter(|(_, gpu)| device.is_none() || *gpu == has_gpu)
                .map(|(link, _)| Rc::clone(link))
        });
        if let Some(link) = running {
            return Ok(link);
        }
        self.end("another engine takes its place");
        let on_loading = move |bytes| {
            self.source.work.update(|work| {
                if let Some(work @ Work::Starting { .. }) = work {
                    *work = Work::Starting { bytes };
                }
            });
        };
        let on_crash = move |link: &Rc<Link>, error| self.lost(link, &error);
        let engine = if has_gpu { "gpu" } else { "language" };
        let link = Link::spawn(engine, Box::new(on_loading), Box::new(on_crash))?;
        self.worker.set_value(Some((Rc::clone(&link), has_gpu)));
        Ok(link)
    }

    /// Ends the worker, which gives its memory back. Whoever waits for it learns why.
    fn end(self, why: &str) {
        let running = self.worker.try_update_value(Option::take).flatten();
        self.source.loaded.set(None);
        self.inside.forget();
        if let Some((link, _)) = running {
            link.end(why);
        }
    }

    /// Tells the worker to stop what it does; what it was asked is answered with what there is.
    pub fn cancel(self) {
        self.tell(Request::Cancel(None));
    }

    /// Sends what has no answer to the worker, if one runs.
    pub fn tell(self, request: Request) {
        self.worker.with_value(|worker| {
            if let Some((link, _)) = worker {
                link.tell(request);
            }
        });
    }

    /// The name of the model that is loaded (tracked); empty where none is.
    pub fn model_name(self) -> String {
        self.source
            .loaded
            .with(|loaded| loaded.as_ref().map(|loaded| loaded.card.name.clone()).unwrap_or_default())
    }

    /// For tests: the tokens that the model would choose behind each position of a text from `skip` on.
    pub async fn choices(self, tokens: Vec<u32>, skip: usize) -> Result<Vec<u32>, AppError> {
        match self.ask(None, LanguageRequest::Choose { tokens, skip }, Vec::new(), None).await? {
            LanguageResponse::Chosen(chosen) => Ok(chosen),
            _ => Err(unexpected()),
        }
    }

    /// Takes the model out of memory.
    pub fn unload(self) {
        self.end("the model was unloaded");
    }

    fn clear_notice(self) {
        self.notices.clear(self.subject);
    }

    /// A worker crashed, or its GPU is gone. The chat stays as it is, and a person decides how to go on.
    fn lost(self, link: &Rc<Link>, error: &AppError) {
        let is_current = self
            .worker
            .with_value(|worker| worker.as_ref().is_some_and(|(running, _)| Rc::ptr_eq(running, link)));
        if !is_current {
            return;
        }
        let loaded = self.source.loaded.get_untracked();
        let was_writing = self.talk.writing.with_untracked(Option::is_some);
        self.end(&error.message);
        // A model that was being loaded: who loads it hears of it.
        let Some(loaded) = loaded else { return };
        let on_gpu = loaded.device == Device::WebGpu;
        let happened = if error.problem == Problem::DeviceLost {
            "The graphics device went away".to_owned()
        } else {
            format!("The language model's engine crashed: {}", error.message)
        };
        let (kept, label) = match (was_writing, on_gpu) {
            (true, true) => ("The text so far stays. The CPU can go on with it.", "Go on with the CPU"),
            (true, false) => {
                ("The text so far stays. It can be loaded again and go on.", "Load again and go on")
            }
            (false, true) => ("Nothing written is lost. The CPU can take over.", "Load on the CPU"),
            (false, false) => ("Nothing written is lost.", "Load again"),
        };
        let go_on = Callback::new(move |()| {
            spawn_local(async move {
                if self.load_again(Device::Cpu).await && was_writing {
                    self.go_on();
                }
            });
        });
        self.notices.show(Notice {
            subject: self.subject,
            message: format!("{happened}{}.", if was_writing { ", in the middle of an answer" } else { "" }),
            remedy: kept.to_owned(),
            action: Some((label, go_on)),
        });
    }
}

/// The language model of this page.
pub fn use_language() -> Language {
    expect_context()
}
