//! The full machine: a transformer whose forward pass executes WebAssembly, exactly in 32 bits. `docs/full-machine.md` says how it works.
//! `machine` is the reference, which knows nothing of weights and writes the trace that the transformer must write.
//!
//! ```text
//! isa       the instructions, and the points that stand for them
//! program   a lowered module: what the prompt holds
//! lower     from a checked module to a program, or the place of what is outside
//! token     what a trace is made of
//! prompt    a program as tokens, and what each position is told
//! layout    the residual stream
//! compile   the weights
//! engine    runs them
//! export    what another implementation needs to run them
//! stub      the instructions that begin a run
//! run       the loop around the forward pass
//! replay    a trace read: what the machine's state is behind each of its tokens
//! recording a run to look at: its state behind any instruction
//! machine   the reference: runs a program and writes its trace
//! trap      why a run stops
//! ```

pub mod changed;
pub mod compile;
pub mod engine;
#[cfg(feature = "export")]
pub mod export;
pub mod isa;
pub mod layout;
mod lower;
pub mod machine;
pub mod program;
pub mod prompt;
pub mod recording;
pub mod replay;
pub mod run;
pub mod stub;
#[cfg(test)]
mod tests;
pub mod token;
pub mod trap;

pub use lower::{Roots, lower, validate};
