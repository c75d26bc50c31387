//! The editor, bundled from `app/editor` by esbuild: one file, whose name says what is in it, so that no browser keeps
//! an old one; and the licences of what it contains. The page finds the name in `index.html`.

use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// What the bundle is made of, in `app/editor`. The lock file says which packages.
const SOURCES: [&str; 4] = ["build.js", "package.json", "package-lock.json", "src"];

/// The name that `index.html` gives it, in place of which the real one comes.
const NAME: &str = "editor/editor.js";

/// Bundles the editor, unless these very sources have been bundled before, and returns the folder that holds it.
pub fn make(project: &Project) -> Result<PathBuf> {
    let sources = project.root.join("app/editor");
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        look(&sources.join(source), &mut hasher)?;
    }
    let fingerprint = format!("{:016x}", hasher.finish());
    let out = project.parts().join("editor");
    let stamp = out.join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == fingerprint) {
        return Ok(out);
    }
    if !project.quiet {
        println!("Bundling the editor");
    }
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    project
        .job("node")
        .arg("build.js")
        .arg(&out)
        .folder(&sources)
        .run()
        .context("the editor does not build")?;
    fs::write(stamp, fingerprint)?;
    Ok(out)
}

/// Copies the bundle and the licences into the site, and tells its `index.html` the name.
pub fn place(bundle: &Path, dist: &Path) -> Result<()> {
    let folder = dist.join("editor");
    fs::create_dir_all(&folder)?;
    let names = fs::read_dir(bundle)?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let name = names.into_iter().find(|name| name.ends_with(".js")).context("the editor is not bundled")?;
    for file in [name.as_str(), "licences.txt"] {
        fs::copy(bundle.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    let index = dist.join("index.html");
    let text = fs::read_to_string(&index).context("index.html")?;
    ensure!(text.contains(NAME), "index.html does not name {NAME}");
    fs::write(&index, text.replace(NAME, &format!("editor/{name}")))?;
    Ok(())
}

/// Adds a file, or all files in a folder, to the fingerprint.
fn look(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut inside = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        inside.sort();
        return inside.iter().try_for_each(|path| look(path, hasher));
    }
    path.file_name().hash(hasher);
    fs::read(path).with_context(|| path.display().to_string())?.hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;

    #[test]
    fn the_site_names_the_bundle_as_it_is_called() {
        let folder = Folder::new("editor");
        let (bundle, dist) = (folder.path().join("bundle"), folder.path().join("dist"));
        fs::create_dir_all(&bundle).unwrap();
        fs::create_dir_all(&dist).unwrap();
        for name in ["editor-ABC.js", "licences.txt", "stamp"] {
            fs::write(bundle.join(name), name).unwrap();
        }
        fs::write(dist.join("index.html"), "<meta name=\"editor\" content=\"editor/editor.js\">").unwrap();
        place(&bundle, &dist).unwrap();
        let index = fs::read_to_string(dist.join("index.html")).unwrap();
        assert_eq!(index, "<meta name=\"editor\" content=\"editor/editor-ABC.js\">");
        assert!(dist.join("editor/editor-ABC.js").exists() && dist.join("editor/licences.txt").exists());
        assert!(place(&bundle, &dist).is_err(), "nothing is left to name");
    }

    #[test]
    fn the_index_has_a_place_for_the_name() {
        assert!(include_str!("../../../index.html").contains(NAME));
    }

    #[test]
    fn each_change_of_a_source_is_seen() {
        let folder = Folder::new("editor-sources");
        let fingerprint = || {
            let mut hasher = DefaultHasher::new();
            look(folder.path(), &mut hasher).unwrap();
            hasher.finish()
        };
        fs::write(folder.path().join("a.js"), "one").unwrap();
        let first = fingerprint();
        assert_eq!(fingerprint(), first);
        fs::write(folder.path().join("a.js"), "two").unwrap();
        let second = fingerprint();
        assert_ne!(second, first);
        fs::rename(folder.path().join("a.js"), folder.path().join("b.js")).unwrap();
        assert_ne!(fingerprint(), second);
    }
}
