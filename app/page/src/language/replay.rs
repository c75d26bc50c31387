//! A question's run as a trace file, and a file's question asked again.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::AppError;
use protocol::asking::Choice;
use protocol::language::{LanguageRequest, LanguageResponse, TextOf};
use protocol::trace::{Difference, Replayed};
use web_sys::File;

use super::Language;
use super::asking::{Coming, Rule};
use crate::client::unexpected;

impl Language {
    /// A question's run as a trace file's text.
    ///
    /// # Errors
    /// When the worker cannot.
    pub async fn write_trace(self, of: TextOf) -> Result<String, AppError> {
        match self.ask(None, LanguageRequest::WriteTrace(of), Vec::new(), None).await? {
            LanguageResponse::Trace(text) => Ok(text),
            _ => Err(unexpected()),
        }
    }

    /// A file's question is to be asked as soon as the model is there: what was asked before is stopped.
    pub fn expect(self, text: &str) {
        let asking = self.asking;
        let is_busy = untrack(|| asking.is_busy()) || asking.asks_alone.get_untracked();
        asking.is_newer();
        if is_busy {
            self.cancel();
        }
        asking.waits.set(false);
        asking.failure.set(None);
        asking.alone.set(None);
        asking.draft.set(text.to_owned());
        asking.coming.set(Some(Coming { question: text.to_owned(), ..Coming::default() }));
    }

    /// The model of a file's question does not come.
    pub fn expect_no_more(self, error: &AppError) {
        self.asking.coming.set(None);
        self.asking.failure.set(Some(error.clone()));
    }

    /// Asks a file's question again and shows it: where both differ first, if they do. `None` when something else was asked since.
    pub async fn replay(self, file: File, text: String) -> Option<Result<Option<Difference>, AppError>> {
        let asking = self.asking;
        self.expect(&text);
        let is_newest = asking.is_newest_now();
        let on_progress = asking.takes(is_newest);
        let answer = self.ask(None, LanguageRequest::Replay, vec![file], Some(Box::new(on_progress))).await;
        if !is_newest() {
            return None;
        }
        asking.coming.set(None);
        let Replayed { asked, changed, difference } = match answer {
            Ok(LanguageResponse::Replayed(replayed)) => *replayed,
            other => {
                let error = other.err().unwrap_or_else(unexpected);
                // There is nothing else to see.
                if asking.asked.with_untracked(Option::is_none) {
                    asking.failure.set(Some(error.clone()));
                }
                return Some(Err(error));
            }
        };
        asking.rule.set(match asked.question.choice {
            Choice::Trained => Rule::Weights,
            Choice::Original => Rule::Original,
            Choice::Tap(tap) => Rule::Tap(tap),
        });
        asking.weights.set(asked.question.weights.clone());
        self.show(Box::new(asked), false);
        if let (Some(changed), Some(asked)) = (changed, asking.asked.get_untracked()) {
            self.inside.off.set(changed.question.interventions.clone());
            let parting = self.parting_of(&asked, &changed).await;
            if is_newest() {
                asking.parting.set(parting);
                asking.changed.set(Some(Arc::new(changed)));
            }
        }
        Some(Ok(difference))
    }
}
