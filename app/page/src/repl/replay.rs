//! The machine's state after each step, from the model's answers: the same replay the worker does.

use std::ops::RangeInclusive;

use engine::interpreter::classic::MachineState;
use engine::interpreter::classic::host::Host;
use engine::interpreter::classic::program::{OpenLoops, Program};
use engine::interpreter::sequence::Sequence;
use protocol::RunView;

/// The states after each of these numbers of steps; after the last one it is the run's own.
pub fn states(run: &RunView, after: RangeInclusive<usize>) -> Vec<MachineState> {
    let report = &run.report;
    let Ok(program) = Program::new(report.program.clone(), OpenLoops::Allow) else { return Vec::new() };
    let last = report.steps.len();
    let mut host = Host::new(&program);
    let mut sequence = Sequence::default();
    let mut states = Vec::new();
    if *after.start() == 0 && last > 0 {
        states.push(host.state().clone());
    }
    for (done, step) in report.steps.iter().enumerate().take(*after.end()) {
        let done = done + 1;
        if done == last {
            break;
        }
        host.advance();
        host.accept(step.token, step.position, &mut sequence);
        if after.contains(&done) {
            states.push(host.state().clone());
        }
    }
    if after.contains(&last) {
        // It also knows what the host did after the last step.
        states.push(report.state.clone());
    }
    states
}
