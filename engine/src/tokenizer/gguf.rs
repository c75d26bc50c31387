//! A tokenizer from the metadata of a GGUF file.
//!
//! GGUF names the way to split a text (`tokenizer.ggml.pre`) but does not describe it. What each name means is
//! a fact of llama.cpp's `src/llama-vocab.cpp` and of the models' published `tokenizer.json`.

use super::TokenizerError;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::unicode::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, SplitDelimiterBehavior};

/// What GGUF metadata says about a tokenizer; each field names its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GgufVocabulary {
    /// `tokenizer.ggml.model`: the algorithm; only `gpt2` is supported.
    pub model: String,
    /// `tokenizer.ggml.pre`: how a text is split into words; without it, `default`.
    pub pre: Option<String>,
    /// `tokenizer.ggml.tokens`: the tokens by id, in the alphabet of byte-level BPE.
    pub tokens: Vec<String>,
    /// `tokenizer.ggml.merges`: two tokens with a space between them, the earliest merged first.
    pub merges: Vec<String>,
    /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. As many as
    /// tokens, or none: all are normal.
    pub token_types: Vec<i32>,
    /// `tokenizer.ggml.bos_token_id`
    pub bos: Option<u32>,
    /// `tokenizer.ggml.eos_token_id`
    pub eos: Option<u32>,
    /// `tokenizer.ggml.eot_token_id`: ends a turn, where that is not `eos`.
    pub eot: Option<u32>,
    /// `tokenizer.ggml.add_bos_token`: whether a text begins with `bos`; without it, what the pre-tokenizer's
    /// models do.
    pub add_bos: Option<bool>,
    /// `tokenizer.ggml.add_eos_token`: whether a text ends with `eos`; without it, no.
    pub add_eos: Option<bool>,
    /// `tokenizer.chat_template`
    pub chat_template: Option<String>,
}

/// The pre-tokenizers that [`PreTokenizer::named`] knows, for messages.
pub(super) const SUPPORTED: &str = "`smollm`, `qwen2`, `llama-bpe`, `gpt-2` and `default`";

/// Token types that are matched in a text before it is split.
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;

/// English contractions, words with one leading other character, then numbers of N digits, punctuation with its
/// line ends, line ends, blanks except the one before a word. What Qwen2 and Llama 3 share.
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// How a text is split into the words that merges stay within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PreTokenizer {
    /// Digits one by one, then GPT-2's expression.
    SmolLm,
    /// Its own expression, after composing characters (NFC).
    Qwen2,
    /// Its own expression; words that are tokens are not merged at all.
    Llama3,
    /// GPT-2's expression.
    Gpt2,
    /// llama.cpp's choice for files that do not name theirs.
    Default,
}

impl PreTokenizer {
    fn named(name: &str) -> Result<Self, TokenizerError> {
        match name {
            "smollm" => Ok(Self::SmolLm),
            "qwen2" | "deepseek-r1-qwen" => Ok(Self::Qwen2),
            "llama-bpe" | "llama3" | "llama-v3" => Ok(Self::Llama3),
            "gpt-2" => Ok(Self::Gpt2),
            "default" | "" => Ok(Self::Default),
            other => Err(TokenizerError::UnsupportedPreTokenizer(other.to_owned())),
        }
    }

    fn build(self) -> Result<PreTokenizerWrapper, TokenizerError> {
        let bytes = |use_regex| PreTokenizerWrapper::from(ByteLevel::new(false, true, use_regex));
        let parts = match self {
            Self::SmolLm => vec![Digits::new(true).into(), bytes(true)],
            Self::Qwen2 => vec![isolated(QWEN2)?, bytes(false)],
            Self::Llama3 => vec![isolated(LLAMA3)?, bytes(false)],
            Self::Gpt2 => vec![bytes(true)],
            Self::Default => vec![
                isolated(r"[\p{P}\$\+<=>\^~\|]+")?,
                isolated(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")?,
                isolated(r"\p{N}+")?,
                isolated("[0-9][0-9][0-9]")?,
                bytes(false),
            ],
        };
        Ok(Sequence::new(parts).into())
    }
}

/// Each match is a word, and so is what lies between matches.
fn isolated(expression: &str) -> Result<PreTokenizerWrapper, TokenizerError> {
    let pattern = SplitPattern::Regex(expression.to_owned());
    Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
        .map(Into::into)
        .map_err(|error| TokenizerError::Encode(error.to_string()))
}

impl GgufVocabulary {
    /// Whether a text begins with `bos`.
    pub(super) fn begins_with_bos(&self) -> bool {
        self.add_bos.unwrap_or_else(|| {
            self.pre.as_deref().is_some_and(|pre| PreTokenizer::named(pre) == Ok(PreTokenizer::Llama3))
        })
    }

    /// Every id names a token.
    pub(super) fn check(&self) -> Result<(), TokenizerError> {
        let count = self.tokens.len();
        if !self.token_types.is_empty() && self.token_types.len() != count {
            let types = self.token_types.len();
            return Err(TokenizerError::Vocabulary(format!("{count} tokens have {types} types")));
        }
        for (name, id) in [("bos", self.bos), ("eos", self.eos), ("eot", self.eot)] {
            let outside = |id: &u32| usize::try_from(*id).map_or(true, |id| id >= count);
            if let Some(id) = id.filter(outside) {
                return Err(TokenizerError::Vocabulary(format!("{name} is token {id} of {count}")));
            }
        }
        Ok(())
    }

    /// The library's tokenizer with the same tokens.
    pub(super) fn build(&self) -> Result<tokenizers::Tokenizer, TokenizerError> {
        if self.model != "gpt2" {
            return Err(TokenizerError::UnsupportedModel(self.model.clone()));
        }
        let pre = PreTokenizer::named(self.pre.as_deref().unwrap_or("default"))?;
        self.check()?;
        let mut vocabulary = Vocab::default();
        for (id, token) in (0..).zip(&self.tokens) {
            vocabulary.entry(token.clone()).or_insert(id);
        }
        let merges: Result<Vec<_>, _> = self.merges.iter().map(|merge| pair(merge)).collect();
        let model = BPE::builder()
            .vocab_and_merges(vocabulary, merges?)
            .ignore_merges(pre == PreTokenizer::Llama3)
            .build()
            .map_err(|error| TokenizerError::Vocabulary(error.to_string()))?;
        let mut tokenizer = tokenizers::Tokenizer::new(model);
        let broken = |error: tokenizers::Error| TokenizerError::Vocabulary(error.to_string());
        if pre == PreTokenizer::Qwen2 {
            tokenizer.with_normalizer(Some(NFC)).map_err(broken)?;
        }
        tokenizer.with_pre_tokenizer(Some(pre.build()?));
        tokenizer.with_decoder(Some(ByteLevel::default()));
        tokenizer.add_tokens(self.added()).map_err(broken)?;
        Ok(tokenizer)
    }

    /// The tokens that stand in a text as they are.
    fn added(&self) -> Vec<AddedToken> {
        let typed = self.tokens.iter().zip(&self.token_types);
        typed
            .filter(|(_, kind)| [CONTROL, USER_DEFINED].contains(kind))
            .map(|(token, kind)| AddedToken::from(token.as_str(), *kind == CONTROL).normalized(false))
            .collect()
    }
}

/// The two tokens of a merge; in the alphabet of byte-level BPE no token contains a space.
fn pair(merge: &str) -> Result<(String, String), TokenizerError> {
    match merge.split_once(' ') {
        Some((first, second)) if !first.is_empty() && !second.is_empty() => {
            Ok((first.to_owned(), second.to_owned()))
        }
        _ => Err(TokenizerError::Vocabulary(format!("`{merge}` is no merge of two tokens"))),
    }
}
