//! Training as somebody does it: from questions to a model that answers, stopped and killed on the way.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use support::{folder, worldmodel};

const STEPS: &str = "320";

/// Two families that a tiny model learns within a minute.
fn questions(name: &str) -> PathBuf {
    let root = folder().join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("arithmetic")).unwrap();
    fs::create_dir_all(root.join("lists")).unwrap();
    let family = |operator: &str, word: &str| {
        format!(
            "numbers: x = 2..99\nnumbers: y = 2..99\nplan: {{x}} {operator} {{y}}\nanswer: It is {{result}}.\n\n\
             train:\nWhat is {{x}} {word} {{y}}?\n(Please |)tell me {{x}} {word} {{y}}.\n\n\
             held-out:\nTell me what {{x}} {word} {{y}} is.\n"
        )
    };
    fs::write(root.join("arithmetic/add.txt"), family("+", "plus")).unwrap();
    fs::write(root.join("arithmetic/multiply.txt"), family("*", "times")).unwrap();
    root
}

fn train(questions: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worldmodel"));
    command.args(["train", "--size", "tiny", "--batch", "16", "--steps", STEPS, "--cool-down", "100"]);
    command.args(["--rate", "0.004"]);
    command.arg("--questions").arg(questions).arg("--out").arg(out);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits until a run says that it has made so many steps.
fn wait_for(child: &mut Child, step: u64) {
    let output = BufReader::new(child.stdout.take().unwrap());
    for line in output.lines().map_while(Result::ok) {
        let made = line.strip_prefix("step ").and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
        if made.is_some_and(|made| made >= step && line.contains("loss")) {
            return;
        }
    }
    panic!("the run ended before step {step}");
}

#[test]
fn a_run_that_is_interrupted_and_killed_ends_like_one_that_is_not_and_answers() {
    let questions = questions("questions");
    let (through, broken) = (folder().join("through"), folder().join("broken"));
    for out in [&through, &broken] {
        let _ = fs::remove_dir_all(out);
    }
    let done = train(&questions, &through).args(["--curriculum", "0"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    // Interrupted: it saves. Killed: it goes on from there.
    let mut child = train(&questions, &broken).args(["--curriculum", "0"]).spawn().unwrap();
    wait_for(&mut child, 40);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let saved = fs::read_dir(broken.join("checkpoints")).unwrap().count();
    assert_eq!(saved, 1, "an interrupted run has a checkpoint");
    let mut child = train(&questions, &broken).args(["--curriculum", "0"]).spawn().unwrap();
    wait_for(&mut child, 100);
    child.kill().unwrap();
    child.wait().unwrap();
    let done = train(&questions, &broken).args(["--curriculum", "0"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    for file in ["model/model.safetensors", "model/adapter.safetensors", "bundle/nano.gguf", "tokenizer.json"]
    {
        assert_eq!(fs::read(through.join(file)).unwrap(), fs::read(broken.join(file)).unwrap(), "{file}");
    }
    let curves = fs::read_to_string(through.join("curves.svg")).unwrap();
    assert!(curves.contains("<svg") && curves.contains("tap behind layer 2"), "no curves");
    let sittings = fs::read_to_string(broken.join("sittings.jsonl")).unwrap();
    assert_eq!(sittings.lines().count(), 3, "{sittings}");

    let adapter: serde_json::Value =
        serde_json::from_slice(&fs::read(broken.join("bundle/adapter.json")).unwrap()).unwrap();
    assert_eq!(adapter["training"]["settings"]["seed"], 1, "{}", adapter["training"]);
    assert_eq!(adapter["training"]["sittings"].as_array().map(Vec::len), Some(3));

    // It answers what it has never read, by a program that it wrote.
    let model = through.join("model");
    let ask = |question: &str| {
        worldmodel(
            &["ask".as_ref(), "--json".as_ref(), "--model".as_ref(), model.as_ref(), question.as_ref()],
            "",
        )
        .json()
    };
    let json = ask("What is 123 times 45678901?");
    assert_eq!(json["answer"], 123_i64 * 45_678_901, "{json}");
    assert_eq!(json["candidates"].as_array().map(Vec::len), Some(3), "{json}");
    let json = ask("Tell me what 605 plus 1213 is.");
    assert_eq!(json["answer"], 1818, "{json}");
    other_modes(&through, &questions);
    onward(&through, &questions);
}

/// A new run that starts from the bundle of another: from its weights, with its history.
fn onward(run: &Path, questions: &Path) {
    let (bundle, out) = (run.join("bundle"), folder().join("onward"));
    let _ = fs::remove_dir_all(&out);
    let start = |size: &str, from: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worldmodel"));
        command.args([
            "train",
            "--size",
            size,
            "--batch",
            "16",
            "--steps",
            "324",
            "--rate",
            "0",
            "--curriculum",
            "0",
        ]);
        command.arg("--questions").arg(questions).arg("--out").arg(&out).arg("--from").arg(from);
        command.output().unwrap()
    };
    let refused = |size: &str, from: &Path, why: &str| {
        let done = start(size, from);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && said.contains(why), "{said}");
    };
    refused("tiny", questions, "neither a .gguf file nor model.safetensors");
    refused("nano", &bundle, "another size");
    let _ = fs::remove_dir_all(&out);
    let done = start("tiny", &bundle);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // With a rate of 0 nothing is learned: what it writes is what it read.
    for file in ["nano.gguf", "adapter.safetensors"] {
        assert_eq!(
            fs::read(bundle.join(file)).unwrap(),
            fs::read(out.join("bundle").join(file)).unwrap(),
            "{file}"
        );
    }
    let adapter: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("bundle/adapter.json")).unwrap()).unwrap();
    let training = &adapter["training"];
    assert_eq!((&training["steps"], &training["samples"]), (&324.into(), &(324 * 16).into()), "{training}");
    let sittings = training["sittings"].as_array().unwrap();
    assert_eq!((sittings.len(), &sittings[1]["from_step"]), (2, &320.into()), "{training}");
    assert_eq!(
        (&sittings[0]["from"], &sittings[1]["from"]["name"]),
        (&serde_json::Value::Null, &"nano".into())
    );
}

/// What else the command does with a run: metadata, the benchmark, and a model card from both.
fn other_modes(run: &Path, questions: &Path) {
    let (model, questions) = (run.join("bundle").display().to_string(), questions.display().to_string());
    let command =
        |arguments: &[&str]| worldmodel(&arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>(), "");
    let about = command(&["model", &model, "--json"]).json();
    assert_eq!(
        (&about["base"], &about["training"]["settings"]["seed"]),
        (&"nano".into(), &1.into()),
        "{about}"
    );
    assert_eq!(about["training"]["steps"], STEPS.parse::<u64>().unwrap(), "{about}");
    let lines = command(&["model", &model]);
    assert!(lines.output.contains("behind layers 2, 3, 4"), "{}{}", lines.output, lines.errors);

    let options = ["--questions", &questions, "--count", "12", "--share", "2", "--threads", "1"];
    let bench = |more: &[&str]| command(&[&["bench", "--model", &model], &options[..], more].concat());
    let printed = bench(&["--json"]);
    let figures = printed.json();
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let sets = figures["sets"].as_array().unwrap();
    let splits: Vec<&str> = sets.iter().map(|tally| tally["split"].as_str().unwrap()).collect();
    assert_eq!(splits, ["wordings", "numbers"], "{figures}");
    for tally in sets {
        assert!(tally["questions"] == 12 && tally["right"].as_u64() >= Some(6), "{tally}");
    }
    assert_eq!(
        (&figures["compared"][0]["questions"], &figures["beside"]),
        (&4.into(), &serde_json::Value::Null)
    );
    let again = bench(&["--json"]).json();
    assert_eq!(again["bars"], figures["bars"], "the same model reaches the same");
    // It was trained on nothing but sums and products.
    let table = bench(&["--check", "--wrong"]);
    assert_eq!(table.status, 1, "{}", table.errors);
    assert!(
        table.output.contains("published questions") && table.output.contains("BELOW"),
        "{}",
        table.output
    );

    let (figures, card) = (run.join("figures.json"), run.join("card.md"));
    fs::write(&figures, &printed.output).unwrap();
    let (run, path, out) =
        (run.display().to_string(), figures.display().to_string(), card.display().to_string());
    let write = |model: &str| {
        command(&[
            "card",
            "--run",
            &run,
            "--model",
            model,
            "--figures",
            &path,
            "--questions",
            &questions,
            "--out",
            &out,
        ])
    };
    let printed = write(&model);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let text = fs::read_to_string(&card).unwrap();
    for part in
        ["## Training", "card-curves.svg", "arithmetic | wordings | 12", "--cool-down 100", "original rule"]
    {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    assert!(card.with_file_name("card-curves.svg").is_file());
    // Figures of other weights are refused.
    let adapter = fs::read_to_string(Path::new(&model).join("adapter.json")).unwrap();
    let other = folder().join("other-model");
    fs::create_dir_all(&other).unwrap();
    for file in ["nano.gguf", "adapter.safetensors"] {
        fs::copy(Path::new(&model).join(file), other.join(file)).unwrap();
    }
    let fingerprint = about["fingerprint"].as_str().unwrap();
    fs::write(other.join("adapter.json"), adapter.replace(fingerprint, "0123456789abcdef")).unwrap();
    let refused = write(&other.display().to_string());
    assert!(
        refused.status == 2 && refused.errors.contains("measured on another model"),
        "{}",
        refused.errors
    );
}

#[test]
fn another_run_s_folder_is_left_alone() {
    let questions = questions("questions-of-two");
    let out = folder().join("two-runs");
    let _ = fs::remove_dir_all(&out);
    let mut first = train(&questions, &out);
    assert!(first.args(["--minutes", "0"]).output().unwrap().status.success());
    let done = train(&questions, &out).args(["--seed", "2"]).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && errors.contains("another --out"), "{errors}");
}

#[test]
fn questions_that_give_nothing_at_first_are_refused() {
    let root = folder().join("late-questions");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("logic")).unwrap();
    fs::create_dir_all(root.join("lists")).unwrap();
    let family = "numbers: x = 2..99\nplan: {x} * {x}\nanswer: {result}\n\ntrain:\nSquare {x}.\n\nheld-out:\nSquare of {x}\n";
    fs::write(root.join("logic/square.txt"), family).unwrap();
    let out = folder().join("late");
    let _ = fs::remove_dir_all(&out);
    let done = train(&root, &out).args(["--curriculum", "1000"]).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && errors.contains("first stage"), "{errors}");
}

#[test]
fn a_folder_without_questions_is_refused() {
    let done = train(Path::new("no-such-folder"), &folder().join("nothing")).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && errors.contains("no-such-folder"), "{errors}");
}
