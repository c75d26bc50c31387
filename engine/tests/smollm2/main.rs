//! SmolLM2-135M-Instruct (Q4_1), a model that people use, against llama.cpp and `transformers`.
//!
//! `make.py` makes what is compared with. The model itself is fetched by `cargo xtask test`, which says where in
//! `WORLDMODEL_SMOLLM2_GGUF`; without it these tests are ignored. `wasm.rs` has the same in WebAssembly.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod checks;

use std::path::PathBuf;

use checks::{Checked, Fixture};
use libtest_mimic::{Arguments, Trial};

type Test = fn(&Fixture) -> Checked;

fn main() {
    let arguments = Arguments::from_args();
    let path = std::env::var_os("WORLDMODEL_SMOLLM2_GGUF").map(PathBuf::from);
    let tests: [(&str, Test); 5] = [
        ("the likeliest tokens are those of llama.cpp", checks::as_llama_cpp),
        (
            "with rounded activations they are those of llama.cpp as often as its own",
            checks::as_llama_cpp_rounded,
        ),
        ("the streams behind all layers are those of transformers", checks::as_transformers),
        ("prompts have the tokens of llama.cpp", checks::same_prompts),
        ("an ablated head changes the logits, and reading them does not", checks::ablation),
    ];
    // One test after the other would read the file four times.
    let fixture: &'static std::sync::OnceLock<Fixture> = Box::leak(Box::default());
    let trials = tests.map(|(name, test)| {
        let here = path.clone();
        let run = move || {
            let path = here.expect("ignored without it");
            Ok(test(fixture.get_or_init(|| Fixture::new(std::fs::read(path).unwrap())))?)
        };
        Trial::test(name, run).with_ignored_flag(path.is_none())
    });
    libtest_mimic::run(&arguments, trials.into()).exit();
}
