//! Why a tokenizer cannot be built, and why a text cannot be tokenized.

/// A tokenizer that cannot be built, or a text that it does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenizerError {
    /// Safetensors hold no tokenizer, and none was given.
    #[error("there is no tokenizer.json beside the weights")]
    Missing,
    /// The file is no `tokenizer.json` that the `tokenizers` library reads.
    #[error("this is no tokenizer.json: {0}")]
    Json(String),
    /// The file is no `tokenizer_config.json`.
    #[error("this is no tokenizer_config.json: {0}")]
    Config(String),
    /// The tokenizer is of another kind.
    #[error("the tokenizer is not byte-level BPE, the only kind supported: {0}")]
    NotByteLevel(String),
    /// `tokenizer.ggml.model` names another algorithm.
    #[error("the file's tokenizer is `{0}`; only `gpt2` (byte-level BPE) is supported")]
    UnsupportedModel(String),
    /// `tokenizer.ggml.pre` names another way to split a text into words.
    #[error("the file's pre-tokenizer is `{0}`; supported are {supported}", supported = super::gguf::SUPPORTED)]
    UnsupportedPreTokenizer(String),
    /// The tokens, merges or ids contradict each other.
    #[error("the tokenizer's vocabulary is broken: {0}")]
    Vocabulary(String),
    /// The text is longer than any model's context.
    #[error("the text has {bytes} bytes; at most {limit} can be tokenized")]
    TextTooLong {
        /// Bytes in the text.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The text has a run of blanks that the regular expressions do not get through.
    #[error("the text has {run} blanks in a row; at most {limit} can be tokenized")]
    TooManyBlanks {
        /// Bytes in the run.
        run: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The `tokenizers` library gives up on a text.
    #[error("the text cannot be tokenized: {0}")]
    Encode(String),
}
