//! WebAssembly where rustup cannot download: Debian's compiler and a standard library built from its sources.
//!
//! Debian packages a recent compiler (`rustc-web`) with the library's sources but without the library for
//! `wasm32-unknown-unknown`. Building that takes a minute. It goes into a folder of our own, which looks like the
//! compiler's (a *sysroot*) and for the rest points to it, so that only the packages need an administrator:
//!
//! ```text
//! debian/bin/…                        scripts: Debian's programs, told to use this sysroot
//! debian/lib/rustlib/<host>/lib       → /usr/lib/rustlib/<host>/lib
//! debian/lib/rustlib/<host>/bin       rust-lld → /usr/bin/lld-22
//! debian/lib/rustlib/wasm32-…/lib     the library we built
//! debian/stamp                        the compiler that built it
//! ```

use super::announce;
use super::wasm_target::{TARGET, WebToolchain};
use crate::job::Job;
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LINKER: &str = "/usr/bin/lld-22";
const RUSTLIB: &str = "/usr/lib/rustlib";
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "lld-22"];

/// Debian's programs, and how a script in their place hands on to them.
/// clippy takes the sysroot from the environment; cargo-clippy hands it on to clippy-driver.
const PROGRAMS: [(&str, &str); 4] = [
    ("cargo", r#"exec PROGRAM "$@""#),
    ("rustc", r#"exec PROGRAM --sysroot FOLDER "$@""#),
    ("rustdoc", r#"exec PROGRAM --sysroot FOLDER "$@""#),
    ("cargo-clippy", r#"SYSROOT=FOLDER exec PROGRAM "$@""#),
];

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

/// The compiler, if everything stands there and was built by the packages that are installed now.
pub fn find(project: &Project) -> Option<WebToolchain> {
    let stamped = fs::read_to_string(sysroot(project).join("stamp")).ok()?;
    let fits = Path::new(LINKER).exists() && version().is_ok_and(|version| version == stamped);
    fits.then(|| WebToolchain::Debian(sysroot(project).join("bin")))
}

/// Installs the compiler and builds the library.
pub fn install(project: &Project) -> Result<WebToolchain> {
    if !packages_are_there() {
        announce("Debian's Rust compiler and linker", "145 MB; WebAssembly without rustup's downloads");
        apt_install(project, &PACKAGES)?;
    }
    announce("the standard library for WebAssembly", "built from Debian's sources, about a minute");
    build_sysroot(project).context(
        "the standard library for WebAssembly does not build.\n\
         Remedy: as root, `apt-get install --reinstall rustc-web rust-web-src lld-22`, then try again",
    )?;
    find(project).context("the standard library for WebAssembly was built and is not found")
}

/// Whether an administrator has nothing left to do.
fn packages_are_there() -> bool {
    let shown = Job::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status} "]).args(PACKAGES);
    let installed = shown.output().unwrap_or_default();
    installed.split_whitespace().filter(|status| *status == "installed").count() == PACKAGES.len()
}

/// Whether packages can be installed without asking for a password.
pub fn is_administrator() -> bool {
    is_root() || Job::new("sudo").args(["-n", "true"]).succeeds()
}

fn is_root() -> bool {
    Job::new("id").arg("-u").output().is_ok_and(|user| user.trim() == "0")
}

/// Installs packages, as root or through sudo.
pub fn apt_install(project: &Project, packages: &[&str]) -> Result<()> {
    let remedy = || format!("Remedy: as root, `apt-get update && apt-get install {}`", packages.join(" "));
    ensure!(is_administrator(), "installing packages needs root, or sudo without a password.\n{}", remedy());
    apt(project).arg("update").run().with_context(remedy)?;
    let options = ["install", "-y", "--no-install-recommends"];
    apt(project).args(options).args(packages).run().with_context(remedy)
}

fn apt(project: &Project) -> Job {
    let job = if is_root() { Job::new("apt-get") } else { Job::new("sudo").args(["-n", "apt-get"]) };
    // The system may be installing something itself.
    let patient = ["-q", "-o", "DPkg::Lock::Timeout=600"];
    job.quiet(project.quiet).env("DEBIAN_FRONTEND", "noninteractive").args(patient)
}

/// Builds the library and puts our sysroot in place; the stamp, written last, says that it is complete.
fn build_sysroot(project: &Project) -> Result<()> {
    let folder = project.cache.join("only-std");
    let built = build_library(project, &folder)?;
    let sysroot = sysroot(project);
    if sysroot.exists() {
        fs::remove_dir_all(&sysroot)?;
    }
    let rustlib = sysroot.join("lib/rustlib");
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    link(&Path::new(RUSTLIB).join(&host).join("lib"), &rustlib.join(&host).join("lib"))?;
    link(Path::new(LINKER), &rustlib.join(&host).join("bin/rust-lld"))?;
    let libraries = rustlib.join(TARGET).join("lib");
    fs::create_dir_all(&libraries)?;
    for entry in fs::read_dir(&built)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libonly_std") {
            fs::copy(&path, libraries.join(&name))?;
        }
    }
    fs::create_dir_all(sysroot.join("bin"))?;
    for (name, line) in PROGRAMS {
        write_program(
            &sysroot.join("bin").join(name),
            &script(line, &Path::new("/usr/bin").join(name), &sysroot),
        )?;
    }
    fs::write(sysroot.join("stamp"), version()?)?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Has cargo build the library with a throw-away crate in a folder; returns where its parts are.
fn build_library(project: &Project, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    project
        .job(CARGO)
        .folder(folder)
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=core,alloc,std,panic_abort,proc_macro,test")
        .run()?;
    Ok(folder.join("target").join(TARGET).join("release/deps"))
}

/// Makes a link, and the folders it lies in.
fn link(to: &Path, at: &Path) -> Result<()> {
    fs::create_dir_all(at.parent().context("a link needs a folder")?)?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, at).with_context(|| at.display().to_string())?;
    #[cfg(not(unix))]
    anyhow::bail!("no link {} to {}: this is for Debian", at.display(), to.display());
    Ok(())
}

/// Writes a script that can be started.
fn write_program(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

/// A script from one of the lines above.
fn script(line: &str, program: &Path, sysroot: &Path) -> String {
    let quoted = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"));
    let line = line.replace("PROGRAM", &quoted(program)).replace("FOLDER", &quoted(sysroot));
    format!("#!/bin/sh\n{line}\n")
}

fn sysroot(project: &Project) -> PathBuf {
    project.cache.join("debian")
}

fn version() -> Result<String> {
    Job::new(RUSTC).arg("-vV").output()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::project::tests::Folder;

    #[test]
    fn a_script_hands_on_its_arguments_and_the_sysroot() {
        let folder = Folder::new("somebody's $HOME @ debian");
        let sysroot = folder.path().join("root");
        let shown = sysroot.display();
        let printed = |name: &str, program: &str, arguments: &[&str]| {
            let (_, line) = PROGRAMS.iter().find(|(program, _)| *program == name).unwrap();
            let text = script(line, Path::new(program), &sysroot);
            Job::new("sh").args(["-c", &text, name]).args(arguments).output().unwrap()
        };
        assert_eq!(printed("cargo", "/bin/echo", &["a b", "c"]), "a b c\n");
        assert_eq!(printed("rustc", "/bin/echo", &["a  b"]), format!("--sysroot {shown} a  b\n"));
        let environment = printed("cargo-clippy", "/usr/bin/env", &[]);
        assert!(environment.lines().any(|line| line == format!("SYSROOT={shown}")), "{environment}");
    }
}
