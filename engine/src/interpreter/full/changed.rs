//! A run on an altered engine, beside the one as it is.
//!
//! What stands in for a part may have the transformer write what no instruction could have written. So each token is read back as it
//! comes: the run ends with the first one that nobody can follow.

use super::program::Program;
use super::prompt::MAX_POSITIONS;
use super::replay::{End, Replay, Unexpected};
use super::run::begin;
use super::stub::Stub;
use super::token::Token;
use super::trap::Trap;
use crate::interpreter::engine::{Engine, EngineError, Want};
use crate::interpreter::sequence::Sequence;

/// A run that was altered.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedRun {
    /// The prompt and what was written.
    pub sequence: Sequence,
    /// Where it first says something else than the run as it is.
    pub parting: Option<Parting>,
    /// How it ended.
    pub outcome: Outcome,
    /// What it put out.
    pub outputs: Vec<u32>,
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq)]
pub struct Parting {
    /// The position whose forward pass gives another token.
    pub position: usize,
    /// Its logits.
    pub logits: Vec<f32>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It halted.
    Halted,
    /// It trapped.
    Trapped(Trap),
    /// It wrote what its instruction cannot have written.
    Astray(Unexpected),
    /// It has as many tokens as it was given.
    OutOfTokens {
        /// How many.
        limit: usize,
    },
    /// Somebody stopped it.
    Cancelled,
}

/// Runs a program on an engine that was altered before, for `max_tokens` tokens at most. `plain` are the tokens of the run as it is, its
/// prompt among them. `go_on` is asked as in [`run`](super::run::run). Gives the results of the function as well, where it halts.
///
/// # Errors
/// When the engine fails.
pub async fn run<E: Engine>(
    engine: &mut E,
    (program, stub): (&Program, &Stub),
    plain: &[u16],
    max_tokens: usize,
    mut go_on: impl AsyncFnMut(usize) -> bool,
) -> Result<(ChangedRun, Vec<u32>), EngineError> {
    engine.reset();
    let mut sequence = begin(program, stub);
    let prompt = sequence.len();
    let mut replay = Replay::new(program, stub);
    let mut parting = None;
    let outcome = loop {
        let mut said = None;
        let mut is_wanted = true;
        while engine.seen() < sequence.len() && is_wanted {
            let mut answers = engine.advance(&sequence, Want::Logits).await?;
            said = answers.tokens.pop().zip(answers.logits.pop());
            is_wanted = go_on(engine.seen()).await;
        }
        let Some((token, logits)) = said.filter(|_| is_wanted) else { break Outcome::Cancelled };
        let at = sequence.len();
        if at - prompt >= max_tokens || at >= MAX_POSITIONS {
            break Outcome::OutOfTokens { limit: at - prompt };
        }
        // Where the run as it is was stopped earlier, there is nothing to part from.
        if parting.is_none() && plain.get(at).is_some_and(|plain| *plain != token) {
            parting = Some(Parting { position: at.saturating_sub(1), logits });
        }
        sequence.push(token, Vec::new());
        // The model has no other tokens than these.
        let read = replay.read(Token::of(token).unwrap_or(Token::Start));
        match (read, replay.end) {
            (Err(unexpected), _) => break Outcome::Astray(unexpected),
            (Ok(_), Some(End::Halted)) => break Outcome::Halted,
            (Ok(_), Some(End::Trapped(trap))) => break Outcome::Trapped(trap),
            (Ok(_), None) => {}
        }
    };
    let results = if outcome == Outcome::Halted { replay.results() } else { Vec::new() };
    let outputs = replay.into_state().outputs;
    Ok((ChangedRun { sequence, parting, outcome, outputs }, results))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::full::compile::compile;
    use crate::interpreter::full::engine::FullEngine;
    use crate::interpreter::full::{Roots, lower};
    use crate::interpreter::interventions::{Alter, Alteration, Intervention, Part, Replacement, replace};
    use crate::interpreter::model::Transformer;
    use crate::wat::Module;

    /// The sum of the numbers up to another.
    const TEXT: &str = r#"(module
      (func (export "sum") (param $n i32) (result i32)
        (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (local.get $n)))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

    struct Case {
        model: Transformer,
        program: Program,
        stub: Stub,
        plain: Vec<u16>,
    }

    fn case() -> Case {
        let module = Module::from_text(TEXT).unwrap();
        let program = lower(&module, Roots::Exported).unwrap();
        let stub = Stub::named(&program, "sum", &[4]).unwrap();
        let model = compile();
        let mut engine = FullEngine::new(&model).unwrap();
        let run = super::super::run::run(&mut engine, &program, &stub, 10_000, async |_| true);
        let plain = pollster::block_on(run).unwrap().sequence.tokens().to_vec();
        Case { model, program, stub, plain }
    }

    impl Case {
        fn run(&self, engine: &mut FullEngine, list: &[Intervention]) -> (ChangedRun, Vec<u32>) {
            let mut sequence = begin(&self.program, &self.stub);
            for token in self.plain.iter().skip(sequence.len()) {
                sequence.push(*token, Vec::new());
            }
            assert!(pollster::block_on(replace(engine, list, &sequence, async |_| true)).unwrap());
            let parts = (&self.program, &self.stub);
            pollster::block_on(run(engine, parts, &self.plain, 2_000, async |_| true)).unwrap()
        }

        /// The layer and number of a head or a neuron, by its label.
        fn head(&self, label: &str) -> (usize, usize) {
            let layers = self.model.card.layers.iter().enumerate();
            let mut found = layers.filter_map(|(layer, card)| {
                let head = card.heads.iter().position(|head| head.part.label.contains(label))?;
                Some((layer, head))
            });
            found.next().unwrap()
        }
    }

    fn off(layer: usize, part: Part) -> Intervention {
        Intervention { layer, part, position: None, with: Replacement::Zero }
    }

    #[test]
    fn with_every_key_the_run_is_the_same() {
        let case = case();
        for mut engine in
            [FullEngine::new(&case.model).unwrap(), FullEngine::with_every_key(&case.model).unwrap()]
        {
            let (changed, results) = case.run(&mut engine, &[]);
            assert_eq!((changed.parting, changed.outcome, results), (None, Outcome::Halted, vec![10]));
            assert_eq!(changed.sequence.tokens(), case.plain);
        }
    }

    #[test]
    fn a_head_that_matters_changes_the_run_and_undone_it_is_as_before() {
        let case = case();
        let (layer, head) = case.head("opcode");
        let mut engine = FullEngine::with_every_key(&case.model).unwrap();
        let (changed, _) = case.run(&mut engine, &[off(layer, Part::Head(head))]);
        let parting = changed.parting.unwrap();
        assert!(parting.position + 1 >= begin(&case.program, &case.stub).len());
        assert_eq!(parting.logits.len(), case.model.vocabulary());
        assert_ne!(changed.outcome, Outcome::Halted);
        engine.alter(Alteration::default());
        let (changed, results) = case.run(&mut engine, &[]);
        assert_eq!((changed.parting, results), (None, vec![10]));
    }

    #[test]
    fn what_no_instruction_asks_for_changes_nothing() {
        let case = case();
        // Nothing divides, and nothing is kept in memory.
        let (layer, head) = case.head("digit");
        let mut engine = FullEngine::with_every_key(&case.model).unwrap();
        let (changed, results) = case.run(&mut engine, &[off(layer, Part::Head(head))]);
        assert_eq!((changed.parting, results), (None, vec![10]));
        // Nor does what is replaced at a position that only reads the prompt's start.
        let at_start = Intervention { position: Some(1), ..off(9, Part::Dimension(3)) };
        assert_eq!(case.run(&mut engine, &[at_start]).0.parting, None);
    }

    #[test]
    fn whatever_is_replaced_the_run_ends() {
        let case = case();
        let mut engine = FullEngine::new(&case.model).unwrap();
        let width = case.model.d_model();
        let mut endings = Vec::new();
        for (layer, block) in case.model.blocks.iter().enumerate() {
            for with in [Replacement::Zero, Replacement::Mean, Replacement::Value(1e30)] {
                let part = Part::Dimension((layer * 17 + 5) % width);
                let heads = (0..block.heads.len().min(2)).map(Part::Head);
                for part in heads.chain([part]) {
                    let one = Intervention { layer, part, position: None, with };
                    endings.push(case.run(&mut engine, &[one]).0.outcome);
                }
            }
        }
        assert!(endings.iter().any(|end| matches!(end, Outcome::Astray(_))));
    }

    #[test]
    fn a_part_that_there_is_not_is_refused() {
        let model = case().model;
        assert!(off(0, Part::Head(0)).check(&model).is_ok());
        for (layer, part) in [(0, Part::Head(99)), (99, Part::Neuron(0)), (0, Part::Dimension(999))] {
            assert!(off(layer, part).check(&model).is_err());
        }
    }
}
