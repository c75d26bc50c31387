//! A Rust compiler that knows `wasm32-unknown-unknown`.
//!
//! Usually that is the ordinary one after `rustup target add`. Where rustup cannot download, Debian's
//! packages and a standard library built from their sources do the same; see [`super::debian`].

use super::{announce, debian};
use crate::job::Job;
use crate::project::Project;
use anyhow::{Result, bail, ensure};
use std::path::{Path, PathBuf};

/// The target of everything that runs in the browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// `rustup` or `debian`: uses this way and no other.
const CHOICE: &str = "WORLDMODEL_WASM_TARGET";

/// The compiler that builds for the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebToolchain {
    /// The one that builds this program, too.
    Ordinary,
    /// Debian's, by way of the programs in this folder.
    Debian(PathBuf),
}

impl WebToolchain {
    /// A program for which `cargo` and `rustc` are this compiler's.
    pub fn job(&self, project: &Project, program: &str) -> Job {
        match self {
            Self::Ordinary => project.job(program),
            Self::Debian(programs) => project.job_with(program, programs),
        }
    }
}

/// Finds or installs a compiler for the web.
pub fn ensure(project: &Project) -> Result<WebToolchain> {
    match std::env::var(CHOICE).unwrap_or_default().as_str() {
        "" => {
            if let Some(found) = ordinary(project)?.or_else(|| debian::find(project)) {
                return Ok(found);
            }
            if add_to_rustup(project) {
                return Ok(WebToolchain::Ordinary);
            }
            println!("  rustup cannot add it here");
            if debian::is_possible() {
                return debian::install(project);
            }
            bail!(
                "no standard library for {TARGET}.\n\
                 Remedy: `rustup target add {TARGET}` where rustup can download, or a Debian system with apt-get"
            )
        }
        "rustup" => {
            ensure!(
                ordinary(project)?.is_some() || add_to_rustup(project),
                "rustup cannot add {TARGET}.\nRemedy: check the network, or unset {CHOICE}"
            );
            Ok(WebToolchain::Ordinary)
        }
        "debian" => match debian::find(project) {
            Some(found) => Ok(found),
            None => {
                ensure!(debian::is_possible(), "{CHOICE}=debian, but there is no apt-get.\nRemedy: unset it");
                debian::install(project)
            }
        },
        other => bail!("{CHOICE}={other}: it can be `rustup` or `debian`, or unset"),
    }
}

fn add_to_rustup(project: &Project) -> bool {
    announce("the Rust target wasm32-unknown-unknown", "the page and the engine are WebAssembly");
    project.job("rustup").args(["target", "add", TARGET]).succeeds()
}

/// The ordinary compiler, if its folder holds the standard library for the web.
fn ordinary(project: &Project) -> Result<Option<WebToolchain>> {
    let sysroot = project.job("rustc").args(["--print", "sysroot"]).output()?;
    let libraries = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    let Ok(entries) = std::fs::read_dir(libraries) else { return Ok(None) };
    let found = entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"));
    Ok(found.then_some(WebToolchain::Ordinary))
}
