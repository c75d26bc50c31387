//! Where things are: the source tree, and the cache outside it.

use crate::job::Job;
use crate::lock::Lock;
use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};

/// The folders every step works with.
#[derive(Clone, Debug)]
pub struct Project {
    /// The root of the source tree.
    pub root: PathBuf,
    /// Tools and intermediate results: `$WORLDMODEL_CACHE`, else `worldmodel-xray` in the user's cache folder.
    pub cache: PathBuf,
    /// Cargo's target folder: `$CARGO_TARGET_DIR`, else inside the cache.
    pub target: PathBuf,
    /// Whether commands keep their output to themselves unless they fail.
    pub quiet: bool,
}

impl Project {
    /// Finds the folders from the current folder and the environment.
    pub fn find() -> Result<Self> {
        // Not from the path this program was compiled in: clones that share a target folder share its binary.
        let current = env::current_dir()?;
        let root = current.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file());
        let root = root.context("run this inside the source tree")?.to_path_buf();
        let cache = cache_folder()?;
        let target = folder_from("CARGO_TARGET_DIR").unwrap_or_else(|| cache.join("target"));
        std::fs::create_dir_all(&cache).with_context(|| {
            format!("cannot create {}; set WORLDMODEL_CACHE to a writable folder", cache.display())
        })?;
        Ok(Self { root, cache, target: std::path::absolute(target)?, quiet: false })
    }

    /// Programs installed by `cargo install`, and nothing else.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Finished parts of the site, beside what cargo makes them of: who shares one shares the other.
    pub fn parts(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// For installations: into the cache, and into `node_modules` in the source tree. `what` names what is installed, so that
    /// nobody waits for something they do not need.
    pub fn lock_installing(&self, what: &str) -> Result<Lock> {
        Lock::take(&self.cache, &format!("installing-{what}"))
    }

    /// For steps that use what cargo has just written: clones that share a target folder write the same files.
    /// `what` names those files, so that steps with different ones need not wait for each other.
    pub fn lock_target(&self, what: &str) -> Result<Lock> {
        Lock::take(&self.parts(), what)
    }

    /// Where npm puts programs that are no part of the browser tests.
    pub fn npm_tools(&self) -> PathBuf {
        self.cache.join("npm")
    }

    /// A program in the source tree's environment: cargo writes to our target folder, our tools come first.
    pub fn job(&self, program: &str) -> Job {
        self.job_on_path(program, Vec::new())
    }

    /// The same for a program that finds others in `folder` first.
    pub fn job_with(&self, program: &str, folder: &Path) -> Job {
        self.job_on_path(program, vec![folder.to_path_buf()])
    }

    fn job_on_path(&self, program: &str, mut path: Vec<PathBuf>) -> Job {
        path.extend([self.tools().join("bin"), self.npm_tools().join("node_modules/.bin")]);
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let job =
            Job::new(program).quiet(self.quiet).folder(&self.root).env("CARGO_TARGET_DIR", &self.target);
        match env::join_paths(path) {
            Ok(path) => job.env("PATH", path),
            Err(_) => job,
        }
    }
}

fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = folder_from("WORLDMODEL_CACHE") {
        return Ok(std::path::absolute(folder)?);
    }
    let caches =
        folder_from("XDG_CACHE_HOME").or_else(|| folder_from("HOME").map(|home| home.join(".cache")));
    let caches = caches.or_else(|| folder_from("LOCALAPPDATA"));
    Ok(caches.context("set WORLDMODEL_CACHE: there is no HOME to keep a cache in")?.join("worldmodel-xray"))
}

/// An environment variable that names a folder; an empty one counts as unset.
fn folder_from(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A folder for one test, deleted with it.
    pub struct Folder(PathBuf);

    impl Folder {
        /// A new empty folder; `name` is the test's.
        pub fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("worldmodel-xtask-{name}-{}", std::process::id()));
            let _absent = std::fs::remove_dir_all(&path);
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        /// Where it is.
        pub fn path(&self) -> &Path {
            &self.0
        }

        /// A project that lies in this folder with everything it has.
        pub fn project(&self) -> Project {
            let inside = |name| self.0.join(name);
            Project { root: inside("root"), cache: inside("cache"), target: inside("target"), quiet: true }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _left = std::fs::remove_dir_all(&self.0);
        }
    }
}
