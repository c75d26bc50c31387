//! What a run tells: its steps, the machine's state after each, its outputs.

use serde::{Deserialize, Serialize};

use super::isa::{FILES, Instruction};
use super::trap::Trap;

/// The state of the machine between two instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineState {
    /// The stack, bottom first.
    pub stack: Vec<u8>,
    /// The locals written so far, by index, in order of index.
    pub locals: Vec<(u8, u8)>,
    /// The memory cells written so far, by address, in order of address.
    pub memory: Vec<(u8, u8)>,
    /// The four files.
    pub files: [FileState; FILES],
    /// The loops the program is in, outermost first.
    pub loops: Vec<LoopState>,
    /// The bytes emitted so far.
    pub outputs: Vec<u8>,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Whether its descriptor is open.
    pub open: bool,
    /// Offset of the next byte read or written.
    pub cursor: u8,
    /// Its bytes, up to the last one written.
    pub bytes: Vec<u8>,
}

/// One loop the program is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoopState {
    /// Index of its `loop` instruction.
    pub start: usize,
    /// Which iteration of its body is running, from 1.
    pub iteration: u32,
}

/// Something the host did for the model at a step. The transformer computes values; the host turns pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostAction {
    /// Moved the instruction pointer to the next instruction.
    Advance {
        /// Its index.
        to: usize,
    },
    /// Entered a loop.
    EnterLoop {
        /// Index of its `loop`.
        at: usize,
    },
    /// Left a loop.
    LeaveLoop {
        /// Index of its `end_loop`.
        at: usize,
    },
    /// Jumped back because the model answered "branch taken".
    Jump {
        /// Index of the `loop`.
        to: usize,
        /// The iteration that starts.
        iteration: u32,
    },
    /// Opened and rewound a file.
    OpenFile {
        /// The file.
        file: u8,
    },
    /// Moved a file's cursor after a read.
    MoveCursor {
        /// The file.
        file: u8,
        /// The cursor's new place.
        to: u8,
    },
    /// Appended a byte to the file's key/value store and moved its cursor.
    WriteFile {
        /// The file.
        file: u8,
        /// Where.
        at: u8,
        /// What.
        byte: u8,
    },
    /// Closed a file.
    CloseFile {
        /// The file.
        file: u8,
    },
    /// Handed a byte to whoever runs the program.
    EmitOutput {
        /// The byte.
        byte: u8,
    },
    /// Stopped because the model answered "halt".
    Halt,
}

impl std::fmt::Display for HostAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Advance { to } => write!(f, "moved the instruction pointer to {to}"),
            Self::EnterLoop { at } => write!(f, "entered the loop at {at}"),
            Self::LeaveLoop { at } => write!(f, "left the loop that ends at {at}"),
            Self::Jump { to, iteration } => {
                write!(f, "jumped back to the loop at {to}; iteration {iteration} starts")
            }
            Self::OpenFile { file } => write!(f, "opened file {file} and rewound it"),
            Self::MoveCursor { file, to } => write!(f, "moved the cursor of file {file} to {to}"),
            Self::WriteFile { file, at, byte } => write!(f, "wrote byte {byte} to file {file} at {at}"),
            Self::CloseFile { file } => write!(f, "closed file {file}"),
            Self::EmitOutput { byte } => write!(f, "handed out the byte {byte}"),
            Self::Halt => write!(f, "stopped the run"),
        }
    }
}

/// One executed instruction: one forward pass, one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Position of the sequence at which the instruction was executed (its logits gave the token).
    pub position: usize,
    /// Index of the instruction in the program.
    pub ip: usize,
    /// The instruction.
    pub instruction: Instruction,
    /// The token the model answered with.
    pub token: u16,
    /// What the host did after the forward pass, up to the next instruction. The first step also tells of the
    /// loops entered before it.
    pub host: Vec<HostAction>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The program said `halt`.
    Halted,
    /// There is no further instruction. In the REPL: it waits for the next line.
    EndOfProgram,
    /// It was stopped.
    Trapped(Trap),
    /// Somebody cancelled it.
    Cancelled,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The program that ran.
    pub program: Vec<Instruction>,
    /// Number of positions before the first answer: start, five bytes an instruction, end.
    pub prompt_tokens: usize,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The state after the last step.
    pub state: MachineState,
    /// How it ended.
    pub ending: Ending,
}
