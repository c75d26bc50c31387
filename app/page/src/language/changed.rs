//! A question answered once more with something replaced, beside the answer as it is.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::asking::{Asked, Origin, Question};
use protocol::language::{LanguageRequest, LanguageResponse, LookRequest, TextOf};

use super::Language;
use crate::client::unexpected;
use crate::focus;

/// Likely tokens that are shown where two texts part.
const SHOWN: usize = 5;

/// Likely tokens and their probabilities, the likeliest first.
pub type Likely = Vec<(String, f32)>;

/// Where two texts of one question part.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// The first token that differs, counted from 0.
    pub token: usize,
    /// What was likeliest there, as it is and with something replaced.
    pub likely: (Likely, Likely),
}

/// A question's text as tokens, and how many of them are the question.
pub fn tokens_of(asked: &Asked) -> (Vec<String>, usize) {
    let question = asked.tokens.iter().take_while(|(_, origin)| *origin == Origin::Question);
    (asked.tokens.iter().map(|(text, _)| text.clone()).collect(), question.count())
}

/// The first token in which two texts differ; `None` where they are the same.
pub fn parting(plain: &Asked, changed: &Asked) -> Option<usize> {
    let same = plain.tokens.iter().zip(&changed.tokens).take_while(|(a, b)| a == b).count();
    (same < plain.tokens.len().max(changed.tokens.len())).then_some(same)
}

impl Language {
    /// Asks the shown question again with what is replaced now. The answer as it is stays.
    pub fn ask_changed(self) {
        let asking = self.asking;
        let Some(asked) = asking.asked.get_untracked() else { return };
        let interventions = self.inside.off.get_untracked();
        let is_busy = untrack(|| asking.is_busy()) || asking.asks_alone.get_untracked();
        // Of a model that was loaded since, or a chat it has read since, nothing would be compared with this answer.
        let is_there = untrack(|| self.inside.has_question());
        if is_busy || interventions.is_empty() || !is_there || !untrack(|| self.source.is_ready()) {
            return;
        }
        let held = focus::held();
        let is_newest = asking.is_newest_now();
        asking.failure.set(None);
        asking.asks_changed.set(true);
        let question = Question { interventions, ..asked.question.clone() };
        spawn_local(async move {
            let answer = self.ask(None, LanguageRequest::Ask(question), Vec::new(), None).await;
            let changed = match answer {
                // Somebody has asked something else since, or wants it no more.
                _ if !is_newest() => None,
                Ok(LanguageResponse::Asked(changed)) => Some(Arc::<Asked>::from(changed)),
                other => {
                    asking.failure.set(Some(other.err().unwrap_or_else(unexpected)));
                    None
                }
            };
            if let Some(changed) = changed {
                let parting = self.parting_of(&asked, &changed).await;
                if is_newest() {
                    asking.parting.set(parting);
                    asking.changed.set(Some(changed));
                    if self.inside.of_changed.get_untracked() {
                        self.look_into(true);
                    }
                    held.hand_to("changed");
                }
            }
            asking.asks_changed.set(false);
        });
    }

    /// Forgets the answer with something replaced, and what was.
    pub fn undo_changes(self) {
        if self.asking.asks_changed.get_untracked() {
            self.asking.is_newer();
            self.cancel();
        }
        self.look_into(false);
        self.asking.changed.set(None);
        self.asking.parting.set(None);
        self.inside.off.set(Vec::new());
    }

    /// Looks into one of the two answers.
    pub fn look_into(self, of_changed: bool) {
        let of = if of_changed { self.asking.changed } else { self.asking.asked };
        let Some(asked) = of.get_untracked().filter(|_| untrack(|| self.inside.has_question())) else {
            return;
        };
        let at = self.inside.at.get_untracked();
        let (tokens, first) = tokens_of(&asked);
        self.inside.read_question(tokens, first, true);
        self.inside.look_at(at);
        self.inside.of_changed.set(of_changed);
    }

    /// Where two texts part, with what was likeliest there. `None` where they do not, or it cannot be told.
    pub(super) async fn parting_of(self, plain: &Asked, changed: &Asked) -> Option<Parting> {
        let token = parting(plain, changed)?;
        let likely = async |of| {
            let request = LookRequest {
                position: token.checked_sub(1)?,
                layer: 0,
                top: SHOWN,
                stations: false,
                interventions: Vec::new(),
                of,
            };
            match self.ask(None, LanguageRequest::Look(request), Vec::new(), None).await {
                Ok(LanguageResponse::Look(look)) => look.lens.last().cloned(),
                _ => None,
            }
        };
        Some(Parting { token, likely: (likely(TextOf::Question).await?, likely(TextOf::Changed).await?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> Asked {
        let tokens = words.iter().map(|word| ((*word).to_owned(), Origin::Model)).collect();
        Asked { tokens, ..Asked::default() }
    }

    #[test]
    fn texts_part_where_they_first_differ() {
        let text = said(&["1", "3", "2"]);
        assert_eq!(parting(&text, &said(&["1", "3", "2"])), None);
        assert_eq!(parting(&text, &said(&["1", "4", "2"])), Some(1));
        assert_eq!(parting(&text, &said(&["1", "3"])), Some(2));
        assert_eq!(parting(&said(&[]), &text), Some(0));
    }
}
