//! Added tokens: those that are matched in a text as they stand, before it is split into words.

use std::collections::BTreeMap;

/// One added token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AddedToken {
    pub(super) id: u32,
    /// Never empty.
    pub(super) text: String,
    /// A control token, no part of an answer's text.
    pub(super) special: bool,
    /// Whether it swallows the blanks before it, and after it.
    strips: (bool, bool),
}

/// All added tokens of a tokenizer.
#[derive(Clone, Debug, Default)]
pub(super) struct Added {
    by_id: BTreeMap<u32, AddedToken>,
    /// Ids by the first byte of their text, the longest text first.
    by_first: BTreeMap<u8, Vec<u32>>,
}

impl Added {
    pub(super) fn of(library: &tokenizers::Tokenizer) -> Self {
        let mut this = Self::default();
        for (id, token) in library.get_added_vocabulary().get_added_tokens_decoder() {
            let (text, strips) = (token.content.clone(), (token.lstrip, token.rstrip));
            let Some(first) = text.bytes().next() else { continue };
            this.by_first.entry(first).or_default().push(*id);
            this.by_id.insert(*id, AddedToken { id: *id, text, special: token.special, strips });
        }
        let Self { by_id, by_first } = &mut this;
        for ids in by_first.values_mut() {
            ids.sort_by_key(|id| (std::cmp::Reverse(by_id.get(id).map_or(0, |token| token.text.len())), *id));
        }
        this
    }

    pub(super) fn get(&self, id: u32) -> Option<&AddedToken> {
        self.by_id.get(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AddedToken> {
        self.by_id.values()
    }

    pub(super) fn id_of(&self, text: &str) -> Option<u32> {
        let first = text.bytes().next()?;
        let ids = self.by_first.get(&first)?;
        ids.iter().copied().find(|id| self.by_id.get(id).is_some_and(|token| token.text == text))
    }

    /// The tokens that a text begins with, the longest first.
    pub(super) fn starts(&self, text: &str) -> impl Iterator<Item = &AddedToken> {
        let first = text.bytes().next();
        let ids = first.and_then(|first| self.by_first.get(&first)).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id)).filter(move |token| text.starts_with(&token.text))
    }

    /// A text as pieces without any added token, each followed by one; the last is followed by none.
    pub(super) fn split<'text>(&self, text: &'text str) -> Vec<(&'text str, Option<u32>)> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut from = 0;
        while let Some(tail) = rest.get(from..).filter(|tail| !tail.is_empty()) {
            let Some(token) = self.starts(tail).next() else {
                from += tail.chars().next().map_or(1, char::len_utf8);
                continue;
            };
            let (before, after) = token.strips;
            let piece = rest.get(..from).unwrap_or_default();
            pieces.push((if before { piece.trim_end() } else { piece }, Some(token.id)));
            let behind = tail.get(token.text.len()..).unwrap_or_default();
            rest = if after { behind.trim_start() } else { behind };
            from = 0;
        }
        pieces.push((rest, None));
        pieces
    }
}
