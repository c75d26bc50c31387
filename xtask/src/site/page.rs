//! The page itself, put together by trunk from `index.html`.

use super::Build;
use crate::project::Project;
use crate::setup::WebToolchain;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// How the page is compiled. Leptos erases the types of views under this flag, which makes the module a fifth
/// smaller and its build quicker; the variable replaces the flags of `.cargo/config.toml`, so they are repeated.
const RUSTFLAGS: (&str, &str) =
    ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Ctarget-feature=+simd128 --cfg=erase_components");

/// Builds the page and returns the site's folder: `dist/`, or one in the cache for `--dev`.
pub fn build(project: &Project, toolchain: WebToolchain, build: Build) -> Result<PathBuf> {
    if !project.quiet {
        println!("Building the page");
    }
    let dist = if build.dev { project.cache.join("dist-dev") } else { project.root.join("dist") };
    let mut trunk = project
        .job("trunk")
        .envs(toolchain.environment())
        .env(RUSTFLAGS.0, RUSTFLAGS.1)
        // trunk takes only `true` and `false` here, other programs set it to 1.
        .env("NO_COLOR", "true")
        .args(["--log", "warn", "build", "--dist"])
        .arg(&dist);
    if !build.dev {
        trunk = trunk.arg("--release");
    }
    trunk.run().context("the page does not build")?;
    Ok(dist)
}
