//! Text ⇄ tokens, and chats as text.
//!
//! A [`Tokenizer`] is byte-level BPE by the `tokenizers` library, from a `tokenizer.json` or from GGUF metadata
//! ([`GgufVocabulary`]). The library's regular expressions are the pure-Rust ones on every platform, and its ids
//! are compared with the Python library's, natively and in WebAssembly (`tests/tokenizer`).
//!
//! Three things are done here and not by the library:
//! - *Bytes.* Every token is known as its bytes, so that [`TextStream`] can give whole characters while tokens
//!   arrive, and a token that is half a character can be shown.
//! - *Special tokens in a user's text.* [`Special::AsText`] passes by every added token. In a chat, the
//!   template's `<|im_start|>` is a token and the same characters in a message are not; see [`chat`].
//! - *Chat templates*, rendered from the file's own or built in; see [`chat`].
//!
//! A byte that the vocabulary has no token for is left out, as the reference does (SmolLM2 lacks some control
//! characters and some first bytes of rare scripts).

mod added;
mod bytes;
pub mod chat;
mod error;
mod gguf;
mod stream;

pub use error::TokenizerError;
pub use gguf::GgufVocabulary;
pub use stream::TextStream;

use added::{Added, Piece};
use bytes::{Pieces, character_of};
use chat::Prompt;
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;
use tokenizers::decoders::DecoderWrapper;
use tokenizers::tokenizer::normalizer::NormalizedString;
use tokenizers::tokenizer::pre_tokenizer::PreTokenizedString;
use tokenizers::{Encoding, Model, Normalizer, OffsetType, PreTokenizer};

/// Bytes in a text to tokenize: some hundred thousand tokens, more than the context of any model that runs here.
pub const TEXT_LIMIT: usize = 2 << 20;

/// Bytes of blanks in a row. Beyond some hundred thousand the regular-expression engine gives up, and the
/// library would go on with other tokens.
const BLANKS_LIMIT: usize = 200_000;

/// Tokens that end an answer in the model families that run here, whatever the metadata calls them.
const ENDS: [&str; 6] =
    ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "</s>"];

/// Whether a text may contain special tokens such as `<|im_end|>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// Their characters become the token: for what the program itself wrote.
    Parse,
    /// Their characters are a text like any other: for what somebody typed.
    AsText,
}

/// What a decoded text shows of special tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All tokens.
    All,
    /// All but control tokens such as `<|im_end|>`. `<think>` is no control token.
    WithoutSpecial,
}

/// Byte-level BPE: text to token ids and back.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    library: tokenizers::Tokenizer,
    pieces: Pieces,
    added: Added,
    /// Ids around every text that is asked for with its special tokens.
    before: Vec<u32>,
    after: Vec<u32>,
    bos: Option<u32>,
    eos: Option<u32>,
    /// Ids that end an answer, `eos` first.
    ends: Vec<u32>,
    chat_template: Option<String>,
}

impl Tokenizer {
    /// From the contents of a `tokenizer.json`.
    ///
    /// It names neither the end of a text nor the chat template: see [`with_config`](Self::with_config).
    ///
    /// # Errors
    /// When it cannot be read, or is not byte-level BPE.
    pub fn from_json(json: &[u8]) -> Result<Self, TokenizerError> {
        let mut library = tokenizers::Tokenizer::from_bytes(json)
            .map_err(|error| TokenizerError::Json(error.to_string()))?;
        if !matches!(library.get_decoder(), Some(DecoderWrapper::ByteLevel(_))) {
            return Err(TokenizerError::NotByteLevel("its decoder is another one".to_owned()));
        }
        // Both belong to training; a text is tokenized whole.
        library.with_padding(None);
        library.with_truncation(None).map_err(|error| TokenizerError::Json(error.to_string()))?;

        let size = library.get_vocab(true).into_values().max().map_or(0, |id| id.saturating_add(1));
        // Ids are dense in every real file; one stray id must not allocate gigabytes.
        if usize::try_from(size).map_or(true, |size| size > 2 * json.len()) {
            return Err(TokenizerError::Vocabulary(format!("an id is {}", size.saturating_sub(1))));
        }
        let tokens = (0..size).map(|id| library.id_to_token(id).unwrap_or_default());
        let mut this = Self::assemble(library.clone(), tokens);
        (this.before, this.after) = affixes(&library)?;
        Ok(this)
    }

    /// It as a `tokenizer.json`.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        self.library.to_string(false).map_err(|error| TokenizerError::Json(error.to_string()))
    }

    /// Adds what a `tokenizer_config.json` says: the ids of `bos_token` and `eos_token`, and the chat template.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn with_config(mut self, json: &[u8]) -> Result<Self, TokenizerError> {
        let broken = |error: String| TokenizerError::Config(error);
        let config: Value = serde_json::from_slice(json).map_err(|error| broken(error.to_string()))?;
        let config = config.as_object().ok_or_else(|| broken("it is no object".to_owned()))?;
        let id = |key: &str| {
            let token = config.get(key)?;
            let text = token.as_str().or_else(|| token.get("content")?.as_str())?;
            self.id_of(text)
        };
        (self.bos, self.eos) = (id("bos_token").or(self.bos), id("eos_token").or(self.eos));
        self.chat_template = config.get("chat_template").and_then(template_of).or(self.chat_template);
        self.find_ends(None);
        Ok(self)
    }

    /// From the metadata of a GGUF file.
    ///
    /// # Errors
    /// When the algorithm or the pre-tokenizer is another one, or the vocabulary contradicts itself.
    pub fn from_gguf(vocabulary: GgufVocabulary) -> Result<Self, TokenizerError> {
        let library = vocabulary.build()?;
        let (bos, eos, eot) = (vocabulary.bos, vocabulary.eos, vocabulary.eot);
        let begins = vocabulary.begins_with_bos();
        let mut this = Self::assemble(library, vocabulary.tokens.into_iter());
        this.before = bos.filter(|_| begins).into_iter().collect();
        this.after = eos.filter(|_| vocabulary.add_eos == Some(true)).into_iter().collect();
        (this.bos, this.eos, this.chat_template) = (bos, eos, vocabulary.chat_template);
        this.find_ends(eot);
        Ok(this)
    }

    fn assemble(library: tokenizers::Tokenizer, tokens: impl Iterator<Item = String>) -> Self {
        let added = Added::of(&library);
        let mut pieces = Pieces::default();
        for (id, token) in (0..).zip(tokens) {
            match added.get(id) {
                Some(special) => pieces.push_text(&special.text),
                None => pieces.push_encoded(&token),
            }
        }
        let (before, after) = Default::default();
        let mut this = Self {
            library,
            pieces,
            added,
            before,
            after,
            bos: None,
            eos: None,
            ends: vec![],
            chat_template: None,
        };
        this.find_ends(None);
        this
    }

    fn find_ends(&mut self, eot: Option<u32>) {
        let known = ENDS.iter().filter_map(|text| self.added.id_of(text));
        let mut ends: Vec<u32> = self.eos.into_iter().chain(eot).collect();
        for id in known {
            if !ends.contains(&id) {
                ends.push(id);
            }
        }
        self.ends = ends;
    }

    /// The ids of a text. `add_special` puts those before and after it that the model expects around a text
    /// (often none; never in a chat, whose template writes its own).
    ///
    /// # Errors
    /// When the text is longer than [`TEXT_LIMIT`], or has hundreds of thousands of blanks in a row.
    pub fn encode(
        &self,
        text: &str,
        special: Special,
        add_special: bool,
    ) -> Result<Vec<u32>, TokenizerError> {
        check_length(text)?;
        let ids = match special {
            Special::Parse => {
                let encoding = self.library.encode_fast(text, false);
                encoding.map_err(|error| TokenizerError::Encode(error.to_string()))?.get_ids().to_vec()
            }
            Special::AsText => self.encode_plain(text)?,
        };
        if !add_special {
            return Ok(ids);
        }
        Ok(self.before.iter().chain(&ids).chain(&self.after).copied().collect())
    }

    /// The ids of a rendered chat: special tokens where the template wrote them, text where a message did.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_prompt(&self, prompt: &Prompt) -> Result<Vec<u32>, TokenizerError> {
        Ok(self.encode_prompt_places(prompt)?.into_iter().map(|(id, _)| id).collect())
    }

    /// The same, each id with the bytes of [`Prompt::text`] that it stands for. A token that is a part of a character
    /// stands for all of it.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_prompt_places(&self, prompt: &Prompt) -> Result<Vec<(u32, Range<usize>)>, TokenizerError> {
        check_length(prompt.guarded())?;
        let mut found = Vec::new();
        // Bytes of guards so far, which the text is without.
        let mut guards = 0;
        for Piece { start, text, token } in self.added.split(prompt.guarded()) {
            let piece = prompt.unguarded(text);
            let first = start.saturating_sub(guards);
            let encoding = self.encode_piece(&piece, OffsetType::Byte)?;
            let places = encoding.get_ids().iter().zip(encoding.get_offsets());
            found.extend(places.map(|(&id, &(start, end))| (id, first + start..first + end)));
            guards += text.len() - piece.len();
            if let Some((id, at)) = token {
                let at = at.saturating_sub(guards);
                let len = self.bytes_of(id).map_or(0, <[u8]>::len);
                found.push((id, at..at + len));
            }
        }
        Ok(found)
    }

    fn encode_plain(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        Ok(self.encode_piece(text, OffsetType::None)?.get_ids().to_vec())
    }

    /// The library's steps without the first, which looks for added tokens.
    fn encode_piece(&self, text: &str, offsets: OffsetType) -> Result<Encoding, TokenizerError> {
        if text.is_empty() {
            return Ok(Encoding::default());
        }
        let steps = || {
            let mut normalized = NormalizedString::from(text);
            if let Some(normalizer) = self.library.get_normalizer() {
                normalizer.normalize(&mut normalized)?;
            }
            let mut words = PreTokenizedString::from(normalized);
            if let Some(pre_tokenizer) = self.library.get_pre_tokenizer() {
                pre_tokenizer.pre_tokenize(&mut words)?;
            }
            words.tokenize(|word| self.library.get_model().tokenize(word.get()))?;
            words.into_encoding(None, 0, offsets)
        };
        let encoding: tokenizers::Result<Encoding> = steps();
        encoding.map_err(|error| TokenizerError::Encode(error.to_string()))
    }

    /// The text of some ids. What is no UTF-8 becomes U+FFFD; ids that name no token become nothing (a model can
    /// have more logits than its vocabulary has tokens).
    pub fn decode(&self, ids: &[u32], shown: Shown) -> String {
        let visible = ids.iter().filter(|id| shown == Shown::All || !self.is_special(**id));
        let bytes: Vec<u8> = visible.filter_map(|id| self.bytes_of(*id)).flatten().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The bytes that a token stands for; they need not be whole characters.
    pub fn bytes_of(&self, id: u32) -> Option<&[u8]> {
        self.pieces.get(id)
    }

    /// A token to look at: its text, with `<0xE4>` for each byte that is only a part of a character.
    pub fn token_text(&self, id: u32) -> Option<Cow<'_, str>> {
        let bytes = self.bytes_of(id)?;
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Some(Cow::Borrowed(text));
        }
        let mut text = String::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| format!("<0x{byte:02X}>")));
        }
        Some(Cow::Owned(text))
    }

    /// The id of the token that stands for exactly this text, if there is one: `<|im_end|>`, ` the`.
    pub fn id_of(&self, text: &str) -> Option<u32> {
        let encoded = || text.bytes().map(character_of).collect::<String>();
        self.added.id_of(text).or_else(|| self.library.get_model().token_to_id(&encoded()))
    }

    /// How many ids there are, from 0. A model may have more logits than that.
    pub fn vocabulary_size(&self) -> usize {
        self.pieces.len()
    }

    /// Whether a token is a control token such as `<|im_end|>`, which is no part of an answer's text.
    pub fn is_special(&self, id: u32) -> bool {
        self.added.get(id).is_some_and(|added| added.special)
    }

    /// The tokens that are matched in a text as they stand, with their ids, in the order of ids.
    pub fn added_tokens(&self) -> impl Iterator<Item = (u32, &str)> {
        self.added.iter().map(|added| (added.id, added.text.as_str()))
    }

    /// The id that begins a text, if there is one.
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// The id that ends a text or a turn, if the file names one.
    pub fn eos(&self) -> Option<u32> {
        self.eos
    }

    /// All ids that end an answer: the file's own first, then those that such models are known to end with.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The chat template in the file's metadata, if there is one.
    pub fn chat_template(&self) -> Option<&str> {
        self.chat_template.as_deref()
    }
}

/// The ids that a `tokenizer.json` puts before and after a text, found by tokenizing one.
fn affixes(library: &tokenizers::Tokenizer) -> Result<(Vec<u32>, Vec<u32>), TokenizerError> {
    let encoding = library.encode_fast("a", true).map_err(|error| TokenizerError::Json(error.to_string()))?;
    let marked: Vec<(u32, bool)> = encoding
        .get_ids()
        .iter()
        .copied()
        .zip(encoding.get_special_tokens_mask().iter().map(|mask| *mask == 1))
        .collect();
    let special = |(_, special): &&(u32, bool)| *special;
    let before: Vec<u32> = marked.iter().take_while(special).map(|(id, _)| *id).collect();
    let mut after: Vec<u32> =
        marked.iter().skip(before.len()).rev().take_while(special).map(|(id, _)| *id).collect();
    after.reverse();
    Ok((before, after))
}

/// A chat template: a text, or a list of named ones, of which `default` is for chats.
fn template_of(value: &Value) -> Option<String> {
    let default = |templates: &Vec<Value>| {
        let is_default = |one: &&Value| one.get("name").and_then(Value::as_str) == Some("default");
        templates.iter().find(is_default)?.get("template")?.as_str().map(str::to_owned)
    };
    value.as_str().map(str::to_owned).or_else(|| default(value.as_array()?))
}

fn check_length(text: &str) -> Result<(), TokenizerError> {
    if text.len() > TEXT_LIMIT {
        return Err(TokenizerError::TextTooLong { bytes: text.len(), limit: TEXT_LIMIT });
    }
    let words = text.split(|character: char| !character.is_whitespace());
    match words.map(str::len).max() {
        Some(run) if run > BLANKS_LIMIT => Err(TokenizerError::TooManyBlanks { run, limit: BLANKS_LIMIT }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
