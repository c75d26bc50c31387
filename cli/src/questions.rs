//! The folder of questions.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use engine::worldmodel::data::Families;

/// Reads all families of a folder.
pub fn read(folder: &Path) -> Result<Families> {
    let mut files = Vec::new();
    gather(folder, folder, &mut files)?;
    files.sort();
    Ok(Families::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<()> {
    let unreadable =
        || format!("{} cannot be read: --questions is the folder of questions", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push((name, text));
        }
    }
    Ok(())
}
