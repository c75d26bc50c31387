//! The same comparisons in WebAssembly, run by `wasm-bindgen-test-runner` under Node.js. The environment names the
//! model. `cargo xtask test --only "language model in wasm"` runs it.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

#[allow(dead_code, reason = "what llama.cpp rounds is compared natively")]
mod checks;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "fs")]
extern "C" {
    #[wasm_bindgen(js_name = readFileSync)]
    fn read_file(path: &str) -> Uint8Array;
}

fn model() -> Vec<u8> {
    let process = Reflect::get(&js_sys::global(), &"process".into()).expect("this is not Node.js");
    let environment = Reflect::get(&process, &"env".into()).expect("no environment");
    let path = Reflect::get(&environment, &"WORLDMODEL_SMOLLM2_GGUF".into()).ok();
    read_file(&path.and_then(|path| path.as_string()).expect("no WORLDMODEL_SMOLLM2_GGUF")).to_vec()
}

/// All of it in one test: each would read the model again.
#[wasm_bindgen_test]
fn smollm2_computes_what_it_computes_natively() {
    let fixture = checks::Fixture::new(model());
    for (what, check) in [
        ("prompts", checks::same_prompts as fn(&checks::Fixture) -> checks::Checked),
        ("streams", checks::as_transformers),
        ("ablation", checks::ablation),
        ("likeliest tokens", checks::as_llama_cpp),
    ] {
        if let Err(error) = check(&fixture) {
            panic!("{what}: {error}");
        }
    }
}
