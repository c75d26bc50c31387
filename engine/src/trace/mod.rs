//! Runs as traces: `trace-file` reads, writes and compares them, and here they are made of what a model computed.
//!
//! ```text
//! fingerprint  which weights it was
//! classic      runs of the byte machine
//! full         runs of the machine for 32-bit modules
//! language     questions that a language model answered, and how one is asked again
//! ```

pub mod classic;
mod fingerprint;
#[cfg(feature = "sandbox")]
pub mod full;
#[cfg(feature = "worldmodel")]
pub mod language;
#[cfg(test)]
mod tests;

pub use fingerprint::fingerprint;
pub use trace_file::{
    AnswerEnd, By, Candidate, Difference, End, FORMAT, Gate, Granted, Input, Intervention, Likely,
    MachineEnd, Model, Question, Rule, Run, Token, Trace, TraceError, VERSION, first_difference, read, write,
};
