//! What comes from npm: wasm-opt in the cache, and the browser tests' packages in `e2e/node_modules`.

use super::announce;
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;

/// Older ones are accepted by trunk and break the page. Trunk.toml names the same.
pub const BINARYEN: &str = "132.0.0";

/// Finds or installs wasm-opt.
pub fn ensure_wasm_opt(project: &Project) -> Result<()> {
    let folder = project.npm_tools();
    let manifest = folder.join("node_modules/binaryen/package.json");
    if fs::read_to_string(manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{BINARYEN}\""))) {
        return Ok(());
    }
    require_node(project)?;
    announce(&format!("wasm-opt (binaryen {BINARYEN})"), "it makes the WebAssembly smaller and faster");
    fs::create_dir_all(&folder)?;
    let package = format!("binaryen@{BINARYEN}");
    let options = ["install", "--no-audit", "--no-fund", "--no-save", "--prefix"];
    project.job("npm").args(options).arg(&folder).arg(&package).run().with_context(|| {
        format!("Remedy: check the network, or `npm install --prefix {} {package}`", folder.display())
    })
}

/// Finds or installs Playwright and its companions, exactly as `e2e/package-lock.json` lists them.
pub fn ensure_test_packages(project: &Project) -> Result<()> {
    let folder = project.root.join("e2e");
    let wanted = fs::read_to_string(folder.join("package-lock.json")).context("e2e/package-lock.json")?;
    let stamp = folder.join("node_modules/.worldmodel-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    require_node(project)?;
    announce("the browser tests' npm packages", "Playwright and axe, in e2e/node_modules");
    let remedy = "Remedy: check the network, then `npm ci` in e2e/";
    let job = project.job("npm").args(["ci", "--no-audit", "--no-fund"]).folder(&folder);
    job.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").run().context(remedy)?;
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
