//! Building the site: the engine's workers and the editor first, then the page, then all in one folder.
//!
//! ```text
//! cargo → wasm-bindgen → wasm-opt   engine/light, language, gpu  workers.rs
//! esbuild                           editor/editor-*.js           editor.rs
//! cargo → wasm_split → …            page/, style.css             page.rs
//! all under one version's name      v-*/, sw.js                  version.rs
//! all together, finished            dist/                        publish.rs
//! ```

mod checks;
mod editor;
mod files;
mod page;
mod publish;
pub mod sizes;
mod version;
mod wasm;
mod watch;
mod workers;

use crate::job::chain;
use crate::project::Project;
use crate::{serve, setup};
use anyhow::Result;
use std::fs;
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

/// Where the finished site lies: in the source tree, because clones may share everything else.
pub fn folder(project: &Project, build: Build) -> PathBuf {
    project.root.join(if build.dev { "dist-dev" } else { "dist" })
}

/// Builds the site and returns the folder that holds it. Until all of it is finished, that folder keeps what it had.
pub fn build(project: &Project, build: Build) -> Result<PathBuf> {
    let toolchain = setup::for_site(project)?;
    let _lock = project.lock_target("site")?;
    let dist = folder(project, build);
    publish::replace(&dist, |stage| {
        let editor = editor::make(project)?;
        // The CPU's engines and the page first: when one of them is wrong, it shows before the long build.
        workers::cpu(project, &toolchain, build)?;
        page::build(project, &toolchain, build, stage)?;
        if build.gpu {
            workers::gpu(project, &toolchain, build)?;
        }
        editor::place(&editor, stage)?;
        workers::place(project, build, stage)?;
        version::settle(project, build, stage)
    })?;
    Ok(dist)
}

/// Builds only the workers, among the other things that cargo's target folder holds.
pub fn workers(project: &Project, build: Build) -> Result<()> {
    let toolchain = setup::for_site(project)?;
    let _lock = project.lock_target("site")?;
    workers::cpu(project, &toolchain, build)?;
    if build.gpu {
        workers::gpu(project, &toolchain, build)?;
    }
    println!("The workers are in {}", workers::folder(project, build).display());
    Ok(())
}

/// Whether a source file has been written after the site in `dist/` was finished.
pub fn is_stale(project: &Project) -> bool {
    let built = fs::metadata(project.root.join("dist/index.html")).and_then(|file| file.modified());
    built.is_ok_and(|built| watch::state(project).latest > built)
}

/// Builds the site and serves it until the program is ended; with `dev`, rebuilds at every change.
pub fn serve(project: &Project, choice: Build, port: u16) -> Result<()> {
    // First: a port in use shows at once, not after a long build.
    let port = serve::take(port)?;
    let before = watch::state(project);
    let dist = build(project, choice)?;
    let address = serve::start(&dist, port)?;
    println!("\nWorldModel X-ray is at {address}  (Ctrl+C ends it)");
    if !choice.dev {
        serve::forever();
    }
    println!("Rebuilding at every change; reload the page to see it");
    watch::forever(project, before, || match build(project, choice) {
        Ok(_) => println!("Rebuilt: reload {address}"),
        Err(error) => eprintln!("error: {}\nThe last good build is still served", chain(&error)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_site_older_than_a_source_is_stale() {
        let folder = Folder::new("stale");
        let project = folder.project();
        for path in ["dist/index.html", "app/page/src/main.rs"] {
            let path = project.root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let date = |path: &str, time| {
            fs::File::options()
                .write(true)
                .open(project.root.join(path))
                .unwrap()
                .set_modified(time)
                .unwrap();
        };
        let now = SystemTime::now();
        date("app/page/src/main.rs", now - Duration::from_secs(10));
        assert!(!is_stale(&project));
        date("dist/index.html", now - Duration::from_secs(20));
        assert!(is_stale(&project));
        fs::remove_file(project.root.join("dist/index.html")).unwrap();
        assert!(!is_stale(&project), "there is no site to be stale");
    }
}
