//! What comes from npm: wasm-opt in the cache, and the packages of the editor and of the browser tests, beside what
//! uses them.

use super::{announce, versions};
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;

/// Finds or installs wasm-opt.
pub fn ensure_wasm_opt(project: &Project) -> Result<()> {
    let version = versions::of_binaryen(project)?;
    let folder = project.npm_tools();
    let manifest = folder.join("node_modules/binaryen/package.json");
    if fs::read_to_string(manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\""))) {
        return Ok(());
    }
    require_node(project)?;
    announce(&format!("wasm-opt (binaryen {version})"), "it makes the WebAssembly smaller and faster");
    fs::create_dir_all(&folder)?;
    let package = format!("binaryen@{version}");
    let options = ["install", "--no-audit", "--no-fund", "--no-save", "--prefix"];
    project.job("npm").args(options).arg(&folder).arg(&package).run().with_context(|| {
        format!("Remedy: check the network, or `npm install --prefix {} {package}`", folder.display())
    })
}

/// Finds or installs CodeMirror and the program that bundles it.
pub fn ensure_editor_packages(project: &Project) -> Result<()> {
    ensure_packages(project, "app/editor", "the editor's npm packages", "CodeMirror and esbuild")
}

/// Finds or installs Playwright and its companions.
pub fn ensure_test_packages(project: &Project) -> Result<()> {
    ensure_packages(project, "e2e", "the browser tests' npm packages", "Playwright, axe and jsQR")
}

/// Finds or installs packages exactly as the `package-lock.json` of a folder lists them.
fn ensure_packages(project: &Project, place: &str, what: &str, which: &str) -> Result<()> {
    let folder = project.root.join(place);
    let lock = folder.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    let stamp = folder.join("node_modules/.worldmodel-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    require_node(project)?;
    announce(what, &format!("{which}, in {place}/node_modules"));
    // None of them needs the scripts that some bring along.
    let job = project.job("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).folder(&folder);
    job.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .run()
        .with_context(|| format!("Remedy: check the network, then `npm ci` in {place}/"))?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn require_node(project: &Project) -> Result<()> {
    let version = project.job("node").arg("--version").output();
    let version = version.context("Node.js is missing. Remedy: install Node.js 20 or later, with npm")?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse().ok());
    ensure!(major.unwrap_or(0) >= 20, "Node.js {} is too old. Remedy: install 20 or later", version.trim());
    Ok(())
}
