//! Traces written, read, changed and compared.

use std::fs;
use std::path::Path;

use super::{Input, Trace, VERSION, classic, first_difference, read, write};
use crate::interpreter::classic::asm;
use crate::interpreter::classic::compile::compile;
use crate::interpreter::classic::program::OpenLoops;
use crate::interpreter::classic::runner::{Options, run};
use crate::interpreter::sparse::SparseEngine;

const PROGRAM: &str = "i32.const 3\ni32.const 5\ni32.add\noutput\nhalt";

fn trace() -> Trace {
    let program = asm::assemble(PROGRAM, OpenLoops::Refuse).unwrap().program;
    let model = compile();
    let mut engine = SparseEngine::new(&model);
    let ran = pollster::block_on(run(&mut engine, &program, Options::default(), async |_| true)).unwrap();
    let given = classic::Given { program: PROGRAM, open_loops: false, max_tokens: 1_000 };
    classic::record(&model, "CPU", given, &ran)
}

/// A file's text with one line replaced by `change`.
fn changed(text: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let lines = text.lines().enumerate();
    lines.map(|(at, line)| if at + 1 == number { change(line) } else { line.to_owned() } + "\n").collect()
}

#[test]
fn a_trace_is_read_as_it_was_written() {
    let trace = trace();
    let text = write(&trace).unwrap();
    assert_eq!(read(&text), Ok(trace.clone()));
    assert_eq!(first_difference(&trace, &trace), None);
    // Start, five instructions of five bytes, end; an answer each.
    assert_eq!(text.lines().count(), 1 + 27 + 5 + 1);
    assert!(text.lines().nth(30).unwrap().contains("\"instruction\":\"i32.add\""), "{text}");
    assert_eq!(trace.end.machine.as_ref().unwrap().outputs, [8]);
}

#[test]
fn what_was_changed_is_found_at_its_line() {
    let text = write(&trace()).unwrap();
    let tampered = changed(&text, 31, |line| line.replace("\"id\":8", "\"id\":9"));
    let difference = first_difference(&read(&tampered).unwrap(), &trace()).unwrap();
    assert_eq!((difference.line, difference.place.as_str()), (31, "token.id"));
    assert_eq!((difference.file.as_str(), difference.again.as_str()), ("9", "8"));
    // What computed it is not compared.
    let elsewhere = changed(&text, 1, |line| line.replace("\"engine\":\"CPU\"", "\"engine\":\"WebGPU\""));
    assert_eq!(first_difference(&read(&elsewhere).unwrap(), &trace()), None);
}

#[test]
fn bad_files_are_refused_with_line_and_remedy() {
    let text = write(&trace()).unwrap();
    let cut = |lines: usize| text.lines().take(lines).map(|line| line.to_owned() + "\n").collect::<String>();
    let half = &text[..text.len() - 20];
    for (file, line, message, help) in [
        (String::new(), 1, "empty", "choose a file"),
        ("<svg/>".to_owned(), 1, "no trace file", "choose a file"),
        ("{\"run\":{\"format\":\"other\",\"version\":1}}".to_owned(), 1, "\"other\"", "choose a file"),
        (changed(&text, 1, |line| line.replace("\"version\":2", "\"version\":3")), 1, "version 3", "update"),
        (changed(&text, 1, |line| line.replace("\"model\"", "\"modell\"")), 1, "model", "damaged"),
        (changed(&text, 7, |line| line.replace("\"id\":", "\"id\":x")), 7, "column", "damaged"),
        (
            changed(&text, 7, |line| line.replace("\"position\":5", "\"position\":6")),
            7,
            "position 6",
            "damaged",
        ),
        (cut(9), 9, "the end is missing", "cut off"),
        (half.to_owned(), 34, "column", "cut off"),
        (text.clone() + "{}\n", 35, "behind the end", "damaged"),
        (
            text.replace("{\"end\":{\"tokens\":32", "{\"end\":{\"tokens\":31"),
            34,
            "the end counts 31",
            "damaged",
        ),
    ] {
        let error = read(&file).unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.contains(message) && error.help.contains(help), "{error}; {}", error.help);
    }
}

/// Where two traces first differ.
fn place(file: &Trace, again: &Trace) -> Option<String> {
    first_difference(file, again).map(|difference| difference.place)
}

#[test]
fn a_run_stopped_by_hand_is_made_again_as_far_as_it_came() {
    let whole = trace();
    let mut stopped = whole.clone();
    let end = stopped.end.machine.as_mut().unwrap();
    (end.cancelled, end.trap) = (true, None);
    assert_eq!((whole.max_tokens(), stopped.max_tokens()), (Some(1_000), Some(5)));
    let mut again = whole.clone();
    again.end.machine.as_mut().unwrap().trap = Some("stopped after 5 steps".to_owned());
    assert_eq!(first_difference(&stopped, &stopped.stopped_as_this_one(again.clone())), None);
    assert_eq!(place(&whole, &whole.stopped_as_this_one(again)).as_deref(), Some("end.machine.trap"));
}

#[test]
fn a_file_that_is_shorter_or_longer_differs() {
    let whole = trace();
    let mut short = whole.clone();
    drop(short.tokens.pop());
    assert_eq!(place(&short, &whole).as_deref(), Some("end"));
    assert_eq!(place(&whole, &short).as_deref(), Some("token"));
}

/// Files of every version, kept for ever.
#[test]
fn frozen_files_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces");
    let mut kinds = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let trace = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let again = read(&write(&trace).unwrap()).unwrap();
        assert_eq!(first_difference(&trace, &again), None, "{}", path.display());
        let kind = match trace.run.input {
            Input::Classic { .. } => "classic",
            Input::Full { .. } => "full",
            Input::Question(_) => "question",
        };
        kinds.push((trace.run.version, kind));
        if trace.run.version == VERSION && kind != "question" {
            assert_eq!(write(&trace).unwrap(), text, "{}", path.display());
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    let of = |version| ["classic", "full", "question"].map(|kind| (version, kind));
    assert_eq!(kinds, [of(1), of(2)].concat());
}
