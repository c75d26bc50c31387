//! `worldmodel generate` and `bench --model` as a script sees them.
//!
//! What needs a model is ignored unless `WORLDMODEL_SMOLLM2_GGUF` says where it is; `cargo xtask test` fetches it.

mod support;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use support::{Printed, program, worldmodel};

type Plain = fn() -> Result<(), Failed>;
type WithModel = fn(&Path) -> Result<(), Failed>;

fn main() {
    let arguments = Arguments::from_args();
    let model = std::env::var_os("WORLDMODEL_SMOLLM2_GGUF").map(PathBuf::from);
    let plain: [(&str, Plain); 2] = [
        ("files that are no model are refused by name", no_model),
        ("settings that mean nothing are refused", no_settings),
    ];
    let with_model: [(&str, WithModel); 4] = [
        ("a text goes on as llama.cpp lets it go on", completion),
        ("stop texts and limits end it", ends),
        ("a chat is answered by the model's template, and ends where the model ends it", chat),
        ("bench measures the model", bench),
    ];
    let mut trials: Vec<Trial> = plain.map(|(name, test)| Trial::test(name, test)).into();
    for (name, test) in with_model {
        let here = model.clone();
        let run = move || here.map_or_else(|| Err("there is no model".into()), |path| test(&path));
        trials.push(Trial::test(name, run).with_ignored_flag(model.is_none()));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn generate(model: &Path, prompt: &str, options: &[&str]) -> Printed {
    let mut arguments: Vec<&OsStr> =
        vec!["generate".as_ref(), prompt.as_ref(), "--model".as_ref(), model.as_ref()];
    arguments.extend(options.iter().map(OsStr::new));
    worldmodel(&arguments, "")
}

fn refused(printed: &Printed, messages: &[&str]) {
    assert_eq!(printed.status, 2, "{}", printed.errors);
    assert_eq!(printed.output, "");
    for message in messages {
        assert!(printed.errors.contains(message), "{} does not say {message}", printed.errors);
    }
}

fn no_model() -> Result<(), Failed> {
    refused(&generate(Path::new("/nowhere/model.gguf"), "a", &[]), &["/nowhere/model.gguf", "No such file"]);
    let html = program("page.gguf", "<!DOCTYPE html><html></html>");
    refused(&generate(&html, "a", &[]), &["page.gguf", "not GGUF or safetensors", "help:"]);
    let cut = program("cut.gguf", "GGUF\u{3}\0\0\0");
    refused(&generate(&cut, "a", &[]), &["cut.gguf"]);
    let bare = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests/qwen/qwen3_untied");
    refused(&generate(&bare.join("model.safetensors"), "a", &[]), &["no tokenizer.json"]);
    refused(&generate(&bare, "a", &[]), &["several .safetensors files", "model.safetensors.index.json"]);
    let empty = bare.join("..");
    refused(&generate(&empty, "a", &[]), &["no .safetensors file"]);
    Ok(())
}

fn no_settings() -> Result<(), Failed> {
    let here = Path::new("model.gguf");
    refused(&generate(here, "a", &["--temperature=-1"]), &["temperature is -1", "0 or more"]);
    refused(&generate(here, "a", &["--top-p", "2"]), &["top_p is 2"]);
    refused(&generate(here, "a", &["--quantize", "q3_k"]), &["q8_0 or q4_0"]);
    refused(&generate(here, "a", &["--device", "gpu"]), &["CPU"]);
    Ok(())
}

fn completion(model: &Path) -> Result<(), Failed> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests/smollm2/greedy_f32.json");
    let fixture: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(fixture)?)?;
    let case = fixture.pointer("/cases/0").ok_or("no case")?;
    let prompt = case.pointer("/prompt").and_then(|prompt| prompt.as_str()).ok_or("no prompt")?;
    let printed = generate(model, prompt, &["--tokens", "24", "--json"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let json = printed.json();
    assert_eq!(json.get("prompt_tokens"), case.get("tokens"));
    let answer = case.pointer("/answer").and_then(|answer| answer.as_array()).ok_or("no answer")?;
    assert_eq!(json.get("tokens").and_then(|tokens| tokens.as_array()).map(Vec::as_slice), answer.get(..24));
    assert!(
        json.get("decode_tokens_per_s").and_then(|speed| speed.as_f64()).is_some_and(|speed| speed > 0.0)
    );
    // The same text as it is streamed.
    let streamed = generate(model, prompt, &["--tokens", "24", "--threads", "1"]);
    let text = json.get("text").and_then(|text| text.as_str()).ok_or("no text")?;
    assert_eq!(streamed.output, format!("{text}\n"));
    // A seed is a text.
    let drawn =
        |seed| generate(model, prompt, &["--tokens", "6", "--temperature", "1.5", "--seed", seed]).output;
    assert_eq!(drawn("1"), drawn("1"));
    assert_ne!(drawn("1"), drawn("2"));
    Ok(())
}

fn ends(model: &Path) -> Result<(), Failed> {
    let printed = generate(model, "1, 2, 3, 5, 8, 13,", &["--tokens", "24", "--stop", ","]);
    assert!(!printed.output.contains(','), "{}", printed.output);
    let printed = generate(model, "a b c d e f g h", &["--context", "4"]);
    refused(&printed, &["tokens; the context ends at 4"]);
    // A context that fills up while the model writes ends the text.
    let printed = generate(model, "a b c", &["--context", "8", "--tokens", "50", "--json"]);
    assert_eq!(printed.status, 0, "{}", printed.errors);
    let json = printed.json();
    let tokens = |key| json.get(key).and_then(|tokens| tokens.as_array()).map_or(0, Vec::len);
    // What the last position chose was not taken in.
    assert_eq!(tokens("prompt_tokens") + tokens("tokens"), 9, "{json}");
    assert!(printed.errors.contains("the context of 8 tokens is full"), "{}", printed.errors);
    refused(&generate(model, "", &[]), &["nothing to go on from"]);
    Ok(())
}

fn chat(model: &Path) -> Result<(), Failed> {
    let printed = generate(model, "Reply with the word yes.", &["--chat", "--tokens", "40", "--json"]);
    let json = printed.json();
    let text = json.get("text").and_then(|text| text.as_str()).ok_or("no text")?;
    assert!(!text.is_empty() && !text.contains("<|im_end|>"), "{text}");
    let tokens = |key| json.get(key).and_then(|tokens| tokens.as_array()).map_or(0, Vec::len);
    // The template adds a system message of its own.
    assert!(tokens("prompt_tokens") > 20 && tokens("tokens") < 40, "{}", printed.output);
    Ok(())
}

fn bench(model: &Path) -> Result<(), Failed> {
    let arguments: [&OsStr; 4] = ["bench".as_ref(), "--model".as_ref(), model.as_ref(), "--json".as_ref()];
    let json = worldmodel(&arguments, "").json();
    for key in ["load_s", "prefill_tokens_per_s", "first_token_s", "decode_tokens_per_s"] {
        assert!(
            json.get(key).and_then(|value| value.as_f64()).is_some_and(|value| value > 0.0),
            "{key}: {json}"
        );
    }
    Ok(())
}
