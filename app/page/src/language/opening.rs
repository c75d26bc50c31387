//! Opening numbers, heads, lenses and logits of the text that the model has read last.

use protocol::AppError;
use protocol::language::{LanguageRequest, LanguageResponse, OpenRequest, Opened};

use super::Language;
use leptos::prelude::*;

impl Language {
    /// Opens something of the text that is looked at, with what was replaced in it.
    ///
    /// # Errors
    /// When there is no such thing, or the worker fails.
    pub async fn open(self, what: Opened) -> Result<LanguageResponse, AppError> {
        let request = OpenRequest { what, interventions: self.replaced_in_text(), of: self.inside.text_of() };
        self.ask(None, LanguageRequest::Open(request), Vec::new(), None).await
    }

    /// What was replaced in the chat's last answer, and so in what the model keeps of it; a question's own is known.
    pub(super) fn replaced_in_text(self) -> Vec<protocol::language::Intervention> {
        if self.inside.of_question.get_untracked() {
            return Vec::new();
        }
        self.talk.turns.with_untracked(|turns| turns.last().map(|turn| turn.off.clone())).unwrap_or_default()
    }
}
