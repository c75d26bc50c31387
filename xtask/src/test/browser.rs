//! The browser tests: Playwright on the built site, served from this process.

use super::report::Count;
use super::rust;
use crate::job::{Job, last_lines};
use crate::project::Project;
use crate::setup::{self, Browser};
use crate::{serve, site};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Runs all browser tests on the site in `dist/` and counts them.
pub fn tests(project: &Project) -> Result<Count> {
    // Playwright's own folder for results: each clone has its own, and git ignores it.
    let results = project.root.join("e2e/test-results/report.json");
    let _absent = fs::remove_file(&results);
    let job = playwright(project)?.arg("--reporter=line,json").env("PLAYWRIGHT_JSON_OUTPUT_FILE", &results);
    let printed = match answers(project)? {
        Some(answers) => job.env("WORLDMODEL_ANSWERS", answers),
        None => job,
    }
    .capture()?;
    let json = fs::read_to_string(&results).with_context(|| last_lines(&printed.text))?;
    let mut count = count(&serde_json::from_str(&json)?);
    if !printed.success {
        count.failed = count.failed.max(1);
        count.note = last_lines(&printed.text);
    }
    Ok(count)
}

/// Runs browser tests with Playwright's own arguments and its output on the terminal.
pub fn run_by_hand(project: &Project, arguments: &[String]) -> Result<bool> {
    if !project.root.join("dist/index.html").exists() {
        println!("There is no site in dist/ yet: building it without the WebGPU engine");
        site::build(project, site::Build { dev: false, gpu: false })?;
    } else if site::is_stale(project) {
        println!(
            "dist/ is older than its sources, and these tests run on dist/: `cargo xtask build` renews it"
        );
    }
    Ok(playwright(project)?.args(arguments).run().is_ok())
}

/// Playwright, ready to run on a server of its own.
fn playwright(project: &Project) -> Result<Job> {
    let browser = setup::for_browser_tests(project)?;
    let dist = project.root.join("dist");
    ensure!(dist.join("index.html").exists(), "no site in dist/. Remedy: `cargo xtask build`");
    let address = serve::start(&dist, serve::take(0)?)?;
    let folder = project.root.join("e2e");
    let job = project.job("node").arg("node_modules/@playwright/test/cli.js").arg("test").folder(&folder);
    let job = job.env("BASE_URL", address);
    // Tests that need a model that cannot be had skip themselves and say why.
    let models = setup::for_model_tests(project)?.environment;
    let job = models.into_iter().fold(job, |job, (name, path)| job.env(name, path));
    Ok(match browser {
        Browser::Installed(path) => job.env("WORLDMODEL_CHROMIUM", path),
        Browser::Playwrights => job,
    })
}

/// What the bundled model answers natively to a share of the questions that it is measured with: the browser must say the same.
fn answers(project: &Project) -> Result<Option<PathBuf>> {
    let model = project.root.join("assets/nano");
    if !model.is_dir() {
        return Ok(None);
    }
    let worldmodel = Job::new(rust::worldmodel(project)?).quiet(project.quiet);
    let file = project.target.join("answers.jsonl");
    let job = worldmodel.args(["bench", "--count", "6", "--share", "0", "--json", "--questions"]);
    let job = job.arg(project.root.join("assets/questions")).arg("--model").arg(model);
    job.arg("--answers").arg(&file).output()?;
    Ok(Some(file))
}

/// Reads the totals from Playwright's JSON report. A test that only passes when repeated counts as failed.
fn count(report: &Value) -> Count {
    let number = |name: &str| report.pointer(&format!("/stats/{name}")).and_then(Value::as_u64).unwrap_or(0);
    let broken = report.get("errors").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    Count {
        passed: number("expected"),
        failed: number("unexpected") + number("flaky") + broken,
        note: match number("skipped") {
            0 => String::new(),
            skipped => format!("{skipped} skipped"),
        },
        not_run: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_and_broken_tests_fail() {
        let report = serde_json::json!({
            "stats": { "expected": 7, "unexpected": 1, "flaky": 2, "skipped": 3 },
            "errors": [{ "message": "a file does not load" }],
        });
        let count = count(&report);
        assert_eq!((count.passed, count.failed, count.note.as_str()), (7, 4, "3 skipped"));
    }
}
