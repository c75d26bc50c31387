//! Runs a program on an engine: the loop around the forward pass.

use super::host::{self, FIRST_QUERY, Host, Next};
use super::program::Program;
use super::report::{Ending, MachineState, Report, Step};
use super::trap::{Trap, TrapKind};
use crate::interpreter::engine::{Engine, EngineError, Want};
use crate::interpreter::sequence::Sequence;

/// A run with the sequence that reproduces it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What happened.
    pub report: Report,
    /// What the model read; every number it computed follows from it.
    pub sequence: Sequence,
    /// The logits of each step, `[steps][260]`; empty unless asked for.
    pub logits: Vec<Vec<f32>>,
}

impl Run {
    /// The whole sequence of tokens: the program, the end token, and one answer a step.
    pub fn tokens(&self) -> Vec<u16> {
        let mut tokens: Vec<u16> = self.sequence.positions.iter().map(|position| position.token).collect();
        // The last token was never read by the model; where nothing was executed, it is the end token.
        tokens.push(self.report.steps.last().map_or(FIRST_QUERY, |step| step.token));
        tokens
    }
}

/// How a program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a> {
    /// Steps at most.
    pub max_tokens: usize,
    /// Whether to keep all logits.
    pub want: Want,
    /// Answers known from an earlier run of the same program, or of a part of it. The model does not take
    /// them on trust: it computes all their positions in one parallel pass, and the run fails if it answers
    /// otherwise anywhere.
    pub draft: &'a [u16],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { max_tokens: 1_000_000, want: Want::Tokens, draft: &[] }
    }
}

/// Runs a program from its start.
///
/// `go_on` is asked after each forward pass, with the number of steps done; on `false` the run ends as
/// [`Ending::Cancelled`].
///
/// # Errors
/// When the engine fails, or contradicts the draft. A trap is no error: it is the run's ending.
pub async fn run<E: Engine>(
    engine: &mut E,
    program: &Program,
    options: Options<'_>,
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<Run, EngineError> {
    engine.reset();
    let mut host = Host::new(program);
    let mut run = Run {
        report: Report {
            program: program.instructions().to_vec(),
            prompt_tokens: host::prompt_tokens(program),
            steps: Vec::new(),
            state: MachineState::default(),
            ending: Ending::EndOfProgram,
        },
        sequence: host::prompt(program),
        logits: Vec::new(),
    };
    let mut token = FIRST_QUERY;
    run.report.ending = loop {
        let steps = run.report.steps.len();
        let encoding = match host.advance() {
            Next::Finished(ending) => break ending,
            Next::Execute(encoding) => encoding,
        };
        if steps >= options.max_tokens {
            let kind = TrapKind::OutOfTokens { limit: options.max_tokens };
            break Ending::Trapped(Trap { ip: host.ip(), kind });
        }
        run.sequence.push(token, encoding);
        let drafted = options.draft.get(steps).copied();
        let last_drafted = drafted.is_some() && steps + 1 == options.draft.len();
        token = match drafted {
            Some(drafted) if !last_drafted => drafted,
            _ => answer(engine, &mut run, options).await?,
        };
        let position = run.sequence.positions.len() - 1;
        let (step, ending) = host.accept(token, position, &mut run.sequence);
        run.report.steps.extend(step);
        if let Some(ending) = ending {
            break ending;
        }
        if !go_on(run.report.steps.len()).await {
            break Ending::Cancelled;
        }
    };
    if engine.seen() < run.sequence.positions.len() {
        // The draft was longer than the run, or nothing was executed.
        answer(engine, &mut run, options).await?;
    }
    run.report.state = host.into_state();
    Ok(run)
}

/// Computes all positions that the engine has not seen, checks them against the steps taken on the draft's
/// word, and returns the last one's answer.
async fn answer<E: Engine>(engine: &mut E, run: &mut Run, options: Options<'_>) -> Result<u16, EngineError> {
    let seen = engine.seen();
    let answers = engine.extend(&run.sequence, options.want).await?;
    let first_query = run.report.prompt_tokens.saturating_sub(1);
    // Positions ascend: looking through all steps at every step would make a token's cost grow with the trace.
    let checked = run.report.steps.partition_point(|step| step.position < seen);
    for step in run.report.steps.iter().skip(checked) {
        let token = answers.tokens.get(step.position - seen).copied();
        if token != Some(step.token) {
            let index = step.position - first_query;
            return Err(EngineError::DraftRefused { step: index, drafted: step.token, answered: token });
        }
    }
    let skip = first_query.saturating_sub(seen);
    run.logits.extend(answers.logits.into_iter().skip(skip));
    Ok(answers.tokens.last().copied().unwrap_or(FIRST_QUERY))
}

/// The state of the machine after the first `after` steps of a run.
pub fn state_after(program: &Program, steps: &[Step], after: usize) -> MachineState {
    host::replay(program, steps.get(..after).unwrap_or(steps))
}
