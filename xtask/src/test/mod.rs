//! `cargo xtask test`: every check and every test, one after another, counted at the end.
//!
//! A step that fails does not stop the ones after it, unless they need what it makes.

pub mod browser;
mod licences;
mod report;
mod rust;
mod verify;

use crate::project::Project;
use crate::site::{self, Build, sizes};
use anyhow::Result;
use report::{Count, Report};

/// Runs the steps whose name contains `only`; true when nothing failed.
///
/// The last line printed is `N passed, N failed`: every test of every runner, and each check as one.
pub fn run(project: Project, gpu: bool, only: Option<&str>) -> bool {
    // What passes is quiet: only a failing program's output is of interest.
    let project = Project { quiet: true, ..project };
    let project = &project;
    let mut report = Report::new(only);

    report.step("format", || check(rust::format(project)));
    report.step("licences", || licences::check(project));
    report.step("advisories", || licences::advisories(project));
    report.step("clippy", || check(rust::clippy(project)));
    report.step("rust tests", || rust::tests(project));
    report.step("tokenizer in wasm", || rust::tokenizer_in_wasm(project));
    report.step("documentation", || check(rust::documentation(project)));
    report.step("clippy for the web", || rust::clippy_for_the_web(project));
    let built = report.step("site", || {
        site::build(project, Build { dev: false, gpu })?;
        Ok(Count::check())
    });
    if built {
        report.step("sizes", || Ok(Count::check().note(sizes::check(project, &project.root.join("dist"))?)));
        report.step("browser tests", || browser::tests(project));
    }
    report.step("verify against PyTorch", || verify::against_pytorch(project));
    report.finish()
}

/// A check counts as one test.
fn check(result: Result<()>) -> Result<Count> {
    result.map(|()| Count::check())
}
