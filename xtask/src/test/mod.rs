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
use anyhow::{Result, ensure};
use report::{Count, Report};

/// One step; its name is what `--only` looks at.
struct Step {
    name: &'static str,
    /// An earlier step that makes what this one looks at: chosen together with it, and without it this one makes
    /// no sense.
    needs: Option<&'static str>,
    run: fn(&Work) -> Result<Count>,
}

/// What the steps work on.
struct Work {
    project: Project,
    /// With the WebGPU engine.
    gpu: bool,
}

const SITE: &str = "site";

const STEPS: [Step; 13] = [
    Step::new("format", |work| check(rust::format(&work.project))),
    Step::new("licences", |work| licences::check(&work.project)),
    Step::new("advisories", |work| licences::advisories(&work.project)),
    Step::new("clippy", |work| check(rust::clippy(&work.project))),
    Step::new("rust tests", |work| rust::tests(&work.project)),
    Step::new("tokenizer in wasm", |work| rust::tokenizer_in_wasm(&work.project)),
    Step::new("language model in wasm", |work| rust::language_model_in_wasm(&work.project)),
    Step::new("documentation", |work| check(rust::documentation(&work.project))),
    Step::new("clippy for the web", |work| rust::clippy_for_the_web(&work.project, work.gpu)),
    Step::new(SITE, |work| check(site::build(&work.project, Build { dev: false, gpu: work.gpu }).map(drop))),
    Step::new("sizes", |work| Ok(Count::check().note(sizes::check(&work.project, &work.dist())?)))
        .needs(SITE),
    Step::new("browser tests", |work| browser::tests(&work.project)).needs(SITE),
    Step::new("verify against PyTorch", |work| verify::against_pytorch(&work.project)),
];

impl Step {
    const fn new(name: &'static str, run: fn(&Work) -> Result<Count>) -> Self {
        Self { name, needs: None, run }
    }

    const fn needs(self, earlier: &'static str) -> Self {
        Self { needs: Some(earlier), ..self }
    }
}

impl Work {
    fn dist(&self) -> std::path::PathBuf {
        site::folder(&self.project, Build { dev: false, gpu: self.gpu })
    }
}

/// Runs the steps whose name contains `only` and the steps they need; true when nothing failed.
///
/// The last line printed is `N passed, N failed`: every test of every runner, and each check as one. An error when
/// no step has such a name.
pub fn run(project: Project, gpu: bool, only: Option<&str>) -> Result<bool> {
    let steps = chosen(only)?;
    // What passes is quiet: only a failing program's output is of interest.
    let work = Work { project: Project { quiet: true, ..project }, gpu };
    let mut report = Report::default();
    let mut failed = Vec::new();
    for step in steps {
        let fine = report.step(step.name, || match step.needs.filter(|needed| failed.contains(needed)) {
            Some(needed) => Ok(Count::skipped(&format!("the step `{needed}` failed"))),
            None => (step.run)(&work),
        });
        if !fine {
            failed.push(step.name);
        }
    }
    Ok(report.finish())
}

/// The steps whose name contains the text, each after what it needs.
fn chosen(only: Option<&str>) -> Result<Vec<&'static Step>> {
    let Some(only) = only else { return Ok(STEPS.iter().collect()) };
    let named = |step: &Step| step.name.contains(only);
    let names = || STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    ensure!(STEPS.iter().any(named), "no step's name contains `{only}`. The steps are: {}", names());
    let needed = |name| STEPS.iter().any(|step| named(step) && step.needs == Some(name));
    Ok(STEPS.iter().filter(|step| named(step) || needed(step.name)).collect())
}

/// A check counts as one test.
fn check(result: Result<()>) -> Result<Count> {
    result.map(|()| Count::check())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &str) -> Vec<&'static str> {
        chosen(Some(only)).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn a_step_brings_what_it_needs() {
        assert_eq!(names("browser"), ["site", "browser tests"]);
        assert_eq!(names("clippy"), ["clippy", "clippy for the web"]);
        assert_eq!(chosen(None).unwrap().len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_an_error_that_lists_the_names() {
        let error = chosen(Some("brwoser")).err().unwrap().to_string();
        for step in &STEPS {
            assert!(error.contains(step.name), "{error}");
        }
    }

    #[test]
    fn what_a_step_needs_comes_before_it() {
        for (place, step) in STEPS.iter().enumerate() {
            let earlier = STEPS.iter().take(place).map(|step| step.name).collect::<Vec<_>>();
            assert!(step.needs.is_none_or(|needed| earlier.contains(&needed)), "{}", step.name);
        }
    }
}
