//! What a trace file says. Each line is one JSON object with one key: `run` first, then `token` and `candidate`, `end` last.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::number;

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What was run, on what.
    pub run: Run,
    /// The whole sequence, by position.
    pub tokens: Vec<Token>,
    /// The programs that a language model wrote.
    pub candidates: Vec<Candidate>,
    /// What came of it.
    pub end: End,
}

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Line {
    Run(Box<Run>),
    Token(Token),
    Candidate(Box<Candidate>),
    End(Box<End>),
}

/// The same, to be written.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LineOf<'a> {
    Run(&'a Run),
    Token(&'a Token),
    Candidate(&'a Candidate),
    End(&'a End),
}

/// The first line: what was run, on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`crate::FORMAT`].
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// The model.
    pub model: Model,
    /// What computed it, in words. Another one must come to the same, so it is not compared.
    pub engine: String,
    /// What the model was given.
    pub input: Input,
}

/// Which model it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its name: `classic`, `full`, or as a language model is called.
    pub name: String,
    /// FNV-1a of its weights: of all tensors of a compiled model; of a language model, of the gains of its last norm.
    pub fingerprint: String,
}

/// What a model was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// A program of the byte machine.
    Classic {
        /// Its text.
        program: String,
        /// Whether loops may be open at its end, as in the REPL.
        #[serde(default)]
        open_loops: bool,
        /// Steps at most.
        max_tokens: usize,
    },
    /// A call of a module's function.
    Full {
        /// The module as text.
        program: String,
        /// The function's name.
        function: String,
        /// What it is called with.
        arguments: Vec<i32>,
        /// Tokens that the transformer may write.
        max_tokens: usize,
    },
    /// A question to a language model.
    Question(Box<Question>),
}

/// A question, and how it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its text.
    pub text: String,
    /// Whether the model answered by itself, without programs.
    pub alone: bool,
    /// By which rule a program was chosen.
    pub rule: Rule,
    /// Tokens that the model may write.
    pub tokens: usize,
    /// Tokens that a tap may write.
    pub program_tokens: usize,
    /// How often a model without taps is asked for a program.
    pub samples: usize,
    /// Decides what it writes then.
    pub seed: u64,
    /// What each term of a score counts, in the order of `Terms::NAMES`; of a model without taps nothing.
    #[serde(with = "number::list")]
    pub weights: Vec<f32>,
    /// What each tap counts besides.
    #[serde(with = "number::list")]
    pub tap_weights: Vec<f32>,
    /// What programs might ask of the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<Granted>,
    /// What was replaced in the text stream while it computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interventions: Vec<Intervention>,
    /// The taps' gates that were opened otherwise than they were trained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
}

/// By which rule a program was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// The trained one.
    Trained,
    /// The published system's.
    Original,
    /// None: the tap with this index.
    Tap(usize),
}

/// A function of the host that programs might call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Granted {
    /// Its name.
    pub name: String,
    /// What it says: a text, or an integer.
    pub says: Value,
}

/// A part of the text stream that was replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intervention {
    /// The layer.
    pub layer: usize,
    /// `head`, `neuron` or `dimension`.
    pub part: String,
    /// Which of them.
    pub index: usize,
    /// The only position at which it was replaced; `null` for all.
    pub position: Option<usize>,
    /// What stood there: a value for each column; none for zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "number::list")]
    pub values: Vec<f32>,
}

/// A gate of a tap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The tap, from 0.
    pub tap: usize,
    /// Its layer, from 0.
    pub layer: usize,
    /// The share of the text that passed.
    #[serde(with = "number")]
    pub to: f32,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// It was given to the model: the program, the question.
    Host,
    /// The model said it: it had the highest logit at the position before, or was drawn there.
    Model,
    /// It was put in, from a program's run.
    Computed,
}

/// A token of the sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// Where it stands, from 0. What the model said there was computed at the position before.
    pub position: usize,
    /// Its number.
    pub id: u32,
    /// As it is shown.
    pub text: String,
    /// Where it comes from.
    pub by: By,
    /// The instruction that it executes (classic), or the last token of which it is (full).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// What the host did when the model had said it (classic).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host: Vec<String>,
    /// The tokens of the highest logits, where the model said it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<Likely>,
}

/// A token and its logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likely {
    /// Its number.
    pub id: u32,
    /// As it is shown.
    pub text: String,
    /// Its logit.
    #[serde(with = "number")]
    pub logit: f32,
}

/// A program that a language model wrote, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which of them, from 0.
    pub index: usize,
    /// The layer behind which it was written.
    pub layer: usize,
    /// Its tokens as the tap wrote them, the end among them if it came; empty where the model wrote text.
    pub tokens: Vec<String>,
    /// The probability of each.
    #[serde(with = "number::list")]
    pub probabilities: Vec<f32>,
    /// The program with the question's numbers.
    pub wat: String,
    /// The same as it was run.
    pub wat_as_run: String,
    /// What it came to; `null` for nothing.
    pub value: Value,
    /// Why it came to nothing.
    pub error: Option<String>,
    /// Fuel used.
    pub fuel: u64,
    /// What it asked of the host: names, and how often.
    pub host_calls: Vec<(String, u64)>,
    /// What is known of it, in the order of `Terms::NAMES`.
    #[serde(with = "number::list")]
    pub terms: Vec<f32>,
    /// What its tap counts.
    #[serde(with = "number")]
    pub tap: f32,
    /// Its score: each term times its weight, and the tap's.
    #[serde(with = "number")]
    pub score: f32,
    /// What the published rule says of it: `before`, `runs` and `after`.
    pub original: Value,
}

/// The last line: what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// How many tokens the file has: one that was cut off has fewer.
    pub tokens: usize,
    /// Of a machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineEnd>,
    /// Of a language model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerEnd>,
}

/// What a machine's run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineEnd {
    /// The stack at the end, bottom first (classic), or what the function returned (full).
    pub result: Vec<i64>,
    /// What was put out, in order.
    pub outputs: Vec<i64>,
    /// Why it was stopped, if it was.
    pub trap: Option<String>,
    /// Whether somebody stopped it before its end.
    pub cancelled: bool,
    /// Instructions executed.
    pub instructions: u64,
}

/// What a language model's answer came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerEnd {
    /// Who wrote the programs: `planned`, `frozen` or `prompted`.
    pub way: String,
    /// The plan, as the model wrote it.
    pub plan: String,
    /// The order in which it is worked out.
    pub order: String,
    /// The chosen candidate.
    pub chosen: Option<usize>,
    /// The one that the published rule chooses.
    pub by_original: Option<usize>,
    /// What it computed; `null` for nothing.
    pub value: Value,
    /// What the model said.
    pub reply: String,
    /// Whether it came to its end; else it was cut off.
    pub ended: bool,
}

impl Run {
    /// The first line of a file of this version.
    pub fn new(model: Model, engine: String, input: Input) -> Self {
        Self { format: crate::FORMAT.to_owned(), version: crate::VERSION, model, engine, input }
    }
}

impl Token {
    /// A token of which nothing more is known.
    pub const fn new(position: usize, id: u32, text: String, by: By) -> Self {
        Self { position, id, text, by, instruction: None, host: Vec::new(), top: Vec::new() }
    }
}
