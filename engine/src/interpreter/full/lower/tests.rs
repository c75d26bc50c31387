//! Programs at the machine's limits, and what a place in its tables belongs to.

use super::{Roots, lower};
use crate::interpreter::full::isa::Op;
use crate::interpreter::full::program::{Address, MAX_CODE, Program};
use crate::interpreter::full::stub::{CallError, Stub};
use crate::source::SourceError;
use crate::wat::Module;

fn lowered(text: &str) -> Result<Program, SourceError> {
    lower(&Module::from_text(text).unwrap(), Roots::Exported)
}

/// Line and message of what is refused.
fn refused(text: &str) -> (usize, String) {
    let error = lowered(text).unwrap_err();
    (error.span.line, error.message)
}

#[test]
fn a_program_is_refused_at_the_instruction_that_has_no_address() {
    // Each call becomes 2,001 instructions: 33 of them are too many, and the other hundred thousand are never made.
    let values = "i32 ".repeat(1_000);
    let gets: String = (0..1_000).map(|local| format!(" local.get {local}")).collect();
    let calls = "call $f\n".repeat(100_000);
    let text =
        format!("(module (func $f (export \"f\") (param {values}) (result {values})\n{gets}\n{calls}))");
    let (line, message) = refused(&text);
    assert_eq!(message, "the machine does not know a program of more than 65536 of its own instructions");
    assert!((33..=36).contains(&line), "line {line}");
}

#[test]
fn calls_through_a_large_table_are_followed_once() {
    let functions = 10_000;
    let each = "(func (call_indirect (i32.const 0)))".repeat(functions);
    let all: String = (0..functions).map(|function| format!(" {function}")).collect();
    let text = format!(
        "(module {each} (table {functions} funcref) (elem (i32.const 0) func {all}) (export \"f\" (func 0)))"
    );
    let program = lowered(&text).unwrap();
    assert_eq!(program.table.len(), functions);
    // What nobody calls may be anything, in any number.
    let each = "(func (param i64))".repeat(functions);
    assert!(lowered(&format!("(module {each} (func (export \"f\")))")).is_ok());
}

#[test]
fn limits_are_refused_with_their_place() {
    let locals = "i32 ".repeat(1_025);
    let (line, message) = refused(&format!("(module\n(func (export \"f\") (local {locals})))"));
    assert_eq!((line, message.as_str()), (2, "the machine does not know more than 1024 locals"));
    let globals = "(global i32 (i32.const 0))\n".repeat(1_025);
    let (line, message) = refused(&format!("(module\n{globals})"));
    assert_eq!((line, message.as_str()), (1_026, "the machine does not know more than 1024 globals"));
    let (_, message) = refused("(module (table 32769 funcref))");
    assert_eq!(message, "the machine does not know a table of 32769 entries: 32768 are the most");
    let pushes = "i32.const 1\n".repeat(1_100);
    let drops = "drop ".repeat(1_100);
    let (line, message) = refused(&format!("(module (func (export \"f\")\n{pushes}{drops}))"));
    assert!((1_000..=1_030).contains(&line) && message.contains("operand"), "{line}: {message}");
}

#[test]
fn data_that_leaves_no_room_is_refused() {
    let bytes = "x".repeat(300_000);
    let program =
        lowered(&format!("(module (memory 8) (data (i32.const 0) \"{bytes}\") (func (export \"f\")))"));
    let program = program.unwrap();
    assert_eq!(Stub::named(&program, "f", &[]), Err(CallError::TooLong));
    let bytes = "x".repeat(200_000);
    let program =
        lowered(&format!("(module (memory 8) (data (i32.const 0) \"{bytes}\") (func (export \"f\")))"));
    assert!(Stub::named(&program.unwrap(), "f", &[]).unwrap().records.len() < MAX_CODE);
}

#[test]
fn an_entry_of_a_table_belongs_to_what_it_leads_to() {
    let program = lowered(
        "(module (type $t (func (result i32))) (table funcref (elem $one $two))
           (func $one (result i32) (i32.const 1))
           (func $two (result i32) (i32.const 2))
           (func (export \"f\") (param i32) (result i32)
             (block (block (block (br_table 0 1 2 (local.get 0)))))
             (call_indirect (type $t) (local.get 0))))",
    )
    .unwrap();
    let addresses = (0..program.code.len() as u16).map(Address);
    let entries = addresses.filter(|address| {
        program.at(*address).is_some_and(|record| record.op == Op::Jump && record.span.is_none())
    });
    let functions: Vec<Option<usize>> = entries.map(|address| program.function_at(address)).collect();
    assert_eq!(functions, [Some(0), Some(1), Some(2), Some(2), Some(2)]);
}
