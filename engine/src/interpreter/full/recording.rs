//! A run as something to look at: the machine's state behind any of its instructions, and the instructions by their numbers.
//!
//! What is kept is the trace and some states on the way; everything else is read from the trace again, from the last state before. The
//! instructions that begin a run (memory, globals, data, the call) count as well: the transformer executes them like any other.

use super::program::{Address, Program, Record};
use super::replay::{Done, Replay, State, Unexpected};
use super::run::Run;
use super::stub::Stub;
use crate::interpreter::checkpoints::Checkpoints;

/// Instructions between the first states: they are read again in about a millisecond.
const FIRST_STEP: usize = 8_192;

/// A run with its program.
#[derive(Clone, Debug)]
pub struct Recording {
    program: Program,
    stub: Stub,
    run: Run,
    states: Checkpoints<State>,
    end: State,
    /// The state that was looked at last: what comes next is often near.
    latest: Option<State>,
    before_call: u64,
}

/// An instruction of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number, from 1: so many instructions are executed behind it.
    pub number: u64,
    /// Where its first token stands in the sequence.
    pub position: usize,
    /// How many tokens it has.
    pub tokens: usize,
    /// What was done.
    pub done: Done,
    /// Whether what its instruction in the source became begins with it: a division becomes several.
    pub begins: bool,
    /// What the first slot that it reads held before: of a load and a store, the address.
    pub operand: u32,
}

impl Recording {
    /// Reads a run from its first token to its last.
    ///
    /// # Errors
    /// When a token says what its instruction cannot have done.
    pub fn new(program: Program, stub: Stub, run: Run) -> Result<Self, Unexpected> {
        let mut states = Checkpoints::every(FIRST_STEP);
        let mut before_call = None;
        let mut replay = Replay::new(&program, &stub);
        for token in run.trace() {
            if let Some(done) = replay.read(token)? {
                if done.at < stub.first && before_call.is_none() {
                    before_call = Some(replay.instructions - 1);
                }
                states.pass(count(replay.instructions), &*replay, State::bytes);
            }
        }
        let end = replay.into_state();
        let before_call = before_call.unwrap_or(end.instructions);
        Ok(Self { program, stub, run, states, end, latest: None, before_call })
    }

    /// The program.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// What begins the run.
    pub const fn stub(&self) -> &Stub {
        &self.stub
    }

    /// The run.
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// How many instructions were executed.
    pub const fn instructions(&self) -> u64 {
        self.end.instructions
    }

    /// How many of them come before the first of a function: they set pages, globals and data, and call it.
    pub const fn before_call(&self) -> u64 {
        self.before_call
    }

    /// The state at the end. A run that was stopped may have written a part of one instruction more.
    pub fn end(&self) -> Replay<'_> {
        Replay::from_state(&self.program, &self.stub, self.end.clone())
    }

    /// The instruction at which the run ended: the one that halted or trapped, or was not finished.
    pub fn at_end(&self) -> Option<Record> {
        self.record(self.end.ip())
    }

    /// The state behind so many instructions, or at the end.
    pub fn at(&mut self, instructions: u64) -> Replay<'_> {
        let state = self.state(instructions);
        self.latest = Some(state.clone());
        Replay::from_state(&self.program, &self.stub, state)
    }

    /// The instructions behind so many others: `count` of them, if there are that many.
    pub fn steps(&mut self, behind: u64, count: usize) -> Vec<Step> {
        let state = self.state(behind);
        self.latest = Some(state.clone());
        self.from(state).take(count).collect()
    }

    /// The next instruction behind so many others of which something is true.
    pub fn find(&self, behind: u64, is: impl FnMut(&Step) -> bool) -> Option<Step> {
        self.from(self.state(behind)).find(is)
    }

    /// The last of the first so many instructions of which something is true.
    pub fn find_back(&self, behind: u64, mut is: impl FnMut(&Step) -> bool) -> Option<Step> {
        // Stretches before it, from one kept state to the next; the nearest first.
        let mut to = behind.min(self.instructions());
        while to > 0 {
            let begin = self.states.before(count(to - 1)).map(|(_, state)| state.clone());
            let begin = begin.unwrap_or_else(|| self.begin());
            let from = begin.instructions;
            let found = self.from(begin).take_while(|step| step.number <= to).filter(|step| is(step)).last();
            if found.is_some() {
                return found;
            }
            to = from;
        }
        None
    }

    /// How many instructions are executed before the one that a position of the sequence belongs to; 0 within the prompt.
    pub fn instructions_before(&self, position: usize) -> u64 {
        let Some(token) = position.checked_sub(self.run.prompt_tokens) else { return 0 };
        let state = self.states.last(|state| state.tokens() <= token).cloned();
        let mut replay = self.go_on(state.unwrap_or_else(|| self.begin()));
        let mut ends = false;
        for token in self.run.trace().take(token + 1).skip(replay.tokens()) {
            ends = matches!(replay.read(token), Ok(Some(_)));
        }
        if ends { replay.instructions - 1 } else { replay.instructions }
    }

    /// How many instructions are executed before the one of which the forward pass of a position writes a token.
    pub fn instructions_at(&self, position: usize) -> u64 {
        let next = position.saturating_add(1);
        if next >= self.run.sequence.len() { self.instructions() } else { self.instructions_before(next) }
    }

    /// The instruction at the place where a state is.
    pub fn next(&self, state: &State) -> Option<Record> {
        state.end.is_none().then(|| self.record(state.ip()))?
    }

    /// The instruction at an address.
    pub fn record(&self, address: Address) -> Option<Record> {
        self.stub.record(&self.program, address)
    }

    fn begin(&self) -> State {
        Replay::new(&self.program, &self.stub).into_state()
    }

    fn go_on(&self, state: State) -> Replay<'_> {
        Replay::from_state(&self.program, &self.stub, state)
    }

    fn state(&self, instructions: u64) -> State {
        if instructions >= self.instructions() {
            return self.end.clone();
        }
        let kept = self.states.before(count(instructions)).map(|(_, state)| state);
        let latest = self.latest.as_ref().filter(|latest| {
            latest.instructions <= instructions
                && kept.is_none_or(|kept| kept.instructions < latest.instructions)
        });
        let mut replay = self.go_on(latest.or(kept).cloned().unwrap_or_else(|| self.begin()));
        let mut tokens = self.run.trace().skip(replay.tokens());
        while replay.instructions < instructions {
            let Some(token) = tokens.next() else { break };
            if replay.read(token).is_err() {
                break;
            }
        }
        replay.into_state()
    }

    /// The instructions from a state on.
    fn begins(&self, done: &Done) -> bool {
        let before = done.at.index().checked_sub(1).and_then(|before| self.program.code.get(before));
        done.record.span.is_none() || before.is_none_or(|before| before.span != done.record.span)
    }

    fn from(&self, state: State) -> impl Iterator<Item = Step> {
        let mut replay = self.go_on(state);
        let mut tokens = self.run.trace().skip(replay.tokens());
        std::iter::from_fn(move || {
            let first = replay.tokens();
            let record = self.record(replay.ip());
            let operand = record.map_or(0, |record| replay.slot(replay.depth(), record.a));
            loop {
                // The whole trace was read once: nothing in it is unexpected.
                let Some(done) = replay.read(tokens.next()?).ok()? else { continue };
                return Some(Step {
                    number: replay.instructions,
                    position: self.run.prompt_tokens + first,
                    tokens: replay.tokens() - first,
                    done,
                    begins: self.begins(&done),
                    operand,
                });
            }
        })
    }
}

/// A number of instructions as a place: there are no more than tokens.
fn count(instructions: u64) -> usize {
    usize::try_from(instructions).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::full::compile::compile;
    use crate::interpreter::full::engine::FullEngine;
    use crate::interpreter::full::replay::{Change, End};
    use crate::interpreter::full::run::run;
    use crate::interpreter::full::{Roots, lower};
    use crate::wat::Module;

    /// Counts to a number in memory, so that it is seen to be written, and gives it.
    const TEXT: &str = r#"(module
      (memory 1)
      (func (export "count") (param $n i32) (result i32)
        (local $i i32)
        (loop $next
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (i32.store (i32.const 16) (local.get $i))
          (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $i)))"#;

    fn recording(n: u32) -> Recording {
        let module = Module::from_text(TEXT).unwrap();
        let program = lower(&module, Roots::Exported).unwrap();
        let stub = Stub::named(&program, "count", &[n]).unwrap();
        let mut engine = FullEngine::new(&compile()).unwrap();
        let run = pollster::block_on(run(&mut engine, &program, &stub, 1_000_000, async |_| true)).unwrap();
        Recording::new(program, stub, run).unwrap()
    }

    #[test]
    fn the_state_behind_each_instruction_is_found_in_any_order() {
        // Enough instructions that some states are kept.
        let mut recording = recording(2_000);
        assert!(recording.instructions() > 2 * FIRST_STEP as u64);
        assert_eq!(recording.end().end, Some(End::Halted));
        assert_eq!(recording.end().results(), [2_000]);
        let mut replay = Replay::new(&recording.program, &recording.stub);
        let mut states = vec![replay.clone().into_state()];
        let mut starts = vec![recording.run.prompt_tokens];
        for token in recording.run.trace() {
            if replay.read(token).unwrap().is_some() {
                states.push(replay.clone().into_state());
                starts.push(recording.run.prompt_tokens + replay.tokens());
            }
        }
        let all = recording.clone().steps(0, usize::MAX);
        assert_eq!(all.len() + 1, states.len());
        for at in [0, 1, 7_000, 3, 20_000, 8_192, 16_384, 16_385, all.len() - 1, all.len(), 5] {
            let found = recording.at(at as u64).into_state();
            let expected = &states[at];
            assert_eq!(
                (found.instructions, found.tokens(), found.ip()),
                (at as u64, expected.tokens(), expected.ip())
            );
            assert_eq!(found.memory.byte(16), expected.memory.byte(16), "{at}");
            assert_eq!(
                recording.steps(at as u64, 3),
                all.iter().skip(at).take(3).copied().collect::<Vec<_>>()
            );
        }
        for (step, start) in all.iter().zip(&starts) {
            assert_eq!(step.position, *start);
        }
        for instructions in (0..=recording.instructions()).step_by(613) {
            let tokens = recording.at(instructions).tokens();
            let asked = recording.run.prompt_tokens + tokens - 1;
            assert_eq!(recording.instructions_at(asked), instructions);
        }
        let last = recording.run.sequence.len() - 1;
        assert_eq!(recording.instructions_at(last), recording.instructions());
        for step in all.iter().step_by(611) {
            for position in step.position..step.position + step.tokens {
                assert_eq!(recording.instructions_before(position), step.number - 1, "{position}");
            }
        }
    }

    #[test]
    fn instructions_are_found_forwards_and_backwards() {
        let mut recording = recording(5_000);
        let stores = |step: &Step| matches!(step.done.change, Change::Memory { address: 16, .. });
        let all: Vec<u64> = recording
            .steps(0, usize::MAX)
            .iter()
            .filter(|step| stores(step))
            .map(|step| step.number)
            .collect();
        assert_eq!(all.len(), 5_000);
        for pair in all.windows(2).step_by(617) {
            assert_eq!(recording.find(pair[0], stores).unwrap().number, pair[1]);
            assert_eq!(recording.find_back(pair[1] - 1, stores).unwrap().number, pair[0]);
        }
        assert_eq!(recording.find_back(u64::MAX, stores).unwrap().number, *all.last().unwrap());
        assert!(recording.find(*all.last().unwrap(), stores).is_none());
        assert!(recording.find_back(all[0] - 1, stores).is_none());
        assert!(recording.before_call() > 0 && recording.before_call() < all[0]);
    }

    #[test]
    fn a_run_that_was_stopped_can_be_looked_at() {
        let module = Module::from_text("(module (func (export \"f\") (loop (br 0))))").unwrap();
        let program = lower(&module, Roots::Exported).unwrap();
        let stub = Stub::named(&program, "f", &[]).unwrap();
        let mut engine = FullEngine::new(&compile()).unwrap();
        let run = pollster::block_on(run(&mut engine, &program, &stub, 1_001, async |_| true)).unwrap();
        let mut recording = Recording::new(program, stub, run).unwrap();
        assert_eq!(recording.end().end, None);
        let last = recording.instructions();
        assert!(recording.at(last).instructions == last && recording.steps(last, 9).is_empty());
        assert!(recording.next(&recording.end).is_some());
    }
}
