//! The steps that cargo runs: format, lints, tests, documentation.

use super::report::Count;
use crate::job::{Job, last_lines};
use crate::project::Project;
use crate::setup::{self, Models};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// The engine's language models: not among its default features, and tested all the same.
const LANGUAGE: &str = "engine/language";

/// Every crate is formatted.
pub fn format(project: &Project) -> Result<()> {
    project.job("cargo").args(["fmt", "--all", "--check"]).run()
}

/// No lint objects, tests included.
pub fn clippy(project: &Project) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--features", LANGUAGE];
    cargo(project, &arguments).args(["--", "-D", "warnings"]).run()
}

/// The same for the code that only exists in WebAssembly, where clippy for that compiler is installed.
pub fn clippy_for_the_web(project: &Project, gpu: bool) -> Result<Count> {
    let toolchain = setup::for_site(project)?;
    let job = || toolchain.job(project, "cargo");
    if !job().args(["clippy", "--version"]).succeeds() {
        return Ok(Count::skipped("the compiler for the web has no clippy (Debian: rust-web-clippy)"));
    }
    // The release profile shares what it compiles for the host with the build of the site.
    let clippy = |what: &[&str]| {
        let options = ["clippy", "--quiet", "--release", "--target", "wasm32-unknown-unknown"];
        job().args(options).args(what).args(["--", "-D", "warnings"]).run()
    };
    clippy(&["--package", "page", "--package", "worker"])?;
    // burn's GPU side is only checked here, not compiled: three minutes of computing once, then seconds.
    if gpu {
        clippy(&["--package", "worker", "--features", "gpu"])?;
    }
    Ok(Count::check())
}

/// Every test of every crate, on this machine.
pub fn tests(project: &Project) -> Result<Count> {
    // Some tests run the `worldmodel` program that cargo has just built.
    let _lock = project.lock_target("tests")?;
    let models = setup::for_model_tests(project)?;
    let count = counted(with_models(workspace_tests(project).arg("--no-fail-fast"), &models))?;
    let bundled = project.root.join("assets/nano").is_dir();
    let no_bars =
        if bundled { "" } else { "without assets/nano, the bundled model, its bars are not tested" };
    let notes = models.missing.iter().chain([&count.note]).map(String::as_str).chain([no_bars]);
    let note = notes.filter(|note| !note.is_empty()).collect::<Vec<_>>().join("\n");
    Ok(count.note(note))
}

/// The `worldmodel` program as the tests of the workspace build it: with other features, cargo would compile burn
/// and much else again. Nothing is left to do after the step `rust tests`.
pub fn worldmodel(project: &Project) -> Result<PathBuf> {
    workspace_tests(project).arg("--no-run").run()?;
    Ok(project.target.join("debug/worldmodel").with_extension(std::env::consts::EXE_EXTENSION))
}

fn workspace_tests(project: &Project) -> Job {
    cargo(project, &["test", "--workspace", "--features", LANGUAGE])
}

/// The tokenizer's comparisons once more, in WebAssembly under Node.js.
pub fn tokenizer_in_wasm(project: &Project) -> Result<Count> {
    in_wasm(project, "tokenizer_wasm")
}

/// A language model's comparisons once more, in WebAssembly under Node.js.
pub fn language_model_in_wasm(project: &Project) -> Result<Count> {
    in_wasm(project, "smollm2_wasm")
}

/// One of the engine's tests that need models, under Node.js. All with the same features, so that nothing is compiled
/// twice.
fn in_wasm(project: &Project, test: &str) -> Result<Count> {
    let models = setup::for_model_tests(project)?;
    if !models.missing.is_empty() {
        return Ok(Count::skipped(&models.missing.join("\n")));
    }
    let toolchain = setup::for_site(project)?;
    let arguments = ["test", "--package", "engine", "--no-default-features", "--features", "language"];
    // Without `--quiet`, which cargo hands on to a test runner that does not know it.
    let job = toolchain
        .job(project, "cargo")
        .args(arguments)
        .args(["--locked", "--target", "wasm32-unknown-unknown", "--test", test])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
    counted(with_models(job, &models))
}

/// The tests find the models by their environment.
fn with_models(job: Job, models: &Models) -> Job {
    models.environment.iter().fold(job, |job, (name, path)| job.env(name, path))
}

/// Runs tests and counts them.
fn counted(job: Job) -> Result<Count> {
    let printed = job.capture()?;
    let count = count(&printed.text);
    if count.passed + count.failed == 0 {
        bail!("no test was run:\n{}", last_lines(&printed.text));
    }
    if printed.success && count.failed == 0 {
        return Ok(count);
    }
    // A test program that crashes prints no count: the failure shows only in cargo's exit status.
    Ok(Count { failed: count.failed.max(1), note: last_lines(&printed.text), ..count })
}

/// The documentation builds, and its links lead somewhere.
pub fn documentation(project: &Project) -> Result<()> {
    cargo(project, &["doc", "--workspace", "--features", LANGUAGE, "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

fn cargo(project: &Project, arguments: &[&str]) -> Job {
    project.job("cargo").args(arguments).arg("--quiet").arg("--locked")
}

/// Adds up the closing lines of all test programs: `test result: ok. 12 passed; 1 failed; …`.
fn count(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines().filter_map(|line| line.trim_start().strip_prefix("test result: ")) {
        for part in line.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else { continue };
            match words.next() {
                Some("passed") => count.passed += number,
                Some("failed") => count.failed += number,
                _ => {}
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_the_closing_lines() {
        let text = "running 3 tests\n...\ntest result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; \
                    0 filtered out; finished in 0.42s\n\
                    test result: FAILED. 10 passed; 2 failed; 1 ignored; finished in 1.50s\n";
        let count = count(text);
        assert_eq!((count.passed, count.failed), (13, 2));
    }
}
