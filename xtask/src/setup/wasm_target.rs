//! A Rust compiler that knows `wasm32-unknown-unknown`.
//!
//! Usually that is the ordinary one after `rustup target add`. Where rustup cannot download, Debian's
//! packages and a standard library built from their sources do the same; see [`super::debian`].

use super::{announce, debian};
use crate::job::Job;
use crate::project::Project;
use anyhow::{Result, bail};
use std::path::Path;

/// The target of everything that runs in the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler that builds for the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebToolchain {
    /// The one that builds this program, too.
    Ordinary,
    /// The one linked as `web` in rustup: Debian's.
    Debian,
}

impl WebToolchain {
    /// The environment that makes cargo choose this compiler.
    pub fn environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Ordinary => &[],
            Self::Debian => &[("RUSTUP_TOOLCHAIN", debian::TOOLCHAIN)],
        }
    }
}

/// Finds or installs a compiler for the web.
pub fn ensure(project: &Project) -> Result<WebToolchain> {
    let sysroot = project.job("rustc").args(["--print", "sysroot"]).output()?;
    if has_standard_library(Path::new(sysroot.trim())) {
        return Ok(WebToolchain::Ordinary);
    }
    if debian::is_ready() {
        return Ok(WebToolchain::Debian);
    }
    announce("the Rust target wasm32-unknown-unknown", "the page and the engine are WebAssembly");
    if Job::new("rustup").args(["target", "add", TARGET]).succeeds() {
        return Ok(WebToolchain::Ordinary);
    }
    println!("  rustup cannot add it here");
    if debian::is_possible() {
        debian::install(project)?;
        return Ok(WebToolchain::Debian);
    }
    bail!(
        "no standard library for {TARGET}.\n\
         Remedy: `rustup target add {TARGET}` where rustup can download, or a Debian system with apt-get"
    )
}

/// Whether a compiler's folder holds the standard library for the web.
fn has_standard_library(sysroot: &Path) -> bool {
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let Ok(entries) = std::fs::read_dir(libraries) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}
