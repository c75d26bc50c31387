//! A Chromium to test in: an installed one, Playwright's own, or Debian's. Each must show that it can start.

use super::{announce, debian};
use crate::job::last_lines;
use crate::project::Project;
use anyhow::{Context, Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};

/// Names under which Chromium and Chrome are installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Names a browser by its path; then no other is looked for.
const CHOICE: &str = "WORLDMODEL_CHROMIUM";

/// The browser for the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Browser {
    /// A program on this machine.
    Installed(PathBuf),
    /// The one Playwright has downloaded and finds itself.
    Playwrights,
}

impl fmt::Display for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(path) => write!(formatter, "{}", path.display()),
            Self::Playwrights => write!(formatter, "Playwright's own"),
        }
    }
}

/// Finds or installs a browser. `WORLDMODEL_CHROMIUM` names one by its path.
pub fn ensure(project: &Project) -> Result<Browser> {
    let starts = |browser: &Browser| starts(project, browser);
    if let Some(path) = std::env::var_os(CHOICE).filter(|path| !path.is_empty()) {
        let chosen = Browser::Installed(path.into());
        starts(&chosen).with_context(|| format!("{CHOICE} names {chosen}, which does not start"))?;
        return Ok(chosen);
    }
    if let Some(browser) = first_that_starts(candidates(project), starts) {
        return Ok(browser);
    }
    announce("Chromium", "the browser tests run in it");
    install_playwrights(project);
    if let Some(browser) = first_that_starts(playwrights(project), starts) {
        return Ok(browser);
    }
    if debian::is_possible() {
        debian::apt_install(project, &["chromium", "fonts-dejavu-core"])?;
    }
    match first_that_starts(candidates(project), starts) {
        Some(browser) => Ok(browser),
        None => {
            bail!("no Chromium that starts. Remedy: install Chromium or Chrome, or set {CHOICE} to its path")
        }
    }
}

/// The first that starts; says of each before it why it does not count.
fn first_that_starts(
    candidates: impl IntoIterator<Item = Browser>,
    starts: impl Fn(&Browser) -> Result<()>,
) -> Option<Browser> {
    candidates.into_iter().find(|browser| match starts(browser) {
        Ok(()) => true,
        Err(error) => {
            println!("  {browser} does not start:\n{error}");
            false
        }
    })
}

/// Every browser that is installed, the likeliest first.
fn candidates(project: &Project) -> Vec<Browser> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let installed = on_path.chain([MAC.into()]).filter(|program| program.is_file());
    installed.map(Browser::Installed).chain(playwrights(project)).collect()
}

/// Playwright's own, if it has been downloaded.
fn playwrights(project: &Project) -> Option<Browser> {
    let ask = "console.log(require('@playwright/test').chromium.executablePath())";
    let path = project.job("node").args(["-e", ask]).folder(&project.root.join("e2e")).output().ok()?;
    Path::new(path.trim()).is_file().then_some(Browser::Playwrights)
}

/// Downloads Playwright's own, and the libraries it needs where that takes no password.
fn install_playwrights(project: &Project) {
    let playwright = |arguments: &[&str]| {
        let job = project.job("npx").arg("playwright").args(arguments);
        job.folder(&project.root.join("e2e")).quiet(true).run().is_ok()
    };
    if !playwright(&["install", "chromium"]) {
        println!("  Playwright cannot download one here");
    } else if starts(project, &Browser::Playwrights).is_err() && debian::is_administrator() {
        println!("  Playwright's own needs libraries that are not installed");
        playwright(&["install-deps", "chromium"]);
    }
}

/// An error with what it says when a browser does not start: libraries may be missing, or the program may be a
/// placeholder that only says how to install the real one.
fn starts(project: &Project, browser: &Browser) -> Result<()> {
    let job = project.job("node").args(["-e", include_str!("starts.cjs")]);
    let job = match browser {
        Browser::Installed(path) => job.arg(path),
        Browser::Playwrights => job,
    };
    let printed = job.folder(&project.root.join("e2e")).capture()?;
    if printed.success { Ok(()) } else { bail!("{}", last_lines(&printed.text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_does_not_start_gives_way_to_the_next() {
        let broken = Browser::Installed("/usr/bin/chromium-browser".into());
        let starts = |browser: &Browser| if *browser == broken { bail!("install the snap") } else { Ok(()) };
        let found = first_that_starts([broken.clone(), Browser::Playwrights], starts);
        assert_eq!(found, Some(Browser::Playwrights));
        assert_eq!(first_that_starts([broken.clone()], starts), None);
    }
}
