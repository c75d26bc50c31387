//! `worldmodel export`, `xray` and `bench`.

mod support;

use support::{Printed, folder, program, worldmodel};

fn command(arguments: &[&str]) -> Printed {
    worldmodel(&arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>(), "")
}

#[test]
fn export_writes_weights_and_config() {
    let folder = folder().join("exported");
    let printed = command(&["export", "classic", "--out", &folder.display().to_string()]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    assert!(printed.output.ends_with("146 tensors, 316000 parameters\n"), "{}", printed.output);
    let weights = std::fs::metadata(folder.join("model.safetensors")).unwrap().len();
    assert!(weights > 4 * 316_000);
    let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    assert_eq!(config["n_heads"], serde_json::json!([13, 1, 0, 8, 2, 1, 1, 4]));
    assert_eq!(command(&["export", "half", "--out", "nowhere"]).status, 2);
}

#[test]
fn numbers_of_a_run_recompute() {
    let file = program(
        "open.wasmt",
        "fd_open 0 i32.const 65 fd_write fd_open 0 fd_read output
         i32.const 3 local.set 0 loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if end_loop
         i32.const 7 i32.store 9 i32.load 9 i32.const 6 i32.mul output halt",
    );
    let file = file.display().to_string();
    for device in [&[][..], &["--dense"]] {
        let arguments = [&["xray", "classic", &file, "--random", "300", "--json"], device].concat();
        let printed = command(&arguments);
        assert_eq!(printed.status, 0, "{}", printed.errors);
        assert!(printed.errors.contains("300 numbers opened"), "{}", printed.errors);
        assert_eq!(printed.output.lines().count(), 300);
    }
}

#[test]
fn a_number_is_opened_by_its_name() {
    let file = program("named.wasmt", "i32.const 3 i32.const 5 i32.add output").display().to_string();
    let printed = command(&["xray", "classic", &file, "--site", "hook_logits[23, 8]", "--json"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let json = printed.json();
    assert_eq!(json["site"], "hook_logits[23, 8]");
    assert_eq!((&json["value"], &json["recomputed"]), (&64.0.into(), &64.0.into()));
    assert!(json["inputs"].as_array().is_some_and(|inputs| !inputs.is_empty()));

    let refused = |site: &str| command(&["xray", "classic", &file, "--site", site]);
    assert!(refused("logits").errors.contains("names no site"));
    assert_eq!(refused("hook_logits[99, 8]").status, 2);
    assert_eq!(refused("blocks.9.hook_resid_pre[0, 0]").status, 2);
    assert_eq!(command(&["xray", "classic", &file]).status, 2);
}

#[test]
fn bench_measures_what_it_is_asked_for() {
    let printed = command(&["bench", "--engine", "sparse,dense", "--max-length", "100", "--json"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let lines: Vec<serde_json::Value> =
        printed.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["tokens"] == 100 && line["tokens_per_s"].as_f64() > Some(0.0)));
    let printed = command(&["bench", "--count", "3"]);
    assert_eq!((printed.status, printed.output.as_str()), (2, ""));
    assert!(printed.errors.contains("--count is for a WorldModel"), "{}", printed.errors);
    for option in [["--threads", "1"], ["--device", "cpu"], ["--context", "64"], ["--quantize", "q8_0"]] {
        let printed = command(&[&["bench", "--max-length", "0"], &option[..]].concat());
        assert_eq!((printed.status, printed.output.as_str()), (2, ""));
        assert!(
            printed.errors.contains(&format!("{} is for a language model", option[0])),
            "{}",
            printed.errors
        );
    }
}
