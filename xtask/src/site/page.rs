//! The page itself, put together by trunk from `index.html`.

use super::Build;
use crate::project::Project;
use crate::setup::WebToolchain;
use anyhow::{Context, Result};
use std::path::Path;

/// How the page is compiled. Leptos erases the types of views under this flag, which makes the module a fifth
/// smaller and its build quicker; the variable replaces the flags of `.cargo/config.toml`, so they are repeated.
const RUSTFLAGS: (&str, &str) =
    ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Ctarget-feature=+simd128 --cfg=erase_components");

/// Builds the page into a folder.
pub fn build(project: &Project, toolchain: &WebToolchain, build: Build, folder: &Path) -> Result<()> {
    if !project.quiet {
        println!("Building the page");
    }
    let mut trunk = toolchain
        .job(project, "trunk")
        .env(RUSTFLAGS.0, RUSTFLAGS.1)
        // trunk takes only `true` and `false` here, other programs set it to 1.
        .env("NO_COLOR", "true")
        .args(["--log", "warn", "build", "--dist"])
        .arg(folder);
    if !build.dev {
        trunk = trunk.arg("--release");
    }
    trunk.run().context("the page does not build")
}
