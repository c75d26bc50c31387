//! Building the site: the engine's workers first, then the page, then both in one folder.
//!
//! ```text
//! cargo → wasm-bindgen → wasm-opt   engine/light, engine/gpu     workers.rs
//! trunk (cargo → …) index.html      page-*.js, page-*_bg.wasm    page.rs
//! ```

mod page;
pub mod sizes;
mod watch;
mod workers;

use crate::job::chain;
use crate::project::Project;
use crate::{serve, setup};
use anyhow::Result;
use std::path::PathBuf;

/// Which variant of the site to build.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// Quick to build rather than small and fast.
    pub dev: bool,
    /// With the WebGPU engine.
    pub gpu: bool,
}

impl Build {
    /// The folder name that keeps the variants' intermediate results apart.
    fn name(self) -> &'static str {
        if self.dev { "dev" } else { "release" }
    }
}

/// Builds the site and returns the folder that holds it.
pub fn build(project: &Project, build: Build) -> Result<PathBuf> {
    let toolchain = setup::for_site(project)?;
    // The light engine and the page first: when one of them is wrong, it shows before the long build.
    workers::light(project, toolchain, build)?;
    let dist = page::build(project, toolchain, build)?;
    if build.gpu {
        workers::gpu(project, toolchain, build)?;
    }
    workers::place(project, build, &dist)?;
    Ok(dist)
}

/// Builds only the workers, into the cache.
pub fn workers(project: &Project, build: Build) -> Result<()> {
    let toolchain = setup::for_site(project)?;
    workers::light(project, toolchain, build)?;
    if build.gpu {
        workers::gpu(project, toolchain, build)?;
    }
    println!("The workers are in {}", workers::folder(project, build).display());
    Ok(())
}

/// Builds the site and serves it until the program is ended; with `dev`, rebuilds at every change.
pub fn serve(project: &Project, choice: Build, port: u16) -> Result<()> {
    // First: a port in use shows at once, not after a long build.
    let port = serve::take(port)?;
    let before = watch::state(project);
    let dist = build(project, choice)?;
    let address = serve::start(&dist, port);
    println!("\nWorldModel X-ray is at {address}  (Ctrl+C ends it)");
    if choice.dev {
        println!("Rebuilding at every change; reload the page to see it");
    }
    watch::forever(project, before, || {
        if choice.dev {
            match build(project, choice) {
                Ok(_) => println!("Rebuilt: reload {address}"),
                Err(error) => eprintln!("error: {}\nThe last good build is still served", chain(&error)),
            }
        }
    })
}
