//! What the page asks of a language model, and what it hears.
//!
//! A language model has a worker of its own (the same modules, a second instance): it may be busy, crash or run out of
//! memory without the interpreter, and ending that worker gives its memory back. Its first request is [`Load`]
//! or one about the cache; it needs no `Start`.
//!
//! Files that a person chose go beside the message, `{ request: Uint8Array, files: File[] }`: a browser hands a `File`
//! over by structured clone, and nothing of it is read before the worker asks.
//!
//! [`Load`]: LanguageRequest::Load

use engine::interpreter::Device;
use engine::xray::{Attribution, Explanation, Peak, Survey, Written};
use serde::{Deserialize, Serialize};

use crate::SelfTest;
use crate::asking::{Asked, Asking, OnFull, Question, Story, World};
pub use crate::looking::{
    Intervention, LensOfText, Look, LookRequest, OpenRequest, Opened, Part, Replacement, Station, TextOf,
};
use crate::trace::Replayed;

/// What the page asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LanguageRequest {
    /// What this browser keeps. Answers [`LanguageResponse::Kept`].
    Kept,
    /// Deletes a kept model, or what is there of it. Answers [`LanguageResponse::Kept`].
    Delete {
        /// Its key.
        key: String,
    },
    /// Reads the headers of a model: what it is, and what it would need. Answers [`LanguageResponse::Card`]. Of an
    /// address only the first bytes are fetched, where its host sends parts.
    Inspect {
        /// Where it is.
        source: ModelSource,
    },
    /// Loads a model in place of the one before. Answers [`LanguageProgress`] now and then, then
    /// [`LanguageResponse::Loaded`]. `Request::Cancel` stops it: what was downloaded stays and is gone on from.
    Load {
        /// Where it is.
        source: ModelSource,
        /// How.
        options: LoadOptions,
    },
    /// Writes the next message of a chat. Answers [`LanguageProgress`] (each token as it comes), then
    /// [`LanguageResponse::Said`]. `Request::Cancel` ends the message where it is.
    Chat {
        /// The messages so far.
        messages: Vec<ChatMessage>,
        /// How.
        options: ChatOptions,
    },
    /// What the model computed where the last chat has a token: it is computed again. Answers
    /// [`LanguageProgress::Reading`] where tokens before it must be taken in first, then [`LanguageResponse::Look`].
    Look(LookRequest),
    /// Where numbers of the last chat's or question's text come from, and the whole text at a glance. The text is computed anew for
    /// the first of these requests; answers [`LanguageProgress::Reading`] meanwhile, in layers.
    Open(OpenRequest),
    /// Measures prefill and decode on a fixed text. Answers [`LanguageProgress::Reading`] now and then (of both
    /// together), then [`LanguageResponse::Speed`].
    Measure {
        /// Tokens of the prompt.
        prompt: usize,
        /// Tokens to decode behind the first, which comes of the prompt.
        tokens: usize,
    },
    /// Answers a question with programs. Answers [`LanguageProgress::Asking`] as it goes on, then
    /// [`LanguageResponse::Asked`]. A [`LanguageRequest::Look`] speaks of its text from then on.
    Ask(Question),
    /// A question's run as a trace file: as it was answered last, or as it was with something replaced. Answers
    /// [`LanguageProgress::Reading`] meanwhile, then [`LanguageResponse::Trace`].
    WriteTrace(TextOf),
    /// Asks again what the trace file beside the message says, as it says, and compares. Answers as [`LanguageRequest::Ask`] meanwhile,
    /// then [`LanguageResponse::Replayed`].
    Replay,
    /// How the published system answered 12 × 11, computed again. Needs no model. Answers [`LanguageResponse::Story`].
    Story,
    /// Has the full interpreter transformer run a program that was written. Needs no model. Answers [`LanguageResponse::OnFull`].
    /// `Request::Cancel` ends the run where it is.
    OnFull {
        /// The program as text, with its numbers.
        wat: String,
    },
    /// For tests: the tokens that the model would choose behind each position of a text, given by its tokens:
    /// forced decoding. Answers [`LanguageResponse::Chosen`].
    Choose {
        /// The text.
        tokens: Vec<u32>,
        /// Positions at the start whose choice is not asked for.
        skip: usize,
    },
}

/// Where a model is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelSource {
    /// The one that comes with the page.
    Bundled,
    /// In the files beside the message: a .gguf, or .safetensors with config.json and tokenizer.json.
    Files,
    /// At an address of the web: a .gguf, or a .safetensors (or its index) beside whose address the other files are.
    /// A hub's page about a file will do.
    Address(String),
    /// Among those kept in this browser, by its key. Loading one whose download broke off goes on with it.
    Kept(String),
}

/// How a model is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadOptions {
    /// What computes.
    pub device: Device,
    /// Weights stored as floats are brought to blocks of so many bits, 4 or 8; `None` leaves them.
    pub quantize: Option<u8>,
    /// Positions at most; the model's own limit holds besides.
    pub context: usize,
    /// Whether a chosen file is kept in this browser too. What comes from an address always is.
    pub keep: bool,
    /// Whether a model that brings no taps gets those that this site has for it.
    pub taps: bool,
}

/// What happens meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LanguageProgress {
    /// Bytes arrive.
    Fetching {
        /// Bytes there are, those of an earlier attempt among them.
        bytes: u64,
        /// Bytes there will be, if the other side said so.
        of: Option<u64>,
        /// Bytes that an earlier attempt had left.
        resumed: u64,
    },
    /// Weights go where they are multiplied.
    Loading {
        /// Parts so far.
        parts: usize,
        /// Parts there are.
        of: usize,
    },
    /// The device is compared with the processor, operation by operation.
    Checking,
    /// The prompt is taken in.
    Reading {
        /// Tokens so far.
        tokens: usize,
        /// Tokens there are.
        of: usize,
    },
    /// A token was written.
    Token(Piece),
    /// A question is being answered.
    Asking(Asking),
}

/// A token of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Its number.
    pub token: u32,
    /// The text it adds; a letter of several tokens comes with its last, and what might begin a stop text with what
    /// follows. [`Said::text`] may have a little more at its end.
    pub text: String,
    /// The probability that the model gave it, before sampling.
    pub probability: f32,
    /// The tokens it thought likeliest, and their probabilities.
    pub others: Vec<(String, f32)>,
}

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LanguageResponse {
    /// What this browser keeps.
    Kept(Kept),
    /// A model's card.
    Card(Box<LanguageCard>),
    /// A model is loaded.
    Loaded(Box<Loaded>),
    /// A message was written.
    Said(Said),
    /// A look inside.
    Look(Box<Look>),
    /// Where numbers come from, in the order they were asked for.
    Explanations(Vec<Explanation>),
    /// All heads' patterns.
    Survey(Box<Survey>),
    /// The logit lens of every position.
    LensMap(Box<LensOfText>),
    /// A logit, by what wrote it.
    Attribution(Box<Attribution>),
    /// A dimension of the stream, by what wrote it.
    Written(Box<Written>),
    /// For each layer, its strongest neurons and where in the text they are.
    Peaks(Vec<Vec<Peak>>),
    /// How fast it is.
    Speed(Speed),
    /// The tokens chosen.
    Chosen(Vec<u32>),
    /// A question was answered.
    Asked(Box<Asked>),
    /// A question's run as a trace file.
    Trace(String),
    /// A trace file's question was asked again.
    Replayed(Box<Replayed>),
    /// The published system's answer.
    Story(Box<Story>),
    /// A program was run by the transformer.
    OnFull(Box<OnFull>),
}

/// What this browser keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The models.
    pub models: Vec<KeptModel>,
    /// Bytes that this site may use, and uses; `None` where the browser does not say.
    pub quota: Option<(u64, u64)>,
    /// Why nothing can be kept, where that is so (a private window, for instance).
    pub unavailable: Option<String>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptModel {
    /// What it is asked for by.
    pub key: String,
    /// The file's name.
    pub name: String,
    /// The address it came from; `None` for a chosen file.
    pub address: Option<String>,
    /// Bytes that are there.
    pub bytes: u64,
    /// Bytes it has in all; more than there are when the download broke off.
    pub size: Option<u64>,
    /// SHA-256 of the file of weights, in hexadecimal; `None` until all is there, and where they are several files.
    pub sha256: Option<String>,
    /// Whether every file is there to its end.
    pub complete: bool,
    /// When it was completed or last written, in milliseconds since 1970.
    pub modified: u64,
}

/// What a model is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageCard {
    /// Its name, by its metadata or its file.
    pub name: String,
    /// The kind of file: "GGUF v3".
    pub format: String,
    /// Facts in order: name and value ("architecture": "qwen3", "layers": "28", …).
    pub facts: Vec<(String, String)>,
    /// Tensors by form: the form, how many, and their bytes.
    pub encodings: Vec<(String, usize, u64)>,
    /// The licence that the metadata name.
    pub licence: Option<String>,
    /// Layers.
    pub layers: usize,
    /// Query heads of a layer.
    pub heads: usize,
    /// Neurons of a layer.
    pub neurons: usize,
    /// Dimensions of the residual stream.
    pub width: usize,
    /// Positions that the model was made for.
    pub context: usize,
    /// Parameters.
    pub parameters: u64,
    /// Bytes of the weights in memory as the file has them.
    pub weight_bytes: u64,
    /// The same with those stored as floats brought to 4 bits, and to 8.
    pub quantized_bytes: [u64; 2],
    /// Bytes that a position of context takes in the caches.
    pub bytes_per_position: u64,
    /// Whether a chat template is there, or built in.
    pub chats: bool,
    /// Whether the model can be told not to think first.
    pub thinks: bool,
    /// Taps that this site has for a model of this shape that brings none.
    pub taps: Option<ShippedTaps>,
}

/// Taps that the site has for a model of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedTaps {
    /// The model they were trained on. Whether a model of that shape is this one, only its weights say.
    pub base: String,
    /// Bytes to fetch.
    pub bytes: u64,
}

/// Where the bytes of a load came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// This page's own site.
    Bundled,
    /// Files that a person chose.
    Chosen,
    /// Another host, all of them or what was missing.
    Network,
    /// What this browser keeps.
    Kept,
}

/// A model that is loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    /// What it is.
    pub card: LanguageCard,
    /// Its key among the kept, if it is kept.
    pub key: Option<String>,
    /// The file's SHA-256 where it is known.
    pub sha256: Option<String>,
    /// What computes.
    pub device: Device,
    /// That in words.
    pub device_name: String,
    /// The operations compared with the processor's; `None` on the processor itself.
    pub self_test: Option<SelfTest>,
    /// Positions at most.
    pub context: usize,
    /// Where its bytes came from.
    pub origin: Origin,
    /// Seconds until they were at hand: the download, or the copying of chosen files that are kept.
    pub obtain_seconds: f64,
    /// Seconds the load took from then on.
    pub seconds: f64,
    /// Bytes of the worker's memory now.
    pub memory: u64,
    /// Why it was not kept, where it should have been.
    pub not_kept: Option<String>,
    /// Its taps, if there are any.
    pub world: Option<World>,
    /// Why it has none, although this site has some for its shape.
    pub no_taps: Option<String>,
}

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who says it.
    pub role: ChatRole,
    /// What.
    pub content: String,
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatRole {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How a message is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatOptions {
    /// Tokens at most.
    pub tokens: usize,
    /// 0 takes the likeliest.
    pub temperature: f32,
    /// Draws from so many of the likeliest; 0 from all.
    pub top_k: usize,
    /// Draws from the fewest that have this much of the probability.
    pub top_p: f32,
    /// Makes recent tokens less likely; 1 does nothing.
    pub repetition_penalty: f32,
    /// The same seed writes the same text.
    pub seed: u64,
    /// Texts that end the message; left out themselves.
    pub stops: Vec<String>,
    /// Whether the model may think first.
    pub thinking: bool,
    /// Whether the last message is the model's own and is gone on with (after a lost device, say).
    pub continues: bool,
    /// Whether the chat is a plain text instead: the messages' contents, one after the other, and no template.
    pub plain: bool,
    /// What is replaced.
    pub interventions: Vec<Intervention>,
}

impl Default for ChatOptions {
    fn default() -> Self {
        Self {
            tokens: 512,
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            repetition_penalty: 1.0,
            seed: 0,
            stops: Vec::new(),
            thinking: true,
            continues: false,
            plain: false,
            interventions: Vec::new(),
        }
    }
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaidEnding {
    /// The model ended it.
    End,
    /// One of the stop texts came.
    Stop,
    /// It has as many tokens as were asked for.
    Tokens,
    /// The context is full.
    Context,
    /// Somebody stopped it.
    Cancelled,
}

/// A message that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Its text.
    pub text: String,
    /// How it ended.
    pub ending: SaidEnding,
    /// All tokens of the chat, each as the text it stands for: what [`LookRequest`] counts.
    pub tokens: Vec<String>,
    /// Place in `tokens` of the message's first.
    pub first: usize,
    /// How fast it was.
    pub speed: Speed,
}

/// How fast a text was read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// Tokens of the prompt that were taken in (those of an earlier turn are there still); 0 where no token followed,
    /// because only that one says when a graphics device was done.
    pub read: usize,
    /// Seconds from the request until the logits behind the prompt's last token were there.
    pub read_seconds: f64,
    /// Seconds from the request to the first token.
    pub first_seconds: f64,
    /// Tokens written.
    pub written: usize,
    /// Seconds from the first of them to the last.
    pub written_seconds: f64,
    /// Dispatches to the GPU for the last token; 0 on the processor.
    pub dispatches: usize,
    /// Bytes of the worker's memory at the end.
    pub memory: u64,
}
