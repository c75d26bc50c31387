//! What random programs did, so that a run which tests nothing can't pass.

use std::collections::BTreeMap;
use std::fmt;

use engine::interpreter::classic::isa::Op;
use engine::interpreter::classic::{Ending, HostAction, Report, TrapKind};

/// Every way a program ends that is not the engine's fault.
const ENDINGS: [&str; 10] = [
    "halt",
    "end of program",
    "stack underflow",
    "stack overflow",
    "unset local",
    "file closed",
    "no such file",
    "end of file",
    "iteration limit",
    "out of tokens",
];

/// Counts over many runs.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Programs run.
    pub programs: usize,
    /// Steps executed.
    pub steps: usize,
    operations: BTreeMap<&'static str, usize>,
    endings: BTreeMap<&'static str, usize>,
}

impl Coverage {
    /// Counts one run.
    pub fn count(&mut self, report: &Report) {
        self.programs += 1;
        self.steps += report.steps.len();
        for step in &report.steps {
            *self.operations.entry(step.instruction.op.mnemonic()).or_default() += 1;
            for action in &step.host {
                let marker = match action {
                    HostAction::EnterLoop { .. } => Op::Loop,
                    HostAction::LeaveLoop { .. } => Op::EndLoop,
                    _ => continue,
                };
                *self.operations.entry(marker.mnemonic()).or_default() += 1;
            }
        }
        *self.endings.entry(ending(report.ending)).or_default() += 1;
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.programs += other.programs;
        self.steps += other.steps;
        for (name, count) in &other.operations {
            *self.operations.entry(name).or_default() += count;
        }
        for (name, count) in &other.endings {
            *self.endings.entry(name).or_default() += count;
        }
    }

    /// What never happened.
    pub fn missing(&self) -> Vec<&'static str> {
        let operations = Op::ALL.iter().map(|op| op.mnemonic());
        let unseen_operations = operations.filter(|name| !self.operations.contains_key(name));
        let unseen_endings = ENDINGS.into_iter().filter(|name| !self.endings.contains_key(name));
        unseen_operations.chain(unseen_endings).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} programs, {} steps", self.programs, self.steps)?;
        for (title, counts) in [("executed", &self.operations), ("ended in", &self.endings)] {
            let words: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            writeln!(f, "{title}: {}", words.join(", "))?;
        }
        Ok(())
    }
}

fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Halted => "halt",
        Ending::EndOfProgram => "end of program",
        Ending::Cancelled => "cancelled",
        Ending::Trapped(trap) => match trap.kind {
            TrapKind::StackUnderflow { .. } => "stack underflow",
            TrapKind::StackOverflow => "stack overflow",
            TrapKind::UnsetLocal { .. } => "unset local",
            TrapKind::FileClosed { .. } => "file closed",
            TrapKind::NoSuchFile { .. } => "no such file",
            TrapKind::EndOfFile { .. } => "end of file",
            TrapKind::IterationLimit => "iteration limit",
            TrapKind::OutOfTokens { .. } => "out of tokens",
            TrapKind::UnexpectedToken { .. } => "unexpected token",
        },
    }
}
