//! A character that breaks special tokens in messages apart, and is gone before they are tokenized.

use super::super::added::Added;
use super::Role;
use std::borrow::Cow;

/// The character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guard(char);

impl Guard {
    /// A noncharacter (Unicode, section 23.7: for a program's own use) that occurs in none of the texts.
    pub(super) fn absent_from<'text>(texts: impl Iterator<Item = &'text str> + Clone) -> Option<Self> {
        ('\u{FDD0}'..='\u{FDEF}').find(|guard| texts.clone().all(|text| !text.contains(*guard))).map(Self)
    }

    /// Puts one behind the first character of everything in the text that reads like an added token. Of what the
    /// assistant said, only control tokens count.
    pub(super) fn put_into(self, text: &str, role: Role, added: &Added) -> String {
        let mut guarded = String::with_capacity(text.len());
        for (at, character) in text.char_indices() {
            guarded.push(character);
            let tail = text.get(at..).unwrap_or_default();
            if added.starts(tail).any(|token| token.special || role != Role::Assistant) {
                guarded.push(self.0);
            }
        }
        guarded
    }

    pub(super) fn take_out_of(self, text: &str) -> Cow<'_, str> {
        if text.contains(self.0) { Cow::Owned(text.replace(self.0, "")) } else { Cow::Borrowed(text) }
    }
}
