//! The `worldmodel` command as a script sees it: what it prints, and its exit status.

mod support;

use support::{Printed, program, worldmodel};

/// Runs a program with options.
fn run(file: &std::path::Path, options: &[&str]) -> Printed {
    let mut arguments = vec!["run".as_ref(), file.as_os_str()];
    arguments.extend(options.iter().map(std::ffi::OsStr::new));
    worldmodel(&arguments, "")
}

/// Asserts that a classic program is refused with a message that contains `message`.
#[track_caller]
fn refused(name: &str, text: &str, message: &str) {
    let printed = run(&program(name, text), &[]);
    assert_eq!(printed.status, 2, "{}", printed.errors);
    assert!(printed.errors.contains(message), "{}", printed.errors);
    assert_eq!(printed.output, "");
}

/// Asserts that a classic program traps with a message that contains `message`.
#[track_caller]
fn trapped(name: &str, text: &str, message: &str) {
    let file = program(name, text);
    let printed = run(&file, &["--json"]);
    assert_eq!(printed.status, 1, "{}", printed.errors);
    assert!(printed.trap().contains(message), "{}", printed.output);
    if text.len() < 1_000 {
        // A long program's prompt takes the dense engine seconds.
        assert_eq!(run(&file, &["--dense", "--json"]).trap(), printed.trap());
    }
}

#[test]
fn a_classic_program_gives_the_contract_json() {
    let file =
        program("eight.wasmt", "i32.const 3\ni32.const 5\ni32.add\nlocal.tee 0\noutput\nlocal.get 0\nhalt");
    for options in [&["--json", "--tokens"][..], &["--json", "--tokens", "--dense"]] {
        let printed = run(&file, options);
        assert_eq!(printed.status, 0, "{}", printed.errors);
        let json = printed.json();
        assert_eq!(json["engine"], "classic");
        assert_eq!(json["result"], serde_json::json!([8]));
        assert_eq!(json["outputs"], serde_json::json!([8]));
        assert_eq!(json["trap"], serde_json::Value::Null);
        assert_eq!((&json["instructions"], json.get("fuel")), (&7.into(), None));
        assert_eq!(json["tokens"], 2 + 5 * 7 + 7);
        assert!(json["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
        let tokens = json["token_ids"].as_array().unwrap();
        assert_eq!(tokens.len(), 2 + 5 * 7 + 7);
        assert_eq!(tokens.last().unwrap(), 259);
    }
}

#[test]
fn a_module_gives_the_contract_json() {
    let text =
        "(module (func (export \"mul\") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))";
    let printed = run(&program("mul.wat", text), &["--invoke", "mul", "--args", "-12,11", "--json"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let json = printed.json();
    assert_eq!(json["engine"], "wasmi");
    assert_eq!(json["result"], serde_json::json!([-132]));
    assert_eq!((&json["outputs"], &json["tokens"]), (&serde_json::json!([]), &serde_json::json!(0)));
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
    // Fuel is no count of instructions.
    assert_eq!(json["instructions"], serde_json::Value::Null);
    assert!(json["fuel"].as_u64().is_some_and(|fuel| fuel >= 3), "{json}");
}

#[test]
fn standard_input_is_a_program_too() {
    let arguments = ["run", "-", "--engine", "classic"].map(AsRef::as_ref);
    let printed = worldmodel(&arguments, "i32.const 200 i32.const 100 i32.add output");
    assert_eq!((printed.status, printed.output.as_str()), (0, "result   \noutputs  255\n"));
}

#[test]
fn mistakes_of_a_classic_program_are_underlined() {
    let printed = run(&program("typo.wasmt", "i32.const 1\n  i32.ad 7\n"), &[]);
    assert_eq!(printed.status, 2);
    assert!(
        printed.errors.contains("typo.wasmt:2:3: error: unknown instruction `i32.ad`"),
        "{}",
        printed.errors
    );
    assert!(printed.errors.contains("2 |   i32.ad 7\n    |   ^^^^^^\n  help: "), "{}", printed.errors);
}

#[test]
fn mistakes_are_json_where_json_is_asked_for() {
    let printed = run(&program("typo2.wasmt", "i32.const 1\n  i32.ad\nhelp"), &["--json"]);
    assert_eq!(printed.status, 2);
    let errors = &printed.json()["errors"];
    assert_eq!((&errors[0]["line"], &errors[0]["column"]), (&2.into(), &3.into()));
    assert_eq!(errors[1]["line"], 3);
}

#[test]
fn bad_classic_programs_are_refused() {
    refused("missing.wasmt", "i32.const", "1:1: error: i32.const needs an operand");
    refused("word.wasmt", "i32.const three", "1:11: error: `three` is not a number");
    refused("range.wasmt", "i32.const 256", "1:11: error: `256` is out of range");
    refused("negative.wasmt", "i32.const -1", "1:11: error: `-1` is out of range");
    refused("fifth_file.wasmt", "fd_open 4", "1:9: error: `4` is out of range");
    refused("open_loop.wasmt", "loop\ni32.const 1", "1:1: error: this loop is never closed");
    refused("end.wasmt", "end_loop", "1:1: error: end_loop without a loop");
    refused("branch.wasmt", "i32.const 1\nbr_if", "2:1: error: br_if outside a loop");
    refused("module.wasmt", "(module)", "1:1: error: modules and folded expressions");
    refused("long.wasmt", &"i32.const 1\n".repeat(10_000), "10000 instructions; 4095 is the most");
    refused("nonsense.wasmt", &"what\n".repeat(10_000), "and 9980 more errors");
}

#[test]
fn an_empty_program_does_nothing_and_says_so() {
    for text in ["", ";; nothing here\n"] {
        let printed = run(&program("empty.wasmt", text), &["--json", "--tokens"]);
        assert_eq!(printed.status, 0);
        assert!(printed.errors.contains("the program is empty"), "{}", printed.errors);
        assert_eq!(printed.json()["token_ids"], serde_json::json!([256, 257]));
        assert_eq!(printed.json()["tokens"], 2);
    }
}

#[test]
fn classic_programs_that_are_stopped_say_why() {
    trapped(
        "underflow.wasmt",
        "i32.const 1\ni32.add",
        "stack underflow: i32.add needs 2 values, the stack holds 1",
    );
    trapped("unset.wasmt", "local.get 9", "local 9 is read before it was set");
    trapped("closed.wasmt", "i32.const 0 fd_read", "file descriptor 0 is not open");
    trapped("no_file.wasmt", "i32.const 4 fd_read", "no file descriptor 4");
    trapped(
        "file_end.wasmt",
        "fd_open 1 loop i32.const 1 fd_read i32.const 1 br_if end_loop",
        "has 32 bytes",
    );
    trapped("forever.wasmt", "loop i32.const 1 br_if end_loop", "iteration 257");
    trapped("full.wasmt", &"i32.const 1 ".repeat(1025), "stack overflow");
}

#[test]
fn a_trap_is_shown_where_it_happened() {
    let printed = run(&program("trap.wasmt", "i32.const 1\n  i32.add ;; two needed"), &[]);
    assert_eq!(printed.status, 1);
    assert!(printed.errors.contains("trap.wasmt:2:3: error: stack underflow"), "{}", printed.errors);
    assert!(printed.errors.contains("|   ^^^^^^^\n"), "{}", printed.errors);
}

#[test]
fn the_token_limit_stops_a_run() {
    let file = program("limit.wasmt", "loop i32.const 1 br_if end_loop");
    let printed = run(&file, &["--max-tokens", "10", "--json"]);
    assert_eq!(printed.status, 1);
    let json = printed.json();
    assert_eq!(
        (&json["instructions"], &json["trap"]),
        (&10.into(), &"the run reached its limit of 10 tokens (instruction 1)".into())
    );
}

#[test]
fn modules_that_misbehave_are_stopped_by_their_limits() {
    let endless = program("endless.wat", "(module (func (export \"main\") (loop $again (br $again))))");
    for (options, message) in [
        (&["--json"][..], "out of fuel: the limit is 10000000"),
        (&["--json", "--fuel", "5000"], "out of fuel: the limit is 5000"),
    ] {
        let printed = run(&endless, options);
        assert_eq!(printed.status, 1);
        assert_eq!(printed.json()["trap"], message);
    }
    let output = "(module (import \"output\" \"i64\" (func $out (param i64)))
        (func (export \"main\") (loop $again (call $out (i64.const 1)) (br $again))))";
    let printed = run(&program("output.wat", output), &["--json"]);
    assert_eq!((printed.status, &printed.json()["trap"]), (1, &"too much output: the limit is 1 MiB".into()));
    assert_eq!(printed.json()["outputs"].as_array().map(Vec::len), Some(131_072));
    let printed = run(&program("output.wat", output), &["--json", "--output-bytes", "16"]);
    assert_eq!(printed.json()["outputs"], serde_json::json!([1, 1]));
    let memory =
        program("memory.wat", "(module (memory 32) (func (export \"main\") (result i32) memory.size))");
    let printed = run(&memory, &["--memory-mib", "1"]);
    assert_eq!(printed.status, 2);
    assert!(printed.errors.contains("asks for 2 MiB of memory"), "{}", printed.errors);
    assert_eq!(run(&memory, &["--memory-mib", "2"]).status, 0);
}

#[test]
fn modules_outside_what_the_sandbox_runs_are_refused_at_their_place() {
    let cases = [
        ("(module\n (func v128.const i64x2 1 2 drop))", "2:8: error: SIMD is outside"),
        ("(module\n (import \"env\" \"f\" (func)))", "2:3: error: the module imports the function `env.f`"),
        (
            "(module (func $f)\n (start $f) (func (export \"main\")))",
            "2:9: error: the module has a start function",
        ),
        ("(module (func i32.ad))", "1:15: error: unknown instruction `i32.ad`"),
        ("i32.const 3", "1:1: error: `i32.const` stands outside a module"),
        ("", "1:1: error: the program is empty"),
        ("(module)", "the module exports no function"),
        ("(module (func (export \"a\") (param i32)))", "`a` takes 1 argument, 0 given"),
    ];
    for (text, message) in cases {
        let printed = run(&program("refused.wat", text), &[]);
        assert_eq!(printed.status, 2, "{text}");
        assert!(printed.errors.contains(message), "{text}: {}", printed.errors);
    }
    let file = program("typed.wat", "(module (func (export \"a\") (param i32)))");
    let printed = run(&file, &["--args", "1.5"]);
    assert!(printed.status == 2 && printed.errors.contains("argument 1 of `a` is i32, and `1.5` is none"));
    let printed = run(&file, &["--invoke", "b"]);
    assert!(printed.status == 2 && printed.errors.contains("no function `b`"), "{}", printed.errors);
}

#[test]
fn a_classic_program_that_is_named_like_a_module_gets_the_remedy() {
    let printed = run(&program("flat.wat", ";; flat\ni32.const 3\noutput"), &[]);
    assert_eq!(printed.status, 2);
    assert!(printed.errors.contains("name the file .wasmt, or say --engine classic"), "{}", printed.errors);
    let printed = run(&program("word.wat", "hello"), &[]);
    assert!(printed.errors.contains("1:1: error: `hello` stands outside a module"), "{}", printed.errors);
    assert!(!printed.errors.contains("classic"), "{}", printed.errors);
}

#[test]
fn what_is_not_there_is_said() {
    let printed = run(std::path::Path::new("no/such/file.wasmt"), &[]);
    assert!(
        printed.status == 2 && printed.errors.contains("cannot read no/such/file.wasmt"),
        "{}",
        printed.errors
    );
    let file = program("empty.wat", "(module)");
    let printed = run(&program("args.wasmt", "halt"), &["--args", "1"]);
    assert!(printed.status == 2 && printed.errors.contains("belong to modules"), "{}", printed.errors);
    assert_eq!(run(&file, &["--engine", "what"]).status, 2);
}
