//! The machine's state after each step, from the model's answers.

use std::ops::RangeInclusive;

use engine::interpreter::classic::MachineState;
use engine::interpreter::classic::host::Replay;
use engine::interpreter::classic::program::{OpenLoops, Program};
use protocol::RunView;

/// The states after each of these numbers of steps; 0 is before the first.
pub fn states(run: &RunView, after: RangeInclusive<usize>) -> Vec<MachineState> {
    let report = &run.report;
    let Ok(program) = Program::new(report.program.clone(), OpenLoops::Allow) else { return Vec::new() };
    let mut replay = Replay::new(&program);
    let mut states = Vec::new();
    if after.contains(&0) {
        states.push(replay.state().clone());
    }
    for (before, step) in report.steps.iter().enumerate().take(*after.end()) {
        replay.step(step);
        if after.contains(&(before + 1)) {
            states.push(replay.state().clone());
        }
    }
    states
}
