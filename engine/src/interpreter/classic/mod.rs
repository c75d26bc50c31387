//! The classic interpreter transformer: the published shape, byte-valued, with files and loops.

pub mod asm;
pub mod isa;
pub mod machine;
pub mod program;
mod report;
mod trap;

pub use report::{Ending, FileState, HostAction, LoopState, MachineState, Report, Step};
pub use trap::{Trap, TrapKind};
