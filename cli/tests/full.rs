//! The `worldmodel` command with the full machine, as a script sees it.

mod support;

use std::path::Path;

use support::{Printed, program, worldmodel};

fn run(file: &Path, options: &[&str]) -> Printed {
    let mut arguments = vec!["run".as_ref(), file.as_os_str(), "--engine".as_ref(), "full".as_ref()];
    arguments.extend(options.iter().map(std::ffi::OsStr::new));
    worldmodel(&arguments, "")
}

const GREATEST: &str = "(module (import \"output\" \"i32\" (func $out (param i32)))
  (func (export \"gcd\") (param i32 i32) (result i32)
    (loop $again
      (call $out (local.get 0))
      (if (local.get 1)
        (then
          (local.get 1) (i32.rem_s (local.get 0) (local.get 1)) (local.set 1) (local.set 0)
          (br $again))))
    (local.get 0)))";

#[test]
fn a_module_gives_the_contract_json() {
    let file = program("gcd.wat", GREATEST);
    let printed = run(&file, &["--args", "-252,198", "--json", "--tokens"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let json = printed.json();
    assert_eq!(json["engine"], "full");
    assert_eq!(json["result"], serde_json::json!([-18]));
    assert_eq!(json["outputs"], serde_json::json!([-252, 198, -54, 36, -18]));
    assert_eq!((&json["trap"], json.get("fuel")), (&serde_json::Value::Null, None));
    assert!(json["instructions"].as_u64().is_some_and(|count| count > 30));
    assert_eq!(json["tokens"], json["token_ids"].as_array().map_or(0, Vec::len));
    let sandboxed =
        worldmodel(&["run".as_ref(), file.as_os_str(), "--args=-252,198".as_ref(), "--json".as_ref()], "");
    assert_eq!(
        (&json["result"], &json["outputs"]),
        (&sandboxed.json()["result"], &sandboxed.json()["outputs"])
    );
}

#[test]
fn the_dense_engine_writes_and_confirms_the_same_trace() {
    let file = program(
        "short.wat",
        "(module (func (export \"f\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const -3))))",
    );
    let fast = run(&file, &["--args", "1000001", "--json", "--tokens", "--check"]).json();
    let dense = run(&file, &["--args", "1000001", "--json", "--tokens", "--dense"]).json();
    assert_eq!(fast["result"], serde_json::json!([-3_000_003]));
    assert_eq!(fast["token_ids"], dense["token_ids"]);
    assert!(fast["checked"]["tokens"].as_u64().is_some_and(|count| count > 20), "{fast}");
    assert_eq!(dense.get("checked"), None);
}

#[test]
fn a_program_in_the_weights_gives_the_same_from_a_prompt_without_it() {
    let file = program("special.wat", GREATEST);
    let general = run(&file, &["--args", "-252,198", "--json", "--tokens"]).json();
    let special = run(&file, &["--args", "-252,198", "--json", "--tokens", "--specialise", "--check"]).json();
    assert_eq!((&special["result"], &special["outputs"]), (&general["result"], &general["outputs"]));
    assert_eq!(special["instructions"], general["instructions"]);
    let ids = |json: &serde_json::Value| json["token_ids"].as_array().cloned().unwrap_or_default();
    let (special_ids, general_ids) = (ids(&special), ids(&general));
    // Start, alphabet and a jump; the trace behind is the same.
    let trace = special_ids.get(1 + 256 + 3..).unwrap();
    assert!(special_ids.len() < general_ids.len() && general_ids.ends_with(trace));
    assert_eq!(special["checked"]["tokens"], trace.len());
    let classic = worldmodel(&["run".as_ref(), file.as_os_str(), "--specialise".as_ref()], "");
    assert!(classic.status == 2 && classic.errors.contains("--engine full"), "{}", classic.errors);
}

#[test]
fn what_stops_a_run_is_said_with_its_place() {
    let file = program(
        "trap.wat",
        "(module (func (export \"f\") (param i32) (result i32)\n  (i32.div_u (i32.const 7) (local.get 0))))",
    );
    let printed = run(&file, &["--args", "0", "--json"]);
    assert_eq!(printed.status, 1);
    assert_eq!(printed.trap(), "integer divide by zero");
    assert!(printed.errors.contains("trap.wat:2:"), "{}", printed.errors);
    let file = program("endless.wat", "(module (func (export \"main\") (loop $again (br $again))))");
    let printed = run(&file, &["--max-tokens", "500", "--json"]);
    assert_eq!(printed.status, 1);
    assert!(printed.trap().contains("500 tokens"), "{}", printed.output);
}

#[test]
fn what_is_outside_is_refused_with_its_place() {
    for (text, message) in [
        ("(module (func (export \"f\") (result i64)\n  (i64.const 1)))", "i64"),
        (
            "(module (import \"output\" \"f64\" (func $o (param f64)))\n (func (export \"f\") (call $o (f64.const 1))))",
            "f64",
        ),
        (
            "(module (import \"env\" \"now\" (func $o (param i32)))\n (func (export \"f\") (call $o (i32.const 1))))",
            "output.i32",
        ),
        ("(module (func (export \"f\") (i32.ad)))", "i32.ad"),
    ] {
        let printed = run(&program("outside.wat", text), &["--json"]);
        assert_eq!(printed.status, 2, "{text}");
        let error = &printed.json()["errors"][0];
        assert!(error["message"].as_str().is_some_and(|said| said.contains(message)), "{error}");
        assert!(error["line"].as_u64().is_some(), "{error}");
    }
    let file = program("gcd.wat", GREATEST);
    for (options, message) in [
        (&["--args", "1"][..], "takes 2 values, not 1"),
        (&["--args", "1,x"], "argument 2 of `gcd` is i32, and `x` is none"),
        (&["--invoke", "lcm"], "lcm"),
    ] {
        let printed = run(&file, options);
        assert!(printed.status == 2 && printed.errors.contains(message), "{}", printed.errors);
    }
}

#[test]
fn numbers_of_a_run_are_opened_and_recompute() {
    let file = program("gcd.wat", GREATEST);
    let arguments = ["xray", "full", &file.to_string_lossy(), "--args=252,198", "--random", "150", "--json"]
        .map(str::to_owned);
    let arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(AsRef::as_ref).collect();
    let printed = worldmodel(&arguments, "");
    assert_eq!(printed.status, 0, "{}", printed.errors);
    assert_eq!(printed.output.lines().count(), 150);
    assert!(printed.errors.contains("150 numbers opened"), "{}", printed.errors);
}

#[test]
fn the_weights_are_exported_whole() {
    let folder = std::env::temp_dir().join(format!("worldmodel-full-{}", std::process::id()));
    let printed = worldmodel(&["export".as_ref(), "full".as_ref(), "--out".as_ref(), folder.as_os_str()], "");
    assert_eq!(printed.status, 0, "{}", printed.errors);
    assert!(printed.output.contains("747284 parameters"), "{}", printed.output);
    let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
    assert!(config.contains("\"name\": \"full\""));
    std::fs::remove_dir_all(folder).unwrap();
}
