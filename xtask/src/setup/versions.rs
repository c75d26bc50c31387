//! The versions of the tools that make the page, as `Trunk.toml` names them.

use crate::project::Project;
use anyhow::{Context, Result};
use std::fs;

/// The version of a tool: `wasm_bindgen` or `wasm_opt`.
///
/// # Errors
/// When `Trunk.toml` does not name it.
pub fn of(project: &Project, tool: &str) -> Result<String> {
    let file = project.root.join("Trunk.toml");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let trunk: toml::Table = toml::from_str(&text).with_context(|| file.display().to_string())?;
    let tools = trunk.get("tools").and_then(toml::Value::as_table);
    let version = tools.and_then(|tools| tools.get(tool)).and_then(toml::Value::as_str);
    Ok(version.with_context(|| format!("{} names no {tool} under [tools]", file.display()))?.to_owned())
}

/// The version of binaryen's npm package: of `version_132`, 132.0.0.
///
/// # Errors
/// As [`of`].
pub fn of_binaryen(project: &Project) -> Result<String> {
    let version = of(project, "wasm_opt")?;
    Ok(format!("{}.0.0", version.trim_start_matches("version_")))
}
