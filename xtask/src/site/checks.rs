//! What the page checks its models with, as one file each: to the files of `assets/checks` come the conformance programs.

use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Where they lie in the site.
pub const FOLDER: &str = "checks";

/// Where the conformance programs are, a folder a category.
const PROGRAMS: &str = "engine/tests/conformance";

/// The files of `assets/checks` that the page asks for.
const FILES: [&str; 2] = ["suite.json", "questions.json"];

/// Writes the conformance programs as one file, `[name, text]` each, in order of name.
pub fn write(project: &Project, folder: &Path) -> Result<()> {
    for file in FILES {
        ensure!(
            folder.join(file).is_file(),
            "assets/checks/{file} is missing; assets/checks/README.md says what writes it"
        );
    }
    let mut programs = Vec::new();
    for category in entries(&project.root.join(PROGRAMS))?.iter().filter(|path| path.is_dir()) {
        for path in entries(category)? {
            let name = [category, &path]
                .map(|path| path.file_stem().unwrap_or_default().to_string_lossy())
                .join("/");
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            programs.push([name, text]);
        }
    }
    fs::write(folder.join("classic.json"), serde_json::to_string(&programs)?)
        .context("the conformance programs")
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
