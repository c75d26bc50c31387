//! Where saturating and masked arithmetic differ, and where they don't.

use engine::interpreter::classic::asm::{assemble, disassemble};
use engine::interpreter::classic::isa::Op;
use engine::interpreter::classic::machine::{self, Machine, Semantics};
use engine::interpreter::classic::program::OpenLoops;

use super::{Case, setting, try_on};

#[test]
fn they_differ_where_a_result_is_no_byte() {
    let program =
        assemble("i32.const 250 i32.const 10 i32.add output halt", OpenLoops::Refuse).unwrap().program;
    let outputs = |semantics| machine::run(&program, semantics, 100).state.outputs;
    assert_eq!(outputs(Semantics::Saturating), [255]);
    assert_eq!(outputs(Semantics::Masked), [4]);
}

/// The number of steps before the first sum, difference or product that is no byte.
fn steps_within_bytes(case: &Case) -> Option<usize> {
    let mut machine = Machine::new(Semantics::Saturating);
    for step in 0..case.max_steps {
        let (_, instruction) = machine.ready(&case.program).ok()?;
        let stack = machine.state().stack;
        if let [.., a, b] = stack[..] {
            let (a, b) = (i32::from(a), i32::from(b));
            let exact = match instruction.op {
                Op::Add => a + b,
                Op::Sub => a - b,
                Op::Mul => a * b,
                _ => 0,
            };
            if u8::try_from(exact).is_err() {
                return Some(step);
            }
        }
        if machine.step(&case.program).ending.is_some() {
            return None;
        }
    }
    None
}

#[test]
fn they_agree_up_to_there() {
    let property = |case: &Case| {
        let saturating = machine::run(&case.program, Semantics::Saturating, case.max_steps);
        let masked = machine::run(&case.program, Semantics::Masked, case.max_steps);
        let agree = match steps_within_bytes(case) {
            Some(steps) => saturating.tokens.get(..steps) == masked.tokens.get(..steps),
            None => saturating == masked,
        };
        if agree { Ok(()) } else { Err("they differ although every result is a byte".to_owned()) }
    };
    if let Err((reason, case)) = try_on(1_000, setting("WORLDMODEL_SEED", 0), property) {
        panic!("{reason}\n{}", disassemble(case.program.instructions()));
    }
}

/// The differential test would not notice a shrinker that gives up: here is a difference for it to find.
#[test]
fn a_difference_is_found_and_shrunk() {
    let property = |case: &Case| {
        let saturating = machine::run(&case.program, Semantics::Saturating, case.max_steps);
        let masked = machine::run(&case.program, Semantics::Masked, case.max_steps);
        if saturating == masked { Ok(()) } else { Err("different".to_owned()) }
    };
    let (_, case) = try_on(3_000, 0, property).unwrap_err();
    let text = disassemble(case.program.instructions());
    assert_eq!(case.program.len(), 3, "two values and an operation are enough:\n{text}");
}
