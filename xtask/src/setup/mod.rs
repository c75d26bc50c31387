//! What the commands need from outside the source tree, installed once and then found.
//!
//! Every part follows one pattern: a cheap look whether it is there, a line that says what is being
//! installed, the installation, and an error that names the remedy when it does not work.

mod cargo_tools;
mod chromium;
mod debian;
mod models;
mod npm;
mod versions;
mod wasm_target;

pub use chromium::Browser;
pub use models::Models;
pub use wasm_target::{TARGET, WebToolchain};

use crate::project::Project;
use anyhow::Result;

/// Installs everything that `serve` and `test` need.
pub fn everything(project: &Project) -> Result<()> {
    for_site(project)?;
    for_licences(project)?;
    let browser = for_browser_tests(project)?;
    for line in for_model_tests(project)?.missing {
        println!("{line}");
    }
    println!("Everything is installed; the browser is {browser}");
    Ok(())
}

/// Installs what building the site needs, and says which compiler builds for the web.
pub fn for_site(project: &Project) -> Result<WebToolchain> {
    let _lock = project.lock_installing("for-site")?;
    let toolchain = wasm_target::ensure(project)?;
    cargo_tools::ensure_for_site(project)?;
    npm::ensure_wasm_opt(project)?;
    npm::ensure_editor_packages(project)?;
    Ok(toolchain)
}

/// Installs what checks licences and advisories.
pub fn for_licences(project: &Project) -> Result<()> {
    let _lock = project.lock_installing("for-licences")?;
    cargo_tools::ensure_deny(project)
}

/// Installs what the browser tests need, and says which browser runs them.
pub fn for_browser_tests(project: &Project) -> Result<Browser> {
    let _lock = project.lock_installing("for-browser-tests")?;
    npm::ensure_test_packages(project)?;
    chromium::ensure(project)
}

/// Fetches the models that tests compare with; those that cannot be had are named in the result.
pub fn for_model_tests(project: &Project) -> Result<Models> {
    let _lock = project.lock_installing("for-model-tests")?;
    Ok(models::ensure(project))
}

/// Says what is about to be installed.
fn announce(what: &str, why: &str) {
    println!("Installing {what}: {why}");
}
