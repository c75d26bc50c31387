//! A trace that goes past 4,096, 65,536 and 2²⁰ tokens: the engine says each of its tokens, as the reference has written them.

use engine::interpreter::full::{Roots, lower};
use engine::wat::Module;
use libtest_mimic::Failed;

use crate::weights;

/// The longest trace of the test.
const TOKENS: usize = (1 << 20) + 20_000;

/// A sum that never repeats a value, through calls, memory and every kind of slot; it would go on for longer than any trace.
const PROGRAM: &str = r#"(module (memory 1) (global $sum (mut i32) (i32.const 1))
  (func $mix (param $n i32) (result i32)
    (i32.add (i32.mul (local.get $n) (i32.const 1664525)) (i32.rotl (global.get $sum) (local.get $n))))
  (func (export "run") (result i32) (local $n i32) (local $at i32)
    (loop $next
      (local.set $at (i32.and (i32.shl (local.get $n) (i32.const 2)) (i32.const 0xfffc)))
      (global.set $sum (i32.xor (call $mix (local.get $n)) (i32.load (local.get $at))))
      (i32.store (local.get $at) (global.get $sum))
      (if (i32.eqz (i32.rem_u (global.get $sum) (i32.const 7)))
        (then (i32.store8 (local.get $at) (i32.const 255))))
      (br_if $next (i32.ne (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000000))))
    (global.get $sum)))"#;

/// Has the engine follow it.
pub fn check() -> Result<(), Failed> {
    let program = lower(&Module::from_text(PROGRAM)?, Roots::Exported)?;
    let (_, run) = program.exports.first().ok_or("nothing is exported")?;
    let followed = weights::follow(&program, *run, &[], TOKENS)?;
    if followed == TOKENS { Ok(()) } else { Err(format!("the trace ends after {followed} tokens").into()) }
}
