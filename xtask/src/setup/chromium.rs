//! A Chromium to test in: an installed one, Playwright's own, or Debian's.

use super::{announce, debian};
use crate::project::Project;
use anyhow::{Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};

/// Names under which Chromium and Chrome are installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser for the tests.
#[derive(Clone, Debug)]
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
    if let Some(browser) = find(project) {
        return Ok(browser);
    }
    announce("Chromium", "the browser tests run in it");
    let download = ["playwright", "install", "chromium"];
    if project.job("npx").args(download).folder(&project.root.join("e2e")).quiet(true).run().is_ok() {
        return Ok(Browser::Playwrights);
    }
    println!("  Playwright cannot download one here");
    if debian::is_possible() {
        debian::apt_install(project, &["chromium", "fonts-dejavu-core"])?;
    }
    match find(project) {
        Some(browser) => Ok(browser),
        None => {
            bail!("no Chromium. Remedy: install Chromium or Chrome, or set WORLDMODEL_CHROMIUM to its path")
        }
    }
}

fn find(project: &Project) -> Option<Browser> {
    if let Some(path) = std::env::var_os("WORLDMODEL_CHROMIUM").filter(|path| !path.is_empty()) {
        return Some(Browser::Installed(path.into()));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    if let Some(program) = installed.chain([MAC.into()]).find(|program| program.is_file()) {
        return Some(Browser::Installed(program));
    }
    let ask = "console.log(require('@playwright/test').chromium.executablePath())";
    let job = project.job("node").args(["-e", ask]).folder(&project.root.join("e2e"));
    job.output().ok().filter(|path| Path::new(path.trim()).is_file()).map(|_| Browser::Playwrights)
}
