//! The dense engine computes what the sparse one computes, to the last bit.

use super::{DenseDevice, DenseEngine};
use crate::interpreter::classic::asm::assemble;
use crate::interpreter::classic::compile::compile;
use crate::interpreter::classic::program::OpenLoops;
use crate::interpreter::classic::runner::{Options, run};
use crate::interpreter::engine::{Engine, HeadAddress, Want};
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
    for position in 0..expected.sequence.positions.len() {
        let expected_capture = pollster::block_on(sparse.capture(&expected.sequence, position)).unwrap();
        let capture = pollster::block_on(dense.capture(&expected.sequence, position)).unwrap();
        assert_eq!(capture, expected_capture, "position {position}");
    }
    let last = expected.sequence.positions.len() - 1;
    let capture = pollster::block_on(sparse.capture(&expected.sequence, last)).unwrap();
    for (layer, heads) in crate::interpreter::classic::compile::HEADS.into_iter().enumerate() {
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
