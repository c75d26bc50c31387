//! `worldmodel trace`: files that are written, checked, changed and checked again.

mod support;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Printed, folder, program, worldmodel};

const COUNT: &str = r#"(module (func (export "count") (param $n i32) (result i32) (local $i i32)
  (loop $next
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
  (local.get $i)))"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn write(model: &OsStr, input: &OsStr, options: &[&str], out: &Path) -> Printed {
    let mut arguments = vec![OsStr::new("trace"), model, input, OsStr::new("--out"), out.as_os_str()];
    arguments.extend(options.iter().map(OsStr::new));
    worldmodel(&arguments, "")
}

fn check(file: &Path, options: &[&OsStr]) -> Printed {
    let mut arguments = vec![OsStr::new("trace"), OsStr::new("--check"), file.as_os_str()];
    arguments.extend(options);
    worldmodel(&arguments, "")
}

#[test]
fn a_written_trace_is_confirmed_and_a_changed_one_is_not() {
    let eight = program("trace-eight.wasmt", "i32.const 3 i32.const 5 i32.add output halt");
    let count = program("trace-count.wat", COUNT);
    let cases: [(&str, &Path, &[&str]); 2] =
        [("classic", &eight, &[]), ("full", &count, &["--invoke", "count", "--args", "3"])];
    for (model, input, options) in cases {
        let out = folder().join(format!("{model}.trace.jsonl"));
        let written = write(model.as_ref(), input.as_os_str(), options, &out);
        assert_eq!(written.status, 0, "{}", written.errors);
        let checked = check(&out, &[]);
        assert_eq!(checked.status, 0, "{}{}", checked.output, checked.errors);
        assert!(checked.output.contains("the same"), "{}", checked.output);
        // The last token but one says something else.
        let text = fs::read_to_string(&out).unwrap();
        let line = text.lines().count() - 2;
        let lines = text.lines().enumerate().map(|(at, text)| {
            let text = if at + 1 == line { text.replace("\"id\":", "\"id\":1") } else { text.to_owned() };
            text + "\n"
        });
        fs::write(&out, lines.collect::<String>()).unwrap();
        let checked = check(&out, &[]);
        assert_eq!(checked.status, 1, "{}{}", checked.output, checked.errors);
        assert!(checked.output.contains(&format!("differs: line {line}, token.id:")), "{}", checked.output);
        // Without its end.
        fs::write(&out, text.lines().take(5).map(|line| line.to_owned() + "\n").collect::<String>()).unwrap();
        let checked = check(&out, &[]);
        assert_eq!(checked.status, 2, "{}", checked.output);
        assert!(checked.errors.contains("line 5: the end is missing"), "{}", checked.errors);
        assert!(checked.errors.contains("help: the file was cut off"), "{}", checked.errors);
    }
}

#[test]
fn traces_of_every_version_are_confirmed() {
    let folder = root().join("engine/tests/traces");
    for name in ["v1-classic", "v1-full", "v2-classic", "v2-full"] {
        let checked = check(&folder.join(format!("{name}.jsonl")), &[]);
        assert_eq!(checked.status, 0, "{name}: {}{}", checked.output, checked.errors);
    }
}

#[test]
fn a_question_is_answered_the_same_way_again() {
    let nano = root().join("assets/nano");
    if !nano.is_dir() {
        return;
    }
    let out = folder().join("nano.trace.jsonl");
    let written = write(nano.as_os_str(), "What is 12 times 11?".as_ref(), &[], &out);
    assert_eq!(written.status, 0, "{}", written.errors);
    let text = fs::read_to_string(&out).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("{\"candidate\":")).count(), 3, "{text}");
    assert!(text.contains("\"by\":\"computed\"") && text.contains("\"top\":["), "{text}");
    let with = [OsStr::new("--with"), nano.as_os_str()];
    let checked = check(&out, &with);
    assert_eq!(checked.status, 0, "{}{}", checked.output, checked.errors);
    // One more term of a score.
    let changed = text.replacen("\"terms\":[", "\"terms\":[-5,", 1);
    fs::write(&out, changed).unwrap();
    let checked = check(&out, &with);
    assert_eq!(checked.status, 1, "{}{}", checked.output, checked.errors);
    assert!(checked.output.contains("candidate.terms"), "{}", checked.output);
}

#[test]
fn what_cannot_be_traced_is_said() {
    let bad = program("trace-bad.wasmt", "i32.ad");
    let printed = write("classic".as_ref(), bad.as_os_str(), &[], &folder().join("bad.jsonl"));
    assert_eq!(printed.status, 2);
    assert!(printed.errors.contains("i32.ad"), "{}", printed.errors);
    let printed = check(&bad, &[]);
    assert_eq!(printed.status, 2);
    assert!(printed.errors.contains("line 1: this is no trace file"), "{}", printed.errors);
}

#[test]
fn what_a_check_would_not_look_at_is_refused() {
    let folder = root().join("engine/tests/traces");
    let cases: [(&str, &[&str], &str); 4] = [
        ("v2-full", &["--invoke", "count"], "--check <FILE>"),
        ("v2-full", &["--args", "4"], "--check <FILE>"),
        ("v2-classic", &["--max-tokens", "5"], "--check <FILE>"),
        ("v2-classic", &["--with", "assets/nano"], "--with names a language model"),
    ];
    for (name, options, message) in cases {
        let options: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
        let checked = check(&folder.join(format!("{name}.jsonl")), &options);
        assert_eq!(checked.status, 2, "{options:?}: {}{}", checked.output, checked.errors);
        assert!(checked.errors.contains(message), "{}", checked.errors);
    }
    let printed = worldmodel(["trace", "nano", "2 + 3?", "--max-tokens", "5"].map(OsStr::new).as_ref(), "");
    assert_eq!(printed.status, 2, "{}", printed.output);
    assert!(printed.errors.contains("--max-tokens belongs to programs"), "{}", printed.errors);
}
