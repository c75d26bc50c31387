//! WebAssembly where rustup cannot download: Debian's compiler and a standard library built from its sources.
//!
//! Debian packages a recent compiler (`rustc-web`) with the library's sources but without the library for
//! `wasm32-unknown-unknown`. Building that takes a minute; afterwards the compiler is linked in rustup as
//! `web` and behaves like any other.

use super::announce;
use super::wasm_target::TARGET;
use crate::job::Job;
use crate::project::Project;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The name under which rustup knows Debian's compiler.
pub const TOOLCHAIN: &str = "web";

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LINKER: &str = "/usr/bin/lld-22";
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-22"];

/// The throw-away crate whose only purpose is to have the standard library built.
const MANIFEST: &str = r#"[package]
name = "only-std"
version = "0.0.0"
edition = "2021"
[lib]
[workspace]
[profile.release]
opt-level = 3
codegen-units = 1
panic = "abort"
"#;

/// Whether this is a system with Debian's packages.
pub fn is_possible() -> bool {
    Path::new("/etc/debian_version").exists() && Job::new("apt-get").arg("--version").succeeds()
}

/// Whether the library stands there and was built by the compiler that is installed now.
pub fn is_ready() -> bool {
    let stamped = fs::read_to_string(stamp()).unwrap_or_default();
    let linked = Job::new("rustup").args(["toolchain", "list"]).output().unwrap_or_default();
    !stamped.is_empty()
        && linked.lines().any(|line| line.split_whitespace().next() == Some(TOOLCHAIN))
        && version().is_ok_and(|version| version == stamped)
}

/// Installs the compiler, builds the library and links both in rustup.
pub fn install(project: &Project) -> Result<()> {
    announce("Debian's Rust compiler and linker", "145 MB; WebAssembly without rustup's downloads");
    apt_install(project, &PACKAGES)?;
    announce("the standard library for WebAssembly", "built from Debian's sources, about a minute");
    build_library(project).context(
        "the standard library for WebAssembly does not build.\n\
         Remedy: `apt-get install --reinstall rustc-web rust-web-src lld-22`, then try again",
    )?;
    let link = ["toolchain", "link", TOOLCHAIN, "/usr"];
    project.job("rustup").args(link).run().context("Remedy: install rustup; it chooses between compilers")
}

/// Installs packages, as root or through sudo.
pub fn apt_install(project: &Project, packages: &[&str]) -> Result<()> {
    let remedy = || format!("Remedy: as root, `apt-get update && apt-get install {}`", packages.join(" "));
    apt(project).arg("update").run().with_context(remedy)?;
    let options = ["install", "-y", "--no-install-recommends"];
    apt(project).args(options).args(packages).run().with_context(remedy)
}

fn apt(project: &Project) -> Job {
    let root = Job::new("id").arg("-u").output().is_ok_and(|user| user.trim() == "0");
    let job = if root { Job::new("apt-get") } else { Job::new("sudo").args(["-n", "apt-get"]) };
    job.quiet(project.quiet).env("DEBIAN_FRONTEND", "noninteractive").arg("-q")
}

fn build_library(project: &Project) -> Result<()> {
    link_the_linker()?;
    let folder = project.cache.join("only-std");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    project
        .job(CARGO)
        .folder(&folder)
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=core,alloc,std,panic_abort,proc_macro,test")
        .run()?;
    let libraries = library_folder();
    fs::create_dir_all(&libraries)?;
    let built = folder.join("target").join(TARGET).join("release/deps");
    for entry in fs::read_dir(&built)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libonly_std") {
            fs::copy(&path, libraries.join(&name))?;
        }
    }
    fs::remove_dir_all(&folder)?;
    fs::write(stamp(), version()?)?;
    Ok(())
}

/// Puts Debian's linker where the compiler looks for its own.
fn link_the_linker() -> Result<()> {
    let architecture = std::env::consts::ARCH;
    let folder = PathBuf::from(format!("/usr/lib/rustlib/{architecture}-unknown-linux-gnu/bin"));
    fs::create_dir_all(&folder)?;
    let link = folder.join("rust-lld");
    if fs::symlink_metadata(&link).is_ok() {
        fs::remove_file(&link)?;
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(LINKER, &link)?;
    Ok(())
}

fn library_folder() -> PathBuf {
    Path::new("/usr/lib/rustlib").join(TARGET).join("lib")
}

fn stamp() -> PathBuf {
    library_folder().join("worldmodel-stamp")
}

fn version() -> Result<String> {
    Job::new(RUSTC).arg("-vV").output()
}
