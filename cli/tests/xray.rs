//! `worldmodel xray` on language models: the bundled one, and one in a file.
//!
//! The file is SmolLM2's; its test is ignored unless `WORLDMODEL_SMOLLM2_GGUF` says where it is.

#![allow(clippy::indexing_slicing, reason = "the helpers of a test fail as the test does")]

mod support;

use std::ffi::OsStr;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use support::{Printed, worldmodel_in};

const QUESTION: &str = "What is 12 * 11?";

fn main() {
    let arguments = Arguments::from_args();
    let here = root().join("assets/nano").is_dir();
    if !here {
        eprintln!("nano is not opened: assets/nano is not there, which holds the bundled model");
    }
    let smollm2 = std::env::var_os("WORLDMODEL_SMOLLM2_GGUF");
    let of_smollm2 = smollm2.clone();
    let trials = vec![
        Trial::test("200 numbers of nano's answer recompute", of_nano).with_ignored_flag(!here),
        Trial::test("a number of nano is opened by its name", by_name).with_ignored_flag(!here),
        Trial::test("what nano does not have is refused", refused).with_ignored_flag(!here),
        Trial::test("a part of nano is replaced", replaced).with_ignored_flag(!here),
        Trial::test("a model that is not there is refused", nowhere),
        Trial::test("200 numbers of SmolLM2 recompute", move || {
            of_file(of_smollm2.as_deref().ok_or("there is no model")?)
        })
        .with_ignored_flag(smollm2.is_none()),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn xray(model: impl AsRef<OsStr>, input: &str, options: &[&str]) -> Printed {
    let mut arguments = vec!["xray".as_ref(), model.as_ref(), OsStr::new(input)];
    arguments.extend(options.iter().map(OsStr::new));
    worldmodel_in(root(), &arguments, "")
}

/// Every line is a number, and each is what its inputs come to.
fn recomputes(printed: &Printed, count: usize) -> Result<(), Failed> {
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let all = format!("{count} numbers opened");
    assert!(
        printed.errors.contains(&all) && printed.errors.contains(", 0 do not recompute"),
        "{}",
        printed.errors
    );
    let mut kinds = std::collections::BTreeSet::new();
    for line in printed.output.lines() {
        let number: serde_json::Value = serde_json::from_str(line)?;
        let site = number["site"].as_str().unwrap_or_default();
        // The name without its indices and its layer.
        let name = site.split('[').next().unwrap_or_default();
        kinds.insert(
            name.trim_start_matches("blocks.").trim_start_matches(|c: char| c.is_ascii_digit()).to_owned(),
        );
        let (value, recomputed) = (number["value"].as_f64(), number["recomputed"].as_f64());
        let (Some(value), Some(recomputed)) = (value, recomputed) else { return Err(line.into()) };
        assert!((value - recomputed).abs() <= f64::max(1e-3, value.abs() * 1e-6), "{line}");
        let has_inputs = number["inputs"].as_array().is_some_and(|inputs| !inputs.is_empty());
        assert!(has_inputs || name == "hook_embed", "{line}");
    }
    assert_eq!(printed.output.lines().count(), count);
    assert!(kinds.len() >= 20, "{kinds:?}");
    Ok(())
}

fn of_nano() -> Result<(), Failed> {
    recomputes(&xray("nano", QUESTION, &["--random", "200", "--json"]), 200)
}

fn of_file(model: &OsStr) -> Result<(), Failed> {
    recomputes(&xray(model, "The capital of France is", &["--random", "200", "--seed", "3", "--json"]), 200)
}

fn by_name() -> Result<(), Failed> {
    let sites = ["blocks.7.attn.hook_z[9, 3, 5]", "hook_embed[0, 0]"];
    let printed = xray("nano", QUESTION, &["--site", sites[0], "--site", sites[1], "--json"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let numbers: Vec<serde_json::Value> =
        printed.output.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(numbers.len(), 2);
    for (number, site) in numbers.iter().zip(sites) {
        assert_eq!(number["site"], *site);
    }
    let inputs = numbers[0]["inputs"].as_array().cloned().unwrap_or_default();
    // Ten keys, each with its attention and its value; heads 2 and 3 share the second key/value head.
    assert_eq!(inputs.len(), 20);
    assert_eq!(inputs[0]["site"], "blocks.7.attn.hook_pattern[3, 9, 0]");
    assert_eq!(inputs[1]["site"], "blocks.7.attn.hook_v[0, 1, 5]");
    assert_eq!(inputs[0]["weight"], inputs[1]["value"]);
    let shown = xray("nano", QUESTION, &["--site", sites[0]]);
    assert!(shown.output.contains("of head 3 of layer 7, component 5, at token 9"), "{}", shown.output);
    assert!(!shown.output.contains("DIFFERS"), "{}", shown.output);
    Ok(())
}

/// At the token that is named and nowhere else; with the gates of a tap closed, another program is written.
fn replaced() -> Result<(), Failed> {
    let neuron = "blocks.3.mlp.hook_post[17]=1.5@4";
    let sites =
        ["--site", "blocks.3.mlp.hook_post[4, 17]", "--site", "blocks.3.mlp.hook_post[5, 17]", "--json"];
    let printed = xray("nano", QUESTION, &[&["--replace", neuron][..], &sites].concat());
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let values: Vec<f64> = printed
        .output
        .lines()
        .map(|line| {
            Ok(serde_json::from_str::<serde_json::Value>(line)?["value"].as_f64().unwrap_or_default())
        })
        .collect::<Result<_, Failed>>()?;
    assert!(values.len() == 2 && values[0] == 1.5 && values[1] != 1.5, "{values:?}");

    let ask = |more: &[&str]| {
        let mut arguments: Vec<&OsStr> =
            ["ask", "How many is 605 plus 1213?", "--json"].map(OsStr::new).into();
        arguments.extend(more.iter().map(OsStr::new));
        worldmodel_in(root(), &arguments, "").json()["candidates"].clone()
    };
    let gates = ["--replace", "taps.0.layers.0.cross_gate=0", "--replace", "taps.0.layers.1.cross_gate=0"];
    let (plain, closed) = (ask(&[]), ask(&gates));
    assert_ne!(plain[0]["wat"], closed[0]["wat"]);
    assert_eq!(plain[1]["wat"], closed[1]["wat"]);
    Ok(())
}

fn refused() -> Result<(), Failed> {
    for (options, why) in [
        (&["--site", "blocks.12.ln1.hook_scale[0]"][..], "12 layers"),
        (&["--site", "hook_pos_embed[0, 0]"], "turn queries and keys"),
        (&["--site", "blocks.1.attn.hook_v[0, 2, 0]"], "2 key/value heads"),
        (&["--random", "1", "--dense"], "--dense"),
        (&["--random", "1", "--replace", "blocks.12.mlp.hook_post[0]=0"], "12 layers"),
        (&["--random", "1", "--replace", "taps.3.layers.0.cross_gate=0"], "3 taps"),
        (&["--random", "1", "--replace", "layer 3"], "parts are typed as"),
        (&[], "--random"),
    ] {
        let printed = xray("nano", QUESTION, options);
        assert_eq!(printed.status, 2, "{}", printed.errors);
        assert!(printed.errors.contains(why), "{}", printed.errors);
    }
    assert_eq!(xray("nano", " ", &["--random", "1"]).status, 2);
    Ok(())
}

fn nowhere() -> Result<(), Failed> {
    let printed = xray("/nowhere/model.gguf", "a", &["--random", "1"]);
    assert_eq!((printed.status, printed.output.as_str()), (2, ""));
    assert!(printed.errors.contains("/nowhere/model.gguf"), "{}", printed.errors);
    Ok(())
}
