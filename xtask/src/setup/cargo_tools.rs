//! The programs that come from crates: wasm-bindgen, in the version that fits the page's own, and cargo-deny.

use super::{announce, versions};
use crate::project::Project;
use anyhow::{Context, Result};
use std::path::Path;

/// One program and how to build it.
struct Tool {
    name: &'static str,
    package: &'static str,
    /// `None`: the one in Trunk.toml.
    version: Option<&'static str>,
    why: &'static str,
    options: &'static [&'static str],
}

/// What makes the site: its version must equal that in Cargo.toml.
/// Its lock file names a crate version that is gone, so it is installed without `--locked`.
const BINDGEN: Tool = Tool {
    name: "wasm-bindgen",
    package: "wasm-bindgen-cli",
    version: None,
    why: "it writes the JavaScript between the page and its WebAssembly; about 2 minutes",
    options: &["--no-default-features"],
};

/// What checks the crates we use.
const DENY: Tool = Tool {
    name: "cargo-deny",
    package: "cargo-deny",
    version: Some("0.20.2"),
    why: "it checks licences and looks for known vulnerabilities; about 3 minutes",
    options: &["--locked"],
};

/// A quick build matters more here than a quick program.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// Finds or installs what makes the site, in the cache's own folder.
pub fn ensure_for_site(project: &Project) -> Result<()> {
    ensure(project, &BINDGEN)
}

/// Finds or installs cargo-deny, in the same folder.
pub fn ensure_deny(project: &Project) -> Result<()> {
    ensure(project, &DENY)
}

fn ensure(project: &Project, tool: &Tool) -> Result<()> {
    let version = match tool.version {
        Some(version) => version.to_owned(),
        None => versions::of(project, "wasm_bindgen")?,
    };
    if is_present(project, tool, &version) { Ok(()) } else { install(project, tool, &version) }
}

fn is_present(project: &Project, tool: &Tool, version: &str) -> bool {
    let program = project.tools().join("bin").join(tool.name);
    if !program.with_extension(std::env::consts::EXE_EXTENSION).exists() {
        return false;
    }
    let listed = std::fs::read_to_string(project.tools().join(".crates.toml")).unwrap_or_default();
    listed.contains(&format!("\"{} {} ", tool.package, version))
}

fn install(project: &Project, tool: &Tool, version: &str) -> Result<()> {
    let package = tool.package;
    announce(&format!("{package} {version}"), tool.why);
    let folder = project.cache.join("tools-target");
    cargo_install(project, tool, version, &folder).with_context(|| {
        format!(
            "cannot install {package} {version}.\n\
             Remedy: check the network, or `cargo install {package} --version {version} --root {}`",
            project.tools().display()
        )
    })
}

fn cargo_install(project: &Project, tool: &Tool, version: &str, target: &Path) -> Result<()> {
    project
        .job("cargo")
        .args(["install", "--quiet", tool.package, "--version", version, "--root"])
        .arg(project.tools())
        .args(tool.options)
        .envs(&QUICK_BUILD)
        .env("CARGO_TARGET_DIR", target)
        // Not from the source tree: its .cargo/config.toml is for the project alone.
        .folder(&project.cache)
        .run()
}

#[cfg(test)]
mod tests {
    /// A value in a TOML file of the source tree.
    fn value(text: &str, path: &[&str]) -> String {
        let table: toml::Value = toml::from_str(text).unwrap();
        let found = path.iter().try_fold(&table, |value, key| value.get(*key));
        found.and_then(toml::Value::as_str).unwrap_or_else(|| panic!("no {path:?}")).to_owned()
    }

    #[test]
    fn the_program_has_the_version_of_the_crate() {
        let cargo = include_str!("../../../Cargo.toml");
        let trunk = include_str!("../../../Trunk.toml");
        assert_eq!(
            value(cargo, &["workspace", "dependencies", "wasm-bindgen"]),
            format!("={}", value(trunk, &["tools", "wasm_bindgen"]))
        );
    }
}
