//! Where in the last run one looks: going to an instruction, a line or what is searched for, and asking for the machine's state there.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::machine::{Find, MachineRequest, MachineResponse, MachineRun};

use super::{Full, Goal};

impl Full {
    /// Looks behind so many instructions.
    pub fn go_to(self, instructions: u64) {
        self.search_news.set(String::new());
        self.at.set(instructions.min(untrack(|| self.instructions())));
    }

    /// Looks some instructions further, or back.
    pub fn step(self, by: i64) {
        self.go_to(self.at.get_untracked().saturating_add_signed(by));
    }

    /// Goes on to the next time that a line is reached; from the start where it is not reached any more. A text that was not run is run
    /// first.
    pub fn run_to(self, line: usize) {
        self.marked.set(Some(line));
        if self.run.with_untracked(Option::is_none) || self.ran.with_untracked(|ran| *ran != self.call()) {
            self.start_to(Goal::Line(line));
            return;
        }
        spawn_local(async move {
            let what = Find::Line(line);
            let at = self.at.get_untracked();
            // The instruction that is next stands where one already is.
            let is_there = self.state.with_untracked(|state| {
                let state = state.as_ref().filter(|state| state.instructions == at);
                state.and_then(|state| state.span).is_some_and(|span| span.line == line)
            });
            let behind = if is_there { at + 1 } else { at };
            let again = self.found(behind, false, what.clone()).await;
            match again {
                Some(Some(found)) => self.go_to(found),
                Some(None) => match self.found(0, false, what).await {
                    Some(Some(first)) => {
                        self.go_to(first);
                        self.search_news
                            .set(format!("Line {line} is not reached again: this is the first time."));
                    }
                    _ => self.search_news.set(format!("Line {line} is never reached.")),
                },
                None => {}
            }
        });
    }

    /// Looks for an instruction from here on, or back from here.
    pub fn find(self, back: bool, what: Find) {
        spawn_local(async move {
            let at = self.at.get_untracked();
            // What is next is where one is.
            let behind = if back { at } else { at + 1 };
            match self.found(behind, back, what).await {
                Some(Some(found)) => self.go_to(found),
                Some(None) => self
                    .search_news
                    .set(if back { "There is none before." } else { "There is none behind." }.to_owned()),
                None => {}
            }
        });
    }

    async fn found(self, behind: u64, back: bool, what: Find) -> Option<Option<u64>> {
        match self.ask(MachineRequest::Find { behind, back, what }).await {
            Ok(MachineResponse::Found(found)) => Some(found),
            Ok(_) => None,
            Err(error) => {
                self.failure.set(Some(error));
                None
            }
        }
    }

    /// Looks at the instruction that a position of the sequence belongs to.
    pub fn go_to_position(self, position: u32) {
        spawn_local(async move {
            if let Ok(MachineResponse::Before(instructions)) =
                self.ask(MachineRequest::Before { position }).await
            {
                self.go_to(instructions);
            }
        });
    }

    /// What is wanted on screen (tracked): a run, where in it, and which memory.
    pub(super) fn wanted(self) -> Option<(Arc<MachineRun>, u64, Option<u64>)> {
        Some((self.run.get()?, self.at.get(), self.memory.get()))
    }

    /// Asks for states until the one on screen is the wanted one; those passed over meanwhile are never asked for.
    pub(super) fn look(self) {
        if self.looking.get_value() {
            return;
        }
        self.looking.set_value(true);
        spawn_local(async move {
            while let Some((run, instructions, memory)) = untrack(|| self.wanted()) {
                let answer = self.ask(MachineRequest::Look { instructions, memory }).await;
                let state = match answer {
                    Ok(MachineResponse::State(state)) => Some(Arc::from(state)),
                    _ => None,
                };
                let failed = state.is_none();
                self.state.set(state);
                let same = untrack(|| self.wanted()).is_some_and(|(now, at, window)| {
                    Arc::ptr_eq(&now, &run) && (at, window) == (instructions, memory)
                });
                if same || failed {
                    break;
                }
            }
            self.looking.set_value(false);
        });
    }
}
