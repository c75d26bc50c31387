//! A whole run as a file: what the model was given, every token it read or wrote, and what came of it. `docs/trace-format.md`
//! describes the format; it is read wherever it was written, and the run is computed again to check it.
//!
//! A crate of its own, for it is compiled for size: in the browser it weighs, and it multiplies nothing. `engine::trace` makes traces of
//! runs.
//!
//! ```text
//! format       what a file says, line by line
//! read, write  text ⇄ trace
//! number       numbers that JSON does not have
//! again        how a file's run is made again
//! compare      the first place where both differ
//! ```

mod again;
mod compare;
mod format;
mod number;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use compare::{Difference, first_difference};
pub use format::{
    AnswerEnd, By, Candidate, End, Gate, Granted, Input, Intervention, Likely, MachineEnd, Model, Question,
    Rule, Run, Token, Trace,
};
pub use read::{TraceError, read};
pub use write::write;

/// The format's name, in the first line of every file.
pub const FORMAT: &str = "worldmodel-trace";
/// The version that is written. Every version up to this one is read.
pub const VERSION: u32 = 2;
