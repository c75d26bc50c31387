//! A run as the page shows it, beside the machines it is compared with.

use engine::interpreter::classic::machine::{self, Outcome, Semantics};
use engine::interpreter::classic::program::Program;
use engine::interpreter::classic::runner::Run;
use engine::interpreter::classic::{Ending, Report};
use engine::source::Span;
use protocol::{Device, Differences, RunView, SemanticsView};

/// The run with both byte machines' outcomes of the same program.
pub fn run_view(
    program: &Program,
    spans: Vec<Span>,
    run: &Run,
    max_tokens: usize,
    seconds: f64,
    device: Device,
) -> RunView {
    // A run that was stopped by hand is compared as far as it went.
    let cancelled = run.report.ending == Ending::Cancelled;
    let max_steps = if cancelled { run.report.steps.len() } else { max_tokens };
    let beside = |semantics| semantics_view(&run.report, machine::run(program, semantics, max_steps));
    RunView {
        reference: beside(Semantics::Saturating),
        masked: beside(Semantics::Masked),
        report: run.report.clone(),
        spans,
        tokens: run.tokens(),
        seconds,
        device,
    }
}

fn semantics_view(report: &Report, outcome: Outcome) -> SemanticsView {
    let Outcome { tokens, state, ending } = outcome;
    let ours = report.steps.iter().map(|step| step.token);
    let length = report.steps.len().max(tokens.len());
    let mut ours = ours.map(Some).chain(std::iter::repeat(None));
    let mut theirs = tokens.iter().copied().map(Some).chain(std::iter::repeat(None));
    let steps = (0..length).filter(|_| ours.next().flatten() != theirs.next().flatten()).collect();
    let mine = &report.state;
    let cells_differ = mine.stack != state.stack
        || mine.locals != state.locals
        || mine.memory != state.memory
        || mine.files != state.files;
    let differences = Differences {
        steps,
        state: cells_differ,
        outputs: mine.outputs != state.outputs,
        ending: report.ending != Ending::Cancelled && report.ending != ending,
    };
    let trap = match ending {
        Ending::Trapped(trap) => Some(trap.to_string()),
        Ending::Halted | Ending::EndOfProgram | Ending::Cancelled => None,
    };
    SemanticsView { state, tokens, trap, differences }
}
