//! The messages.

use engine::interpreter::classic::{MachineState, Report};
use engine::interpreter::{Device, ModelCard};
use engine::source::{SourceError, Span};
use engine::xray::{AttentionDetail, Capture, Explanation, Site};
use serde::{Deserialize, Serialize};

use crate::changed::Changed;
use crate::language::{Intervention, LanguageProgress, LanguageRequest, LanguageResponse};
use crate::machine::{MachineRequest, MachineResponse};
use crate::survey::{Hits, Overview, Spoken, Wanted};
use crate::trace;

/// From the page to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToWorker {
    /// Number of the request; its responses carry it back.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FromWorker {
    /// Number of the request this answers.
    pub id: u32,
    /// The answer.
    pub response: Response,
}

/// What the page asks of the worker.
///
/// The worker keeps the last run of each machine; `Inside` speaks of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// First message: get ready on this device and answer [`Response::Ready`].
    Start {
        /// The device wanted. A light (CPU) worker answers an error to `WebGpu`.
        device: Device,
    },
    /// Assemble and run a program from its start. Answers [`Response::Progress`] now and then, then
    /// [`Response::Ran`] (also for a trap) or [`Response::Failed`] (text that does not assemble).
    Run {
        /// The program.
        text: Text,
        /// How.
        options: RunOptions,
    },
    /// Stop what goes on for one machine, or for both where none is named, and what waits for its turn; a run answers with what it has,
    /// `Ending::Cancelled`. No answer of its own.
    Cancel(Option<Machine>),
    /// About the inside of a machine's last run.
    Inside {
        /// Which machine's.
        machine: Machine,
        /// What.
        of: Inside,
    },
    /// Makes a machine's last run once more with parts of the transformer replaced. The last run stays. Answers progress, then
    /// [`Response::Changed`].
    Changed {
        /// Which machine's.
        machine: Machine,
        /// What is replaced. These models have no taps, so no gates either.
        interventions: Vec<Intervention>,
    },
    /// Runs the start-up self-test again.
    SelfTest,
    /// For tests: panics inside the worker, or destroys the GPU device, at once, whatever goes on. No answer of
    /// its own.
    Break {
        /// `true`: lose the GPU device; `false`: crash the worker.
        device: bool,
    },
    /// For tests: the self-test with these programs, by name, instead of its own. Answers
    /// [`Response::SelfTest`].
    Check {
        /// Name and text of each.
        programs: Vec<(String, Text)>,
    },
    /// A machine's last run as a trace file. Answers [`Response::Trace`].
    WriteTrace(Machine),
    /// Reads the trace file beside the message, and keeps it to be compared. Answers [`Response::TraceOpened`].
    OpenTrace,
    /// Compares the file that was opened last with a machine's last run, which is what the file says, made again. Answers
    /// [`Response::Compared`].
    CompareTrace(Machine),
    /// Of the full machine.
    Machine(MachineRequest),
    /// Of a language model.
    Language(LanguageRequest),
}

/// The interpreter transformers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Machine {
    /// Bytes, line by line, with a host that turns the pages.
    #[default]
    Classic,
    /// Modules, exact in 32 bits, with nothing done for it.
    Full,
}

/// What can be asked about a run's inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Inside {
    /// Everything the model computed at one position.
    Capture {
        /// The position.
        position: usize,
    },
    /// One head's keys and scores at one position.
    Attention {
        /// The layer.
        layer: usize,
        /// The head within it.
        head: usize,
        /// The position that asks.
        position: usize,
        /// How many keys to send at most.
        limit: usize,
    },
    /// Where numbers come from. Those of one position one after the other are quickest.
    Explain {
        /// The numbers.
        sites: Vec<Site>,
    },
    /// What stands at positions of the last run. Answers [`Response::Places`].
    Places {
        /// The positions.
        positions: Vec<u32>,
    },
    /// What the parts of the model mean that made the last run. Answers [`Response::Card`].
    Card,
    /// Where something happens in a piece of the last run. Answers [`Response::Hits`].
    Search {
        /// What.
        wanted: Wanted,
        /// Where the piece begins: 0, or what the answer before says.
        from: u64,
    },
    /// What the tokens of a piece of the last run are. Answers [`Response::Overview`].
    Overview {
        /// How many columns wide the picture of the whole run is.
        columns: u32,
        /// Where the piece begins: 0, or what the answer before says.
        from: u64,
    },
    /// What the neurons of all layers gave in a piece of the last run. Answers [`Response::Spoken`].
    Spoken {
        /// Where the piece begins: 0, or what the answer before says.
        from: u64,
    },
}

/// A program text.
pub type Text = String;

/// How a program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOptions {
    /// Whether loops may still be open at the end of the text, as in the REPL.
    pub allow_open_loops: bool,
    /// Forward passes at most.
    pub max_tokens: usize,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { allow_open_loops: true, max_tokens: 20_000 }
    }
}

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The worker is ready.
    Ready {
        /// What it computes on, with the self-test.
        device: DeviceReport,
        /// What the model's parts mean.
        card: ModelCard,
    },
    /// A run goes on.
    Progress {
        /// Tokens read so far, the program's own among them.
        tokens: usize,
    },
    /// A run ended.
    Ran(Box<RunView>),
    /// The capture asked for.
    Capture(Box<Capture>),
    /// The attention asked for.
    Attention(AttentionDetail),
    /// The explanations asked for, in the same order.
    Explanations(Vec<Explanation>),
    /// The self-test's result.
    SelfTest(SelfTest),
    /// What stands at the positions asked for, in the same order; those that the run does not have are left out.
    Places(Vec<Place>),
    /// What the model's parts mean.
    Card(Box<ModelCard>),
    /// Where something happens in a piece of a run.
    Hits(Hits),
    /// What the tokens of a piece of a run are.
    Overview(Overview),
    /// What the neurons gave in a piece of a run.
    Spoken(Spoken),
    /// A run with parts replaced, beside the one as it is.
    Changed(Box<Changed>),
    /// A run as a trace file.
    Trace(String),
    /// What an opened trace file is of.
    TraceOpened(Box<trace::Opened>),
    /// Where an opened file and the run differ first, if they do.
    Compared(Option<trace::Difference>),
    /// The full machine's answer.
    Machine(MachineResponse),
    /// Work for a language model goes on.
    LanguageProgress(LanguageProgress),
    /// The language model's answer.
    Language(LanguageResponse),
    /// The request could not be met.
    Failed(AppError),
}

/// What stands at a position of a run's sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The position.
    pub position: u32,
    /// The token.
    pub token: u16,
    /// The token as it is shown.
    pub word: String,
    /// What it is a part of.
    pub kind: PlaceKind,
    /// The instruction, where one begins, or where the model answers one.
    pub above: Option<String>,
    /// What stands here, in words.
    pub about: String,
    /// What the forward pass of this position is asked for, in a sentence.
    pub does: String,
    /// What the host does there besides appending the token.
    pub host: Vec<String>,
}

/// What a position of a run is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaceKind {
    /// The beginning.
    Start,
    /// The first token of an instruction in the prompt.
    Opcode,
    /// What follows it.
    Operand,
    /// The end of the prompt.
    End,
    /// A token that the model wrote.
    Answer,
}

/// A run, as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// The steps, the final state, the ending.
    pub report: Report,
    /// Where each instruction stands in the text, by index.
    pub spans: Vec<Span>,
    /// The tokens of the sequence, by position: the program, then the answers.
    pub tokens: Vec<u16>,
    /// The reference machine's outcome, and where the two differ (nowhere, unless something is broken).
    pub reference: SemanticsView,
    /// The same program on a machine that masks to 8 bits instead of saturating.
    pub masked: SemanticsView,
    /// Seconds the forward passes took.
    pub seconds: f64,
    /// What computed it.
    pub device: Device,
}

/// The outcome of a program on a byte machine, next to the model's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SemanticsView {
    /// The state at its end.
    pub state: MachineState,
    /// The byte it emitted or pushed at each step, by step; where the model's token differs, the step is in
    /// `differences`.
    pub tokens: Vec<u16>,
    /// Its trap in words, if it ended in one.
    pub trap: Option<String>,
    /// How it differs from the model's run.
    pub differences: Differences,
}

/// Where two runs of one program differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// Steps whose token differs.
    pub steps: Vec<usize>,
    /// Whether stack, locals, memory or files differ at the end.
    pub state: bool,
    /// Whether the outputs differ.
    pub outputs: bool,
    /// Whether one trapped and the other did not, or otherwise.
    pub ending: bool,
}

impl Differences {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the worker computes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// Which.
    pub device: Device,
    /// Its name in words ("CPU, sparse rows", "WebGPU: SwiftShader").
    pub name: String,
    /// The self-test's result.
    pub self_test: SelfTest,
}

/// A small share of the conformance suite, run at start-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// Programs run.
    pub programs: usize,
    /// Tokens compared with the reference; with each, on the dense engines, all its logits with the sparse
    /// engine's.
    pub tokens: usize,
    /// What went wrong; empty when all agreed.
    pub failures: Vec<String>,
    /// Seconds it took.
    pub seconds: f64,
}

/// A request that could not be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// What kind of thing went wrong.
    pub problem: Problem,
    /// What happened, in words.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Kinds of problems the page tells apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The text does not assemble.
    Source(Vec<SourceError>),
    /// The device is not there.
    DeviceMissing,
    /// The device went away.
    DeviceLost,
    /// The request does not fit the run (a position that does not exist, no run yet).
    BadRequest,
    /// A model that cannot be read or is not supported.
    Model,
    /// A file or address that cannot be had.
    Unreachable,
    /// Memory, or the browser's room for files, is not enough.
    NoRoom,
    /// Somebody stopped it.
    Cancelled,
    /// The worker crashed (the page makes this one itself).
    Crashed,
}
