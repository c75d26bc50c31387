//! What the page asks of the full machine. The worker keeps the last run, however long: the page holds what is on screen.

use serde::{Deserialize, Serialize};

use engine::source::Span;

/// Bytes of memory that [`State::memory`] shows.
pub const MEMORY_WINDOW: u64 = 256;

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MachineRequest {
    /// Modules to open.
    Examples,
    /// What a module can be asked to do; answers [`MachineResponse::Read`], or the mistakes.
    Read {
        /// Its text.
        text: String,
    },
    /// Runs a function of a module from its start. Answers progress now and then, then [`MachineResponse::Ran`].
    Run {
        /// The module.
        text: String,
        /// The function's name; empty for the one that [`MachineResponse::Read`] proposes.
        function: String,
        /// Its arguments, as they were typed: integers with blanks or commas between them.
        arguments: String,
        /// Tokens that the transformer may write.
        max_tokens: u32,
    },
    /// The machine's state behind so many instructions of the last run.
    Look {
        /// How many.
        instructions: u64,
        /// The first address of memory shown; `None` for where it changed last.
        memory: Option<u64>,
    },
    /// Instructions of the last run.
    Steps {
        /// How many come before the first one wanted.
        behind: u64,
        /// How many are wanted.
        count: u32,
    },
    /// An instruction of the last run.
    Find {
        /// The search begins behind so many instructions.
        behind: u64,
        /// Whether it goes backwards.
        back: bool,
        /// What is looked for.
        what: Find,
    },
    /// How many instructions come before the one of which the forward pass of a position writes a token.
    Before {
        /// The position.
        position: u32,
    },
    /// Has the dense engine of the device in use confirm the last run: each position, from the tokens that stand before it. Answers
    /// progress, then [`MachineResponse::Checked`].
    Check,
    /// Compiles the program of the last run into weights, and has them write its trace again from a prompt without instructions. Answers
    /// progress, then [`MachineResponse::Specialised`].
    Specialise,
    /// Has the dense engine of the device in use write the beginning of the last run once more, token by token, for its rate.
    Generate {
        /// Tokens of the trace.
        tokens: u32,
    },
}

/// The size of a machine, and of what it reads before it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Layers.
    pub layers: u32,
    /// Attention heads in all layers.
    pub heads: u32,
    /// Neurons in all layers.
    pub neurons: u32,
    /// Parameters.
    pub parameters: u32,
    /// Those that are not 0.
    pub not_zero: u32,
}

/// A run on the machine that has the program in its weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Specialised {
    /// Instructions of the program, those that begin the run among them.
    pub instructions: u32,
    /// The machine that reads its program.
    pub general: Size,
    /// The one that has it in its weights.
    pub special: Size,
    /// Tokens that it wrote.
    pub tokens: u32,
    /// Tokens of the other machine's trace.
    pub of: u32,
    /// How many of its own, from the first on, are the other machine's.
    pub same: u32,
    /// Seconds the forward passes took.
    pub seconds: f64,
}

/// What is looked for in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Find {
    /// Where a line of the source, from 1, is reached from another.
    Line(usize),
    /// One of this name, in the source or in the machine.
    Named(String),
    /// One that writes to an address of memory.
    Writes(u64),
    /// One that puts something out.
    Output,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MachineResponse {
    /// The examples.
    Examples(Vec<Example>),
    /// The module is one for this machine.
    Read {
        /// What it exports.
        functions: Vec<FunctionView>,
        /// The one that is run when none is named.
        proposed: Option<String>,
    },
    /// A run ended.
    Ran(Box<MachineRun>),
    /// The state asked for.
    State(Box<State>),
    /// The instructions asked for.
    Steps(Vec<StepView>),
    /// The instruction found, by the number of instructions before it.
    Found(Option<u64>),
    /// So many instructions come before.
    Before(u64),
    /// A run was written by the specialised machine.
    Specialised(Specialised),
    /// A run was confirmed.
    Checked(Rate),
    /// A run's beginning was written again; `false`: not as the run has it.
    Generated(Rate, bool),
}

/// A module to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What it is.
    pub title: String,
    /// Its text.
    pub text: String,
    /// A function to call.
    pub function: String,
    /// With what.
    pub arguments: String,
}

/// An exported function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionView {
    /// Its name.
    pub name: String,
    /// Names of its parameters, or their numbers.
    pub params: Vec<String>,
    /// What it takes and gives, `(i32) -> (i32)`.
    pub signature: String,
}

/// How fast something was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// What computed it.
    pub device: String,
    /// Tokens of the trace.
    pub tokens: u32,
    /// Tokens of the trace that there are.
    pub of: u32,
    /// Seconds it took, with the prompt.
    pub seconds: f64,
}

/// A run, as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineRun {
    /// The function that was called.
    pub function: String,
    /// With what.
    pub arguments: Vec<i32>,
    /// How it ended.
    pub ended: Ended,
    /// Instructions, those that begin the run among them.
    pub instructions: u64,
    /// How many of them these are: they set pages, globals and data, and call the function.
    pub before_call: u64,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the prompt and the trace.
    pub tokens: u32,
    /// Seconds the forward passes took.
    pub seconds: f64,
    /// What `wasmi` gives, or why there is nothing to compare with.
    pub reference: Result<Reference, String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    /// The function gave this.
    Result(Vec<i32>),
    /// It trapped.
    Trap {
        /// Why.
        message: String,
        /// Where.
        span: Option<Span>,
    },
    /// It was stopped: by a person, or because there are no more tokens.
    Stopped(String),
}

/// What `wasmi` makes of the same call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Its result, or its trap, in words.
    pub outcome: String,
    /// Whether result, outputs and trap are the transformer's.
    pub agrees: bool,
}

/// An instruction of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// Its number, from 1.
    pub number: u64,
    /// Where its first token stands in the sequence.
    pub position: u32,
    /// Its tokens, as text.
    pub tokens: String,
    /// Its name in the machine.
    pub name: String,
    /// Where it stands in the source; `None` for what begins the run.
    pub span: Option<Span>,
    /// What it changed.
    pub change: String,
    /// Calls that are open before it.
    pub depth: u32,
}

/// The machine between two instructions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Instructions executed.
    pub instructions: u64,
    /// The position whose forward pass gives the next token.
    pub position: u32,
    /// The next instruction's name; empty at the end.
    pub next: String,
    /// Its address in the prompt.
    pub address: u32,
    /// Where it stands in the source, if it does.
    pub span: Option<Span>,
    /// Open calls, the innermost first; of very many only those.
    pub frames: Vec<FrameView>,
    /// Calls that are open.
    pub depth: u32,
    /// The globals.
    pub globals: Vec<Variable>,
    /// Pages of memory.
    pub pages: u32,
    /// Address of the first byte shown.
    pub memory_from: u64,
    /// The bytes.
    pub memory: Vec<u8>,
    /// What the last instruction wrote: address and number of bytes.
    pub written: Option<(u64, u8)>,
    /// What was put out so far; of very much only the latest.
    pub outputs: Vec<i32>,
    /// How many values that are.
    pub output_count: u64,
    /// Whether they are bytes of a text.
    pub is_text: bool,
}

/// A call that is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrameView {
    /// The function's name.
    pub function: String,
    /// Where it is.
    pub span: Option<Span>,
    /// Its locals, parameters first.
    pub locals: Vec<Variable>,
    /// How many more it has.
    pub more_locals: u32,
    /// Its operand stack, the top first.
    pub stack: Vec<Variable>,
    /// How many more values are on it.
    pub more_stack: u32,
}

/// Something with a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name, or its number.
    pub name: String,
    /// What it holds.
    pub value: i32,
    /// Whether the last instruction wrote it.
    pub is_new: bool,
}
