//! Programs as text, and what cannot be written.

use super::*;
use crate::wat::Module;
use crate::worldmodel::expression::parse;
use crate::worldmodel::program::compile::compile;
use crate::worldmodel::program::vocabulary::read;

fn given() -> Given {
    Given {
        numbers: vec![Value::Integer(12), Value::Integer(11), Value::Integer(-3), Value::Decimal(2.5)],
        list: [5, 2, 8, 1, 9].map(Value::Integer).to_vec(),
        text: Some("Hello, \"wörld\"!".to_owned()),
        text2: Some("l".to_owned()),
    }
}

fn program(plan: &str) -> Vec<Token> {
    compile(&parse(plan).unwrap(), &given().kinds()).unwrap()
}

#[test]
fn lines_are_indented() {
    let expected = "\
(module
  (func (export \"compute\") (result i64)
    i64.const 12
    call $f0)
  (func $f0 (param i64) (result i64) (local i64)
    local.get 0
    i64.const 0
    i64.lt_s
    if
      unreachable
    end
    i64.const 1
    local.set 1
    block
      loop
        local.get 0
        i64.eqz
        br_if 1
        local.get 1
        local.get 0
        i64.mul
        local.set 1
        local.get 0
        i64.const 1
        i64.sub
        local.set 0
        br 0
      end
    end
    local.get 1))";
    assert_eq!(pretty(&program("factorial(<a>)"), &given()).unwrap(), expected);
}

#[test]
fn a_program_on_one_line() {
    let cases = [
        ("<a> * <b>", "(module (func (export \"compute\") (result i64) i64.const 12 i64.const 11 i64.mul))"),
        (
            "<c> / 37.25 + <d>",
            "(module (func (export \"compute\") (result f64) f64.const -3 f64.const 37.25 f64.div f64.const 2.5 f64.add))",
        ),
        (
            "sort(list)",
            "(module (memory (export \"integers\") 1) (data (i32.const 0) \"\
             \\05\\00\\00\\00\\00\\00\\00\\00\\02\\00\\00\\00\\00\\00\\00\\00\\08\\00\\00\\00\\00\\00\\00\\00\
             \\01\\00\\00\\00\\00\\00\\00\\00\\09\\00\\00\\00\\00\\00\\00\\00\") (; 5, 2, 8, 1, 9 ;) \
             (func (export \"compute\") (result i32 i32) (local i32) (local i32) loop local.get 0 local.set 1 loop \
             local.get 1 i64.load local.get 0 i64.load i64.lt_s if local.get 0 local.get 1 i64.load local.get 1 \
             local.get 0 i64.load i64.store i64.store end local.get 1 i32.const 8 i32.add local.tee 1 \
             i32.const 40 i32.lt_u br_if 0 end local.get 0 i32.const 8 i32.add local.tee 0 \
             i32.const 40 i32.lt_u br_if 0 end i32.const 0 i32.const 5))",
        ),
    ];
    for (plan, expected) in cases {
        assert_eq!(compact(&program(plan), &given()).unwrap(), expected);
    }
}

#[test]
fn texts_cannot_leave_their_quotes() {
    let wat = compact(&program("length(text)"), &given()).unwrap();
    assert!(wat.contains("\"Hello, \\22wörld\\22!\""), "{wat}");
    Module::from_text(&wat).unwrap();
    let mut given = given();
    given.text = Some("\\\0\n\u{202e}\")".to_owned());
    Module::from_text(&compact(&program("length(text)"), &given).unwrap()).unwrap();
}

#[test]
fn every_form_of_program_compiles() {
    let texts = crate::worldmodel::program::compile::every_plan();
    for text in texts {
        let wat = pretty(&program(&text), &given()).unwrap();
        if let Err(error) = Module::from_text(&wat) {
            panic!("{text}: {error}\n{wat}");
        }
    }
}

#[test]
fn malformed_sequences_say_which_token() {
    let cases = [
        ("", "the program ends before its module does"),
        ("(module", "the program ends before its module does"),
        ("i64.add", "token 1: `(module` is wanted, not `i64.add`"),
        ("(module i64.add", "token 2: a function, a memory or `)` is wanted, not `i64.add`"),
        ("(module) (module", "token 3: the end is wanted, not `(module`"),
        ("(module (func $f0 i64.const i64.add", "token 4: a number is wanted, not `i64.add`"),
        ("(module (func $f0 i64.const - i64.add", "token 5: a digit is wanted, not `i64.add`"),
        ("(module (func $f0 i64.const 1.5", "token 5: a digit or an instruction is wanted, not `.`"),
        ("(module (func $f0 f64.const 1 . )", "token 6: a digit is wanted, not `)`"),
        ("(module (func $f0 f64.const 1e14 1", "token 5: an instruction is wanted, not `1`"),
        ("(module (func $f0 (local i64) (param i64)", "token 4: an instruction is wanted, not `(param i64)`"),
        ("(module (func $f0 loop )", "token 4: an instruction or `end` is wanted, not `)`"),
        ("(module (func $f0 end", "token 3: an instruction or `)` is wanted, not `end`"),
        ("(module (func $f0 loop else", "token 4: an instruction is wanted, not `else`"),
        ("(module (func $f0 br 1", "token 3: a block that is open is wanted, not `br 1`"),
        ("(module (func $f0 <a>", "token 3: an instruction is wanted, not `<a>`"),
        (
            "(module (memory 1) (import \"api\" \"year\" (func $year (result i64)))",
            "token 3: a function, a memory or `)` is wanted, not `(import \"api\" \"year\" (func $year (result i64)))`",
        ),
        ("(module (func $f0 i64.const <f>", "token 4: the question has no number <f>"),
        ("(module (func $f0 i64.const <d>", "token 4: an integer is wanted, and 2.5 is none"),
    ];
    for (text, expected) in cases {
        let tokens = read(text).unwrap();
        let error = compact(&tokens, &given()).map(|wat| panic!("{wat}")).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let cases = [
        (
            Given { numbers: vec![Value::TooLarge], ..given() },
            "<a>",
            "the number <a> does not fit into 64 bits",
        ),
        (Given { list: Vec::new(), ..given() }, "sum(list)", "the question has no list of numbers"),
        (
            Given { list: vec![Value::TooLarge], ..given() },
            "sum(list)",
            "the number in the list does not fit into 64 bits",
        ),
        (Given { text: None, ..given() }, "length(text)", "the question has no text in quotes"),
        (
            Given { text2: Some(String::new()), ..given() },
            "count(text, text2)",
            "the question has no second text in quotes",
        ),
        (
            Given { text: Some("x".repeat(30_000)), ..given() },
            "length(text)",
            "the text is too long: it has 30000 bytes, and 20480 are the most",
        ),
    ];
    for (given, plan, expected) in cases {
        let program = compile(&parse(plan).unwrap(), &given.kinds()).unwrap();
        let failure = Failure::from(compact(&program, &given).unwrap_err());
        assert_eq!(failure.to_string(), expected);
    }
}
