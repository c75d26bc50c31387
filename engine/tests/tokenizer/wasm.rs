//! The same comparisons in WebAssembly, run by `wasm-bindgen-test-runner` under Node.js. The environment names
//! the two tokenizers; `README.md` says how.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

mod checks;
mod gguf;

use engine::tokenizer::Tokenizer;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "fs")]
extern "C" {
    #[wasm_bindgen(js_name = readFileSync)]
    fn read_file(path: &str) -> Uint8Array;
}

/// The metadata of the GGUF file lies within its first bytes; the other 94 MB stay outside WebAssembly.
const METADATA: u32 = 4 << 20;

fn path(variable: &str) -> String {
    let process = Reflect::get(&js_sys::global(), &"process".into()).expect("this is not Node.js");
    let environment = Reflect::get(&process, &"env".into()).expect("no environment");
    let path = Reflect::get(&environment, &variable.into()).ok().and_then(|path| path.as_string());
    path.unwrap_or_else(|| panic!("{variable} is not set"))
}

fn smollm2() -> Tokenizer {
    let file = read_file(&path("WORLDMODEL_SMOLLM2_GGUF")).subarray(0, METADATA);
    gguf::tokenizer(&file.to_vec()).expect("SmolLM2")
}

fn qwen3() -> Tokenizer {
    let path = path("WORLDMODEL_QWEN3_TOKENIZER");
    let config = path.replace("tokenizer.json", "tokenizer_config.json");
    let tokenizer = Tokenizer::from_json(&read_file(&path).to_vec()).expect("Qwen3");
    tokenizer.with_config(&read_file(&config).to_vec()).expect("Qwen3")
}

#[wasm_bindgen_test]
fn chats() {
    checks::chats_by_template().expect("by template");
    checks::chats_built_in().expect("built in");
}

#[wasm_bindgen_test]
fn smollm2_golden_ids() {
    checks::golden(&smollm2(), &checks::SMOLLM2).expect("SmolLM2");
}

#[wasm_bindgen_test]
fn smollm2_prompts() {
    checks::prompts(&smollm2(), &checks::SMOLLM2).expect("SmolLM2");
}

#[wasm_bindgen_test]
fn qwen3_golden_ids() {
    checks::golden(&qwen3(), &checks::QWEN3).expect("Qwen3");
}

#[wasm_bindgen_test]
fn qwen3_golden_ids_from_gguf_metadata() {
    let json = read_file(&path("WORLDMODEL_QWEN3_TOKENIZER")).to_vec();
    let tokenizer = checks::through_gguf(&json).expect("Qwen3");
    checks::golden(&tokenizer, &checks::QWEN3).expect("Qwen3");
}

#[wasm_bindgen_test]
fn qwen3_prompts() {
    checks::prompts(&qwen3(), &checks::QWEN3).expect("Qwen3");
}
