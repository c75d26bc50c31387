//! The classic interpreter transformer: the published shape, byte-valued, with files and loops.

pub mod asm;
pub mod compile;
pub mod expected;
#[cfg(feature = "export")]
pub mod export;
pub mod host;
pub mod isa;
pub mod layout;
pub mod machine;
pub mod program;
mod report;
pub mod runner;
pub mod self_test;
mod trap;

pub use report::{Ending, FileState, HostAction, LoopState, MachineState, Report, Step};
pub use trap::{Trap, TrapKind};

#[cfg(test)]
mod tests;
