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
    pub(super) fn split<'text>(&self, text: &'text str) -> Vec<Piece<'text>> {
        let mut pieces = Vec::new();
        // Where the rest begins in the text, and where in the rest a token is looked for.
        let (mut start, mut from) = (0, 0);
        while let Some(tail) = text.get(start + from..).filter(|tail| !tail.is_empty()) {
            let Some(token) = self.starts(tail).next() else {
                from += tail.chars().next().map_or(1, char::len_utf8);
                continue;
            };
            let (before, after) = token.strips;
            let at = start + from;
            let piece = text.get(start..at).unwrap_or_default();
            let piece = if before { piece.trim_end() } else { piece };
            pieces.push(Piece { start, text: piece, token: Some((token.id, at)) });
            let behind = tail.get(token.text.len()..).unwrap_or_default();
            let blanks = if after { behind.len() - behind.trim_start().len() } else { 0 };
            (start, from) = (at + token.text.len() + blanks, 0);
        }
        pieces.push(Piece { start, text: text.get(start..).unwrap_or_default(), token: None });
        pieces
    }
}

/// A part of a text without any added token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'text> {
    /// Bytes of the text before it.
    pub(super) start: usize,
    /// The part.
    pub(super) text: &'text str,
    /// The added token behind it, and the bytes of the text before that.
    pub(super) token: Option<(u32, usize)>,
}
