//! The dense engine computes what the sparse one computes, to the last bit.

use super::{CHUNK, DenseDevice, DenseEngine, attention, chunk_after};
use crate::interpreter::classic::asm::assemble;
use crate::interpreter::classic::compile::{HEADS, compile};
use crate::interpreter::classic::host::FIRST_QUERY;
use crate::interpreter::classic::isa::{INSTRUCTION_BYTES, MAX_INSTRUCTIONS};
use crate::interpreter::classic::layout::Dim;
use crate::interpreter::classic::program::OpenLoops;
use crate::interpreter::classic::runner::{Options, run};
use crate::interpreter::engine::{Engine, HeadAddress, Want};
use crate::interpreter::sequence::Sequence;
use crate::interpreter::sparse::SparseEngine;

const PROGRAM: &str = "fd_open 1 i32.const 200 fd_write i32.const 9 local.set 3
    loop local.get 3 i32.const 30 i32.mul i32.store 4 local.get 3 i32.const 3 i32.sub local.tee 3 br_if end_loop
    i32.load 4 i32.const 1 i32.or fd_open 1 fd_read i32.add output halt";

#[test]
fn both_engines_agree_on_every_logit_and_every_captured_number() {
    let model = compile();
    let program = assemble(PROGRAM, OpenLoops::Refuse).unwrap().program;
    let options = Options { want: Want::Logits, ..Options::default() };
    let mut sparse = SparseEngine::new(&model);
    let mut dense = DenseEngine::new(&model, DenseDevice::cpu()).unwrap();
    let expected = pollster::block_on(run(&mut sparse, &program, options, async |_| true)).unwrap();
    let found = pollster::block_on(run(&mut dense, &program, options, async |_| true)).unwrap();
    assert_eq!(found, expected);
    for position in 0..expected.sequence.len() {
        let expected_capture = pollster::block_on(sparse.capture(&expected.sequence, position)).unwrap();
        let capture = pollster::block_on(dense.capture(&expected.sequence, position)).unwrap();
        assert_eq!(capture, expected_capture, "position {position}");
    }
    let last = expected.sequence.len() - 1;
    let capture = pollster::block_on(sparse.capture(&expected.sequence, last)).unwrap();
    for (layer, heads) in HEADS.into_iter().enumerate() {
        for head in 0..heads {
            let address = HeadAddress { layer, head };
            let expected_detail =
                pollster::block_on(sparse.attention(&expected.sequence, &capture, address, 10)).unwrap();
            let detail =
                pollster::block_on(dense.attention(&expected.sequence, &capture, address, 10)).unwrap();
            assert_eq!(detail, expected_detail, "layer {layer} head {head}");
        }
    }
}

#[test]
fn one_parallel_pass_verifies_a_whole_draft() {
    let model = compile();
    let program = assemble(PROGRAM, OpenLoops::Refuse).unwrap().program;
    let options = Options { want: Want::Logits, ..Options::default() };
    let mut sparse = SparseEngine::new(&model);
    let expected = pollster::block_on(run(&mut sparse, &program, options, async |_| true)).unwrap();
    let draft: Vec<u16> = expected.report.steps.iter().map(|step| step.token).collect();
    let mut dense = DenseEngine::new(&model, DenseDevice::cpu()).unwrap();
    let options = Options { draft: &draft, ..options };
    let found = pollster::block_on(run(&mut dense, &program, options, async |_| true)).unwrap();
    assert_eq!(found, expected);
}

#[test]
fn the_last_instructions_of_the_longest_program_are_fetched_exactly() {
    let model = compile();
    // Neighbours that all differ; an odd number of instructions, so that the last ones are whole pairs.
    let text: String = (0..MAX_INSTRUCTIONS / 2).map(|n| format!("i32.const {} output ", n % 251)).collect();
    let program = assemble(&format!("halt {text}"), OpenLoops::Refuse).unwrap().program;
    let whole = crate::interpreter::classic::host::prompt(&program);
    // Of the program only its start and its end: all of it would take the dense engine a minute.
    let last = 60;
    let kept = whole.len() - last * INSTRUCTION_BYTES;
    let mut sequence = Sequence::default();
    for position in std::iter::once(0).chain(kept..whole.len()) {
        sequence.push(whole.token(position).unwrap(), whole.encoding(position).into_owned());
    }
    let mut tokens = Vec::new();
    for number in MAX_INSTRUCTIONS - last..MAX_INSTRUCTIONS {
        let value = u16::from(program.instructions()[number - (number + 1) % 2].operand);
        let [ip, previous] = [Dim::Ip, Dim::PrevIp].map(Dim::index);
        sequence.push(
            tokens.last().copied().unwrap_or(FIRST_QUERY),
            vec![(ip, number as f32), (previous, if tokens.is_empty() { -1.0 } else { number as f32 - 1.0 })],
        );
        tokens.push(value);
    }
    let mut sparse = SparseEngine::new(&model);
    let mut dense = DenseEngine::new(&model, DenseDevice::cpu()).unwrap();
    let expected = pollster::block_on(sparse.extend(&sequence, Want::Logits)).unwrap();
    let found = pollster::block_on(dense.extend(&sequence, Want::Logits)).unwrap();
    assert_eq!(found, expected);
    assert_eq!(found.tokens[found.tokens.len() - last..], tokens);
    for position in [0, 7, 201, sequence.len() - 1] {
        let capture = pollster::block_on(sparse.capture(&sequence, position)).unwrap();
        assert_eq!(pollster::block_on(dense.capture(&sequence, position)).unwrap(), capture);
    }
}

#[test]
fn a_chunk_takes_little_memory_however_many_keys_there_are() {
    let heads = HEADS.into_iter().max().unwrap();
    for seen in [0, 31, 32, 1_000, 4_064, 16_352, 16_353, 60_000, 200_000] {
        let rows = chunk_after(seen);
        assert!((1..=CHUNK).contains(&rows));
        let bytes = 4 * heads * rows * attention::capacity_for(seen + rows);
        assert!(bytes <= 28_000_000, "{seen}: {bytes}");
    }
    assert_eq!(chunk_after(16_352), CHUNK);
}
