//! The engine's three web workers, of one crate: the interpreter and language models on the CPU, each by itself, and
//! both on WebGPU.

use super::Build;
use super::files::copy_folder;
use super::wasm::{self, TARGET};
use crate::project::Project;
use crate::setup::WebToolchain;
use anyhow::{Context, Result};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// One of the builds of `app/worker`.
struct Engine {
    /// The folder under `engine/` in the site.
    name: &'static str,
    /// Its cargo profile, which is also its folder in the target folder. `--dev` uses the same one:
    /// building burn a second time costs more than an optimised build of our own crates.
    profile: &'static str,
    /// The crate's features, in place of its default ones.
    features: &'static str,
    /// What wasm-opt optimises for. `None` for the WebGPU engine: the time grows with a module's size, and this
    /// one's code only feeds the device.
    optimise: Option<&'static str>,
}

const LIGHT: Engine =
    Engine { name: "light", profile: "release", features: "interpreter", optimise: Some("-O2") };
const LANGUAGE: Engine =
    Engine { name: "language", profile: "release", features: "language", optimise: Some("-O2") };
const GPU: Engine = Engine { name: "gpu", profile: "gpu", features: "gpu", optimise: None };

/// Builds the engines for the CPU.
pub fn cpu(project: &Project, toolchain: &WebToolchain, build: Build) -> Result<()> {
    make(project, toolchain, build, &LIGHT).context("the light engine does not build")?;
    make(project, toolchain, build, &LANGUAGE).context("the engine of language models does not build")
}

/// Builds the engine for WebGPU.
pub fn gpu(project: &Project, toolchain: &WebToolchain, build: Build) -> Result<()> {
    make(project, toolchain, build, &GPU).context("the WebGPU engine does not build")
}

/// Where the finished workers are kept.
pub fn folder(project: &Project, build: Build) -> PathBuf {
    project.parts().join("workers").join(build.name())
}

/// Copies the finished workers, and the script that starts either, into the site.
pub fn place(project: &Project, build: Build, dist: &Path) -> Result<()> {
    let engines = dist.join("engine");
    for engine in [&LIGHT, &LANGUAGE, &GPU] {
        if engine.name == GPU.name && !build.gpu {
            continue;
        }
        let from = folder(project, build).join(engine.name);
        let to = engines.join(engine.name);
        fs::create_dir_all(&to)?;
        for file in ["worker.js", "worker_bg.wasm"] {
            fs::copy(from.join(file), to.join(file)).with_context(|| format!("{}/{file}", engine.name))?;
        }
        copy_snippets(&from, &to)?;
    }
    fs::copy(project.root.join("app/worker/boot.js"), engines.join("boot.js"))
        .context("app/worker/boot.js")?;
    Ok(())
}

/// Copies the JavaScript that crates bring along, if there is any.
fn copy_snippets(from: &Path, to: &Path) -> Result<()> {
    let snippets = from.join("snippets");
    if snippets.is_dir() { copy_folder(&snippets, &to.join("snippets")) } else { Ok(()) }
}

fn make(project: &Project, toolchain: &WebToolchain, build: Build, engine: &Engine) -> Result<()> {
    if !project.quiet {
        println!("Building the {} engine", engine.name);
    }
    toolchain
        .job(project, "cargo")
        .args(["build", "--package", "worker", "--target", TARGET])
        .args(["--profile", engine.profile, "--no-default-features", "--features", engine.features])
        .run()?;
    let module = project.target.join(TARGET).join(engine.profile).join("worker.wasm");
    finish(project, build, engine, &module)
}

/// Writes the JavaScript glue and optimises, unless this very module has been finished before.
fn finish(project: &Project, build: Build, engine: &Engine, module: &Path) -> Result<()> {
    let out = folder(project, build).join(engine.name);
    let stamp = out.join("stamp");
    let fingerprint = fingerprint(engine, module)?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == fingerprint) {
        return Ok(());
    }
    // The stamp goes first and comes last: what breaks off in between is made again.
    if out.exists() {
        fs::remove_file(&stamp).or_else(absent)?;
        fs::remove_dir_all(&out)?;
    }
    let options = ["--target", "web", "--no-typescript", "--out-name", "worker", "--out-dir"];
    project.job("wasm-bindgen").args(options).arg(&out).arg(module).run()?;
    if let Some(level) = engine.optimise.filter(|_| !build.dev) {
        let module = out.join("worker_bg.wasm");
        wasm::optimise(project, &[level], &module, &module)?;
    }
    fs::write(stamp, fingerprint)?;
    Ok(())
}

/// A file that is not there needs no removing.
fn absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// A text that changes when the module or the way of finishing it does.
fn fingerprint(engine: &Engine, module: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    fs::read(module).with_context(|| module.display().to_string())?.hash(&mut hasher);
    (engine.optimise, wasm::FEATURES).hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}
