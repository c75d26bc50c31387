//! Looking inside: what the engine shows of a position is what the dense pass computes there, and what it computed itself.

use super::compile::compile;
use super::engine::FullEngine;
use super::machine::Stub;
use super::prompt::MAX_POSITIONS;
use super::run::{Ending, Run, run};
use super::token::Token;
use super::{Roots, lower};
use crate::interpreter::engine::{Answers, Engine, EngineError, HeadAddress, Want};
use crate::interpreter::sequence::{Rule, Sequence};
use crate::wat::Module;
use crate::xray::{AttentionDetail, Capture};

/// Memory, a call, a division, a shift and a branch.
const PROGRAM: &str = r#"(module (memory 1) (global $g (mut i32) (i32.const 9))
  (func $half (param i32) (result i32) (i32.shr_s (local.get 0) (i32.const 1)))
  (func (export "run") (param $n i32) (result i32) (local $x i32)
    (loop $next
      (i32.store (i32.const 8) (i32.mul (call $half (local.get $n)) (i32.const -300)))
      (local.set $x (i32.add (local.get $x) (i32.rem_u (i32.load8_u (i32.const 9)) (i32.const 7))))
      (global.set $g (i32.xor (global.get $g) (local.get $x)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.get $g)))"#;

fn ran(engine: &mut impl Engine, argument: u32, tokens: usize) -> Run {
    let program = lower(&Module::from_text(PROGRAM).unwrap(), Roots::Exported).unwrap();
    let stub = Stub::named(&program, "run", &[argument]).unwrap();
    pollster::block_on(run(engine, &program, &stub, tokens, async |_| true)).unwrap()
}

#[cfg(feature = "tensor")]
#[test]
fn heads_find_what_the_dense_pass_finds_wherever_they_find_something() {
    use crate::interpreter::dense::{DenseDevice, DenseEngine};

    let model = compile();
    let mut engine = FullEngine::new(&model).unwrap();
    let Run { sequence, prompt_tokens, .. } = ran(&mut engine, 1, 400);
    let mut dense = DenseEngine::new(&model, DenseDevice::cpu()).unwrap();
    let answers = pollster::block_on(dense.extend(&sequence, Want::Tokens)).unwrap();
    assert_eq!(answers.tokens[prompt_tokens - 1..sequence.len() - 1], sequence.tokens()[prompt_tokens..]);
    let mut found = 0;
    for position in (prompt_tokens..sequence.len() - 1).step_by(7) {
        let own = pollster::block_on(engine.capture(&sequence, position)).unwrap();
        let other = pollster::block_on(dense.capture(&sequence, position)).unwrap();
        assert_eq!(own.argmax, sequence.tokens()[position + 1]);
        assert_eq!((own.argmax, &own.pos_embed), (other.argmax, &other.pos_embed));
        for (layer, (own, other)) in own.layers.iter().zip(&other.layers).enumerate() {
            assert_eq!(own.pre.len(), other.pre.len());
            for (head, (own, other)) in own.heads.iter().zip(&other.heads).enumerate() {
                // A query that nobody asks with may itself be made of what nobody asked for.
                if own.winner.is_some() && own.q == other.q {
                    found += 1;
                    let at = format!("position {position}, layer {layer}, head {head}");
                    assert_eq!((own.winner, own.score), (other.winner, other.score), "{at}");
                    assert_eq!(own.z, other.z, "{at}");
                }
            }
        }
    }
    assert!(found > 300, "{found}");
}

#[test]
fn a_position_is_computed_again_as_it_was_however_long_ago() {
    let mut engine = FullEngine::new(&compile()).unwrap();
    let Run { sequence, .. } = ran(&mut engine, 100_000, 25_000);
    for position in [3, 700, 8_191, 8_192, 8_193, 16_500, sequence.len() - 2] {
        let capture = pollster::block_on(engine.capture(&sequence, position)).unwrap();
        // The same from a sequence that ends there.
        let mut short = Sequence::ruled(Rule(super::prompt::encoding));
        sequence.tokens()[..=position].iter().for_each(|token| short.push(*token, Vec::new()));
        let mut fresh = FullEngine::new(&compile()).unwrap();
        let answers = pollster::block_on(fresh.extend(&short, Want::Logits)).unwrap();
        assert_eq!(answers.logits.last().unwrap(), &capture.logits, "position {position}");
        assert_eq!(answers.tokens.last().unwrap(), &capture.argmax);
    }
    let missing = pollster::block_on(engine.capture(&sequence, sequence.len() + 5));
    assert!(missing.unwrap_err().to_string().contains("has not been computed"));
}

#[test]
fn positions_one_after_the_other_are_those_of_each_by_itself() {
    let mut engine = FullEngine::new(&compile()).unwrap();
    let Run { sequence, .. } = ran(&mut engine, 100_000, 9_000);
    for from in [0, 8_180] {
        let mut taken = Vec::new();
        let next = pollster::block_on(engine.captures(&sequence, from, |capture| {
            taken.push(capture.clone());
            taken.len() < 30
        }));
        assert_eq!((next.unwrap(), taken.len()), (from + 30, 30));
        for (position, capture) in (from..).zip(taken) {
            assert_eq!(
                pollster::block_on(engine.capture(&sequence, position)).unwrap(),
                capture,
                "{position}"
            );
        }
    }
    // To the end of what it has seen, and nothing behind that.
    let (seen, mut last) = (engine.seen(), 0);
    let next = pollster::block_on(engine.captures(&sequence, seen - 5, |capture| {
        last = capture.position;
        true
    }));
    assert_eq!((next.unwrap(), last), (seen, seen - 1));
    assert_eq!(
        pollster::block_on(engine.captures(&sequence, seen, |_| panic!("nothing is there"))).unwrap(),
        seen
    );
}

#[test]
fn a_head_shows_its_best_keys_with_the_winner_among_them() {
    let mut engine = FullEngine::new(&compile()).unwrap();
    let Run { sequence, .. } = ran(&mut engine, 3, 2_000);
    let position = sequence.len() - 40;
    let capture = pollster::block_on(engine.capture(&sequence, position)).unwrap();
    for (layer, heads) in capture.layers.iter().map(|layer| &layer.heads).enumerate() {
        for (head, captured) in heads.iter().enumerate() {
            let address = HeadAddress { layer, head };
            let detail = pollster::block_on(engine.attention(&sequence, &capture, address, 20)).unwrap();
            assert_eq!(detail.keys.len() + detail.omitted, position + 1);
            if let Some(winner) = captured.winner {
                let found = detail.keys.iter().find(|key| key.position == winner).unwrap();
                assert_eq!(
                    (found.score, &found.v),
                    (captured.score, &captured.z),
                    "layer {layer}, head {head}"
                );
                assert!(detail.keys.iter().all(|key| key.score <= found.score));
            }
        }
    }
}

#[test]
fn of_a_long_run_the_latest_keys_are_read_and_the_winner() {
    let mut engine = FullEngine::new(&compile()).unwrap();
    let Run { sequence, .. } = ran(&mut engine, 100_000, 25_000);
    let position = sequence.len() - 40;
    let capture = pollster::block_on(engine.capture(&sequence, position)).unwrap();
    let mut old = 0;
    for (layer, heads) in capture.layers.iter().map(|layer| &layer.heads).enumerate() {
        for (head, captured) in heads.iter().enumerate() {
            let address = HeadAddress { layer, head };
            let all = pollster::block_on(engine.attention(&sequence, &capture, address, usize::MAX)).unwrap();
            assert_eq!((all.unread, all.omitted), (0, 0));
            let few = engine.keys(&sequence, &capture, address, usize::MAX, 500).unwrap();
            assert_eq!(few.unread, position + 1 - 500);
            assert_eq!(few.keys.len() + few.omitted, position + 1);
            let is_read = |at: usize| at >= few.unread || captured.winner == Some(at);
            let expected: Vec<_> = all.keys.into_iter().filter(|key| is_read(key.position)).collect();
            assert_eq!(few.keys, expected, "layer {layer}, head {head}");
            old += usize::from(captured.winner.is_some_and(|winner| winner < few.unread));
        }
    }
    assert!(old > 5, "{old} heads find something of long ago");
}

#[test]
fn what_a_long_run_needed_does_not_count_as_the_next_ones() {
    let mut engine = FullEngine::new(&compile()).unwrap();
    let Run { sequence, .. } = ran(&mut engine, 100_000, 60_000);
    let many = engine.checkpoints();
    assert!(many > 4, "{many} states are kept of {} positions", sequence.len());
    let short = ran(&mut engine, 3, 20_000);
    assert!(short.sequence.len() < 20_000);
    let again = ran(&mut engine, 100_000, 60_000);
    assert_eq!((again.sequence.tokens(), engine.checkpoints()), (sequence.tokens(), many));
    // A state from before what was written later.
    let capture = pollster::block_on(engine.capture(&sequence, 9_000)).unwrap();
    assert_eq!(capture.argmax, sequence.tokens()[9_001]);
}

/// An engine that says `step` to everything, at once.
struct Endless {
    seen: usize,
}

impl Engine for Endless {
    fn name(&self) -> String {
        "endless".to_owned()
    }

    fn reset(&mut self) {
        self.seen = 0;
    }

    fn seen(&self) -> usize {
        self.seen
    }

    async fn advance(&mut self, sequence: &Sequence, _: Want) -> Result<Answers, EngineError> {
        let tokens = vec![Token::Step.id(); sequence.len() - self.seen];
        self.seen = sequence.len();
        Ok(Answers { tokens, logits: Vec::new() })
    }

    async fn capture(&mut self, _: &Sequence, position: usize) -> Result<Capture, EngineError> {
        Err(EngineError::NoSuchPosition { position, seen: self.seen })
    }

    async fn attention(
        &mut self,
        _: &Sequence,
        capture: &Capture,
        _: HeadAddress,
        _: usize,
    ) -> Result<AttentionDetail, EngineError> {
        Err(EngineError::NoSuchPosition { position: capture.position, seen: self.seen })
    }
}

#[test]
fn a_trace_ends_where_positions_would_not_be_exact() {
    let run = ran(&mut Endless { seen: 0 }, 1, usize::MAX);
    assert_eq!((run.ending, run.sequence.len()), (Ending::TooLong, MAX_POSITIONS));
    let mut engine = FullEngine::new(&compile()).unwrap();
    engine.skip_to(MAX_POSITIONS - 1);
    assert!(engine.read(Token::Start).is_ok());
    assert!(engine.read(Token::Start).is_err());
}

#[test]
fn a_machine_with_the_program_in_its_weights_writes_the_same_trace_from_no_program() {
    use super::compile::special::{NotSpecial, specialise};
    use super::run::{begin_special, write};

    let general = compile();
    let programs = ["22-factorial", "23-fibonacci", "25-collatz", "31-crc-32"];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/programs/");
    for name in programs {
        let text = std::fs::read_to_string(format!("{folder}{name}.wat")).unwrap();
        let head = crate::interpreter::programs::Head::read(&text).unwrap();
        let call = &head.calls[0];
        let program = lower(&Module::from_text(&text).unwrap(), Roots::Named(&[&call.function])).unwrap();
        let arguments: Vec<u32> = call.arguments.iter().map(|value| value.cast_unsigned()).collect();
        let stub = Stub::named(&program, &call.function, &arguments).unwrap();
        let special = specialise(&program, &stub).unwrap();
        let mut engine = FullEngine::special(&special).unwrap();
        let begun = begin_special(&stub);
        assert_eq!(begun.len(), 1 + 256 + 3, "{name}: start, alphabet, a jump");
        let run_special = pollster::block_on(write(&mut engine, begun, 20_000, async |_| true)).unwrap();
        let mut engine = FullEngine::new(&general).unwrap();
        let run = pollster::block_on(run(&mut engine, &program, &stub, 20_000, async |_| true)).unwrap();
        assert_eq!(run_special.ending, run.ending, "{name}");
        assert!(run_special.trace().eq(run.trace()), "{name}");
        let instructions = program.code.len() + stub.records.len();
        let neurons: usize = special.card.layers[2].neurons.len();
        assert!(
            neurons > instructions && neurons <= 2 * instructions,
            "{name}: {neurons} for {instructions}"
        );
        assert_eq!(special.card.layers.len(), general.card.layers.len() + 1);
    }
    let table = r#"(module (table 1 funcref) (elem (i32.const 0) $f) (type $t (func))
      (func $f) (func (export "main") (call_indirect (type $t) (i32.const 0))))"#;
    let program = lower(&Module::from_text(table).unwrap(), Roots::Exported).unwrap();
    let stub = Stub::named(&program, "main", &[]).unwrap();
    assert_eq!(specialise(&program, &stub).unwrap_err(), NotSpecial::Table);
}

#[cfg(feature = "tensor")]
#[test]
fn the_dense_pass_of_a_specialised_machine_says_the_same() {
    use super::compile::special::specialise;
    use super::run::{begin_special, check, write};
    use crate::interpreter::dense::{DenseDevice, DenseEngine};

    let program = lower(&Module::from_text(PROGRAM).unwrap(), Roots::Exported).unwrap();
    let stub = Stub::named(&program, "run", &[1]).unwrap();
    let special = specialise(&program, &stub).unwrap();
    let mut engine = FullEngine::special(&special).unwrap();
    let run = pollster::block_on(write(&mut engine, begin_special(&stub), 9_000, async |_| true)).unwrap();
    let mut dense = DenseEngine::new(&special, DenseDevice::cpu()).unwrap();
    let confirmed = pollster::block_on(check(&mut dense, &run, async |_| true)).unwrap();
    assert_eq!(confirmed, run.trace().len());
    assert!(confirmed > 100);
}
