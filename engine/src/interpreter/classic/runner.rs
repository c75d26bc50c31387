//! Runs a program on an engine: the loop around the forward pass.

use super::host::{self, FIRST_QUERY, Host, Next, Replay};
use super::program::Program;
use super::report::{Ending, MachineState, Report};
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
        let mut tokens = self.sequence.tokens().to_vec();
        // The last token was never read by the model; where nothing was executed, it is the program's.
        let next = host::prompt_token(&self.report.program, tokens.len());
        tokens.push(self.report.steps.last().map_or(next, |step| step.token));
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
/// `go_on` is asked whenever the engine has computed some positions, with the number of all computed so far,
/// the program's own among them; on `false` the run ends as [`Ending::Cancelled`] with the steps that were
/// computed, and a draft is believed no further than that.
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
    let mut cancelled = false;
    run.report.ending = loop {
        let steps = run.report.steps.len();
        let encoding = match host.next() {
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
            _ => {
                let answered = answer(engine, &mut run, options, &mut go_on).await?;
                cancelled = answered.cancelled;
                match answered.token {
                    Some(token) => token,
                    None => break Ending::Cancelled,
                }
            }
        };
        let position = run.sequence.len() - 1;
        let (step, ending) = host.accept(token, position, &mut run.sequence);
        run.report.steps.extend(step);
        if let Some(ending) = ending {
            break ending;
        }
        if cancelled {
            break Ending::Cancelled;
        }
    };
    if engine.seen() < run.sequence.len() && !cancelled {
        // The draft was longer than the run, or nothing was executed.
        answer(engine, &mut run, options, &mut go_on).await?;
    }
    run.report.state = host.into_state();
    if engine.seen() < run.sequence.len() {
        forget_unseen(&mut run, program, engine.seen());
    }
    Ok(run)
}

/// What the engine answered.
struct Answered {
    /// The last position's answer; `None` where it was not computed any more.
    token: Option<u16>,
    /// Whether somebody wants the run to end.
    cancelled: bool,
}

/// Computes all positions that the engine has not seen, checks them against the steps taken on the draft's
/// word, and returns the last one's answer.
async fn answer<E: Engine>(
    engine: &mut E,
    run: &mut Run,
    options: Options<'_>,
    go_on: &mut impl AsyncFnMut(usize) -> bool,
) -> Result<Answered, EngineError> {
    let first_query = run.report.prompt_tokens.saturating_sub(1);
    let mut token = None;
    while engine.seen() < run.sequence.len() {
        let seen = engine.seen();
        let answers = engine.advance(&run.sequence, options.want).await?;
        // Positions ascend: looking through all steps at every step would make a token's cost grow with the
        // trace.
        let checked = run.report.steps.partition_point(|step| step.position < seen);
        for step in run.report.steps.iter().skip(checked).take_while(|step| step.position < engine.seen()) {
            let token = answers.tokens.get(step.position - seen).copied();
            if token != Some(step.token) {
                let index = step.position - first_query;
                return Err(EngineError::DraftRefused { step: index, drafted: step.token, answered: token });
            }
        }
        let skip = first_query.saturating_sub(seen);
        run.logits.extend(answers.logits.into_iter().skip(skip));
        token = answers.tokens.last().copied();
        if !go_on(engine.seen()).await {
            let token = token.filter(|_| engine.seen() == run.sequence.len());
            return Ok(Answered { token, cancelled: true });
        }
    }
    Ok(Answered { token: Some(token.unwrap_or(FIRST_QUERY)), cancelled: false })
}

/// Cuts a run that was stopped back to the positions that were computed.
fn forget_unseen(run: &mut Run, program: &Program, seen: usize) {
    let computed = run.report.steps.partition_point(|step| step.position < seen);
    run.report.steps.truncate(computed);
    run.sequence.truncate(seen);
    let mut replay = Replay::new(program);
    run.report.steps.iter().for_each(|step| replay.step(step));
    run.report.state = replay.state().clone();
    run.sequence.stores = replay.into_stores();
    run.report.ending = Ending::Cancelled;
}
