//! Taps on a base that stays as it is, as somebody makes them: trained, killed on the way, and asked.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine::worldmodel::nano;
use engine::worldmodel::train::{Shape, Trainer, export, learn_vocabulary, processor};
use support::{folder, worldmodel};

/// A Qwen3 of random weights in a folder, as it comes from a hub.
fn base(name: &str, seed: u64) -> PathBuf {
    let root = folder().join(name);
    fs::create_dir_all(&root).unwrap();
    let words = ["what is plus times", "tell me", "hello there"].map(str::to_owned);
    let tokenizer = learn_vocabulary(words.into_iter(), 320).unwrap();
    let decoder = nano::tiny_decoder(320);
    let shape = Shape { decoder: decoder.clone(), taps: nano::tiny_taps() };
    let trainer = Trainer::new(shape, seed, processor());
    let mut tensors = export::text(trainer.learner()).unwrap();
    // Gains of 1 are those of every new model; a trained one has its own.
    for gain in tensors.iter_mut().filter(|tensor| tensor.name == "model.norm.weight") {
        gain.values[0] += seed as f32;
    }
    let template = "{% for m in messages %}<|user|>{{ m.content }}{% endfor %}<|assistant|>";
    let more = serde_json::json!({ "eos_token": "<|end|>", "chat_template": template });
    fs::write(root.join("model.safetensors"), export::safetensors(&tensors, export::Precision::F32).unwrap())
        .unwrap();
    fs::write(root.join("config.json"), export::config(&decoder, 0).to_string()).unwrap();
    fs::write(root.join("tokenizer.json"), tokenizer).unwrap();
    fs::write(root.join("tokenizer_config.json"), more.to_string()).unwrap();
    root
}

fn questions() -> PathBuf {
    let root = folder().join("questions-of-adapters");
    fs::create_dir_all(root.join("arithmetic")).unwrap();
    fs::create_dir_all(root.join("lists")).unwrap();
    let family = "numbers: x = 2..99\nnumbers: y = 2..99\nplan: {x} + {y}\nanswer: It is {result}.\n\n\
                  train:\nWhat is {x} plus {y}?\n\nheld-out:\nSay {x} plus {y}.\n";
    fs::write(root.join("arithmetic/add.txt"), family).unwrap();
    root
}

fn train(base: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worldmodel"));
    command.arg("train").arg("--base").arg(base).arg("--out").arg(out).arg("--questions").arg(questions());
    command.args(["--cached", "300", "--behind", "1,2,4", "--tap-width", "32", "--tap-layers", "1"]);
    command.args(["--batch", "8", "--steps", "60", "--cool-down", "20"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs until a line begins so, and kills the run.
fn killed(mut command: Command, line: &str) {
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let said = output.lines().map_while(Result::ok).any(|said| said.starts_with(line));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said, "the run ended before {line}");
}

fn ask(arguments: &[&OsStr]) -> support::Printed {
    let mut all: Vec<&OsStr> = vec!["ask".as_ref(), "--json".as_ref()];
    all.extend(arguments);
    worldmodel(&all, "")
}

#[test]
fn an_adapter_is_trained_in_pieces_and_asked_with_its_base_only() {
    let (one, other) = (base("base-one", 1), base("base-other", 2));
    let (through, broken) = (folder().join("adapter-through"), folder().join("adapter-broken"));
    for out in [&through, &broken] {
        let _ = fs::remove_dir_all(out);
    }
    let done = train(&one, &through).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // Killed while the base reads, and while the taps learn.
    killed(train(&one, &broken), "the base has read 256 of 300");
    killed(train(&one, &broken), "step 20 ");
    let done = train(&one, &broken).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for file in ["cache/000001.f16", "adapter/adapter.safetensors"] {
        assert_eq!(fs::read(through.join(file)).unwrap(), fs::read(broken.join(file)).unwrap(), "{file}");
    }
    let curves = fs::read_to_string(through.join("curve.csv")).unwrap();
    assert!(curves.starts_with("step,seconds,tap1_loss,tap2_loss,tap4_loss,"), "{curves}");

    let (adapter, weights) = (through.join("adapter"), one.join("model.safetensors"));
    let asked = ask(&[
        "--model".as_ref(),
        weights.as_ref(),
        "--adapter".as_ref(),
        adapter.as_ref(),
        "What is 2 plus 3?".as_ref(),
    ]);
    assert_eq!(asked.json()["way"], "frozen", "{}", asked.errors);
    assert_eq!(asked.json()["candidates"].as_array().map(Vec::len), Some(3));

    // Both in one folder.
    let both = folder().join("adapter-and-base");
    fs::create_dir_all(&both).unwrap();
    for (from, name) in [
        (&one, "model.safetensors"),
        (&one, "config.json"),
        (&one, "tokenizer.json"),
        (&one, "tokenizer_config.json"),
        (&adapter, "adapter.json"),
        (&adapter, "adapter.safetensors"),
    ] {
        fs::copy(from.join(name), both.join(name)).unwrap();
    }
    let again = ask(&["--model".as_ref(), both.as_ref(), "What is 2 plus 3?".as_ref()]);
    assert_eq!(again.json()["candidates"], asked.json()["candidates"], "{}", again.errors);

    // Another base of the same shape, and no base at all.
    let refused = ask(&[
        "--model".as_ref(),
        other.as_ref(),
        "--adapter".as_ref(),
        adapter.as_ref(),
        "What is 2 plus 3?".as_ref(),
    ]);
    assert!(refused.status == 2 && refused.errors.contains("another model"), "{}", refused.errors);
    let refused = ask(&["--model".as_ref(), adapter.as_ref(), "What is 2 plus 3?".as_ref()]);
    assert!(
        refused.status == 2 && refused.errors.contains("holds an adapter and no model"),
        "{}",
        refused.errors
    );
}

#[test]
fn a_model_without_an_adapter_is_told_how_programs_are_written() {
    let one = base("base-alone", 1);
    let asked =
        ask(&["--model".as_ref(), one.as_ref(), "--samples".as_ref(), "2".as_ref(), "2 + 3".as_ref()]);
    assert!(asked.errors.contains("no adapter"), "{}", asked.errors);
    let json = asked.json();
    assert_eq!((json["way"].as_str(), json["answer"].is_null()), (Some("prompted"), true), "{json}");
    let questions = questions();
    let refused = worldmodel(
        &["choose".as_ref(), "--model".as_ref(), one.as_ref(), "--questions".as_ref(), questions.as_ref()],
        "",
    );
    assert!(refused.status == 2 && refused.errors.contains("--adapter"), "{}", refused.errors);
}

#[test]
fn what_no_base_can_have_is_refused() {
    let one = base("base-refusing", 1);
    let out = folder().join("adapter-refused");
    let refused = |more: &[&str]| {
        let _ = fs::remove_dir_all(&out);
        let done = train(&one, &out).args(more).output().unwrap();
        assert!(!done.status.success());
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    let mut beyond = Command::new(env!("CARGO_BIN_EXE_worldmodel"));
    beyond.arg("train").arg("--base").arg(&one).arg("--out").arg(&out).args(["--behind", "3,7"]);
    beyond.arg("--questions").arg(questions());
    let errors = String::from_utf8_lossy(&beyond.output().unwrap().stderr).into_owned();
    assert!(errors.contains("layer 7") && errors.contains("has 4"), "{errors}");
    assert!(refused(&["--size", "tiny"]).contains("--base"));
    let errors = String::from_utf8_lossy(&train(Path::new("no-such.gguf"), &out).output().unwrap().stderr)
        .into_owned();
    assert!(errors.contains("no-such.gguf"), "{errors}");
}
